"""Devices as those who look after them see them: where they stand, what waits for them, and how they are when asked (R03, R04)."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func
from sqlmodel import Session, col, select

from gateway.db.tables import Device, Job
from gateway.domain.devices import Function, functions_of
from gateway.domain.duties import Act
from gateway.domain.vocabulary import JobStage, Level
from gateway.errors import GatewayError
from gateway.printers import open_printer
from gateway.services.devices import device_by_code
from gateway.services.gate import Actor, Gate

_AT_IT = (JobStage.PREPARING, JobStage.SUBMITTING, JobStage.PRINTING)


@dataclass(frozen=True, slots=True)
class DeviceView:
    """A device as shown. The counts are jobs: released and waiting for it, at it, and in doubt after it."""

    code: str
    name: str
    location: str
    designated: bool
    max_level: Level
    adapter: str
    uri: str
    queue: str
    active: bool
    waiting: int
    at_it: int
    unresolved: int
    says: tuple[str, ...]
    """What it told the press about the jobs that are at it or wait for it, in IPP's keywords."""


@dataclass(frozen=True, slots=True)
class Health:
    """What a device answers now. `code` names the fault when it answered nothing of use."""

    state: str
    reasons: tuple[str, ...]
    ready: bool
    takes_pdf: bool
    model: str
    impressions: int | None
    code: str = ""


def list_device_views(gate: Gate, actor: Actor) -> list[DeviceView]:
    """All devices by code. Raises ForbiddenError."""
    actor.require(Act.SEE_DEVICES)
    with gate.database.reading() as session:
        return [_view(session, device) for device in session.exec(select(Device).order_by(Device.code)).all()]


def list_copiers(gate: Gate, actor: Actor) -> list[DeviceView]:
    """The devices in service that may copy. Raises ForbiddenError."""
    actor.require(Act.SEE_DEVICES)
    with gate.database.reading() as session:
        active = session.exec(select(Device).where(col(Device.active).is_(True)).order_by(Device.code)).all()
        return [_view(session, device) for device in active if Function.COPY in functions_of(device.functions)]


def show_device(gate: Gate, actor: Actor, code: str) -> DeviceView:
    """One device. Raises ForbiddenError, NotFoundError."""
    actor.require(Act.SEE_DEVICES)
    with gate.database.reading() as session:
        return _view(session, device_by_code(session, code))


def ask_device(gate: Gate, actor: Actor, code: str) -> Health:
    """Ask the device itself how it is: takes as long as it takes to answer, some seconds at most. Nothing is printed."""
    device = show_device(gate, actor, code)
    try:
        status = open_printer(device.adapter, device.uri).status()
    except GatewayError as error:
        return Health("unreachable", (), ready=False, takes_pdf=False, model="", impressions=None, code=error.code)
    ready = status.state in {"idle", "processing"} and status.accepting and status.takes_pdf
    reasons = tuple(reason for reason in status.reasons if reason != "none")
    return Health(status.state, reasons, ready, status.takes_pdf, status.model, status.impressions_completed)


def _view(session: Session, device: Device) -> DeviceView:
    stages = [JobStage.QUEUED, *_AT_IT, JobStage.UNRESOLVED]
    query = select(Job.stage, func.count()).where(Job.device_id == device.id, col(Job.stage).in_([stage.value for stage in stages]))
    counts = dict(session.exec(query.group_by(col(Job.stage))).all())
    told = select(Job.device_says).where(Job.device_id == device.id, col(Job.stage).in_([stage.value for stage in stages[:-1]]))
    says = dict.fromkeys(word for words in session.exec(told).all() for word in words.split())
    return DeviceView(
        code=device.code,
        name=device.name,
        location=device.location,
        designated=device.designated,
        max_level=Level(device.max_level),
        adapter=device.adapter,
        uri=device.uri,
        queue=device.queue or "",
        active=device.active,
        waiting=counts.get(JobStage.QUEUED.value, 0),
        at_it=sum(counts.get(stage.value, 0) for stage in _AT_IT),
        unresolved=counts.get(JobStage.UNRESOLVED.value, 0),
        says=tuple(says),
    )
