"""What is out of the ordinary: one person denied again and again (R101)."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta

from gateway.domain.codes import Code
from gateway.domain.room import MODES

DENIALS_NOTICED = 3
DENIALS_WITHIN = timedelta(minutes=10)

WAITING = frozenset(
    {
        Code.E_COUNTING,
        Code.E_NO_PERMIT,
        Code.E_PERMIT_PENDING,
        Code.E_USER_UNKNOWN,
        Code.E_ALLOWANCE_SPENT,
        Code.E_NOT_REVIEWED,
        Code.E_TWO_OPERATORS,
        Code.E_METER,
        Code.E_TELEGRAM_SUSPECTED,
        Code.E_ORIGINAL,
        Code.E_SECOND_LOOK,
        Code.E_FAX_UNFILED,
        *(rule.code for rule in MODES.values()),
    }
)
"""Codes that say "not yet": nobody tried what he may not."""


ALERTING = frozenset(
    {
        Code.E_QTY_EXCEEDED,  # SC-08
        Code.E_LEVEL_MISMATCH,  # SC-12: perhaps somebody wants a lower level
        Code.E_DEVICE_LEVEL,  # SC-14
        Code.E_TOPSECRET_COPY,  # R15, SC-19
        Code.E_CIPHER_TELEGRAM,  # R17, SC-20
        Code.E_FAX_CLASSIFIED,  # R41, SC-26
        Code.E_CIPHER_PLAIN_MIX,  # R44, R45, SC-28: the cipher clerk answers
    }
)
"""Codes of jobs that responsible people hear of at once."""


def denials_among(codes: Collection[Code], before: Collection[Code] = ()) -> list[Code]:
    """The codes that deny something and were not there before, in alphabetical order."""
    return sorted(set(codes) - set(before) - WAITING)


_TOLD_AT_ONCE = frozenset({Code.E_DEVICE_LEVEL, Code.E_HASH_MISMATCH, Code.E_CIPHER_TELEGRAM, Code.E_TOPSECRET_COPY})


def attempts_among(codes: Collection[Code], *, downgraded: bool, used_up: bool) -> list[Code]:
    """The codes the room hears of at once: another device, other pages, a paper marked higher than its permit, a permit used again.

    (SC-08, SC-12, SC-14, SC-17, SC-19, SC-20)
    """
    told = set(_TOLD_AT_ONCE)
    told |= {Code.E_LEVEL_MISMATCH} if downgraded else set()
    told |= {Code.E_QTY_EXCEEDED} if used_up else set()
    return sorted(told & set(codes))
