"""What else begins and ends when a carrier is signed for: a leg of its reading list, a carrying out (R62, R70)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import update
from sqlmodel import Session, col, select

from gateway.db.tables import Carrier, CarryOut, CarryOutItem, Circulation, CirculationReader, CustodyTransfer
from gateway.domain.vocabulary import CarrierState, CarrierVerb, CarryOutState


def leg_begins(session: Session, transfer: CustodyTransfer, at: datetime) -> None:
    """A carrier has left with somebody: a carrying out is out with its first carrier."""
    if transfer.verb == CarrierVerb.CARRY_OUT.value:
        session.execute(
            update(CarryOut)
            .where(col(CarryOut.id) == transfer.carry_out_id, col(CarryOut.state) == CarryOutState.APPROVED.value)
            .values(state=CarryOutState.OUT.value, left_at=at)
        )


def leg_ends(session: Session, carrier: Carrier, before: CarrierState, holder_id: int | None, at: datetime) -> None:
    """A carrier is back in the room: its reader has read it; its carrying out is over with the last carrier."""
    if before is CarrierState.CIRCULATING:
        running = select(Circulation.id).where(Circulation.carrier_id == carrier.id, col(Circulation.closed_at).is_(None))
        leg = (col(CirculationReader.circulation_id).in_(running)) & (col(CirculationReader.user_id) == holder_id)
        session.execute(update(CirculationReader).where(leg, col(CirculationReader.read_at).is_(None)).values(read_at=at))
    if before is CarrierState.CARRIED_OUT:
        session.flush()
        for carry_out in session.exec(
            select(CarryOut)
            .join(CarryOutItem, col(CarryOutItem.carry_out_id) == CarryOut.id)
            .where(CarryOutItem.carrier_id == carrier.id, CarryOut.state == CarryOutState.OUT.value)
        ).all():
            if not _still_out(session, carry_out):
                carry_out.state, carry_out.back_at = CarryOutState.BACK.value, at
                session.add(carry_out)


def _still_out(session: Session, carry_out: CarryOut) -> bool:
    return bool(
        session.exec(
            select(Carrier.id)
            .join(CarryOutItem, col(CarryOutItem.carrier_id) == Carrier.id)
            .where(CarryOutItem.carry_out_id == carry_out.id, Carrier.state == CarrierState.CARRIED_OUT.value)
        ).first()
    )
