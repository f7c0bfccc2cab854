"""Carriers 载体: where each is, and its passing from hand to hand with both confirmations (docs/carriers.md)."""

from __future__ import annotations

from datetime import datetime

from pydantic import Field

from admin_ui.api.answers import Answer, Listing, listing
from admin_ui.api.bodies import Body, Moment, PageQuery, Query
from admin_ui.api.routes import Noun, Who
from gateway.domain.vocabulary import CarrierState, CarrierVerb, Delivery, Level, TransferState
from gateway.services import carrier_views, custody
from gateway.services.gate import Actor, Gate

routes = Noun("carriers", "载体")

_NAMES = "Numbers ZT-…, texts of QR codes, or permit and copy number."


class CarriersBody(Body):
    """Which carriers an act concerns: all of them or none."""

    carriers: list[str] = Field(min_length=1, max_length=custody.MOST_AT_ONCE, description=_NAMES)


class IssueBody(CarriersBody):
    """Who takes them for his department, and how they travel."""

    to: str = Field(max_length=40, description="Account of the person who signs for the department.")
    delivery: Delivery = Delivery.IN_PERSON


class LendBody(CarriersBody):
    """Who reads them, and until when."""

    to: str = Field(max_length=40)
    due: Moment | None = Field(None, description="By default 17:30 of the day.")


class PlaceBody(CarriersBody):
    """Cabinet and number."""

    location: str = Field(max_length=60)


class TransferBody(CarriersBody):
    """The other unit's receipt, and the second person of the room who signs that they went."""

    witness: str = Field(max_length=40)
    receipt: str = Field(max_length=60)


class RejectBody(CarriersBody):
    """Why they are not taken."""

    reason: str = Field(max_length=200)


class NameQuery(Query):
    """One carrier, by any of its names."""

    name: str = Field(max_length=80, description="Number ZT-…, text of its QR code, or permit and copy number.")


class CarriersQuery(PageQuery):
    """Which carriers to list."""

    mine: bool = Field(False, description="Only those one holds or is offered.")
    state: list[CarrierState] = Field([], description="Only in these states; may be given several times.")
    permit: str = Field("", max_length=64, description="Only copies of this permit.")
    living: bool = Field(False, description="Without those that are destroyed, transferred or void.")


class PassingAnswer(Answer):
    """One passing from hand to hand."""

    verb: CarrierVerb
    state: TransferState
    giver: str
    receiver: str = Field(description="Empty where it went to the room.")
    department: str
    delivery: Delivery
    place: str
    offered_at: datetime
    due_at: datetime | None
    signed_by: str
    signed_at: datetime | None
    reason: str


class CarrierAnswer(Answer):
    """A carrier and where it is."""

    carrier: str = Field(validation_alias="carrier_no")
    state: CarrierState
    permit: str = Field(validation_alias="permit_no")
    copy_number: int
    title: str
    level: Level
    mark: str
    custodian: str = Field(description="Account of who answers for it.")
    custodian_name: str
    department: str = Field(description="The department it is issued to.")
    location: str
    since: datetime
    due_at: datetime | None
    made_at: datetime
    job: str = Field(validation_alias="job_no")
    requester: str
    operator: str
    device: str
    printed_at: datetime | None
    parent: str = Field(description="The carrier it was copied from.")
    offered: CarrierVerb | None = Field(description="The move that waits for a signature.")
    offered_to: str = Field(description="Account that is to sign; empty for any clerk of the room.")


class CarrierWithHistoryAnswer(CarrierAnswer):
    """A carrier with its whole chain of custody."""

    history: list[PassingAnswer]


@routes.get("/carriers", "载体列表")
def list_carriers(gate: Gate, actor: Actor, query: CarriersQuery) -> Listing[CarrierAnswer]:
    """Carriers, newest first: one's own; the room and readers of the books see all."""
    asked = query.model_dump(exclude={"state"})
    return listing(CarrierAnswer, carrier_views.list_carriers(gate, actor, states=query.state, **asked))


@routes.get("/carriers/where", "载体在哪里")
def show_carrier(gate: Gate, actor: Actor, query: NameQuery) -> CarrierWithHistoryAnswer:
    """Where a carrier is, since when, and how it came there."""
    return CarrierWithHistoryAnswer.of(carrier_views.show_carrier(gate, actor, query.name))


@routes.post("/carriers/issue", "分发")
def issue_carriers(gate: Gate, actor: Actor, body: IssueBody) -> Listing[CarrierAnswer]:
    """Offer copies to a department of the permit's scope."""
    return listing(CarrierAnswer, custody.issue(gate, actor, body.carriers, body.to, body.delivery))


@routes.post("/carriers/lend", "借阅")
def lend_carriers(gate: Gate, actor: Actor, body: LendBody) -> Listing[CarrierAnswer]:
    """Offer carriers to a reader for a while."""
    return listing(CarrierAnswer, custody.lend(gate, actor, body.carriers, body.to, body.due))


@routes.post("/carriers/give-back", "归还")
def give_back_carriers(gate: Gate, actor: Actor, body: CarriersBody) -> Listing[CarrierAnswer]:
    """Offer carriers one holds to the room."""
    return listing(CarrierAnswer, custody.bring_back(gate, actor, body.carriers, CarrierVerb.GIVE_BACK))


@routes.post("/carriers/return", "清退")
def return_carriers(gate: Gate, actor: Actor, body: CarriersBody) -> Listing[CarrierAnswer]:
    """Offer carriers one holds to the room for good."""
    return listing(CarrierAnswer, custody.bring_back(gate, actor, body.carriers, CarrierVerb.RETURN))


@routes.post("/carriers/transfer", "移交外单位")
def transfer_carriers(gate: Gate, actor: Actor, body: TransferBody) -> Listing[CarrierAnswer]:
    """Hand carriers over to another unit; a second person of the room signs."""
    return listing(CarrierAnswer, custody.transfer(gate, actor, body.carriers, body.witness, body.receipt))


@routes.post("/carriers/shelve", "入柜")
def shelve_carriers(gate: Gate, actor: Actor, body: PlaceBody) -> Listing[CarrierAnswer]:
    """Put freshly printed carriers into their cabinet."""
    return listing(CarrierAnswer, custody.shelve(gate, actor, body.carriers, body.location))


@routes.post("/carriers/archive", "归档")
def archive_carriers(gate: Gate, actor: Actor, body: PlaceBody) -> Listing[CarrierAnswer]:
    """Archive carriers that are in the room."""
    return listing(CarrierAnswer, custody.archive(gate, actor, body.carriers, body.location))


@routes.post("/carriers/sign", "签收", who=Who.CONFIRMED)
def sign_carriers(gate: Gate, actor: Actor, body: CarriersBody) -> Listing[CarrierAnswer]:
    """Sign for carriers that are offered to one, or, as a clerk, to the room."""
    return listing(CarrierAnswer, custody.sign(gate, actor, body.carriers))


@routes.post("/carriers/reject", "拒收")
def reject_carriers(gate: Gate, actor: Actor, body: RejectBody) -> Listing[CarrierAnswer]:
    """Do not take what is offered; it stays with who has it."""
    return listing(CarrierAnswer, custody.reject(gate, actor, body.carriers, body.reason))


@routes.post("/carriers/withdraw", "撤回交接")
def withdraw_carriers(gate: Gate, actor: Actor, body: CarriersBody) -> Listing[CarrierAnswer]:
    """Take an offer back before it was signed."""
    return listing(CarrierAnswer, custody.withdraw(gate, actor, body.carriers))
