"""A permit's chain as it stands now: an approval counts while its approver is who he was (SC-16, R05, R06)."""

from __future__ import annotations

from collections.abc import Sequence

from sqlmodel import Session, col, select

from gateway.db.rows import by_id
from gateway.db.tables import Delegation, Permit, PermitStep, User, UserRole
from gateway.domain.approvals import Step
from gateway.domain.delegations import covers
from gateway.domain.vocabulary import Role
from gateway.services.gate import Gate


def steps_of(session: Session, permit: Permit) -> Sequence[PermitStep]:
    """The rows of the chain, in order."""
    return session.exec(select(PermitStep).where(PermitStep.permit_id == permit.id).order_by(col(PermitStep.step))).all()


def chain_of(gate: Gate, session: Session, permit: Permit) -> list[Step]:
    """The chain as the rules see it: a step whose approver no longer counts is open."""
    return _as_it_counts(gate, session, steps_of(session, permit))


def chains_of(gate: Gate, session: Session, permits: Sequence[Permit]) -> dict[int, list[Step]]:
    """The chains of many permits by permit id, with three queries for all their steps, people and roles."""
    rows: dict[int, list[PermitStep]] = {permit.id or 0: [] for permit in permits}
    steps = session.exec(select(PermitStep).where(col(PermitStep.permit_id).in_(list(rows))).order_by(col(PermitStep.step))).all()
    for step in steps:
        rows[step.permit_id].append(step)
    people = by_id(session, User, [step.person_id for step in steps])
    roles = session.exec(select(UserRole).where(col(UserRole.user_id).in_(list(people)))).all()
    found = {permit_id: _as_it_counts(gate, session, of_permit) for permit_id, of_permit in rows.items()}
    del people, roles  # a session forgets what nobody holds: held until here, each is looked up once and not for every step
    return found


def _as_it_counts(gate: Gate, session: Session, steps: Sequence[PermitStep]) -> list[Step]:
    return [
        Step(Role(step.role), session.get_one(User, step.person_id).username if still_counts(gate, session, step) else None)
        for step in steps
    ]


def still_counts(gate: Gate, session: Session, step: PermitStep) -> bool:
    """Whether somebody filled the step and is still entitled: account open, and the role his own or delegated when he decided."""
    if step.person_id is None:
        return False
    if not session.get_one(User, step.person_id).active:
        return False
    if not step.delegation:
        return _holds(session, step.person_id, step.role)
    return _delegation_counts(gate, session, step)


def _delegation_counts(gate: Gate, session: Session, step: PermitStep) -> bool:
    row = session.exec(select(Delegation).where(Delegation.doc_no == step.delegation)).first()
    if row is None or row.revoked_at is not None or (row.delegate_id, row.role) != (step.person_id, step.role) or step.decided_at is None:
        return False
    day = step.decided_at.astimezone(gate.settings.zone).date()
    return covers(row.first_day, row.last_day, day) and _in_office(session, row)


def _in_office(session: Session, row: Delegation) -> bool:
    return session.get_one(User, row.holder_id).active and _holds(session, row.holder_id, row.role)


def _holds(session: Session, user_id: int, role: str) -> bool:
    return session.get(UserRole, (user_id, role)) is not None


def delegations_to(gate: Gate, session: Session, user_id: int) -> dict[Role, str]:
    """The roles delegated to somebody today, with the document number of each; while who delegated is still in office."""
    today = gate.today()
    rows = session.exec(select(Delegation).where(Delegation.delegate_id == user_id, col(Delegation.revoked_at).is_(None))).all()
    return {Role(row.role): row.doc_no for row in rows if covers(row.first_day, row.last_day, today) and _in_office(session, row)}
