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


def denials_among(codes: Collection[Code], before: Collection[Code] = ()) -> list[Code]:
    """The codes that deny something and were not there before, in alphabetical order."""
    return sorted(set(codes) - set(before) - WAITING)
