"""Who may have a carrier: the permit's scope by department and number, the circle of readers, clearance (R08, R22, R28, R63)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import func, update
from sqlmodel import Session, col, select

from gateway.db.tables import Carrier, CustodyTransfer, Department, Permit, PermitScope, User
from gateway.domain.codes import Code, Reason
from gateway.domain.vocabulary import Level
from gateway.services.gate import Gate
from gateway.services.people import person_of


def scope_reasons(session: Session, carriers: Sequence[Carrier], department_id: int) -> list[Reason]:
    """Why these copies may not go to the department: not in the permit's scope, or more than its number (R08, SC-05).

    Locks the permits' rows, so that two clerks cannot both give away a department's last copy.
    """
    department = session.get_one(Department, department_id)
    reasons = []
    for permit_id in sorted({carrier.permit_id for carrier in carriers}):
        session.execute(update(Permit).where(col(Permit.id) == permit_id).values(copies_good=Permit.copies_good))
        line = session.get(PermitScope, (permit_id, department_id))
        wanted = sum(carrier.permit_id == permit_id for carrier in carriers) + _has(session, permit_id, department_id)
        if line is None:
            reasons.append(Reason(Code.E_SCOPE, department.code))
        elif wanted > line.copies:
            reasons.append(Reason(Code.E_SCOPE, f"{department.code}: {wanted} > {line.copies}"))
    return reasons


def _has(session: Session, permit_id: int, department_id: int) -> int:
    """Copies the department has, or is being offered."""
    has = select(func.count()).select_from(Carrier).where(Carrier.permit_id == permit_id, Carrier.department_id == department_id)
    offered = (
        select(func.count())
        .select_from(Carrier)
        .join(CustodyTransfer, col(CustodyTransfer.id) == Carrier.transfer_id)
        .where(Carrier.permit_id == permit_id, CustodyTransfer.department_id == department_id, col(Carrier.department_id).is_(None))
    )
    return int(session.exec(has).one()) + int(session.exec(offered).one())


def reader_reasons(session: Session, carriers: Sequence[Carrier], reader: User) -> list[Reason]:
    """Why the reader is outside the circle: his department neither made the paper nor is in its scope (R22, R63)."""
    department = session.get_one(Department, reader.department_id)
    outside = any(
        session.get(PermitScope, (permit_id, reader.department_id)) is None
        and session.get_one(Permit, permit_id).department_id != reader.department_id
        for permit_id in {carrier.permit_id for carrier in carriers}
    )
    return [Reason(Code.E_SCOPE, f"{reader.username} {department.code}")] if outside else []


def clearance_reasons(gate: Gate, session: Session, carriers: Iterable[Carrier], receiver: User) -> list[Reason]:
    """Why the person may not have these carriers in hand (R28, R94)."""
    highest = max((Level(carrier.level) for carrier in carriers), key=lambda level: level.rank)
    return [] if person_of(session, receiver).may_know(highest, gate.today()) else [Reason(Code.E_CLEARANCE, receiver.username)]
