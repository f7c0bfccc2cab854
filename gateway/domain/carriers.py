"""The life of a carrier 载体: one table of moves, with who begins each and who signs for it (R25, R51-R55, R60-R67, R70).

A move with a signature needs two people: one offers, the other signs; until then the carrier stays with who had it. What the
table does not have is refused with 409 and told in the ledger (R67).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from gateway.domain.vocabulary import CarrierState, CarrierVerb, Level, PermitKind

S = CarrierState
V = CarrierVerb

IN_THE_ROOM = frozenset({S.PRINTED, S.IN_CUSTODY, S.RETURNED, S.ARCHIVED})
"""Any clerk may act on these; the custodian answers for them."""

OUTSIDE = frozenset({S.ISSUED, S.LENT, S.CIRCULATING, S.CARRIED_OUT})
"""In somebody's hands outside the room."""

LIVING = IN_THE_ROOM | OUTSIDE | {S.MISSING}
"""What an inventory counts."""

CLOSED = frozenset({S.TRANSFERRED, S.DESTROYED, S.VOID})
"""Nothing leaves these (R25: a carrier is never deleted, only closed)."""


class Party(StrEnum):
    """Who takes part in a move."""

    GATEWAY = "gateway"
    CLERK = "clerk"
    """An operator 机要管理员 or the head of the room."""
    HOLDER = "holder"
    """Who has it now."""
    RECEIVER = "receiver"
    """The person named in the offer; or, where it goes to the room, any clerk."""
    WITNESSES = "witnesses"


@dataclass(frozen=True, slots=True)
class Move:
    """One row of the table. `to` is None where the state stays; `tag` is the ledger's kind of the entry that completes it."""

    sources: frozenset[CarrierState]
    to: CarrierState | None
    begins: Party
    signs: Party | None
    rules: str
    tag: str


MOVES: dict[CarrierVerb, Move] = {
    V.MAKE: Move(frozenset({S.RESERVED}), S.PRINTED, Party.GATEWAY, None, "R25 R52 R55", "copies.good"),
    V.SHELVE: Move(frozenset({S.PRINTED}), S.IN_CUSTODY, Party.CLERK, None, "R51 R55 R75", "carrier.shelved"),
    V.ISSUE: Move(frozenset({S.PRINTED, S.IN_CUSTODY}), S.ISSUED, Party.CLERK, Party.RECEIVER, "R08 R51 R53 R54", "carrier.signed"),
    V.LEND: Move(frozenset({S.PRINTED, S.IN_CUSTODY, S.ARCHIVED}), S.LENT, Party.CLERK, Party.RECEIVER, "R22 R66 R67", "carrier.signed"),
    V.CIRCULATE: Move(
        frozenset({S.PRINTED, S.IN_CUSTODY, S.ARCHIVED}), S.CIRCULATING, Party.CLERK, Party.RECEIVER, "R62 R63 R64 R65", "carrier.signed"
    ),
    V.CARRY_OUT: Move(
        frozenset({S.PRINTED, S.IN_CUSTODY, S.ISSUED, S.LENT}),
        S.CARRIED_OUT,
        Party.CLERK,
        Party.RECEIVER,
        "R70 R71 R72 R73",
        "carry_out.left",
    ),
    V.GIVE_BACK: Move(OUTSIDE, S.IN_CUSTODY, Party.HOLDER, Party.CLERK, "R53 R66", "carrier.signed"),
    V.RETURN: Move(OUTSIDE, S.RETURNED, Party.HOLDER, Party.CLERK, "R25 R60", "carrier.signed"),
    V.HAND_OVER: Move(IN_THE_ROOM | OUTSIDE, None, Party.HOLDER, Party.RECEIVER, "R82", "handover.completed"),
    V.TRANSFER: Move(frozenset({S.IN_CUSTODY, S.RETURNED}), S.TRANSFERRED, Party.CLERK, Party.CLERK, "R25 R54", "carrier.signed"),
    V.ARCHIVE: Move(frozenset({S.PRINTED, S.IN_CUSTODY, S.RETURNED}), S.ARCHIVED, Party.CLERK, None, "R25 R74 R75", "carrier.archived"),
    V.SPOIL: Move(frozenset({S.PRINTED, S.IN_CUSTODY}), S.VOID, Party.CLERK, None, "R33 R34", "copies.spoiled"),
    V.DESTROY: Move(IN_THE_ROOM, S.DESTROYED, Party.CLERK, Party.WITNESSES, "R37 R38 R39", "destruction.done"),
    V.MISS: Move(IN_THE_ROOM | OUTSIDE, S.MISSING, Party.CLERK, None, "R60 R61", "carrier.missing"),
    V.FIND: Move(frozenset({S.MISSING}), S.IN_CUSTODY, Party.CLERK, None, "R61", "carrier.found"),
}
"""Every move there is. docs/carriers.md is this table (a test keeps it so)."""


def may_move(state: CarrierState, verb: CarrierVerb) -> bool:
    """Whether the table has this move from this state."""
    return state in MOVES[verb].sources


def target_of(state: CarrierState, verb: CarrierVerb) -> CarrierState:
    """The state a move ends in."""
    return MOVES[verb].to or state


def becomes_carrier(kind: PermitKind, level: Level) -> bool:
    """Whether a good copy under such a permit is a carrier: not everyday or public paper, not a proof, which is waste (R25, R36, SC-03)."""
    return kind not in (PermitKind.STANDING, PermitKind.PROOF) and level is not Level.GONGKAI


_NUMBER = re.compile(r"^ZT-?(\d{4})-?(\d{1,6})$", re.IGNORECASE)
_COPY = re.compile(r"^(ZYZ[0-9A-Z -]*[0-9A-Z])\s*(?:\s|/|#|份号)\s*(\d{1,6})$", re.IGNORECASE)


def format_number(series: str, year: int, serial: int, digits: int = 4) -> str:
    """`ZT-2026-000207`, `XH-2026-0009`: series, year, serial with at least so many digits."""
    return f"{series}-{year:04d}-{serial:0{digits}d}"


def format_waste_number(serial: int) -> str:
    """`W-0031`, as it stands on slips and destruction lists."""
    return f"W-{serial:04d}"


def format_copy_number(number: int, *, proof: bool) -> str:
    """份号 as it stands on the paper: `000001`; of a proof 清样 `Q001`, which is no copy (R36, R52)."""
    return f"Q{number:03d}" if proof else f"{number:06d}"


def read_carrier_number(text: str) -> str | None:
    """The canonical form of a carrier number, dashes and case as may be; None if it is none."""
    match = _NUMBER.match(text.strip())
    return format_number("ZT", int(match[1]), int(match[2]), 6) if match else None


def read_copy_name(text: str) -> tuple[str, int] | None:
    """`ZYZ-2026-000123-L 000004`, `…/4` or `… 份号 4`: the permit as written and the copy number; None if it is no such name."""
    match = _COPY.match(text.strip())
    return (match[1], int(match[2])) if match else None


def ranges(numbers: Iterable[int]) -> str:
    """Copy numbers for reading: 000001-000003, 000007."""
    parts: list[list[int]] = []
    for number in sorted(numbers):
        if parts and number == parts[-1][-1] + 1:
            parts[-1].append(number)
        else:
            parts.append([number])
    return ", ".join(f"{part[0]:06d}-{part[-1]:06d}" if len(part) > 1 else f"{part[0]:06d}" for part in parts)
