"""The end of the day (R89, SC-36): what may not lie about overnight; signed only when it is nothing, and then the room closes."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy import func
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from gateway.db.tables import Carrier, DayClose, Job, PrintRegisterRow, Release, User, Visitor, Waste
from gateway.domain.codes import Code, Reason
from gateway.domain.deadlines import DAY_CLOSE_DUE, Due, Duty, at_time
from gateway.domain.duties import Act
from gateway.domain.vocabulary import CarrierState, JobStage, RoomMode
from gateway.errors import ConflictError, RefusedError
from gateway.ledger.append import append
from gateway.services.gate import Actor, Gate
from gateway.services.room import UNDER_WAY, hold_room, holding

_LATELY = timedelta(days=31)
_LENT = (CarrierState.LENT.value, CarrierState.CIRCULATING.value)


@dataclass(frozen=True, slots=True)
class Checklist:
    """What is still open, each as a number: all must be 0. `uncollected` are good copies nobody has fetched or shelved."""

    under_way: int
    unresolved: int
    uncollected: int
    waste: int
    visitors: int
    lent: int

    @property
    def open_points(self) -> dict[str, int]:
        """Only what is not 0."""
        return {name: count for name, count in asdict(self).items() if count}


@dataclass(frozen=True, slots=True)
class DayState:
    """A day and its checklist; signed or not. `sheets_uncollected` are the media sheets of the uncollected copies."""

    day: date
    checklist: Checklist
    sheets_uncollected: int
    signed_by: str
    signed_at: datetime | None


def day_state(gate: Gate, actor: Actor) -> DayState:
    """How today stands. Raises ForbiddenError."""
    actor.require(Act.SEE_BOOKS)
    with gate.database.reading() as session:
        return _state(gate, session)


def close_day(gate: Gate, actor: Actor) -> DayState:
    """Sign today's checklist and close the room: everything is held until somebody opens it. Of two at once exactly one signs.

    Raises ForbiddenError, RefusedError E_DAY_OPEN with what is still open, ConflictError when the day is signed already.
    """
    actor.require(Act.KEEP_BOOKS)
    now, today = gate.clock.now(), gate.today()
    with gate.database.writing() as session:
        if points := _checklist(session).open_points:
            raise RefusedError([Reason(Code.E_DAY_OPEN, ", ".join(f"{name} {count}" for name, count in points.items()))])
        try:
            with session.begin_nested():
                session.add(DayClose(day=today, signed_by_id=actor.user_id, signed_at=now))
        except IntegrityError as error:
            raise ConflictError(f"{today} is signed already.", "See `imprimatur day show`.") from error
        append(session, kind="day.closed", at=now, actor=actor.username, subject=today.isoformat(), data={})
        if RoomMode.CLOSED not in holding(session):
            hold_room(gate, session, RoomMode.CLOSED, actor=actor.username)
        return _state(gate, session)


def _state(gate: Gate, session: Session) -> DayState:
    today = gate.today()
    signed = session.get(DayClose, today)
    by = session.get_one(User, signed.signed_by_id).username if signed else ""
    return DayState(today, _checklist(session), _sheets_uncollected(session), by, signed.signed_at if signed else None)


def _checklist(session: Session) -> Checklist:
    def jobs(*stages: str) -> int:
        return session.exec(select(func.count()).select_from(Job).where(col(Job.stage).in_(stages))).one()

    def carriers(*states: str) -> int:
        return session.exec(select(func.count()).select_from(Carrier).where(col(Carrier.state).in_(states))).one()

    inside = select(func.count()).select_from(Visitor).where(col(Visitor.enter_at).is_not(None), col(Visitor.leave_at).is_(None))
    waste = select(func.count()).select_from(Waste).where(col(Waste.destroyed_at).is_(None))
    return Checklist(
        under_way=jobs(*UNDER_WAY),
        unresolved=jobs(JobStage.UNRESOLVED.value),
        uncollected=carriers(CarrierState.PRINTED.value),
        waste=session.exec(waste).one(),
        visitors=session.exec(inside).one(),
        lent=carriers(*_LENT),
    )


def _sheets_uncollected(session: Session) -> int:
    sheets = func.coalesce(func.sum(Release.sheets_per_copy), 0)
    query = select(sheets).join(Carrier, col(Carrier.job_id) == Release.job_id).where(Carrier.state == CarrierState.PRINTED.value)
    return int(session.exec(query).one())


def day_dues(gate: Gate, session: Session) -> list[Due]:
    """The checklist of the last day on which the room released anything, due at 18:30 of that day (R89), unless somebody signed it.

    So a day that was not signed is told to those above on the next morning. Nothing is due while the room is sealed.
    """
    zone = gate.settings.zone
    day = _last_day_of_work(gate, session)
    if day is None or session.get(DayClose, day) is not None or RoomMode.SEALED in holding(session):
        return []
    return [Due(Duty.DAY_CLOSE, day.isoformat(), "", at_time(datetime.combine(day, time.min, zone), zone, DAY_CLOSE_DUE))]


def _last_day_of_work(gate: Gate, session: Session) -> date | None:
    """The local day of the newest release among the jobs received lately: what lies longer than that is no matter of an evening."""
    row = PrintRegisterRow
    now = gate.clock.now()
    lately = (col(row.received_at) >= now - _LATELY, col(row.released_at) <= now)
    newest = session.exec(select(func.max(row.released_at)).where(*lately)).one()
    return newest.astimezone(gate.settings.zone).date() if newest is not None else None
