"""The deny codes (RULES.md §4, invariant I11), and a code as it applies to one job or act.

A code is data, so that matching, the UI, the CLI, lpstat's warning and docs/errors.md all say the same; its letter to the
reader stands in `gateway.domain.code_texts`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Code(StrEnum):
    """Why a job is held or refused, or an act denied."""

    E_NO_PERMIT = "E_NO_PERMIT"
    E_PERMIT_UNKNOWN = "E_PERMIT_UNKNOWN"
    E_PERMIT_MISTYPED = "E_PERMIT_MISTYPED"
    E_PERMIT_PENDING = "E_PERMIT_PENDING"
    E_PERMIT_EXPIRED = "E_PERMIT_EXPIRED"
    E_PERMIT_REVOKED = "E_PERMIT_REVOKED"
    E_PERMIT_CHANNEL = "E_PERMIT_CHANNEL"
    E_PERMIT_CONFLICT = "E_PERMIT_CONFLICT"
    E_QTY_EXCEEDED = "E_QTY_EXCEEDED"
    E_PAGES_MISMATCH = "E_PAGES_MISMATCH"
    E_COUNTING = "E_COUNTING"
    E_COUNT_DISAGREES = "E_COUNT_DISAGREES"
    E_FORMAT = "E_FORMAT"
    E_PASSWORD = "E_PASSWORD"  # noqa: S105 — a deny code, not a secret
    E_LIMIT = "E_LIMIT"
    E_DAMAGED = "E_DAMAGED"
    E_HASH_MISMATCH = "E_HASH_MISMATCH"
    E_LEVEL_MISMATCH = "E_LEVEL_MISMATCH"
    E_MARKING_INVALID = "E_MARKING_INVALID"
    E_DEPT_MISMATCH = "E_DEPT_MISMATCH"
    E_DEVICE_LEVEL = "E_DEVICE_LEVEL"
    E_METER = "E_METER"
    E_CLEARANCE = "E_CLEARANCE"
    E_TRAINING = "E_TRAINING"
    E_USER_UNKNOWN = "E_USER_UNKNOWN"
    E_CIPHER_TELEGRAM = "E_CIPHER_TELEGRAM"
    E_TOPSECRET_COPY = "E_TOPSECRET_COPY"
    E_SCOPE = "E_SCOPE"
    E_SELF_RELEASE = "E_SELF_RELEASE"
    E_OPERATOR_REQUIRED = "E_OPERATOR_REQUIRED"
    E_TWO_OPERATORS = "E_TWO_OPERATORS"
    E_REPRINT_LIMIT = "E_REPRINT_LIMIT"
    E_WITNESS = "E_WITNESS"
    E_DESTRUCTION = "E_DESTRUCTION"
    E_CARRY_OUT = "E_CARRY_OUT"
    E_INVENTORY = "E_INVENTORY"
    E_WASTE_OPEN = "E_WASTE_OPEN"
    E_HANDOVER = "E_HANDOVER"
    E_VISITOR = "E_VISITOR"
    E_DAY_OPEN = "E_DAY_OPEN"
    E_UPPER_DOC_NO_CONSENT = "E_UPPER_DOC_NO_CONSENT"
    E_CLOSED = "E_CLOSED"
    E_SEALED = "E_SEALED"
    E_CLOCK = "E_CLOCK"
    E_SAFE_MODE = "E_SAFE_MODE"
    E_EMERGENCY = "E_EMERGENCY"
    E_FORM = "E_FORM"
    E_VENDOR = "E_VENDOR"
    E_ALLOWANCE_SPENT = "E_ALLOWANCE_SPENT"
    E_NOT_REVIEWED = "E_NOT_REVIEWED"
    E_TELEGRAM_SUSPECTED = "E_TELEGRAM_SUSPECTED"
    E_FAX_CLASSIFIED = "E_FAX_CLASSIFIED"
    E_FAX_NO_SCREENING = "E_FAX_NO_SCREENING"
    E_CIPHER_PLAIN_MIX = "E_CIPHER_PLAIN_MIX"
    E_FAX_UNFILED = "E_FAX_UNFILED"
    E_ORIGINAL = "E_ORIGINAL"
    E_SECOND_LOOK = "E_SECOND_LOOK"


@dataclass(frozen=True, slots=True)
class CodeText:
    """What stands behind a code: rule ids of RULES.md, and the letter to the reader in both languages."""

    rules: str
    message_zh: str
    next_step_zh: str
    message_en: str
    next_step_en: str


@dataclass(frozen=True, slots=True)
class Reason:
    """A code as it applies to one job or act; `detail` holds numbers such as '11 > 10', never a title."""

    code: Code
    detail: str = ""

    @property
    def text(self) -> CodeText:
        """The table row of this code."""
        from gateway.domain.code_texts import CODE_TEXTS

        return CODE_TEXTS[self.code]

    @property
    def message_en(self) -> str:
        """One English sentence, with the detail in brackets."""
        return _with_detail(self.text.message_en, self.detail, "({})")

    @property
    def message_zh(self) -> str:
        """One Chinese sentence, with the detail in brackets."""
        return _with_detail(self.text.message_zh, self.detail, "({})")

    @property
    def next_step_en(self) -> str:
        """What to do now, in English."""
        return self.text.next_step_en

    @property
    def next_step_zh(self) -> str:
        """What to do now, in Chinese."""
        return self.text.next_step_zh

    def to_json(self) -> dict[str, str]:
        """The form of the API and of `job.reasons` in the database."""
        return {"code": self.code.value, "detail": self.detail}

    @classmethod
    def from_json(cls, data: dict[str, str]) -> Reason:
        """The inverse of `to_json`."""
        return cls(Code(data["code"]), data.get("detail", ""))


REFUSING = frozenset(
    {
        Code.E_FORMAT,
        Code.E_PASSWORD,
        Code.E_LIMIT,
        Code.E_DAMAGED,
        Code.E_CIPHER_TELEGRAM,
        Code.E_TOPSECRET_COPY,
        Code.E_FAX_CLASSIFIED,
    }
)
"""Codes that end a job as `refused` and destroy its content (DESIGN.md §4); every other code holds it."""


def _with_detail(sentence: str, detail: str, brackets: str) -> str:
    if not detail:
        return sentence
    end = sentence[-1]
    return f"{sentence[:-1]} {brackets.format(detail)}{end}" if end in ".。" else f"{sentence} {brackets.format(detail)}"
