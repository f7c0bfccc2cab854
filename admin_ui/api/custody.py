"""What happens to carriers on the way: circulation, carrying out, inventory, incidents, hand-over, and what is overdue."""

from __future__ import annotations

from datetime import datetime

from pydantic import AliasPath, Field

from admin_ui.api.answers import Answer, Listing, listing
from admin_ui.api.bodies import Body, Moment, Query
from admin_ui.api.routes import Noun, Who
from gateway.domain.deadlines import Duty
from gateway.domain.vocabulary import HANDOVER_REASONS, CarrierState, CarryOutState, Found, Level
from gateway.services import carry_out, circulation, custody, handover, inventories, reminders
from gateway.services.carry_out import CarryOutRequest
from gateway.services.gate import Actor, Gate
from gateway.services.holdings import Held

routes = Noun("custody", "载体管理")


class CarrierBody(Body):
    """One carrier, by any of its names."""

    carrier: str = Field(max_length=80)


class CirculationBody(CarrierBody):
    """The reading list, in order; it is fixed from then on."""

    readers: list[str] = Field(min_length=1, max_length=circulation.MOST_READERS)


class ReaderBody(CarrierBody):
    """One reader."""

    reader: str = Field("", max_length=40, description="Account; empty: the next of the list.")


class FoundBody(CarrierBody):
    """Where a missing carrier was."""

    reason: str = Field(max_length=200)


class CarryOutBody(Body):
    """What is to be carried out."""

    carriers: list[str] = Field(min_length=1, max_length=100)
    purpose: str = Field(max_length=200)
    destination: str = Field(max_length=100)
    due_back: Moment
    escorts: list[str] = Field([], max_length=10, description="Accounts of who goes along; two for 绝密.")
    abroad: bool = False
    abroad_approval: str = Field("", max_length=60)
    bearer: str = Field("", max_length=40, description="Account of who carries; by default the caller.")


class InventoryBody(Body):
    """Until when the count is to be done; by default the quarter's last day."""

    due: Moment | None = None


class CountBody(Body):
    """What was found of these carriers."""

    carriers: list[str] = Field(min_length=1, max_length=custody.MOST_AT_ONCE)
    found: Found


class HandoverBody(Body):
    """Three different people."""

    leaver: str = Field(max_length=40)
    successor: str = Field(max_length=40)
    supervisor: str = Field(max_length=40)
    reason: str = Field("leaving", description=f"One of {', '.join(HANDOVER_REASONS)}.")


class CarrierQuery(Query):
    """One carrier, by any of its names."""

    carrier: str = Field(max_length=80)


class PersonQuery(Query):
    """Whose; by default one's own."""

    username: str = Field("", max_length=40)


class WaitingQuery(Query):
    """Which to list."""

    waiting: bool = Field(False, description="Only those nobody has decided.")


class ReaderAnswer(Answer):
    """One reader of a reading list."""

    username: str
    name: str
    read_at: datetime | None
    reading: bool


class CirculationAnswer(Answer):
    """A reading list and how far it has come."""

    carrier: str = Field(validation_alias="carrier_no")
    state: CarrierState
    opened_at: datetime
    closed_at: datetime | None
    readers: list[ReaderAnswer]


class CarryOutAnswer(Answer):
    """A request to carry carriers out."""

    carry_out: str = Field(validation_alias="carry_out_no")
    state: CarryOutState
    requester: str
    carriers: list[str]
    level: Level
    purpose: str
    destination: str
    abroad: bool
    escorts: list[str]
    due_back: datetime
    approver: str
    decided_at: datetime | None
    left_at: datetime | None
    back_at: datetime | None


class CountLineAnswer(Answer):
    """One carrier of an inventory."""

    carrier: str = Field(validation_alias="carrier_no")
    state: CarrierState
    custodian: str
    found: Found | None
    incident: str = Field(validation_alias="incident_no")


class InventoryAnswer(Answer):
    """An inventory, line by line."""

    inventory: str = Field(validation_alias="inventory_no")
    snapshot_at: datetime
    due_at: datetime
    responsible: str
    signed_by: list[str]
    signed_at: datetime | None
    sums: dict[str, int] = Field(description="Lines by what was found; `open`: still to be counted.")
    lines: list[CountLineAnswer]


class IncidentAnswer(Answer):
    """A carrier is missing; to be reported within 24 hours."""

    incident: str = Field(validation_alias="incident_no")
    carrier: str = Field(validation_alias="carrier_no")
    last_holder: str
    opened_at: datetime
    report_due_at: datetime
    reported_at: datetime | None
    found_at: datetime | None
    found_reason: str


class HoldingAnswer(Answer):
    """One thing somebody answers for."""

    kind: Held
    subject: str


