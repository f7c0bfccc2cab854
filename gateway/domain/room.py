"""Why a room does not print: the modes, who may begin and end each, and how many people that takes (R86, R89, R90, R101, R102)."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from gateway.domain.codes import Code, Reason
from gateway.domain.vocabulary import Role, RoomMode

SECOND_PERSON_WITHIN = timedelta(minutes=30)
"""How long the first person's word counts where it takes two."""

CLOCK_TOLERANCE = timedelta(seconds=120)
"""A clock that goes back further than this was set back (R101, SC-11)."""


@dataclass(frozen=True, slots=True)
class ModeRule:
    """Who may begin a mode (nobody: the gateway itself does), who may end it, how many different people that takes, what a release says."""

    begins: frozenset[Role]
    ends: frozenset[Role]
    people_to_end: int
    code: Code


_ROOM = frozenset({Role.OPERATOR, Role.ROOM_HEAD})
_RESPONSIBLE = frozenset({Role.ROOM_HEAD, Role.SECURITY_ADMIN})
_NOBODY: frozenset[Role] = frozenset()

MODES: dict[RoomMode, ModeRule] = {
    RoomMode.CLOSED: ModeRule(_ROOM, _ROOM, 1, Code.E_CLOSED),
    RoomMode.SEALED: ModeRule(_ROOM | _RESPONSIBLE, _ROOM | _RESPONSIBLE | {Role.SECRECY_DIRECTOR}, 2, Code.E_SEALED),
    RoomMode.CLOCK: ModeRule(_NOBODY, _RESPONSIBLE, 1, Code.E_CLOCK),
    RoomMode.SAFE: ModeRule(_NOBODY, frozenset({Role.SECURITY_ADMIN}), 1, Code.E_SAFE_MODE),
    RoomMode.EMERGENCY: ModeRule(_RESPONSIBLE, _RESPONSIBLE | {Role.SECRECY_DIRECTOR}, 2, Code.E_EMERGENCY),
}
"""Every mode but `open`, which is what is left when none of these holds. The later in this table, the stronger."""


def mode_of(holding: Collection[RoomMode]) -> RoomMode:
    """What the room is when these modes hold: the strongest of them, or open."""
    return max(holding, key=list(MODES).index, default=RoomMode.OPEN)


def room_reasons(holding: Collection[RoomMode]) -> list[Reason]:
    """Why nothing is released now, the strongest first; empty while the room is open."""
    return [Reason(MODES[mode].code) for mode in sorted(holding, key=list(MODES).index, reverse=True)]


def word_counts(spoken_at: datetime | None, now: datetime) -> bool:
    """Whether somebody has spoken for a mode's end, and not too long ago."""
    return spoken_at is not None and now - spoken_at < SECOND_PERSON_WITHIN


def was_set_back(seen: datetime, now: datetime) -> bool:
    """Whether a clock that stood at `seen` and says `now` was set back."""
    return seen - now > CLOCK_TOLERANCE
