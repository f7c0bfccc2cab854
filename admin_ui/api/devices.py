"""Output devices 设备."""

from __future__ import annotations

from datetime import date

from pydantic import Field

from admin_ui.api.answers import Answer, Listing, listing
from admin_ui.api.bodies import Body, LevelWord
from admin_ui.api.routes import Noun
from gateway.db.tables import Device
from gateway.domain.devices import Care, Function
from gateway.domain.scopes import Scope
from gateway.domain.vocabulary import Level
from gateway.meters import MeterKind
from gateway.services import device_register, devices, meter_settings
from gateway.services.gate import Actor, Gate

routes = Noun("devices", "设备")


class DeviceBody(Body):
    """A device to be registered."""

    code: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$")
    name: str = Field("", max_length=80, description="Display name; empty: the code.")
    location: str = Field("", max_length=80)
    designated: bool = Field(False, description="It stands in the room or at a designated place.")
    max_level: LevelWord = Level.GONGKAI
    adapter: str = Field("ipp", max_length=20)
    uri: str = Field(max_length=1000)
    queue: str | None = Field(None, max_length=127, description="Public queue whose jobs come out here.")


class MeterSettingBody(Body):
    """How the gate reads a device's counter; a community is SNMP v2c, a user with two pass phrases v3."""

    kind: MeterKind
    address: str = Field("", max_length=200, description="host or host:port of SNMP; empty for IPP and none.")
    community: str = Field("", max_length=80)
    user: str = Field("", max_length=80)
    authentication: str = Field("", max_length=80, description="Pass phrase, 8 characters at least.")
    privacy: str = Field("", max_length=80, description="Pass phrase, 8 characters at least.")
    hash_name: str = Field("sha256", max_length=10, description="sha256, or sha1 for older devices.")


class MeterSettingAnswer(Answer):
    """How a device's counter is read; secrets are never told again."""

    code: str
    kind: MeterKind
    address: str
    version: str = Field(description="v2c, v3, or empty where it is not SNMP.")
    user: str


class ChangeBody(Body):
    """What of a device is to be otherwise; what is left out stays."""

    location: str | None = Field(None, max_length=80)
    designated: bool | None = None
    max_level: LevelWord | None = None
    functions: list[Function] | None = Field(None, max_length=4, description="What may be done at it; the rest is switched off there.")
    maintenance_days: int | None = Field(None, ge=1, le=3660, description="Days between two maintenances.")


class CareBody(Body):
    """A line of the maintenance record; `repair` keeps new jobs from the device until `back`."""

    kind: Care
    done_on: date
    done_by: str = Field(min_length=1, max_length=80)
    note: str = Field("", max_length=200)


class CareAnswer(Answer):
    """A line of the maintenance record."""

    device: str
    kind: Care
    done_on: str
    done_by: str
    note: str
    recorded_by: str


class DeviceAnswer(Answer):
    """A registered device."""

    code: str
    name: str
    location: str
    designated: bool
    max_level: Level
    adapter: str
    uri: str
    queue: str | None
    active: bool
    functions: str = Field(description="What may be done at it, words with blanks between.")
    in_repair: bool
    maintenance_days: int


class DeviceStateAnswer(Answer):
    """A device just taken out of service or put back."""

    code: str
    active: bool


@routes.get("/devices", "设备列表", scopes=[Scope.PERMITS_WRITE, Scope.PERMITS_READ])
def list_devices(gate: Gate, actor: Actor) -> Listing[DeviceAnswer]:  # noqa: ARG001 — an account must call
    """All devices by code."""
    return listing(DeviceAnswer, devices.list_devices(gate))


@routes.post("/devices", "登记设备", makes=True)
def add_device(gate: Gate, actor: Actor, body: DeviceBody) -> DeviceAnswer:
    """Register a device."""
    given = body.model_dump() | {"name": body.name or body.code, "max_level": body.max_level.value}
    return DeviceAnswer.of(devices.add_device(gate, actor, Device(**given)))


@routes.post("/devices/<code>/disable", "停用设备")
def disable_device(gate: Gate, actor: Actor, code: str) -> DeviceStateAnswer:
    """Take a device out of service; its queue's jobs stay held."""
    devices.disable_device(gate, actor, code)
    return DeviceStateAnswer(code=code, active=False)


@routes.post("/devices/<code>/enable", "启用设备")
def enable_device(gate: Gate, actor: Actor, code: str) -> DeviceStateAnswer:
    """Put a device into service again."""
    devices.enable_device(gate, actor, code)
    return DeviceStateAnswer(code=code, active=True)


@routes.post("/devices/<code>/meter", "设置计数器")
def set_meter(gate: Gate, actor: Actor, code: str, body: MeterSettingBody) -> MeterSettingAnswer:
    """Say how the gate reads this device's counter by itself, or that it does not."""
    wish = meter_settings.MeterWish(**body.model_dump() | {"kind": body.kind})
    return MeterSettingAnswer.of(meter_settings.set_meter(gate, actor, code, wish))


@routes.post("/devices/<code>/change", "更改设备登记")
def change_device(gate: Gate, actor: Actor, code: str, body: ChangeBody) -> DeviceAnswer:
    """Change what the register says of a device."""
    functions = tuple(body.functions) if body.functions is not None else None
    change = device_register.Change(body.location, body.designated, body.max_level, functions, body.maintenance_days)
    return DeviceAnswer.of(device_register.change_device(gate, actor, code, change))


@routes.post("/devices/<code>/maintenance", "登记维护")
def record_care(gate: Gate, actor: Actor, code: str, body: CareBody) -> CareAnswer:
    """Write down a maintenance, or that the device goes to repair or is back."""
    return CareAnswer.of(device_register.record_care(gate, actor, code, body.kind, body.done_on, body.done_by, body.note))


@routes.get("/devices/<code>/maintenance", "维护记录")
def list_care(gate: Gate, actor: Actor, code: str) -> Listing[CareAnswer]:
    """The device's maintenance record, newest first."""
    return listing(CareAnswer, device_register.list_care(gate, actor, code))