class HandoverAnswer(Answer):
    """A hand-over: what is held while it is open, what has passed when it is completed."""

    handover: str = Field(validation_alias="handover_no")
    leaver: str
    successor: str
    supervisor: str
    reason: str
    opened_at: datetime
    signed: list[str]
    completed_at: datetime | None
    items: list[HoldingAnswer]


class OverdueAnswer(Answer):
    """Something is overdue; `stage` 2 and more are told to those above."""

    duty: Duty = Field(validation_alias=AliasPath("due", "duty"))
    subject: str = Field(validation_alias=AliasPath("due", "subject"))
    holder: str = Field(validation_alias=AliasPath("due", "holder"))
    due_at: datetime = Field(validation_alias=AliasPath("due", "due_at"))
    stage: int
    since: datetime


@routes.get("/overdue", "逾期事项")
def list_overdue(gate: Gate, actor: Actor) -> Listing[OverdueAnswer]:
    """What is overdue, oldest first: one's own; readers of the books see all."""
    return listing(OverdueAnswer, reminders.list_overdue(gate, actor))


@routes.get("/circulations", "查看传阅")
def show_circulation(gate: Gate, actor: Actor, query: CarrierQuery) -> CirculationAnswer:
    """The newest reading list of a carrier."""
    return CirculationAnswer.of(circulation.show_circulation(gate, actor, query.carrier))


@routes.post("/circulations", "开始传阅", makes=True)
def start_circulation(gate: Gate, actor: Actor, body: CirculationBody) -> CirculationAnswer:
    """Fix the reading list of a carrier."""
    return CirculationAnswer.of(circulation.start_circulation(gate, actor, body.carrier, body.readers))


@routes.post("/circulations/next", "交下一位传阅人")
def next_reader(gate: Gate, actor: Actor, body: ReaderBody) -> CirculationAnswer:
    """Offer the carrier to the next reader, who signs; it comes back to the room after each."""
    return CirculationAnswer.of(circulation.next_reader(gate, actor, body.carrier, body.reader))


@routes.post("/circulations/add", "增加传阅人", who=Who.CONFIRMED)
def add_reader(gate: Gate, actor: Actor, body: ReaderBody) -> CirculationAnswer:
    """Widen a fixed list: a leader's decision."""
    return CirculationAnswer.of(circulation.add_reader(gate, actor, body.carrier, body.reader))


@routes.post("/circulations/close", "结束传阅")
def close_circulation(gate: Gate, actor: Actor, body: CarrierBody) -> CirculationAnswer:
    """End a circulation; the carrier is in the room."""
    return CirculationAnswer.of(circulation.close_circulation(gate, actor, body.carrier))


@routes.get("/carry-outs", "外出携带列表")
def list_carry_outs(gate: Gate, actor: Actor, query: WaitingQuery) -> Listing[CarryOutAnswer]:
    """Requests, newest first: one's own; readers of the books see all."""
    return listing(CarryOutAnswer, carry_out.list_carry_outs(gate, actor, waiting=query.waiting))


@routes.post("/carry-outs", "申请外出携带", makes=True)
def request_carry_out(gate: Gate, actor: Actor, body: CarryOutBody) -> CarryOutAnswer:
    """Ask to carry carriers out."""
    asked = CarryOutRequest(**body.model_dump(exclude={"bearer"}))
    return CarryOutAnswer.of(carry_out.request_carry_out(gate, actor, asked, body.bearer))


@routes.get("/carry-outs/<carry_out_no>", "查看外出携带")
def show_carry_out(gate: Gate, actor: Actor, carry_out_no: str) -> CarryOutAnswer:
    """One request."""
    return CarryOutAnswer.of(carry_out.show_carry_out(gate, actor, carry_out_no))


@routes.post("/carry-outs/<carry_out_no>/approve", "批准外出携带", who=Who.CONFIRMED)
def approve_carry_out(gate: Gate, actor: Actor, carry_out_no: str) -> CarryOutAnswer:
    """The leader the level needs says yes."""
    return CarryOutAnswer.of(carry_out.approve_carry_out(gate, actor, carry_out_no))


@routes.post("/carry-outs/<carry_out_no>/refuse", "不批准外出携带", who=Who.CONFIRMED)
def refuse_carry_out(gate: Gate, actor: Actor, carry_out_no: str) -> CarryOutAnswer:
    """A leader says no, or who asked takes it back."""
    return CarryOutAnswer.of(carry_out.refuse_carry_out(gate, actor, carry_out_no))


