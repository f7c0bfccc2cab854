"""The room's regular tasks (R83, R84, R93): written down when done, due again by the calendar, missing in the month's report."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import func
from sqlmodel import Session, col, select

from gateway.db.tables import Device, DeviceMaintenance, LedgerEntry, RegularTask, User
from gateway.domain.deadlines import Due, Duty, end_of_that_day
from gateway.domain.devices import Care
from gateway.domain.duties import Act
from gateway.domain.regular_tasks import Task, TaskMonth, due_day, task_month
from gateway.errors import InvalidInputError
from gateway.ledger.append import append
from gateway.services.gate import Actor, Gate
from gateway.services.months import Month, parse_month

OLDEST = timedelta(days=366)
"""How late something may still be written down."""
_DUTIES = {Task.ALARM_TEST: Duty.ALARM_TEST, Task.VIRUS_SCAN: Duty.VIRUS_SCAN}


@dataclass(frozen=True, slots=True)
class TaskDone:
    """What was done, when, by whom, and what was found: empty `defects` say that all was well."""

    task: Task
    done_on: date
    tester: str
    defects: str = ""


@dataclass(frozen=True, slots=True)
class TaskRecord:
    """A line of the record."""

    number: int
    task: Task
    done_on: date
    tester: str
    defects: str
    at: datetime
    recorded_by: str


@dataclass(frozen=True, slots=True)
class TaskState:
    """A task, or a device's maintenance, and when it is due again. `subject`: the month, the day, or the device."""

    duty: Duty
    subject: str
    done_on: date | None
    due_at: datetime
    overdue: bool


@dataclass(frozen=True, slots=True)
class _Last:
    due: Due
    done_on: date | None


def record_task(gate: Gate, actor: Actor, done: TaskDone) -> TaskRecord:
    """Write down that a task was done. Raises ForbiddenError, InvalidInputError for the day or without a tester."""
    actor.require(Act.KEEP_BOOKS)
    if not gate.today() - OLDEST <= done.done_on <= gate.today():
        raise InvalidInputError("A task is written down when it was done.", "Give its day, today at the latest.")
    if not done.tester.strip():
        raise InvalidInputError("A regular task needs the name of who did it.", "Give it.")
    defects = done.defects.strip()[:200]
    with gate.database.writing() as session:
        row = RegularTask(
            task=done.task.value,
            done_on=done.done_on,
            tester=done.tester.strip()[:80],
            sound=not defects,
            defects=defects,
            at=gate.clock.now(),
            recorded_by_id=actor.user_id,
        )
        session.add(row)
        session.flush()
        data = {"record": row.id, "done_on": row.done_on.isoformat(), "sound": row.sound}
        append(session, kind="task.recorded", at=row.at, actor=actor.username, subject=row.task, data=data)
        return _record(session, row)


def list_records(gate: Gate, actor: Actor, *, limit: int = 50) -> Sequence[TaskRecord]:
    """What was written down, newest day first. Raises ForbiddenError."""
    actor.require(Act.SEE_BOOKS)
    newest = select(RegularTask).order_by(col(RegularTask.done_on).desc(), col(RegularTask.id).desc()).limit(limit)
    with gate.database.reading() as session:
        return [_record(session, row) for row in session.exec(newest).all()]


def list_tasks(gate: Gate, actor: Actor) -> Sequence[TaskState]:
    """Every task and every device's maintenance, what is due first before the others. Raises ForbiddenError."""
    actor.require(Act.SEE_BOOKS)
    now = gate.clock.now()
    with gate.database.reading() as session:
        found = [*_of_tasks(gate, session), *_of_devices(gate, session)]
    states = [TaskState(one.due.duty, one.due.subject, one.done_on, one.due.due_at, one.due.due_at <= now) for one in found]
    return sorted(states, key=lambda state: (state.due_at, state.duty, state.subject))


def tasks_of_month(gate: Gate, actor: Actor, month_text: str = "") -> Sequence[TaskMonth]:
    """What was done of each task in the month, and what is missing. Raises ForbiddenError, InvalidInputError for the month."""
    actor.require(Act.SEE_BOOKS)
    with gate.database.reading() as session:
        return months_tasks(gate, session, parse_month(gate, month_text))


def months_tasks(gate: Gate, session: Session, month: Month) -> list[TaskMonth]:
    """The same in this transaction, for the self-check; nothing before the gateway was there."""
    since = _first_day(gate, session)
    if since is None:
        return []
    first = month.start.astimezone(gate.settings.zone).date()
    done: dict[Task, list[date]] = {task: [] for task in Task}
    for row in session.exec(select(RegularTask).where(col(RegularTask.done_on) >= first - OLDEST)).all():
        done[Task(row.task)].append(row.done_on)
    return [task_month(task, days, since, first, gate.today()) for task, days in done.items()]


def task_dues(gate: Gate, session: Session) -> Iterator[Due]:
    """When each task and each device's maintenance is due: for the reminders."""
    for one in (*_of_tasks(gate, session), *_of_devices(gate, session)):
        yield one.due


def _of_tasks(gate: Gate, session: Session) -> Iterator[_Last]:
    since = _first_day(gate, session)
    if since is None:
        return
    for task in Task:
        newest = session.exec(select(func.max(RegularTask.done_on)).where(RegularTask.task == task.value)).one()
        day = due_day(task, newest, since, gate.today())
        subject = f"{day:%Y-%m}" if task is Task.ALARM_TEST else day.isoformat()
        yield _Last(Due(_DUTIES[task], subject, "", end_of_that_day(day, gate.settings.zone)), newest)


def _of_devices(gate: Gate, session: Session) -> Iterator[_Last]:
    """A device in use is due `maintenance_days` after its last maintenance or repair, or after it was registered (R84)."""
    kinds = [Care.MAINTENANCE.value, Care.BACK.value]
    newest = func.max(col(DeviceMaintenance.done_on))
    care = select(col(DeviceMaintenance.device_id), newest).where(col(DeviceMaintenance.kind).in_(kinds))
    last = dict(session.exec(care.group_by(col(DeviceMaintenance.device_id))).all())
    used = select(Device).where(col(Device.active).is_(True), col(Device.in_repair).is_(False)).order_by(Device.code)
    for device in session.exec(used).all():
        done = date.fromisoformat(last[device.id]) if device.id in last else None
        begun = done or _registered_on(gate, session, device.code)
        if begun is not None:
            day = begun + timedelta(days=device.maintenance_days)
            yield _Last(Due(Duty.MAINTENANCE, device.code, "", end_of_that_day(day, gate.settings.zone)), done)


def _first_day(gate: Gate, session: Session) -> date | None:
    return _local_day(gate, session.exec(select(LedgerEntry.at).order_by(col(LedgerEntry.seq)).limit(1)).first())


def _registered_on(gate: Gate, session: Session, code: str) -> date | None:
    told = select(LedgerEntry.at).where(LedgerEntry.subject == code, LedgerEntry.kind == "device.added")
    return _local_day(gate, session.exec(told.order_by(col(LedgerEntry.seq)).limit(1)).first())


def _local_day(gate: Gate, at: datetime | None) -> date | None:
    return at.astimezone(gate.settings.zone).date() if at else None


def _record(session: Session, row: RegularTask) -> TaskRecord:
    by = session.get_one(User, row.recorded_by_id).username
    return TaskRecord(row.id or 0, Task(row.task), row.done_on, row.tester, row.defects, row.at, by)
