"""How the gate itself reads a device's counter: set by the system administrator, its secrets sealed (R100, I7)."""

from __future__ import annotations

import json
from dataclasses import dataclass, field

from sqlmodel import Session

from gateway.db.tables import Device
from gateway.domain.duties import Act
from gateway.errors import InvalidInputError
from gateway.ledger.append import append
from gateway.meters import Community, Meter, MeterKind, SnmpUser, open_meter, snmp_place
from gateway.services.devices import device_by_code
from gateway.services.gate import Actor, Gate
from gateway.services.sealing import opened, seal

_PURPOSE = "imprimatur.meter.v1"
SHORTEST_KEY = 8
"""Of an SNMP user's two pass phrases (RFC 3414 §11.2)."""
HASHES = ("sha256", "sha1")


@dataclass(frozen=True, slots=True)
class MeterWish:
    """`community` alone is SNMP v2c; `user` with its two pass phrases is v3."""

    kind: MeterKind
    address: str = ""
    community: str = field(default="", repr=False)
    user: str = ""
    authentication: str = field(default="", repr=False)
    privacy: str = field(default="", repr=False)
    hash_name: str = "sha256"


@dataclass(frozen=True, slots=True)
class MeterSetting:
    """A device's meter as shown: `version` is v2c, v3, or empty where it is not SNMP. Secrets are never shown again."""

    code: str
    kind: MeterKind
    address: str
    version: str
    user: str


def set_meter(gate: Gate, actor: Actor, code: str, wish: MeterWish) -> MeterSetting:
    """Say how the gate reads this device's counter, or that it does not. Raises ForbiddenError, NotFoundError, InvalidInputError."""
    actor.require(Act.MANAGE_DEVICES)
    access = _access(wish)
    with gate.database.writing() as session:
        device = device_by_code(session, code)
        if wish.kind is MeterKind.IPP and device.adapter != "ipp":
            raise InvalidInputError("Only a device that is printed to over IPP tells its counter over IPP.", "Choose SNMP.")
        device.meter_kind = wish.kind.value
        device.meter_address = wish.address if wish.kind is MeterKind.SNMP else ""
        device.meter_access = seal(gate, _PURPOSE, device.id or 0, json.dumps(access).encode()) if access else ""
        device.meter_set_by_id = actor.user_id
        session.add(device)
        setting = _setting(gate, device)
        data = {"kind": setting.kind.value, "address": setting.address, "version": setting.version}
        append(session, kind="device.meter_set", at=gate.clock.now(), actor=actor.username, subject=code, data=data)
        return setting


def _access(wish: MeterWish) -> dict[str, str]:
    """What is sealed. Raises InvalidInputError."""
    if wish.kind is not MeterKind.SNMP:
        return {}
    snmp_place(wish.address)
    if any(len(word) > 80 or not word.isprintable() for word in (wish.community, wish.user, wish.authentication, wish.privacy)):
        raise InvalidInputError("A community, a user's name or a pass phrase has at most 80 printable characters.", "Give another.")
    if bool(wish.community) == bool(wish.user):
        raise InvalidInputError("An SNMP meter needs a community (v2c) or a user (v3), and not both.", "Give one of them.")
    if wish.community:
        return {"community": wish.community}
    if min(len(wish.authentication), len(wish.privacy)) < SHORTEST_KEY:
        raise InvalidInputError(
            "An SNMP user needs a pass phrase for authentication and one for privacy, of 8 characters at least.", "Give both."
        )
    if wish.hash_name not in HASHES:
        raise InvalidInputError("An SNMP user's hash is sha256 or sha1.", "Choose what the device offers, sha256 if it can.")
    return {"user": wish.user, "authentication": wish.authentication, "privacy": wish.privacy, "hash_name": wish.hash_name}


def _opened_access(gate: Gate, device: Device) -> dict[str, str]:
    secret = opened(gate, _PURPOSE, device.id or 0, device.meter_access) if device.meter_access else None
    return dict(json.loads(secret)) if secret else {}


def _setting(gate: Gate, device: Device) -> MeterSetting:
    access = _opened_access(gate, device)
    version = "v2c" if "community" in access else "v3" if "user" in access else ""
    return MeterSetting(device.code, MeterKind(device.meter_kind), device.meter_address, version, access.get("user", ""))


def show_setting(gate: Gate, actor: Actor, code: str) -> MeterSetting:
    """How the gate reads this device's counter, without secrets. Raises ForbiddenError, NotFoundError."""
    actor.require(Act.SEE_DEVICES)
    with gate.database.reading() as session:
        return _setting(gate, device_by_code(session, code))


def meter_of(gate: Gate, device: Device) -> Meter:
    """The adapter. Raises InvalidInputError when there is none to ask, or its secrets were sealed with another key."""
    kind = MeterKind(device.meter_kind)
    if kind is MeterKind.NONE and device.adapter == "ipp":
        kind = MeterKind.IPP  # a person may ask it; the gate itself does so only where that is set
    if kind is not MeterKind.SNMP:
        return open_meter(kind, device.uri)
    access = _opened_access(gate, device)
    if not access:
        raise InvalidInputError("The meter's secrets were sealed with another key of this gateway.", "Set the device's meter again.")
    return open_meter(kind, device.meter_address, Community(access["community"]) if "community" in access else _user(access))


def _user(access: dict[str, str]) -> SnmpUser:
    return SnmpUser(access["user"], access["authentication"], access["privacy"], access["hash_name"])


def reads_itself(device: Device) -> bool:
    """Whether the gate reads this device's counter by itself."""
    return MeterKind(device.meter_kind) is not MeterKind.NONE


def device_by_id(session: Session, device_id: int) -> Device:
    """The row as it is now."""
    return session.get_one(Device, device_id, populate_existing=True)
