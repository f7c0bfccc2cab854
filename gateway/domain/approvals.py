"""A permit's chain of approvals: whose turn it is, who may not take it (R05, R06, I10). Which chain: `gateway.domain.policy`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from gateway.domain.codes import Code, Reason
from gateway.domain.vocabulary import Role


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a permit's chain as it stands: who had to, who did."""

    role: Role
    person: str | None = None


def current_step(chain: Sequence[Step]) -> int | None:
    """Index of the first step nobody has filled, or None when the chain is complete."""
    return next((i for i, step in enumerate(chain) if step.person is None), None)


def approval_reason(chain: Sequence[Step], approver: str, roles: frozenset[Role], requester: str) -> Reason | None:
    """Why `approver` may not fill the next step, or None.

    Nobody approves his own request or two steps (E_SELF_RELEASE, invariant I10); the order of roles is fixed (R06).
    """
    at = current_step(chain)
    if at is None:
        return Reason(Code.E_PERMIT_REVOKED, "nothing is left to approve")
    if approver == requester or any(step.person == approver for step in chain):
        return Reason(Code.E_SELF_RELEASE)
    if chain[at].role not in roles:
        return Reason(Code.E_SELF_RELEASE, f"the next step belongs to {chain[at].role.value}")
    return None
