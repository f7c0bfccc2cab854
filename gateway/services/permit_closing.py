"""Closing a permit 办结: its paper is all accounted for, its proofs and spoiled sheets destroyed (R33, R36)."""

from __future__ import annotations

from sqlmodel import select

from gateway.db.tables import Copy
from gateway.domain.codes import Code, Reason
from gateway.domain.duties import Act
from gateway.domain.moves import CLOSE
from gateway.domain.vocabulary import CopyState, PermitState
from gateway.errors import ConflictError, ForbiddenError, RefusedError
from gateway.ledger.append import append
from gateway.services.gate import Actor, Gate
from gateway.services.permit_views import PermitView, view, visible_permit
from gateway.services.permits import allowance
from gateway.services.proofs import undestroyed_waste


def close_permit(gate: Gate, actor: Actor, permit_no: str) -> PermitView:
    """Close a permit that is over: its requester or an operator may. Nothing opens it again.

    Raises RefusedError E_WASTE_OPEN naming the waste that is not destroyed, ConflictError while it is not over or copies are under way.
    """
    with gate.database.writing() as session:
        permit = visible_permit(session, actor, permit_no)
        if permit.requester_id != actor.user_id and not actor.may(Act.RELEASE):
            raise ForbiddenError("A permit is closed by its requester or an operator.", "Ask one of them.")
        if PermitState(permit.state) not in CLOSE.sources:
            raise ConflictError(f"The permit {permit.permit_no} is {permit.state}.", "It is closed when it is used up or its time is over.")
        under_way = select(Copy.id).where(Copy.permit_id == permit.id, Copy.state == CopyState.RESERVED.value)
        if session.exec(under_way).first() is not None:
            raise ConflictError(f"Copies of the permit {permit.permit_no} are under way.", "Let the job end, or settle it.")
        if waste := undestroyed_waste(session, permit):
            raise RefusedError([Reason(Code.E_WASTE_OPEN, ", ".join(waste[:10]))])
        permit.state = CLOSE.to.value
        session.add(permit)
        data = {"allowance": allowance(permit)}
        append(session, kind=CLOSE.tag, at=gate.clock.now(), actor=actor.username, subject=permit.permit_no, data=data)
        return view(session, permit)


def may_close(actor: Actor, permit: PermitView) -> bool:
    """Whether the actor is shown the button."""
    return permit.state in CLOSE.sources and (permit.requester == actor.username or actor.may(Act.RELEASE))
