"""What a person still answers for: the list a hand-over 交接 is about (R82)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import ColumnElement, func, or_
from sqlmodel import Session, col, select

from gateway.db.tables import Carrier, CustodyTransfer, Job, Permit, User, Waste
from gateway.domain.carriers import IN_THE_ROOM, OUTSIDE
from gateway.domain.codes import Code, Reason
from gateway.domain.vocabulary import JobStage, PermitState, TransferState


class Held(StrEnum):
    """Kinds of things a person answers for."""

    JOB = "job"
    PERMIT = "permit"
    CARRIER = "carrier"
    TRANSFER = "transfer"
    WASTE = "waste"


@dataclass(frozen=True, slots=True)
class Holding:
    """One thing, by its number: a carrier that is in an open transfer counts as that transfer."""

    kind: Held
    subject: str


_OPEN_JOBS = (JobStage.HELD, JobStage.QUEUED, JobStage.UNRESOLVED)
_OPEN_PERMITS = (PermitState.REQUESTED, PermitState.ACTIVE)


def open_transfers(session: Session, user_id: int | None) -> list[tuple[CustodyTransfer, Carrier]]:
    """Unsigned transfers the person gives, holds or is to receive."""
    query = (
        select(CustodyTransfer, Carrier)
        .join(Carrier, col(Carrier.transfer_id) == CustodyTransfer.id)
        .where(
            CustodyTransfer.state == TransferState.OFFERED.value,
            or_(
                col(CustodyTransfer.offered_by_id) == user_id,
                col(CustodyTransfer.from_id) == user_id,
                col(CustodyTransfer.to_id) == user_id,
            ),
        )
    )
    return list(session.exec(query.order_by(col(CustodyTransfer.id))).all())


def carriers_of(session: Session, user_id: int | None) -> list[Carrier]:
    """Carriers in the person's custody."""
    states = sorted(state.value for state in IN_THE_ROOM | OUTSIDE)
    query = select(Carrier).where(Carrier.custodian_id == user_id, col(Carrier.state).in_(states))
    return list(session.exec(query.order_by(col(Carrier.id))).all())


def waste_of(session: Session, user_id: int | None) -> list[Waste]:
    """Waste the person keeps that is not destroyed."""
    keeper = func.coalesce(Waste.kept_by_id, Waste.recorded_by_id)
    return list(session.exec(select(Waste).where(keeper == user_id, col(Waste.destroyed_at).is_(None)).order_by(col(Waste.id))).all())


def _open_jobs(user_id: int | None) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    mine = or_(col(Job.requester_id) == user_id, col(Job.operator_id) == user_id)
    return mine, col(Job.stage).in_([stage.value for stage in _OPEN_JOBS])


def _open_permits(user_id: int | None) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return col(Permit.requester_id) == user_id, col(Permit.state).in_([state.value for state in _OPEN_PERMITS])


def jobs_of(session: Session, user_id: int | None) -> list[Job]:
    """Jobs that are not through yet: one's own, and those one has claimed or released."""
    return list(session.exec(select(Job).where(*_open_jobs(user_id)).order_by(col(Job.id))).all())


def permits_of(session: Session, user_id: int | None) -> list[Permit]:
    """Open permits the person asked for."""
    return list(session.exec(select(Permit).where(*_open_permits(user_id))).all())


def holdings_of(session: Session, user: User) -> list[Holding]:
    """Everything, in the order a hand-over shows it."""
    jobs = session.exec(select(Job.job_no).where(*_open_jobs(user.id)).order_by(col(Job.id))).all()
    permits = session.exec(select(Permit.permit_no).where(*_open_permits(user.id)).order_by(col(Permit.id))).all()
    passing = open_transfers(session, user.id)
    in_transfer = {carrier.id for _, carrier in passing}
    return [
        *(Holding(Held.JOB, number) for number in jobs),
        *(Holding(Held.PERMIT, number) for number in permits),
        *(Holding(Held.CARRIER, c.carrier_no) for c in carriers_of(session, user.id) if c.id not in in_transfer),
        *(Holding(Held.TRANSFER, carrier.carrier_no) for _, carrier in passing),
        *(Holding(Held.WASTE, f"W-{waste.id or 0:04d}") for waste in waste_of(session, user.id)),
    ]


def handover_reason(session: Session, user: User) -> Reason | None:
    """Why the account cannot be closed yet, or None: somebody must take over what it answers for (R82)."""
    held = holdings_of(session, user)
    return Reason(Code.E_HANDOVER, f"{user.username}: {len(held)}") if held else None
