"""The room's modes: close and open, seal and unseal, lock in an emergency; while one holds nothing is released and nothing begins to print.

One row a mode, there while it holds; guarded insert and delete. Who may do what: `gateway.domain.room`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, insert
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from gateway.db.tables import Job, RoomHold, User
from gateway.domain.codes import Reason
from gateway.domain.room import MODES, mode_of, room_reasons, word_counts
from gateway.domain.vocabulary import AlertKind, JobStage, Role, RoomMode
from gateway.errors import ConflictError, ForbiddenError, RefusedError
from gateway.ledger.append import append
from gateway.services.alerts import raise_alert
from gateway.services.gate import SYSTEM, Actor, Gate
from gateway.services.sessions import end_all_sessions

UNDER_WAY = (JobStage.PREPARING.value, JobStage.SUBMITTING.value, JobStage.PRINTING.value)
_IN_ORDER = frozenset({RoomMode.CLOSED, RoomMode.SEALED})
"""Modes begun when the work is done; an emergency does not wait for it."""
ENDED_BY_WORD = _IN_ORDER | {RoomMode.EMERGENCY}
"""Modes that end because people say so; the others end when what caused them is settled (`clock_watch`, `tampering`)."""


@dataclass(frozen=True, slots=True)
class HoldView:
    """One mode that holds. `first_leaver` is the account that has spoken for its end where two must."""

    mode: RoomMode
    since: datetime
    entered_by: str
    reason: str
    first_leaver: str


@dataclass(frozen=True, slots=True)
class RoomView:
    """The room as UI, API and CLI show it. `waiting` are released jobs that go on when it opens; `unresolved` wait for a person's count."""

    mode: RoomMode
    holds: tuple[HoldView, ...]
    waiting: int
    under_way: int
    unresolved: int


def holding(session: Session) -> list[RoomMode]:
    """The modes that hold now."""
    return [RoomMode(mode) for mode in session.exec(select(RoomHold.mode)).all()]


def reasons_of_room(session: Session) -> list[Reason]:
    """Why nothing may be released or begun now; empty while the room is open."""
    return room_reasons(holding(session))


def is_locked(gate: Gate) -> bool:
    """Whether the emergency lock is on: what is at a device must be stopped there."""
    with gate.database.reading() as session:
        return session.get(RoomHold, RoomMode.EMERGENCY.value) is not None


def show_room(gate: Gate) -> RoomView:
    """How the room stands; everybody may know."""
    with gate.database.reading() as session:
        return _view(session)


def _view(session: Session) -> RoomView:
    rows = session.exec(select(RoomHold).order_by(col(RoomHold.since))).all()
    holds = tuple(
        HoldView(
            RoomMode(row.mode),
            row.since,
            row.entered_by,
            row.reason,
            session.get_one(User, row.first_leaver_id).username if row.first_leaver_id else "",
        )
        for row in rows
    )
    waiting, under_way, unresolved = (_count(session, *stages) for stages in ((JobStage.QUEUED,), UNDER_WAY, (JobStage.UNRESOLVED,)))
    return RoomView(mode_of([hold.mode for hold in holds]), holds, waiting, under_way, unresolved)


def may_begin(view: RoomView, actor: Actor) -> list[RoomMode]:
    """The modes this account may begin now."""
    holding_now = {hold.mode for hold in view.holds}
    return [mode for mode, rule in MODES.items() if mode not in holding_now and actor.roles & rule.begins]


def may_end(view: RoomView, actor: Actor) -> list[RoomMode]:
    """The modes that hold and whose end this account may speak for."""
    return [hold.mode for hold in view.holds if actor.roles & MODES[hold.mode].ends]


def present_mode(gate: Gate) -> RoomMode:
    """The strongest mode that holds, or open."""
    with gate.database.reading() as session:
        return mode_of(holding(session))


def _count(session: Session, *stages: str) -> int:
    return session.exec(select(func.count()).select_from(Job).where(col(Job.stage).in_(stages))).one()


