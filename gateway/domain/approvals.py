"""The approval matrix as data: which roles approve in which order (RULES.md §3; R05, R06, R14, R32)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from gateway.domain.codes import Code, Reason
from gateway.domain.vocabulary import Channel, Level, Role

MATRIX: dict[tuple[Level, Channel], tuple[Role, ...]] = {
    (Level.GONGKAI, Channel.PRINT): (Role.DEPARTMENT_HEAD,),
    (Level.NEIBU, Channel.PRINT): (Role.DEPARTMENT_HEAD,),
    (Level.MIMI, Channel.PRINT): (Role.LEADER, Role.SECRECY_DIRECTOR),
    (Level.JIMI, Channel.PRINT): (Role.LEADER, Role.SECRECY_DIRECTOR),
    (Level.JUEMI, Channel.PRINT): (Role.PRINCIPAL_LEADER, Role.SECRECY_DIRECTOR),
    (Level.GONGKAI, Channel.COPY): (Role.DEPARTMENT_HEAD,),
    (Level.NEIBU, Channel.COPY): (Role.DEPARTMENT_HEAD,),
    (Level.MIMI, Channel.COPY): (Role.LEADER, Role.SECRECY_DIRECTOR),
    (Level.JIMI, Channel.COPY): (Role.LEADER, Role.SECRECY_DIRECTOR),
    (Level.GONGKAI, Channel.FAX): (Role.DEPARTMENT_HEAD,),
    (Level.NEIBU, Channel.FAX): (Role.SECRECY_DIRECTOR,),
}
"""Ordered steps by level and channel, profile "strict". A pair that is missing cannot be approved at all (R15, R41)."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a permit's chain as it stands: who had to, who did."""

    role: Role
    person: str | None = None


def steps_for(level: Level, channel: Channel) -> tuple[Role, ...] | None:
    """The roles that must approve in order, or None where no chain exists (default deny, R30)."""
    return MATRIX.get((level, channel))


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
