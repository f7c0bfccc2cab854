"""Server-side SVG: the same numbers stand beside it as a table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from gateway.services.statistics import PaperLine

WIDTH = 420.0
"""Width of the longest bar in user units."""


@dataclass(frozen=True, slots=True)
class Bar:
    """One department's paper: lengths in user units of the drawing."""

    name: str
    sheets: int
    good: float
    waste: float


def paper_bars(lines: Sequence[PaperLine]) -> list[Bar]:
    """One bar a department, sizes added up, the longest as long as the drawing is wide."""
    good: dict[str, int] = {}
    waste: dict[str, int] = {}
    for line in lines:
        good[line.name] = good.get(line.name, 0) + line.sheets_print
        waste[line.name] = waste.get(line.name, 0) + line.sheets_waste
    most = max((good[name] + waste[name] for name in good), default=0) or 1
    return [Bar(name, good[name] + waste[name], WIDTH * good[name] / most, WIDTH * waste[name] / most) for name in good]
