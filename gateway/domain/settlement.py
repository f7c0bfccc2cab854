"""What an operator found when she counted the paper of an unresolved job (I5, R11)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from gateway.domain.meters import Sides
from gateway.domain.vocabulary import WasteReason


class Outcome(StrEnum):
    """What the operator found of one copy number."""

    GOOD = "good"
    SPOILED = "spoiled"
    UNPRINTED = "unprinted"


@dataclass(frozen=True, slots=True)
class Settlement:
    """The operator's count. Every number still reserved must be named; `resume` prints what is not good, else it becomes void."""

    outcomes: Mapping[int, Outcome]
    resume: bool
    waste_sheets: Mapping[int, int] = field(default_factory=dict)
    waste_reason: WasteReason = WasteReason.JAM


def sides_counted(settlement: Settlement, numbers: Iterable[int], pages: int, *, duplex: bool) -> Sides:
    """The sides of these numbers by the operator's count (SC-23): blank backs may count, the last side of a spoiled copy may be bare."""
    least = most = 0
    for number in numbers:
        if settlement.outcomes.get(number) is Outcome.GOOD:
            least, most = least + pages, most + pages + (pages % 2 if duplex else 0)
        if sheets := settlement.waste_sheets.get(number, 0):
            sides = sheets * (2 if duplex else 1)
            least, most = least + sides - 1, most + sides
    return Sides(least, most)
