"""Server-side SVG: the same numbers stand beside it as a table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from gateway.services.statistics import MonthState, PaperShare

WIDTH = 420.0
"""Width of the longest bar in user units."""


@dataclass(frozen=True, slots=True)
class Part:
    """One piece of a bar: its kind (print, copy, fax, waste, total), where it begins and how long it is, in user units of the drawing."""

    kind: str
    at: float
    length: float


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: what it is of, its sheets, and its pieces."""

    name: str
    sheets: int
    parts: tuple[Part, ...]


def paper_bars(shares: Sequence[PaperShare]) -> list[Bar]:
    """One bar a group, sizes added up, the longest as long as the drawing is wide."""
    sums: dict[str, dict[str, int]] = {}
    for share in shares:
        parts = {"print": share.sheets_print, "copy": share.sheets_copy, "fax": share.sheets_fax, "waste": share.sheets_waste}
        kept = sums.setdefault(share.name or share.group, dict.fromkeys(parts, 0))
        for kind, sheets in parts.items():
            kept[kind] += sheets
    most = max((sum(parts.values()) for parts in sums.values()), default=0)
    return [_bar(name, parts, most) for name, parts in sums.items()]


def month_bars(names: Sequence[str], state: MonthState) -> list[Bar]:
    """This month, the month before, the same month a year before; `names` are what they are called."""
    sheets = (state.sheets_total, state.last_month, state.last_year)
    return [_bar(name, {"total": amount}, max(sheets)) for name, amount in zip(names, sheets, strict=True)]


def _bar(name: str, parts: dict[str, int], most: int) -> Bar:
    pieces, at = [], 0.0
    for kind, sheets in parts.items():
        length = WIDTH * max(sheets, 0) / (most or 1)  # a month that takes back more than it used has no bar
        pieces.append(Part(kind, at, length))
        at += length
    return Bar(name, sum(parts.values()), tuple(pieces))
