"""The clock is watched: when it was set back, nothing is released until a person has confirmed the time (R101, SC-11)."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlmodel import Session

from gateway.db.tables import RoomHold, Setting
from gateway.domain.room import MODES, was_set_back
from gateway.domain.vocabulary import AlertKind, RoomMode
from gateway.errors import ForbiddenError
from gateway.ledger.append import append
from gateway.services.alerts import raise_alert
from gateway.services.gate import Actor, Gate
from gateway.services.room import end_hold, hold_room

SEEN = "clock_seen"
_NOTED_EVERY = timedelta(seconds=30)


def watch_clock(gate: Gate) -> None:
    """Compare the clock with the latest time it is known to have shown; hold the room and raise an alert when it went back."""
    now = gate.clock.now()
    with gate.database.reading() as session:
        seen = _seen(session)
    if seen is not None and seen - _NOTED_EVERY <= now < seen + _NOTED_EVERY:
        return
    with gate.database.writing() as session:
        seen, now = _seen(session), gate.clock.now()  # anew: somebody may have confirmed it while we waited for the lock
        if seen is not None and was_set_back(seen, now):
            _hold(gate, session, seen, now)
        if seen is None or was_set_back(seen, now) or now > seen:
            _note(session, now)


def _seen(session: Session) -> datetime | None:
    row = session.get(Setting, SEEN)
    return datetime.fromisoformat(row.value) if row else None


def _note(session: Session, now: datetime) -> None:
    row = session.get(Setting, SEEN) or Setting(key=SEEN, value="")
    row.value = now.isoformat()
    session.add(row)


def _hold(gate: Gate, session: Session, seen: datetime, now: datetime) -> None:
    back = int((seen - now).total_seconds())
    raise_alert(gate, session, AlertKind.CLOCK_SET_BACK, "clock", f"{back} s")
    if session.get(RoomHold, RoomMode.CLOCK.value) is None:
        hold_room(gate, session, RoomMode.CLOCK)


def confirm_clock(gate: Gate, actor: Actor) -> None:
    """Say that the clock is right as it stands; releases go on, and it is watched from here. Raises ForbiddenError."""
    if not actor.roles & MODES[RoomMode.CLOCK].ends:
        raise ForbiddenError(f"The account {actor.username} may not confirm the clock.", "Head of the room or security administrator may.")
    with gate.database.writing() as session:
        now = gate.clock.now()
        if session.get(RoomHold, RoomMode.CLOCK.value) is not None:
            end_hold(gate, session, RoomMode.CLOCK, actor)
        else:
            append(session, kind="room.clock_confirmed", at=now, actor=actor.username, subject="clock", data={})
        _note(session, now)
