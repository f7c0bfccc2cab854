"""The policy 策略 and delegations 委托: propose, decide, look; put another in one's place."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from pydantic import Field

from admin_ui.api.answers import Answer, Listing, listing
from admin_ui.api.bodies import Body, CommentBody
from admin_ui.api.routes import Noun, Who
from gateway.domain.delegations import NewDelegation
from gateway.domain.vocabulary import PolicyState, Role
from gateway.errors import NotFoundError
from gateway.services import delegations, policies
from gateway.services.gate import Actor, Gate

routes = Noun("policy", "策略")


class ProposalBody(Body):
    """A whole policy that is to replace the one in force."""

    policy: dict[str, Any] = Field(description="The policy as docs/policy.md describes it.", max_length=100)
    comment: str = Field("", max_length=200)


class ChangeAnswer(Answer):
    """One difference to the policy before: its place, what stood there, what stands there now."""

    place: str
    before: str
    after: str


class PolicyAnswer(Answer):
    """One version of the policy."""

    version: int = Field(validation_alias="number")
    state: PolicyState
    digest: str = Field(description="SHA-256 of the document.")
    comment: str
    proposed_by: str
    proposed_at: datetime
    decided_by: str
    decided_at: datetime | None
    changes: list[ChangeAnswer]
    as_approved: bool = Field(description="False: the document was changed by hand, and decides nothing.")
    policy: dict[str, Any] = Field(validation_alias="content")


@routes.get("/policy", "现行策略")
def show_policy(gate: Gate, actor: Actor) -> PolicyAnswer:
    """The policy in force."""
    return PolicyAnswer.of(policies.show_policy(gate, actor))


@routes.get("/policy/versions", "策略版本列表")
def policy_history(gate: Gate, actor: Actor) -> Listing[PolicyAnswer]:
    """All versions, newest first."""
    return listing(PolicyAnswer, policies.policy_history(gate, actor))


@routes.post("/policy/versions", "提出新策略", makes=True)
def propose_policy(gate: Gate, actor: Actor, body: ProposalBody) -> PolicyAnswer:
    """Propose a whole policy; it has no effect until another person approves it."""
    return PolicyAnswer.of(policies.propose_policy(gate, actor, body.policy, body.comment))


@routes.get("/policy/versions/<version>", "查看策略版本")
def show_policy_version(gate: Gate, actor: Actor, version: str) -> PolicyAnswer:
    """One version, with what it changes."""
    return PolicyAnswer.of(policies.show_policy(gate, actor, _number(version)))


@routes.post("/policy/versions/<version>/approve", "批准策略", who=Who.CONFIRMED)
def approve_policy(gate: Gate, actor: Actor, version: str) -> PolicyAnswer:
    """Put a proposed version in force."""
    return PolicyAnswer.of(policies.approve_policy(gate, actor, _number(version)))


@routes.post("/policy/versions/<version>/refuse", "不批准策略", who=Who.CONFIRMED)
def refuse_policy(gate: Gate, actor: Actor, version: str, body: CommentBody) -> PolicyAnswer:
    """Say no to a proposed version, with a reason."""
    return PolicyAnswer.of(policies.refuse_policy(gate, actor, _number(version), body.comment))


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise NotFoundError("There is no such version of the policy.", "See `imprimatur policy history`.")
    return int(text)


class DelegationBody(Body):
    """A written delegation of a role one holds."""

    doc_no: str = Field(max_length=60, description="Document number of the delegation.")
    role: Role
    delegate: str = Field(max_length=40, description="Account of who acts instead.")
    first_day: date
    last_day: date


class DelegationNumberBody(Body):
    """Which delegation."""

    doc_no: str = Field(max_length=60)


class DelegationAnswer(Answer):
    """A delegation of an approver's role."""

    doc_no: str
    role: Role
    holder: str
    delegate: str
    first_day: date
    last_day: date
    in_force: bool
    revoked: bool


@routes.get("/delegations", "委托列表")
def list_delegations(gate: Gate, actor: Actor) -> Listing[DelegationAnswer]:
    """All delegations, newest first."""
    return listing(DelegationAnswer, delegations.list_delegations(gate, actor))


@routes.post("/delegations", "委托审批", makes=True, who=Who.CONFIRMED)
def delegate_role(gate: Gate, actor: Actor, body: DelegationBody) -> DelegationAnswer:
    """Delegate a role one holds, in writing, for at most 30 days."""
    new = NewDelegation(body.doc_no, body.role, body.delegate, body.first_day, body.last_day)
    return DelegationAnswer.of(delegations.delegate_role(gate, actor, new))


@routes.post("/delegations/revoke", "撤销委托")
def revoke_delegation(gate: Gate, actor: Actor, body: DelegationNumberBody) -> DelegationAnswer:
    """Take a delegation back; what was approved under it and is not released must be approved again."""
    return DelegationAnswer.of(delegations.revoke_delegation(gate, actor, body.doc_no))
