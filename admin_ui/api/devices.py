"""Output devices 设备."""

from __future__ import annotations

from pydantic import Field

from admin_ui.api.answers import Answer, Listing, listing
from admin_ui.api.bodies import Body, LevelWord
from admin_ui.api.routes import Noun
from gateway.db.tables import Device
from gateway.domain.scopes import Scope
from gateway.domain.vocabulary import Level
from gateway.services import devices
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
