"""Carriers as everybody sees them: where each is, since when, until when, and its whole chain of custody (R21, R64)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, or_
from sqlalchemy import select as select_columns
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from gateway.db.tables import Carrier, CustodyTransfer, Department, Device, Job, Permit, Release, User
from gateway.domain.carriers import LIVING
from gateway.domain.duties import Act
from gateway.domain.marks import mark_to_stamp
from gateway.domain.vocabulary import CarrierState, CarrierVerb, Level, TransferState
from gateway.services.carriers import visible_carrier
from gateway.services.gate import Actor, Gate
from gateway.services.pages import Page, number_key, page_of
from gateway.services.permit_views import permit_by_number


@dataclass(frozen=True, slots=True)
class TransferView:
    """One passing from hand to hand. `to` is empty where it went to the room."""

    verb: CarrierVerb
    state: TransferState
    giver: str
    receiver: str
    department: str
    delivery: str
    place: str
    offered_at: datetime
    due_at: datetime | None
    signed_by: str
    signed_at: datetime | None
    reason: str


@dataclass(frozen=True, slots=True)
class CarrierView:
    """A carrier and where it is. People appear with their display names, `custodian` as account."""

    carrier_no: str
    state: CarrierState
    permit_no: str
    copy_number: int
    title: str
    level: Level
    mark: str
    custodian: str
    custodian_name: str
    department: str
    location: str
    since: datetime
    due_at: datetime | None
    made_at: datetime
    job_no: str
    requester: str
    operator: str
    device: str
    printed_at: datetime | None
    parent: str
    offered: CarrierVerb | None
    """The move that waits for a signature, with who is to sign: empty for any clerk."""
    offered_to: str
    offered_to_name: str
    history: tuple[TransferView, ...] = ()


_Holder, _Requester, _Operator, _Receiver, _Parent = aliased(User), aliased(User), aliased(User), aliased(User), aliased(Carrier)


def _where_is(*conditions: ColumnElement[bool]) -> Select[Any]:
    """Everything about where a carrier is, in one query."""
    shown: tuple[Any, ...] = (
        *(Carrier, Permit, Job, _Requester, _Operator, col(Device.code), col(Release.released_at), _Holder),
        *(col(Department.code), CustodyTransfer, _Receiver, col(_Parent.carrier_no)),
    )
    return (
        select_columns(*shown)
        .join(Permit, col(Carrier.permit_id) == Permit.id)
        .join(Job, col(Carrier.job_id) == Job.id)
        .join(Release, col(Release.job_id) == Job.id)
        .join(Device, col(Release.device_id) == Device.id)
        .join(_Requester, col(_Requester.id) == Job.requester_id, isouter=True)
        .join(_Operator, col(_Operator.id) == Release.operator_id, isouter=True)
        .join(_Holder, col(_Holder.id) == Carrier.custodian_id, isouter=True)
        .join(Department, col(Department.id) == Carrier.department_id, isouter=True)
        .join(CustodyTransfer, col(CustodyTransfer.id) == Carrier.transfer_id, isouter=True)
        .join(_Receiver, col(_Receiver.id) == CustodyTransfer.to_id, isouter=True)
        .join(_Parent, col(_Parent.id) == Carrier.parent_id, isouter=True)
        .where(*conditions)
    )


def _name(user: User | None) -> str:
    return user.display_name if user else ""


def _view(row: Any, history: tuple[TransferView, ...] = ()) -> CarrierView:
    carrier, permit, job, requester, operator, device, released_at, holder, department, offer, receiver, parent = row
    level = Level(carrier.level)
    return CarrierView(
        carrier.carrier_no,
        CarrierState(carrier.state),
        permit.permit_no,
        carrier.copy_number,
        permit.title or "",
        level,
        mark_to_stamp(level, carrier.term),
        holder.username if holder else "",
        _name(holder),
        department or "",
        carrier.location,
        carrier.since,
        carrier.due_at,
        carrier.made_at,
        job.job_no,
        _name(requester),
        _name(operator),
        device,
        released_at,
        parent or "",
        CarrierVerb(offer.verb) if offer else None,
        receiver.username if receiver else "",
        _name(receiver),
        history,
    )


def view_carriers(session: Session, carriers: Sequence[Carrier]) -> list[CarrierView]:
    """Views of carriers just moved, in their order."""
    session.flush()
    rows = session.execute(_where_is(col(Carrier.id).in_([carrier.id for carrier in carriers])).order_by(col(Carrier.id))).all()
    return [_view(row) for row in rows]


def show_carrier(gate: Gate, actor: Actor, name: str) -> CarrierView:
    """Where a carrier is and how it came there; by number, QR text, or permit and 份号. Raises NotFoundError."""
    with gate.database.reading() as session:
        carrier = visible_carrier(gate, session, actor, name)
        (row,) = session.execute(_where_is(col(Carrier.id) == carrier.id)).all()
        return _view(row, _history(session, carrier))


def _history(session: Session, carrier: Carrier) -> tuple[TransferView, ...]:
    query = select(CustodyTransfer).where(CustodyTransfer.carrier_id == carrier.id).order_by(col(CustodyTransfer.id))
    transfers = session.exec(query).all()
    people = {user.id: user.display_name for user in session.exec(select(User)).all()} if transfers else {}
    departments = {department.id: department.code for department in session.exec(select(Department)).all()} if transfers else {}
    return tuple(
        TransferView(
            CarrierVerb(transfer.verb),
            TransferState(transfer.state),
            people.get(transfer.from_id, ""),
            people.get(transfer.to_id, ""),
            departments.get(transfer.department_id, ""),
            transfer.delivery,
            transfer.place,
            transfer.offered_at,
            transfer.due_at,
            people.get(transfer.signed_by_id, ""),
            transfer.signed_at,
            transfer.reason,
        )
        for transfer in transfers
    )


def list_carriers(
    gate: Gate,
    actor: Actor,
    *,
    mine: bool = False,
    states: Sequence[CarrierState] = (),
    permit: str = "",
    living: bool = False,
    limit: int = 50,
    after: str = "",
) -> Page[CarrierView]:
    """Carriers, newest first: one's own and those offered to one; readers of the books see all. `after` is a page's key."""
    query = _where_is().order_by(col(Carrier.id).desc()).limit(limit + 1)
    if mine or not actor.may(Act.SEE_BOOKS):
        query = query.where(or_(col(Carrier.custodian_id) == actor.user_id, col(CustodyTransfer.to_id) == actor.user_id))
    if states:
        query = query.where(col(Carrier.state).in_([state.value for state in states]))
    if living:
        query = query.where(col(Carrier.state).in_(sorted(state.value for state in LIVING)))
    if after:
        query = query.where(col(Carrier.id) < number_key(after))
    with gate.database.reading() as session:
        if permit:
            query = query.where(col(Carrier.permit_id) == permit_by_number(session, permit).id)
        return page_of(session.execute(query).all(), limit, _view, lambda row: row[0].id)
