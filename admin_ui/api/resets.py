"""Resetting passwords and second factors by two administrators 口令与两步验证重置."""

from __future__ import annotations

from pydantic import AwareDatetime, Field

from admin_ui.api.answers import Answer, Listing, listing
from admin_ui.api.bodies import Body
from admin_ui.api.routes import Noun, Who
from gateway.domain.vocabulary import Role
from gateway.errors import NotFoundError
from gateway.services import resets
from gateway.services.gate import Actor, Gate
from gateway.services.resets import ResetState, What

routes = Noun("resets", "口令与两步验证重置")
_LONGEST_NUMBER = 9


class ResetBody(Body):
    """What is to be reset, and why."""

    what: What
    reason: str = Field(max_length=200)


class ResetAnswer(Answer):
    """A proposal."""

    id: int
    username: str
    display_name: str
    what: What
    state: ResetState
    reason: str
    proposed_by: str
    proposed_at: AwareDatetime
    decided_by: str
    confirming_role: Role
    half: str = Field(description="Half of the one-time password, told once to who proposes or confirms; the person gets both.")


@routes.get("/resets", "重置列表")
def list_resets(gate: Gate, actor: Actor) -> Listing[ResetAnswer]:
    """Proposals, newest first, for the three administrators."""
    return listing(ResetAnswer, resets.list_resets(gate, actor))


@routes.post("/users/<username>/reset", "提出重置", who=Who.CONFIRMED, makes=True, outside=True)
def propose_reset(gate: Gate, actor: Actor, username: str, body: ResetBody) -> ResetAnswer:
    """Propose to reset somebody's password or second factor; another administrator decides."""
    return ResetAnswer.of(resets.propose_reset(gate, actor, username, body.what, body.reason))


@routes.post("/resets/<reset_id>/confirm", "确认重置", who=Who.CONFIRMED, outside=True)
def confirm_reset(gate: Gate, actor: Actor, reset_id: str) -> ResetAnswer:
    """Carry it out; neither the proposer nor the person may."""
    return ResetAnswer.of(resets.confirm_reset(gate, actor, _number(reset_id)))


@routes.post("/resets/<reset_id>/refuse", "拒绝重置", who=Who.CONFIRMED)
def refuse_reset(gate: Gate, actor: Actor, reset_id: str) -> ResetAnswer:
    """Decide against it."""
    return ResetAnswer.of(resets.refuse_reset(gate, actor, _number(reset_id)))


def _number(text: str) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > _LONGEST_NUMBER:
        raise NotFoundError(f"There is no reset {text[:20]}.", "See `imprimatur user resets`.")
    return int(text)