@routes.post("/carry-outs/<carry_out_no>/hand-out", "交付外出携带")
def hand_out_carry_out(gate: Gate, actor: Actor, carry_out_no: str) -> CarryOutAnswer:
    """Offer the carriers to who carries them; he signs."""
    return CarryOutAnswer.of(carry_out.hand_out(gate, actor, carry_out_no))


def _inventory(view: inventories.InventoryView) -> InventoryAnswer:
    sums = {found.value: view.count(found) for found in Found} | {"open": view.count(None)}
    shown = {name: getattr(view, name) for name in ("inventory_no", "snapshot_at", "due_at", "responsible", "signed_by", "signed_at")}
    return InventoryAnswer.model_validate({**shown, "sums": sums, "lines": [CountLineAnswer.of(line) for line in view.lines]})


@routes.post("/inventories", "开始清查", makes=True)
def open_inventory(gate: Gate, actor: Actor, body: InventoryBody) -> InventoryAnswer:
    """Begin this quarter's inventory: every living carrier becomes a line."""
    return _inventory(inventories.open_inventory(gate, actor, body.due))


@routes.get("/inventories/<inventory_no>", "查看清查")
def show_inventory(gate: Gate, actor: Actor, inventory_no: str) -> InventoryAnswer:
    """One inventory; `newest` is the newest."""
    return _inventory(inventories.show_inventory(gate, actor, "" if inventory_no == "newest" else inventory_no))


@routes.post("/inventories/<inventory_no>/count", "清点")
def count_carriers(gate: Gate, actor: Actor, inventory_no: str, body: CountBody) -> InventoryAnswer:
    """Say what was found; what is missing opens an incident at once."""
    return _inventory(inventories.count_carriers(gate, actor, inventory_no, body.carriers, body.found))


@routes.post("/inventories/<inventory_no>/sign", "清查签字", who=Who.CONFIRMED)
def sign_inventory(gate: Gate, actor: Actor, inventory_no: str) -> InventoryAnswer:
    """Sign an inventory that is counted to its last line; two people do."""
    return _inventory(inventories.sign_inventory(gate, actor, inventory_no))


@routes.get("/incidents", "事件列表")
def list_incidents(gate: Gate, actor: Actor) -> Listing[IncidentAnswer]:
    """Missing carriers, newest first."""
    return listing(IncidentAnswer, inventories.list_incidents(gate, actor))


@routes.post("/incidents/<incident_no>/report", "事件已上报")
def report_incident(gate: Gate, actor: Actor, incident_no: str) -> IncidentAnswer:
    """It was reported to those above; its clock stops."""
    return IncidentAnswer.of(inventories.report_incident(gate, actor, incident_no))


@routes.post("/carriers/miss", "报失")
def miss_carrier(gate: Gate, actor: Actor, body: CarrierBody) -> IncidentAnswer:
    """A carrier is missing, outside any inventory."""
    return IncidentAnswer.of(inventories.miss_carrier(gate, actor, body.carrier))


@routes.post("/carriers/find", "找回")
def find_missing(gate: Gate, actor: Actor, body: FoundBody) -> IncidentAnswer:
    """A missing carrier was found; its incident stays."""
    return IncidentAnswer.of(inventories.find_missing(gate, actor, body.carrier, body.reason))


@routes.get("/holdings", "在手事项")
def list_holdings(gate: Gate, actor: Actor, query: PersonQuery) -> Listing[HoldingAnswer]:
    """What a person still answers for."""
    return listing(HoldingAnswer, handover.list_holdings(gate, actor, query.username))


@routes.get("/handovers", "交接单列表")
def list_handovers(gate: Gate, actor: Actor) -> Listing[HandoverAnswer]:
    """Hand-overs, newest first: those one signs; readers of the books see all."""
    return listing(HandoverAnswer, handover.list_handovers(gate, actor))


@routes.post("/handovers", "开始交接", makes=True)
def open_handover(gate: Gate, actor: Actor, body: HandoverBody) -> HandoverAnswer:
    """Begin a hand-over of everything somebody answers for."""
    return HandoverAnswer.of(handover.open_handover(gate, actor, body.leaver, body.successor, body.supervisor, body.reason))


@routes.get("/handovers/<handover_no>", "查看交接单")
def show_handover(gate: Gate, actor: Actor, handover_no: str) -> HandoverAnswer:
    """One hand-over."""
    return HandoverAnswer.of(handover.show_handover(gate, actor, handover_no))


@routes.post("/handovers/<handover_no>/sign", "交接签字", who=Who.CONFIRMED)
def sign_handover(gate: Gate, actor: Actor, handover_no: str) -> HandoverAnswer:
    """Leaver, successor, supervisor; with the third signature everything passes."""
    return HandoverAnswer.of(handover.sign_handover(gate, actor, handover_no))
