"""Pages, impressions, sheets: three different numbers (RULES.md D10, R58)."""

from __future__ import annotations

from collections.abc import Mapping
from math import ceil

A4_EQUIVALENT: Mapping[str, float] = {"A3": 2.0, "A4": 1.0, "A5": 0.5, "B4": 1.4, "B5": 0.7}
"""A4 sheets one sheet of each size counts for in the statistics (FORMS.md F8); other sizes count as one."""


def sheets_per_copy(pages: int, *, duplex: bool) -> int:
    """Media sheets one copy takes: every page its own sheet, or two pages a sheet, rounded up (R58)."""
    return ceil(pages / 2) if duplex else pages


def is_duplex(sides: str | None) -> bool:
    """Whether IPP `sides` asks for both sides of the sheet; words IPP does not know ask for nothing (RFC 8011 §5.2.8)."""
    return sides in {"two-sided-long-edge", "two-sided-short-edge"}
