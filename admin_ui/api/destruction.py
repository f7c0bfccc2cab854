"""Waste 废页 and destruction lists 销毁清单: item by item, approved, witnessed (R33-R39)."""

from __future__ import annotations

from datetime import datetime

from pydantic import Field

from admin_ui.api.answers import Answer, Listing, listing
from admin_ui.api.bodies import Body, Number, Query
from admin_ui.api.jobs import JobAnswer
from admin_ui.api.routes import Noun, Who
from gateway.domain.vocabulary import DestructionMethod, DestructionState, Level, WasteReason
from gateway.services import destruction, destruction_views, waste
from gateway.services.destruction import Destroying
from gateway.services.gate import Actor, Gate
from gateway.services.waste import Spoilage

routes = Noun("destruction", "废页与销毁")


class ReprintBody(Body):
    """A whole copy that spoiled after it was good and has been withdrawn."""

    copy_number: Number
    sheets: Number = Field(description="All its sheets.")
    reason: WasteReason = WasteReason.SOILED
    withdrawn: bool = Field(description="It lies before you.")
    withdrawn_from: str = Field(max_length=60, description="Who gave it back.")
    kept_in: str = Field("", max_length=60)
    again: bool = Field(True, description="Its number is printed again; otherwise it is void.")


class ListBody(Body):
    """Carriers and waste rows, each by its number; a total without items is refused."""

    items: list[str] = Field([], max_length=destruction.MOST_LINES)
    reason: str = Field("", max_length=200)


class DestroyBody(Body):
    """How it is done."""

    method: DestructionMethod = DestructionMethod.SHRED
    place: str = Field(max_length=60)
    unit: str = Field("", max_length=60, description="The shredder, or the unit the paper is sent to.")
    receipt_no: str = Field("", max_length=60)


class WasteQuery(Query):
    """Which waste to list."""

    everything: bool = Field(False, description="Also what is destroyed.")


class ListsQuery(Query):
    """Which lists."""

    waiting: bool = Field(False, description="Only those that are not done.")


class WasteAnswer(Answer):
    """Spoiled sheets of one copy number."""

    waste: str = Field(validation_alias="waste_no")
    job: str = Field(validation_alias="job_no")
    permit: str = Field(validation_alias="permit_no")
    copy_number: int
    level: Level
    sheets: int
    reason: WasteReason
    recorded_by: str
    recorded_at: datetime
    kept_in: str
    withdrawn_from: str
    due_at: datetime
    overdue: bool
    list: str = Field(validation_alias="list_no")
    destroyed_at: datetime | None


class LineAnswer(Answer):
    """One item of a list."""

    line: int = Field(validation_alias="line_no")
    item: str
    permit: str = Field(validation_alias="permit_no")
    copy_number: int
    title: str = Field(description="Only for readers of the books.")
    mark: str
    sheets: int
    formed_at: datetime


class DestructionAnswer(Answer):
    """A destruction list with its items, approval and witnesses."""

    list: str = Field(validation_alias="list_no")
    state: DestructionState
    made_by: str
    made_at: datetime
    reason: str
    approver: str
    decided_at: datetime | None
    method: DestructionMethod | None
    place: str
    unit: str
    receipt_no: str
    destroyed_by: str
    destroyed_at: datetime | None
    witnesses: tuple[str, ...]
    total_sheets: int
    lines: tuple[LineAnswer, ...]


@routes.post("/jobs/<job_no>/reprint", "收回损坏份并补印", who=Who.CONFIRMED)
def withdraw_copy(gate: Gate, actor: Actor, job_no: str, body: ReprintBody) -> JobAnswer:
    """A good copy turned out spoiled: it becomes waste, its number is free for one reprint.

    The content is gone: print the document to the queue again, under the same permit; its pages must be the approved ones.
    """
    spoilage = Spoilage(body.sheets, body.reason, body.withdrawn_from if body.withdrawn else "", body.kept_in, body.again)
    return JobAnswer.of(waste.withdraw_copy(gate, actor, job_no, body.copy_number, spoilage))


@routes.get("/waste", "废页列表")
def list_waste(gate: Gate, actor: Actor, query: WasteQuery) -> Listing[WasteAnswer]:
    """Waste that is not destroyed yet, oldest first."""
    return listing(WasteAnswer, waste.list_waste(gate, actor, everything=query.everything))


@routes.get("/destruction-lists", "销毁清单列表")
def list_destructions(gate: Gate, actor: Actor, query: ListsQuery) -> Listing[DestructionAnswer]:
    """Lists, newest first, for readers of the books and approvers."""
    return listing(DestructionAnswer, destruction_views.list_lists(gate, actor, waiting=query.waiting))


@routes.post("/destruction-lists", "拟制销毁清单", makes=True)
def draft_list(gate: Gate, actor: Actor, body: ListBody) -> DestructionAnswer:
    """Make a list, item by item."""
    return DestructionAnswer.of(destruction.draft_list(gate, actor, body.items, body.reason))


@routes.get("/destruction-lists/<list_no>", "查看销毁清单")
def show_list(gate: Gate, actor: Actor, list_no: str) -> DestructionAnswer:
    """One list; witnesses see it without titles."""
    return DestructionAnswer.of(destruction_views.show_list(gate, actor, list_no))


@routes.post("/destruction-lists/<list_no>/approve", "批准销毁", who=Who.CONFIRMED)
def approve_list(gate: Gate, actor: Actor, list_no: str) -> DestructionAnswer:
    """A leader approves; never who made it."""
    return DestructionAnswer.of(destruction.approve_list(gate, actor, list_no))


@routes.post("/destruction-lists/<list_no>/refuse", "不批准销毁", who=Who.CONFIRMED)
def refuse_list(gate: Gate, actor: Actor, list_no: str) -> DestructionAnswer:
    """A leader says no, or its maker takes it back."""
    return DestructionAnswer.of(destruction.refuse_list(gate, actor, list_no))


@routes.post("/destruction-lists/<list_no>/witness", "监销确认", who=Who.CONFIRMED)
def witness_list(gate: Gate, actor: Actor, list_no: str) -> DestructionAnswer:
    """Confirm that one watches the destruction, now."""
    return DestructionAnswer.of(destruction.witness_list(gate, actor, list_no))


@routes.post("/destruction-lists/<list_no>/destroy", "销毁", who=Who.CONFIRMED)
def destroy_list(gate: Gate, actor: Actor, list_no: str, body: DestroyBody) -> DestructionAnswer:
    """Destroy every item of an approved list, before two witnesses."""
    how = Destroying(body.method, body.place, body.unit, body.receipt_no)
    return DestructionAnswer.of(destruction.destroy_list(gate, actor, list_no, how))
