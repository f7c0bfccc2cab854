"""What an inventory may find of a carrier, and its number (R60)."""

from __future__ import annotations

from gateway.domain.carriers import CLOSED, IN_THE_ROOM, OUTSIDE
from gateway.domain.vocabulary import CarrierState, Found

_CAN_BE: dict[Found, frozenset[CarrierState]] = {
    Found.PRESENT: (IN_THE_ROOM | OUTSIDE) - {CarrierState.CARRIED_OUT},
    Found.OUT_OK: OUTSIDE,
    Found.RETURNED: CLOSED | {CarrierState.RETURNED},
    Found.MISSING: IN_THE_ROOM | OUTSIDE | {CarrierState.MISSING},
}
"""By the state its row says. What is carried out cannot lie in its place; what was closed since the snapshot counts as returned."""


def may_be_found(state: CarrierState, found: Found) -> bool:
    """Whether a carrier of this state can be found so."""
    return state in _CAN_BE[found]


def quarter_number(quarter: tuple[int, int]) -> str:
    """`QC-2026Q1` of (2026, 1)."""
    return f"QC-{quarter[0]:04d}Q{quarter[1]}"
