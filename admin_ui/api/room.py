"""The room 机要室: open and close, seal and unseal, lock and unlock; confirm the clock, accept changed settings."""

from __future__ import annotations

from datetime import date, datetime

from pydantic import Field

from admin_ui.api.answers import Answer
from admin_ui.api.bodies import Body
from admin_ui.api.routes import Noun, Who
from gateway.domain.vocabulary import RoomMode
from gateway.services import clock_watch, day_close, room, tampering
from gateway.services.gate import Actor, Gate

routes = Noun("room", "机要室")


class RoomReasonBody(Body):
    """Why, in a few words; everybody who looks at the room sees it."""

    reason: str = Field("", max_length=200)


class HoldAnswer(Answer):
    """One mode that holds."""

    mode: RoomMode
    since: datetime
    entered_by: str
    reason: str
    first_leaver: str = Field(description="Account that has spoken for its end, where it takes two.")


class RoomAnswer(Answer):
    """How the room stands."""

    mode: RoomMode = Field(description="The strongest mode that holds, or open.")
    holds: list[HoldAnswer]
    waiting: int = Field(description="Released jobs that go on when the room opens.")
    under_way: int = Field(description="Jobs at a device.")
    unresolved: int = Field(description="Jobs whose paper a person must count.")


class ChecklistAnswer(Answer):
    """What is still open at the end of the day; all must be 0."""

    under_way: int = Field(description="Jobs at a device.")
    unresolved: int = Field(description="Jobs whose paper a person must count.")
    uncollected: int = Field(description="Good copies nobody has fetched or shelved.")
    waste: int = Field(description="Waste rows not destroyed.")
    visitors: int = Field(description="Visitors in the room.")
    lent: int = Field(description="Carriers lent or circulating.")


class DayAnswer(Answer):
    """A day and its checklist."""

    day: date
    checklist: ChecklistAnswer
    sheets_uncollected: int
    signed_by: str
    signed_at: datetime | None


@routes.get("/room", "机要室状态")
def show_room(gate: Gate, actor: Actor) -> RoomAnswer:  # noqa: ARG001 — an account must call
    """How the room stands, and why nothing is printed if so."""
    return RoomAnswer.of(room.show_room(gate))


@routes.post("/room/close", "下班")
def close_room(gate: Gate, actor: Actor, body: RoomReasonBody) -> RoomAnswer:
    """Close the room for the day; released jobs must have come out."""
    return RoomAnswer.of(room.enter_mode(gate, actor, RoomMode.CLOSED, body.reason))


@routes.post("/room/open", "开门", wakes=True)
def open_room(gate: Gate, actor: Actor) -> RoomAnswer:
    """Open the room again."""
    return RoomAnswer.of(room.leave_mode(gate, actor, RoomMode.CLOSED))


@routes.post("/room/seal", "封存")
def seal_room(gate: Gate, actor: Actor, body: RoomReasonBody) -> RoomAnswer:
    """Seal the room, for instance over a holiday."""
    return RoomAnswer.of(room.enter_mode(gate, actor, RoomMode.SEALED, body.reason))


@routes.post("/room/unseal", "启封", who=Who.CONFIRMED, wakes=True)
def unseal_room(gate: Gate, actor: Actor) -> RoomAnswer:
    """Unseal the room; it takes two people within half an hour."""
    return RoomAnswer.of(room.leave_mode(gate, actor, RoomMode.SEALED))


@routes.post("/room/emergency", "紧急封锁", wakes=True)
def lock_room(gate: Gate, actor: Actor, body: RoomReasonBody) -> RoomAnswer:
    """Lock the room at once: what is at a device is cancelled there, sessions end, nothing is released."""
    return RoomAnswer.of(room.enter_mode(gate, actor, RoomMode.EMERGENCY, body.reason))


@routes.post("/room/unlock", "解除封锁", who=Who.CONFIRMED, wakes=True)
def unlock_room(gate: Gate, actor: Actor) -> RoomAnswer:
    """End the emergency lock; it takes two people within half an hour."""
    return RoomAnswer.of(room.leave_mode(gate, actor, RoomMode.EMERGENCY))


@routes.post("/room/confirm-clock", "确认时间", who=Who.CONFIRMED, wakes=True)
def confirm_clock(gate: Gate, actor: Actor) -> RoomAnswer:
    """Say that the clock is right as it stands."""
    clock_watch.confirm_clock(gate, actor)
    return RoomAnswer.of(room.show_room(gate))


@routes.post("/room/accept-settings", "确认配置", who=Who.CONFIRMED, wakes=True)
def accept_settings(gate: Gate, actor: Actor) -> RoomAnswer:
    """Accept the settings the gateway runs with; safe mode ends."""
    tampering.accept_settings(gate, actor)
    return RoomAnswer.of(room.show_room(gate))


@routes.get("/room/day", "下班检查")
def show_day(gate: Gate, actor: Actor) -> DayAnswer:
    """Today's checklist, and who signed it."""
    return DayAnswer.of(day_close.day_state(gate, actor))


@routes.post("/room/day/close", "下班签字", who=Who.CONFIRMED)
def close_day(gate: Gate, actor: Actor) -> DayAnswer:
    """Sign today's checklist and close the room; refused while anything is open."""
    return DayAnswer.of(day_close.close_day(gate, actor))
