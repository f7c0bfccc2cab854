"""Copies made at a stand-alone copier and entered by hand: what its counter must have grown by (FORMS.md F5, R02, R11)."""

from __future__ import annotations

from gateway.domain.meters import Sides

ALONE = "none"
"""The adapter of a device the gate sends nothing to: a copier that stands alone, and is known by its panel's counter only."""


def sides_made(pages: int, copies: int, waste_sheets: int, *, duplex: bool) -> Sides:
    """The sides of good copies and spoiled sheets. On both sides a blank back may or may not count, and a spoiled sheet has one or two."""
    good = pages * copies
    if not duplex:
        return Sides(good + waste_sheets, good + waste_sheets)
    return Sides(good + waste_sheets, (pages + pages % 2) * copies + 2 * waste_sheets)
