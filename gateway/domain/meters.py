"""A device's own counter against the ledger: what came out of it that nobody released, and what became of the counter (R100, R101, SC-25).

A meter is only compared with itself: two readings of one serial number, and the sides the gate accounts for between them.
Detection, not prevention: a finding is known when the meter is read, after the paper is out.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

WRAPS = (1_000_000, 2**24, 2**31, 2**32)
"""Where counters begin again at 0: HP laser printers after 999,999, others at 2^24; Counter32 and its signed half (RFC 2578, RFC 3805)."""


class Verdict(StrEnum):
    """What two readings say. All but `agrees` and `wrapped` are findings that a person must explain."""

    AGREES = "agrees"
    WRAPPED = "wrapped"
    """The counter began again at 0, and its growth is explained to the side."""
    UNEXPLAINED = "unexplained"
    """More sides than the gate accounts for: something was printed or copied outside it."""
    LOST = "lost"
    """Fewer sides: copies called good may not be on paper, or the counter forgot (some keep only every tenth when power fails)."""
    SWAPPED = "swapped"
    """Another serial number: another device stands there, or another controller is in it."""
    RESET = "reset"
    """The counter stands lower than before, and no wrap explains it."""

    @property
    def is_finding(self) -> bool:
        """Whether a person must explain it."""
        return self not in {Verdict.AGREES, Verdict.WRAPPED}


@dataclass(frozen=True, slots=True)
class Reading:
    """What a meter said: the device's serial number, and sides since it was made."""

    serial: str
    impressions: int


@dataclass(frozen=True, slots=True)
class Sides:
    """How many sides the gate accounts for: from `least` to `most`.

    They differ where devices count differently (the blank back of an odd last page) or nobody knows (a job in doubt).
    """

    least: int = 0
    most: int = 0

    def __add__(self, other: Sides) -> Sides:
        return Sides(self.least + other.least, self.most + other.most)

    def __contains__(self, grown: int) -> bool:
        return self.least <= grown <= self.most


@dataclass(frozen=True, slots=True)
class Comparison:
    """`grown`: sides the meter moved, None when that cannot be known; `beyond`: sides above (+) or below (-) what the gate accounts for."""

    verdict: Verdict
    grown: int | None
    beyond: int = 0


def sides_of(pages: int, copies: int, *, expected: int, certain: bool) -> Sides:
    """What a device job may add: `expected` is what was sent, with the blank backs; an uncertain one may have added nothing."""
    return Sides(pages * copies if certain else 0, max(expected, pages * copies))


def total(parts: Iterable[Sides]) -> Sides:
    """Their sum."""
    return sum(parts, Sides())


def compare(before: Reading, after: Reading, registered: Sides) -> Comparison:
    """What two readings of one place say, given the sides registered between them.

    A fall is believed to be a wrap only where a known wrap makes the growth exactly what is registered; any other fall is a reset.
    """
    if before.serial != after.serial:
        return Comparison(Verdict.SWAPPED, None)
    grown = after.impressions - before.impressions
    if grown < 0:
        wraps = (grown + wrap for wrap in WRAPS if before.impressions < wrap)
        fits = next((moved for moved in wraps if moved in registered), None)
        return Comparison(Verdict.RESET, None) if fits is None else Comparison(Verdict.WRAPPED, fits)
    if grown > registered.most:
        return Comparison(Verdict.UNEXPLAINED, grown, grown - registered.most)
    if grown < registered.least:
        return Comparison(Verdict.LOST, grown, grown - registered.least)
    return Comparison(Verdict.AGREES, grown)
