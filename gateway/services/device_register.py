"""The device register beyond adding: where a device stands, what it may do, and its maintenance record (R03, R04, R84)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlmodel import Session, col, select

from gateway.db.tables import Device, DeviceMaintenance, User
from gateway.domain.devices import Care, Function
from gateway.domain.duties import Act
from gateway.domain.vocabulary import Level
from gateway.errors import ConflictError, InvalidInputError
from gateway.ledger.append import append
from gateway.services.devices import device_by_code
from gateway.services.gate import Actor, Gate


@dataclass(frozen=True, slots=True)
class Change:
    """What of a device is to be otherwise; None leaves it."""

    location: str | None = None
    designated: bool | None = None
    max_level: Level | None = None
    functions: tuple[Function, ...] | None = None
    maintenance_days: int | None = None


@dataclass(frozen=True, slots=True)
class CareView:
    """A line of the maintenance record."""

    device: str
    kind: Care
    done_on: str
    done_by: str
    note: str
    recorded_by: str


def change_device(gate: Gate, actor: Actor, code: str, change: Change) -> Device:
    """Change what the register says of a device. Raises ForbiddenError, NotFoundError, InvalidInputError."""
    actor.require(Act.MANAGE_DEVICES)
    wanted: dict[str, str | bool | int] = {}
    if change.location is not None:
        wanted["location"] = change.location.strip()[:80]
    if change.designated is not None:
        wanted["designated"] = change.designated
    if change.max_level is not None:
        wanted["max_level"] = change.max_level.value
    if change.functions is not None:
        wanted["functions"] = " ".join(one.value for one in Function if one in change.functions)
    if change.maintenance_days is not None:
        if not 1 <= change.maintenance_days <= 3660:
            raise InvalidInputError("A device is maintained every 1 to 3660 days.", "Give another number of days.")
        wanted["maintenance_days"] = change.maintenance_days
    with gate.database.writing() as session:
        device = device_by_code(session, code)
        news = {name: value for name, value in wanted.items() if getattr(device, name) != value}
        if not news:
            raise InvalidInputError("Nothing of the device would change.", "Say what is to be otherwise.")
        for name, value in news.items():
            setattr(device, name, value)
        session.add(device)
        append(session, kind="device.changed", at=gate.clock.now(), actor=actor.username, subject=code, data=news)
        return device


def record_care(gate: Gate, actor: Actor, code: str, kind: Care, done_on: date, done_by: str, note: str = "") -> CareView:
    """Write down a maintenance, or that a device goes to repair or comes back: while it is there no new job fits it.

    Raises ForbiddenError, NotFoundError, InvalidInputError, ConflictError when it is in repair already, or is not.
    """
    actor.require(Act.MANAGE_DEVICES)
    if done_on > gate.today():
        raise InvalidInputError("A maintenance is recorded when it was done.", "Give its day, today at the latest.")
    if not done_by.strip():
        raise InvalidInputError("A maintenance needs the name of who did it.", "Give it.")
    with gate.database.writing() as session:
        device = device_by_code(session, code)
        if kind is not Care.MAINTENANCE and device.in_repair == (kind is Care.REPAIR):
            raise ConflictError(f"The device {code} is {'' if device.in_repair else 'not '}in repair.", "Nothing is to do.")
        if kind is not Care.MAINTENANCE:
            device.in_repair = kind is Care.REPAIR
            session.add(device)
        row = DeviceMaintenance(
            device_id=device.id or 0,
            kind=kind.value,
            done_on=done_on.isoformat(),
            done_by=done_by.strip()[:80],
            note=note.strip()[:200],
            at=gate.clock.now(),
            recorded_by_id=actor.user_id,
        )
        session.add(row)
        session.flush()
        data = {"record": row.id, "kind": row.kind, "done_on": row.done_on}
        append(session, kind="device.maintained", at=row.at, actor=actor.username, subject=code, data=data)
        return _view(session, device, row)


def list_care(gate: Gate, actor: Actor, code: str) -> Sequence[CareView]:
    """A device's maintenance record, newest first. Raises ForbiddenError, NotFoundError."""
    actor.require(Act.SEE_DEVICES)
    with gate.database.reading() as session:
        device = device_by_code(session, code)
        query = select(DeviceMaintenance).where(DeviceMaintenance.device_id == device.id)
        return [_view(session, device, row) for row in session.exec(query.order_by(col(DeviceMaintenance.id).desc())).all()]


def _view(session: Session, device: Device, row: DeviceMaintenance) -> CareView:
    by = session.get_one(User, row.recorded_by_id).username
    return CareView(device.code, Care(row.kind), row.done_on, row.done_by, row.note, by)
