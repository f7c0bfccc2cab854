"""Visitors 来访: registered, approved, in, out."""

from __future__ import annotations

from datetime import datetime

from pydantic import Field

from admin_ui.api.answers import Answer, Listing, listing
from admin_ui.api.bodies import Body, Query
from admin_ui.api.routes import Noun, Who
from gateway.domain.vocabulary import IdKind, VisitReason
from gateway.services import visitors
from gateway.services.gate import Actor, Gate
from gateway.services.visitors import Deposit, NewVisitor

routes = Noun("visitors", "来访")


class VisitorsQuery(Query):
    """Which visits."""

    inside: bool = Field(False, description="Only who is in the room now.")


class DepositAnswer(Answer):
    """What a visitor left with the room."""

    kind: str
    quantity: int
    slot: str


class VisitAnswer(Answer):
    """A visit; numbers of documents and telephones only by their last digits."""

    visit: str = Field(validation_alias="visit_no")
    state: str = Field(description="registered, approved, inside or left.")
    visitor_name: str
    visitor_org: str
    visitor_title: str
    id_type: str
    id_no: str
    phone: str
    reason_kind: str
    reason: str
    device: str
    approver: str
    approved_at: datetime | None
    escort: str
    items: list[DepositAnswer]
    enter_at: datetime | None
    items_returned_at: datetime | None
    leave_at: datetime | None
    officer: str
    registered_at: datetime
    note: str


class VisitorBody(Body):
    """Who comes, why, and who goes with him."""

    name: str = Field(min_length=1, max_length=50)
    org: str = Field(min_length=1, max_length=100)
    title: str = Field("", max_length=50)
    id_kind: IdKind = Field(strict=False)
    id_no: str = Field(min_length=1, max_length=30)
    phone: str = Field("", max_length=20)
    reason_kind: VisitReason = Field(strict=False)
    reason: str = Field("", max_length=200)
    device: str = Field("", max_length=40, description="Of a repair: the device's code.")
    escort: str = Field(min_length=1, max_length=60, description="The account of who goes with him.")
    note: str = Field("", max_length=200)


class DepositBody(Body):
    """One kind of thing."""

    kind: str = Field(min_length=1, max_length=40)
    quantity: int = Field(1, ge=1, le=99)
    slot: str = Field("", max_length=20, description="The compartment.")


class EntryBody(Body):
    """What stays with the room."""

    items: list[DepositBody] = Field([], max_length=20)
    nothing: bool = Field(False, description="He says that he carries no such thing.")


@routes.get("/visitors", "来访列表")
def list_visitors(gate: Gate, actor: Actor, query: VisitorsQuery) -> Listing[VisitAnswer]:
    """Visits, newest first."""
    return listing(VisitAnswer, visitors.list_visitors(gate, actor, inside=query.inside))


@routes.post("/visitors", "登记来访", makes=True)
def register_visitor(gate: Gate, actor: Actor, body: VisitorBody) -> VisitAnswer:
    """Write a visit down before it."""
    return VisitAnswer.of(visitors.register_visitor(gate, actor, NewVisitor(**body.model_dump())))


@routes.post("/visitors/<visit_no>/approve", "批准来访", who=Who.CONFIRMED)
def approve_visitor(gate: Gate, actor: Actor, visit_no: str) -> VisitAnswer:
    """Approve a visit, as one of the roles the setting names."""
    return VisitAnswer.of(visitors.approve_visitor(gate, actor, visit_no))


@routes.post("/visitors/<visit_no>/enter", "来访人进入")
def enter_visitor(gate: Gate, actor: Actor, visit_no: str, body: EntryBody) -> VisitAnswer:
    """Let an approved visitor in; his phone and camera stay with the room."""
    items = [Deposit(**item.model_dump()) for item in body.items]
    return VisitAnswer.of(visitors.enter_visitor(gate, actor, visit_no, items, nothing=body.nothing))


@routes.post("/visitors/<visit_no>/return-items", "归还暂存物品")
def return_visitor_items(gate: Gate, actor: Actor, visit_no: str) -> VisitAnswer:
    """Give back what he left."""
    return VisitAnswer.of(visitors.return_items(gate, actor, visit_no))


@routes.post("/visitors/<visit_no>/leave", "来访人离开")
def leave_visitor(gate: Gate, actor: Actor, visit_no: str) -> VisitAnswer:
    """Let a visitor out: blocked while his things are here."""
    return VisitAnswer.of(visitors.leave_visitor(gate, actor, visit_no))