def enter_mode(gate: Gate, actor: Actor, mode: RoomMode, reason: str = "") -> RoomView:
    """Close or seal the room, or lock it in an emergency: then sessions end, and what is at a device is stopped there (R102).

    Raises ForbiddenError, ConflictError when the mode holds already, or jobs are under way that closing or sealing would cut off.
    """
    _require(actor, mode, MODES[mode].begins if mode in MODES else frozenset())
    with gate.database.writing() as session:
        if mode in _IN_ORDER and (under_way := _count(session, *UNDER_WAY)):
            raise ConflictError(f"Jobs are still being printed: {under_way}.", "Let them finish, or lock the room in an emergency.")
        hold_room(gate, session, mode, actor=actor.username, reason=reason)
        if mode is RoomMode.EMERGENCY:
            end_all_sessions(gate, session, "emergency")
            raise_alert(gate, session, AlertKind.EMERGENCY, actor.username, actor=actor.username)
        return _view(session)


def hold_room(gate: Gate, session: Session, mode: RoomMode, *, actor: str = SYSTEM, reason: str = "") -> None:
    """Let a mode hold, in the transaction of what causes it. Raises ConflictError when it holds already."""
    now = gate.clock.now()
    if session.get(RoomHold, mode.value) is not None:
        raise ConflictError(f"The room is {mode.value} already.", "See `imprimatur room show`.")
    try:
        session.execute(insert(RoomHold).values(mode=mode.value, since=now, entered_by=actor, reason=reason[:200]))
    except IntegrityError as error:
        raise ConflictError(f"The room is {mode.value} already.", "See `imprimatur room show`.") from error
    append(session, kind="room.held", at=now, actor=actor, subject=mode.value, data={"holding": _names(session)})


def leave_mode(gate: Gate, actor: Actor, mode: RoomMode) -> RoomView:
    """End a mode. Where it takes two, the first one's word is noted and the mode goes on; another person's within half an hour ends it.

    Raises ForbiddenError, ConflictError when the mode does not hold, RefusedError when the same person speaks twice.
    """
    _require(actor, mode, MODES[mode].ends if mode in ENDED_BY_WORD else frozenset())
    with gate.database.writing() as session:
        row = session.get(RoomHold, mode.value)
        if row is None:
            raise ConflictError(f"The room is not {mode.value}.", "See `imprimatur room show`.")
        now = gate.clock.now()
        first = session.get(User, row.first_leaver_id) if row.first_leaver_id else None
        spoken = first is not None and first.active and word_counts(row.first_left_at, now)
        if MODES[mode].people_to_end == 1 or (spoken and row.first_leaver_id != actor.user_id):
            end_hold(gate, session, mode, actor)
        elif spoken:
            raise RefusedError([Reason(MODES[mode].code, "a second person must agree")])
        else:
            row.first_leaver_id, row.first_left_at = actor.user_id, now
            session.add(row)
            session.flush()
            append(session, kind="room.end_proposed", at=now, actor=actor.username, subject=mode.value, data={"holding": _names(session)})
        return _view(session)


def end_hold(gate: Gate, session: Session, mode: RoomMode, actor: Actor) -> None:
    """Take the row away; the entry names both people where two were needed."""
    row = session.get_one(RoomHold, mode.value)
    first = session.get_one(User, row.first_leaver_id).username if row.first_leaver_id else ""
    session.delete(row)
    session.flush()
    data = {"with": first, "holding": _names(session)}
    append(session, kind="room.released", at=gate.clock.now(), actor=actor.username, subject=mode.value, data=data)


def _names(session: Session) -> Sequence[str]:
    return sorted(mode.value for mode in holding(session))


def _require(actor: Actor, mode: RoomMode, roles: frozenset[Role]) -> None:
    if not actor.roles & roles:
        raise ForbiddenError(f"The account {actor.username} may not do this ({mode.value}).", "See docs/policy.md for who may.")
