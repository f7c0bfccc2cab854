"""Approvals that no longer count: the permit goes back to `requested`, the step and those after it are open again (SC-16, R06)."""

from __future__ import annotations

from sqlalchemy import ColumnElement
from sqlmodel import Session, col, select

from gateway.db.tables import Permit, PermitStep
from gateway.domain.vocabulary import PermitState
from gateway.ledger.append import append
from gateway.services.chains import chain_of, steps_of
from gateway.services.gate import SYSTEM, Gate
from gateway.services.matching import rematch_held_jobs

_UNDECIDED = (PermitState.REQUESTED.value, PermitState.ACTIVE.value)


def reopen_permits_of(gate: Gate, session: Session, user_id: int) -> None:
    """After somebody lost his account or a role: look again at every open permit he has approved."""
    _reopen_all(gate, session, col(PermitStep.person_id) == user_id)


def reopen_permits_under(gate: Gate, session: Session, doc_no: str) -> None:
    """After a delegation was revoked: look again at every open permit approved under it."""
    _reopen_all(gate, session, col(PermitStep.delegation) == doc_no)


def _reopen_all(gate: Gate, session: Session, decided: ColumnElement[bool]) -> None:
    query = select(Permit).join(PermitStep, col(PermitStep.permit_id) == Permit.id).where(col(Permit.state).in_(_UNDECIDED), decided)
    for permit in session.exec(query.distinct()).all():
        reopen_broken(gate, session, permit)


def reopen_broken(gate: Gate, session: Session, permit: Permit) -> bool:
    """If a filled step no longer counts, open it and every later one (their order is fixed, R06); True when that was so."""
    chain, steps = chain_of(gate, session, permit), steps_of(session, permit)
    broken = next((at for at, step in enumerate(steps) if step.person_id is not None and chain[at].person is None), None)
    if broken is None or permit.state not in _UNDECIDED:
        return False
    for step in steps[broken:]:
        step.person_id, step.decision, step.decided_at, step.delegation = None, None, None, ""
        session.add(step)
    permit.state = PermitState.REQUESTED.value
    session.add(permit)
    session.flush()
    data = {"step": broken, "role": steps[broken].role}
    append(session, kind="permit.reopened", at=gate.clock.now(), actor=SYSTEM, subject=permit.permit_no, data=data)
    rematch_held_jobs(gate, session, permit)
    return True
