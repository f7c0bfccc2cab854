"""The device register: which device serves which queue, and the highest level it may put out (R03, R04)."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlsplit

from sqlmodel import Session, col, select

from gateway.db.tables import Device
from gateway.domain.duties import Act
from gateway.domain.hand_copies import ALONE
from gateway.domain.matching import DeviceFacts
from gateway.domain.vocabulary import Level
from gateway.errors import ConflictError, InvalidInputError, NotFoundError
from gateway.ledger.append import append
from gateway.services.departments import CODE
from gateway.services.gate import Actor, Gate

ADAPTERS: dict[str, tuple[str, ...]] = {"ipp": ("ipp", "ipps"), "cups": ("cups",), ALONE: ("",)}
"""Adapter names and the URI schemes they take; a stand-alone copier has no address."""


def add_device(gate: Gate, actor: Actor, device: Device) -> Device:
    """Register a device. Raises InvalidInputError for an unknown adapter, URI or level, ConflictError for a name in use."""
    actor.require(Act.MANAGE_DEVICES)
    with gate.database.writing() as session:
        return insert_device(gate, session, actor, device)


def insert_device(gate: Gate, session: Session, actor: Actor, device: Device) -> Device:
    """The same inside a transaction, once the actor's right was checked."""
    schemes = ADAPTERS.get(device.adapter)
    if schemes is None or urlsplit(device.uri).scheme not in schemes:
        accepted = "; ".join(f"{name}: {', '.join(f'{s}://' for s in uris if s) or '-'}" for name, uris in ADAPTERS.items())
        raise InvalidInputError(f"The adapter {device.adapter} does not take this address.", f"Accepted: {accepted}.")
    try:
        device.max_level = Level.parse(device.max_level).value
    except ValueError as error:
        raise InvalidInputError(f"{error}.", "Give the highest level the device may put out.") from error
    if not CODE.match(device.code):
        raise InvalidInputError("A device needs a code of letters, digits, . _ -.", "Give another.")
    taken = session.exec(
        select(Device).where((col(Device.code) == device.code) | ((col(Device.queue) == device.queue) & col(Device.queue).is_not(None)))
    ).first()
    if taken:
        raise ConflictError(f"The device code {device.code} or its queue is taken by {taken.code}.", "Choose another.")
    session.add(device)
    append(
        session,
        kind="device.added",
        at=gate.clock.now(),
        actor=actor.username,
        subject=device.code,
        data={"max_level": device.max_level, "designated": device.designated, "adapter": device.adapter, "queue": device.queue or ""},
    )
    return device


def disable_device(gate: Gate, actor: Actor, code: str) -> None:
    """Take a device out of service: its queue's jobs stay held. Raises ConflictError when it is."""
    _set_active(gate, actor, code, active=False)


def enable_device(gate: Gate, actor: Actor, code: str) -> None:
    """Put it into service again. Raises ConflictError when it is."""
    _set_active(gate, actor, code, active=True)


def _set_active(gate: Gate, actor: Actor, code: str, *, active: bool) -> None:
    actor.require(Act.MANAGE_DEVICES)
    with gate.database.writing() as session:
        device = device_by_code(session, code)
        if device.active == active:
            raise ConflictError(f"The device {code} is {'in' if active else 'out of'} service already.", "Nothing is to do.")
        device.active = active
        session.add(device)
        kind = "device.enabled" if active else "device.disabled"
        append(session, kind=kind, at=gate.clock.now(), actor=actor.username, subject=code, data={})


def device_by_code(session: Session, code: str) -> Device:
    """The device of this code. Raises NotFoundError."""
    device = session.exec(select(Device).where(Device.code == code)).first()
    if device is None:
        raise NotFoundError(f"There is no device {code}.", "See `imprimatur device list`.")
    return device


def printing_device(session: Session, code: str) -> Device:
    """The same, of one that is sent jobs. Raises InvalidInputError for a stand-alone copier."""
    device = device_by_code(session, code)
    if device.adapter == ALONE:
        raise InvalidInputError(f"The device {code} stands alone: nothing can be sent to it.", "Name a device that prints.")
    return device


def device_for_queue(session: Session, queue: str) -> Device | None:
    """The active device that serves a public queue."""
    return session.exec(select(Device).where(Device.queue == queue, col(Device.active).is_(True))).first()


def facts_of(device: Device | None) -> DeviceFacts | None:
    """What the rules need to know of a device."""
    if device is None:
        return None
    return DeviceFacts(device.code, Level(device.max_level), device.designated, device.active and not device.in_repair, device.meter_hold)


def list_devices(gate: Gate) -> Sequence[Device]:
    """All devices by code."""
    with gate.database.reading() as session:
        return session.exec(select(Device).order_by(Device.code)).all()
