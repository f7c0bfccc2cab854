"""Meters the gate reads by itself: daily, and around each job; one that does not answer is told (R100, R101, SC-24, SC-25)."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from sqlalchemy import func
from sqlmodel import Session, col, select

from gateway.db.tables import Device, Job, MeterReading, Permit
from gateway.domain.meters import Reading
from gateway.domain.vocabulary import AlertKind, Level
from gateway.errors import ConflictError, InvalidInputError
from gateway.meters import Counted, Fault, MeterError, MeterKind
from gateway.services.alerts import is_open, raise_alert
from gateway.services.gate import SYSTEM, Gate
from gateway.services.meter_settings import meter_of, reads_itself
from gateway.services.meters import Mark, Reader, ReadingView, at_work, hold_count_against, mark_of, record, source_of


def ask(gate: Gate, device: Device) -> Counted:
    """What the counter says now; nothing is written. Raises MeterError, after somebody was told of it."""
    try:
        return meter_of(gate, device).read()
    except InvalidInputError as error:
        _tell_silent(gate, device, Fault.LOCKED)
        raise MeterError(Fault.LOCKED) from error
    except MeterError as error:
        _tell_silent(gate, device, error.fault)
        raise


def read_device(gate: Gate, device: Device, *, besides: int = 0, only_news: bool = False) -> tuple[Counted, ReadingView | None]:
    """Ask, compare, write down. `besides`: a job that is at the device and has put out nothing yet; `only_news`: not "the same".

    Raises MeterError, ConflictError while the device is at work.
    """
    with gate.database.reading() as session:
        mark = mark_of(session, device, besides)
    told = ask(gate, device)
    if not told.idle:
        raise at_work(device)
    reader = Reader(device.meter_set_by_id or 0, SYSTEM, by_gate=True)
    reading = Reading(told.serial, told.impressions)
    view = record(gate, device.code, reading, source_of(device), reader, before_asking=mark, besides=besides, only_news=only_news)
    return told, view


@dataclass(frozen=True, slots=True)
class Look:
    """What a device's counter showed, and where the device stood when it was asked."""

    reading: Reading
    mark: Mark


def look_before_settling(gate: Gate, device_id: int) -> Look | None:
    """What the counter shows now; None where the gate does not read it, it is silent, or the device is at work."""
    with gate.database.reading() as session:
        device = session.get_one(Device, device_id)
        if not reads_itself(device):
            return None
    with suppress(MeterError, ConflictError):
        with gate.database.reading() as session:
            mark = mark_of(session, device)
        told = ask(gate, device)
        if told.idle:
            return Look(Reading(told.serial, told.impressions), mark)
    return None


def hold_against_meter(gate: Gate, session: Session, job: Job, first: int, look: Look) -> None:
    """Hold an operator's count of the device jobs from `first` on against the counter; a device at work meanwhile is read another time."""
    device = session.get_one(Device, job.device_id)
    with suppress(ConflictError):
        if mark_of(session, device) == look.mark:
            reader = Reader(device.meter_set_by_id or 0, SYSTEM, by_gate=True)
            hold_count_against(gate, session, device, look.reading, reader, first=first, about=job.job_no)


def _tell_silent(gate: Gate, device: Device, fault: Fault) -> None:
    """Once, until somebody has seen to it: a meter that does not answer stops no paper that needs none, but may hide what is outside."""
    with gate.database.writing() as session:
        if not is_open(session, AlertKind.METER_SILENT, device.code):
            raise_alert(gate, session, AlertKind.METER_SILENT, device.code, fault.value)


def devices_due(gate: Gate) -> list[Device]:
    """Devices whose meter the gate reads by itself and has not read since the last time of day for it."""
    moment = _last_time(gate.now(), time.fromisoformat(gate.settings.meter_daily_at))
    newest = (
        select(func.max(MeterReading.at))
        .where(MeterReading.device_id == Device.id, col(MeterReading.by_gate).is_(True))
        .correlate(Device)
        .scalar_subquery()
    )
    query = select(Device).where(col(Device.active).is_(True), Device.meter_kind != MeterKind.NONE.value, col(Device.in_repair).is_(False))
    with gate.database.reading() as session:
        return list(session.exec(query.where((newest.is_(None)) | (newest < moment)).order_by(Device.code)).all())


def _last_time(now: datetime, of_day: time) -> datetime:
    """When this time of day last was."""
    today = datetime.combine(now.date(), of_day, now.tzinfo)
    return today if today <= now else datetime.combine(now.date() - timedelta(days=1), of_day, now.tzinfo)


def is_state_secret(gate: Gate, job_id: int) -> bool:
    """Whether the job's paper is a state secret: it waits where the device's meter cannot be read."""
    with gate.database.reading() as session:
        level = session.exec(select(Permit.level).join(Job, col(Job.permit_id) == Permit.id).where(Job.id == job_id)).first()
    return level is None or Level(level).is_state_secret
