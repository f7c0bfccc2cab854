"""What is out of the ordinary: one person denied again and again (R101)."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta

from gateway.domain.codes import Code
from gateway.domain.room import MODES

DENIALS_NOTICED = 3
DENIALS_WITHIN = timedelta(minutes=10)

WAITING = frozenset(
    {Code.E_COUNTING, Code.E_NO_PERMIT, Code.E_PERMIT_PENDING, Code.E_USER_UNKNOWN, *(rule.code for rule in MODES.values())}
)
"""Codes that say "not yet": nobody tried what he may not."""


ALERTING = frozenset(
    {
        Code.E_QTY_EXCEEDED,  # SC-08
        Code.E_LEVEL_MISMATCH,  # SC-12: perhaps somebody wants a lower level
        Code.E_DEVICE_LEVEL,  # SC-14
        Code.E_TOPSECRET_COPY,  # R15, SC-19
        Code.E_CIPHER_TELEGRAM,  # R17, SC-20
    }
)
"""Codes of jobs that responsible people hear of at once."""


def denials_among(codes: Collection[Code], before: Collection[Code] = ()) -> list[Code]:
    """The codes that deny something and were not there before, in alphabetical order."""
    return sorted(set(codes) - set(before) - WAITING)
