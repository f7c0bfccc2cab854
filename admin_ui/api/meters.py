"""Meters 计数器: devices' own counters against the ledger."""

from __future__ import annotations

from datetime import datetime

from pydantic import Field

from admin_ui.api.answers import Answer, Listing, listing
from admin_ui.api.bodies import Body, Query
from admin_ui.api.routes import Noun
from gateway.domain.meters import Verdict
from gateway.errors import NotFoundError
from gateway.meters import LARGEST
from gateway.services import meters
from gateway.services.gate import Actor, Gate

routes = Noun("meters", "计数器")


class MeterBody(Body):
    """What stands on the device's panel or counter sheet."""

    serial: str = Field(min_length=1, max_length=80, description="The device's serial number.")
    impressions: int = Field(ge=0, lt=LARGEST, description="Sides since it was made.")


class ClearingBody(Body):
    """Why a finding is cleared."""

    reason: str = Field(min_length=1, max_length=200, description="The cause, and what was done.")


class MetersQuery(Query):
    """Which readings to list."""

    device: str = Field("", max_length=40, description="Only of this device.")
    open: bool = Field(False, description="Only findings nobody has cleared.")


class ReadingAnswer(Answer):
    """A reading, and what it says against the one before of the same source."""

    reading: int = Field(validation_alias="number")
    device: str
    serial: str
    impressions: int
    source: str = Field(description="`device` when it was asked over IPP, `snmp`, or `panel` when a person read it.")
    verdict: Verdict
    grown: int | None = Field(description="Sides since the reading before; null when that cannot be known.")
    beyond: int = Field(description="Sides above (+) or below (-) what the gate accounts for.")
    at: datetime
    read_by: str
    finding: int | None = Field(description="Number of the finding that a person must explain.")
    cleared_by: str
    cleared_at: datetime | None
    reason: str


@routes.get("/meters", "计数器读数")
def list_readings(gate: Gate, actor: Actor, query: MetersQuery) -> Listing[ReadingAnswer]:
    """Readings, newest first."""
    return listing(ReadingAnswer, meters.list_readings(gate, actor, device=query.device, open_only=query.open))


@routes.post("/meters/<code>/read", "读取计数器")
def read_meter(gate: Gate, actor: Actor, code: str) -> ReadingAnswer:
    """Ask a device for its counter and compare it with the ledger."""
    return ReadingAnswer.of(meters.read_meter(gate, actor, code))


@routes.post("/meters/<code>/enter", "登记面板读数")
def enter_meter(gate: Gate, actor: Actor, code: str, body: MeterBody) -> ReadingAnswer:
    """Enter what the panel shows now, and compare it with the ledger."""
    return ReadingAnswer.of(meters.enter_meter(gate, actor, code, body.serial, body.impressions))


@routes.post("/meters/findings/<finding>/clear", "解除计数不符")
def clear_finding(gate: Gate, actor: Actor, finding: str, body: ClearingBody) -> ReadingAnswer:
    """The cause is known: the device puts out state secrets again once no finding is left."""
    if not (finding.isascii() and finding.isdigit() and len(finding) < 19):
        raise NotFoundError("There is no such finding.", "See `imprimatur meter list --open`.")
    return ReadingAnswer.of(meters.clear_finding(gate, actor, int(finding), body.reason))
