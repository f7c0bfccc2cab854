"""Fax: what may be dialled, what became of a call, when a busy number is tried again (R41-R48, FORMS.md F2; D05). Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from gateway.domain.codes import Code, Reason
from gateway.domain.marks import parse_mark
from gateway.domain.vocabulary import Level

APPROVAL_LIFE = timedelta(hours=24)
"""How long after the approval a fax may be dialled (SC-27)."""
MOST_ATTEMPTS = 3
BUSY_AGAIN = timedelta(minutes=5)
"""A busy number is tried at 0, +5 and +10 minutes (SC-27)."""


class CryptClass(StrEnum):
    """明 or 密: whether a telegram or fax travels plain or in cipher. The gate itself sends plain only (R44, R45)."""

    PLAIN = "plain"
    CIPHER = "cipher"


class FaxDirection(StrEnum):
    """发 or 收."""

    OUT = "out"
    IN = "in"


class FaxState(StrEnum):
    """A fax's way: held, sending, then waiting for the next try or for a person's decision, or ended. A received one is quarantined."""

    HELD = "held"
    SENDING = "sending"
    WAITING = "waiting"
    TO_DECIDE = "to_decide"
    ENDED = "ended"
    QUARANTINED = "quarantined"
    REGISTERED = "registered"


class FaxResult(StrEnum):
    """发送状况: 成功, 部分, 忙, 无应答, 失败, 拒绝, 隔离, 存疑. Every row of F2 ends with one (R47)."""

    WHOLE = "whole"
    PART = "part"
    BUSY = "busy"
    NO_ANSWER = "no_answer"
    FAILED = "failed"
    REFUSED = "refused"
    QUARANTINED = "quarantined"
    IN_DOUBT = "in_doubt"

    @property
    def hanzi(self) -> str:
        """As the register says it."""
        return _RESULT_HANZI[self]


_RESULT_HANZI = {
    FaxResult.WHOLE: "成功",
    FaxResult.PART: "部分",
    FaxResult.BUSY: "忙",
    FaxResult.NO_ANSWER: "无应答",
    FaxResult.FAILED: "失败",
    FaxResult.REFUSED: "拒绝",
    FaxResult.QUARANTINED: "隔离",
    FaxResult.IN_DOUBT: "存疑",
}


class ProcessingMethod(StrEnum):
    """How classified matter was turned into unclassified text: left out, replaced, summed up, recoded (R42)."""

    LEFT_OUT = "left_out"
    REPLACED = "replaced"
    SUMMED_UP = "summed_up"
    RECODED = "recoded"


@dataclass(frozen=True, slots=True)
class FaxOutcome:
    """One attempt that has ended: pages the other side confirmed, and whether one more may have arrived."""

    result: FaxResult
    pages: int = 0
    uncertain: bool = False
    seconds: int = 0
    remote: str = ""
    call: str = ""

    def __post_init__(self) -> None:
        if self.pages < 0 or self.seconds < 0 or self.result is FaxResult.QUARANTINED:
            raise ValueError("an attempt has pages and seconds from 0 up, and a result of a call")


_WITHOUT_A_PAGE = (FaxResult.BUSY, FaxResult.NO_ANSWER, FaxResult.REFUSED)


@dataclass(frozen=True, slots=True)
class Next:
    """What follows an attempt: the state, the result so far, and when a busy number is tried again."""

    state: FaxState
    result: FaxResult
    at: datetime | None = None


def after_attempt(outcome: FaxOutcome, attempts: int, pages: int, now: datetime, approved_at: datetime) -> Next:
    """What follows the `attempts`-th attempt of a fax of so many pages.

    Only a busy number is dialled again by itself, since there nobody answered and no page can have arrived; whatever may have
    brought a page there waits for a person (SC-27). A fax said to be whole with fewer pages than it has is in doubt, and so is one
    that is busy, unanswered or refused and yet may have brought a page there.
    """
    result = outcome.result
    if result is FaxResult.WHOLE and (outcome.pages != pages or outcome.uncertain):
        result = FaxResult.IN_DOUBT
    if result in _WITHOUT_A_PAGE and (outcome.pages or outcome.uncertain):
        result = FaxResult.IN_DOUBT
    if result in (FaxResult.WHOLE, FaxResult.REFUSED):
        return Next(FaxState.ENDED, result)
    if result is FaxResult.BUSY:
        again = now + BUSY_AGAIN
        if attempts < MOST_ATTEMPTS and again < approved_at + APPROVAL_LIFE:
            return Next(FaxState.WAITING, result, again)
        return Next(FaxState.ENDED, result)
    return Next(FaxState.TO_DECIDE, result)


@dataclass(frozen=True, slots=True)
class Processing:
    """A technical processing record 技术处理记录 as the rules need it (R42)."""

    processor: str
    reviewer: str
    result_level: Level
    result_hash: str


@dataclass(frozen=True, slots=True)
class FaxFacts:
    """A fax to be sent as the rules see it. `source_level` is that of the paper its text was made from."""

    level: Level | None
    source_level: Level
    crypt_class: CryptClass
    marks: Sequence[str]
    sha256: str
    processing: Processing | None = None
    answers: CryptClass | None = None


def fax_reasons(fax: FaxFacts) -> list[Reason]:
    """Everything against sending this fax, whoever approves it; empty if nothing is (R41-R46)."""
    return list(dict.fromkeys([*_level_reasons(fax), *_crypt_reasons(fax), *_screening_reasons(fax)]))


def _level_reasons(fax: FaxFacts) -> Iterator[Reason]:
    if fax.level is None or fax.level.is_state_secret:
        yield Reason(Code.E_FAX_CLASSIFIED, fax.level.hanzi if fax.level else "?")
    for text in fax.marks:
        if (mark := parse_mark(text)) and mark.level.is_state_secret:
            yield Reason(Code.E_FAX_CLASSIFIED, mark.level.hanzi)


def _crypt_reasons(fax: FaxFacts) -> Iterator[Reason]:
    if fax.crypt_class is CryptClass.CIPHER or fax.answers is CryptClass.CIPHER:
        yield Reason(Code.E_CIPHER_PLAIN_MIX)


def _screening_reasons(fax: FaxFacts) -> Iterator[Reason]:
    if not fax.source_level.is_state_secret and fax.processing is None:
        return
    processing = fax.processing
    if processing is None or not processing.reviewer:
        yield Reason(Code.E_FAX_NO_SCREENING)
        return
    if processing.reviewer == processing.processor:
        yield Reason(Code.E_FAX_NO_SCREENING, f"{processing.reviewer} = {processing.processor}")
    if processing.result_level.is_state_secret:
        yield Reason(Code.E_FAX_CLASSIFIED, processing.result_level.hanzi)
    if processing.result_hash != fax.sha256:
        yield Reason(Code.E_HASH_MISMATCH, f"{fax.sha256[:12]} ≠ {processing.result_hash[:12]}")


def answer_reasons(record: CryptClass, answer: CryptClass, *, by_telephone: bool = False) -> list[Reason]:
    """Plain is answered in plain, cipher in cipher, and a cipher telegram never by telephone (R44, R45; SC-28)."""
    telephone = by_telephone and record is CryptClass.CIPHER
    return [Reason(Code.E_CIPHER_PLAIN_MIX)] if telephone or record is not answer else []


_FILLING = re.compile(r"[\s\-()()]")
_EMERGENCY = frozenset({"110", "112", "119", "120", "122"})
"""Police, emergency, fire, ambulance and traffic police: three digits that no fax ever dials."""
_NUMBER = re.compile(r"^(\+[1-9][0-9]{6,14}|[0-9]{3,15})$", re.ASCII)


def normal_number(written: str, country: str = "86") -> str:
    """What is dialled for a number as written: digits only, E.164 of our country as 0…, of others as 00… (dial rules).

    Raises ValueError for whatever is no number: letters, pauses, extensions, service codes and emergency numbers are never dialled.
    """
    text = _FILLING.sub("", written)
    if len(written) > 40 or not _NUMBER.match(text) or text in _EMERGENCY:
        raise ValueError("a fax number is +country and number, or 3 to 15 digits")
    if not text.startswith("+"):
        return text
    home = text.removeprefix(f"+{country}")
    return f"00{text[1:]}" if home == text else f"0{home.removeprefix('0')}"


def masked(number: str) -> str:
    """A number as screens show it: the first and the last few digits (I12)."""
    kept = 4 if len(number) > 8 else 1
    return number[:kept] + "*" * (len(number) - kept - 1) + number[-1:]
