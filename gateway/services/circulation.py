"""Circulation 传阅 under the clerk: a frozen reading list, every leg back to the room (R62-R66; SC-37)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from gateway.db.tables import Carrier, Circulation, CirculationReader, User
from gateway.domain.carriers import may_move
from gateway.domain.codes import Code, Reason
from gateway.domain.deadlines import end_of_day
from gateway.domain.duties import Act
from gateway.domain.vocabulary import CarrierState, CarrierVerb
from gateway.errors import ConflictError, InvalidInputError, RefusedError
from gateway.ledger.append import append
from gateway.services.carriers import refusals_told, visible_carrier
from gateway.services.custody import Terms, offer
from gateway.services.gate import Actor, Gate
from gateway.services.people import user_by_name
from gateway.services.scope import clearance_reasons, reader_reasons

PLACES = ("office", "reading_room")
"""Where one reads (R65); anywhere else is carrying out."""
MOST_READERS = 50


@dataclass(frozen=True, slots=True)
class ReaderView:
    """One reader of the list; `reading` while the carrier is with him or offered to him."""

    username: str
    name: str
    read_at: datetime | None
    reading: bool


@dataclass(frozen=True, slots=True)
class CirculationView:
    """A reading list and how far it has come."""

    carrier_no: str
    state: CarrierState
    opened_at: datetime
    closed_at: datetime | None
    readers: tuple[ReaderView, ...]


def start_circulation(gate: Gate, actor: Actor, name: str, readers: Sequence[str]) -> CirculationView:
    """Fix the reading list of a carrier that is in the room (R62, R63).

    Raises RefusedError E_CLEARANCE and E_SCOPE naming every reader who may not know it.
    """
    actor.require(Act.KEEP_CARRIERS)
    if not 1 <= len(set(readers)) == len(readers) <= MOST_READERS:
        raise InvalidInputError(f"A reading list has 1…{MOST_READERS} readers, each once.", "Name them in order.")
    with refusals_told(gate, actor, "start_circulation", name), gate.database.writing() as session:
        carrier = visible_carrier(gate, session, actor, name)
        if not may_move(CarrierState(carrier.state), CarrierVerb.CIRCULATE) or _running(session, carrier):
            raise ConflictError(f"Carrier {carrier.carrier_no} is {carrier.state}, or circulates already.", "Look at it again.")
        people = [user_by_name(session, reader) for reader in readers]
        reasons = [reason for person in people for reason in _against(gate, session, carrier, person)]
        if reasons:
            raise RefusedError(reasons)
        now = gate.clock.now()
        circulation = Circulation(carrier_id=carrier.id or 0, opened_by_id=actor.user_id, opened_at=now)
        session.add(circulation)
        session.flush()
        for position, person in enumerate(people, start=1):
            session.add(CirculationReader(circulation_id=circulation.id or 0, position=position, user_id=person.id or 0))
        data = {"readers": [person.username for person in people]}
        append(session, kind="circulation.started", at=now, actor=actor.username, subject=carrier.carrier_no, data=data)
        return _view(session, carrier, circulation)


def add_reader(gate: Gate, actor: Actor, name: str, reader: str) -> CirculationView:
    """Widen a frozen list: only a leader may, as for scope (R63); for everybody else it is E_SCOPE."""
    with refusals_told(gate, actor, "add_reader", name), gate.database.writing() as session:
        carrier = visible_carrier(gate, session, actor, name)
        circulation = _expect_running(session, carrier)
        person = user_by_name(session, reader)
        reasons = clearance_reasons(gate, session, [carrier], person)
        if not actor.may(Act.APPROVE_DESTRUCTION):
            reasons.append(Reason(Code.E_SCOPE, f"{reader}: the reading list is fixed"))
        if reasons:
            raise RefusedError(reasons)
        listed = _readers(session, circulation)
        if any(row.user_id == person.id for row in listed):
            raise ConflictError(f"{reader} is on the list already.", "Look at the list.")
        now = gate.clock.now()
        session.add(CirculationReader(circulation_id=circulation.id or 0, position=len(listed) + 1, user_id=person.id or 0))
        data = {"reader": person.username}
        append(session, kind="circulation.widened", at=now, actor=actor.username, subject=carrier.carrier_no, data=data)
        return _view(session, carrier, circulation)


def next_reader(gate: Gate, actor: Actor, name: str, reader: str = "", place: str = PLACES[0]) -> CirculationView:
    """The clerk offers the carrier to the next reader of the list, or to the one named; due 17:30 of the day (R62, R66).

    A reader who is not on the list: E_SCOPE. Nobody else is offered the carrier until it is back in the room: readers do not pass it on.
    """
    actor.require(Act.KEEP_CARRIERS)
    if place not in PLACES:
        raise InvalidInputError(f"One reads in {' or '.join(PLACES)}.", "For any other place ask to carry it out.")
    with refusals_told(gate, actor, "circulate", name), gate.database.writing() as session:
        carrier = visible_carrier(gate, session, actor, name)
        circulation = _expect_running(session, carrier)
        waiting = [row for row in _readers(session, circulation) if row.read_at is None]
        chosen = [row for row in waiting if not reader or session.get_one(User, row.user_id).username == reader]
        if not waiting:
            raise ConflictError("Everybody on the list has read it.", "Close the circulation.")
        if not chosen:
            raise RefusedError([Reason(Code.E_SCOPE, f"{reader} is not on the reading list")])
        person = session.get_one(User, chosen[0].user_id)
        if reasons := clearance_reasons(gate, session, [carrier], person):
            raise RefusedError(reasons)
        due = end_of_day(gate.clock.now(), gate.settings.zone)
        terms = Terms(person, place=place, due_at=due, circulation_id=circulation.id)
        offer(gate, session, actor, [carrier], CarrierVerb.CIRCULATE, terms)
        return _view(session, carrier, circulation)


def close_circulation(gate: Gate, actor: Actor, name: str) -> CirculationView:
    """End a circulation; the carrier must be back in the room."""
    actor.require(Act.KEEP_CARRIERS)
    with refusals_told(gate, actor, "close_circulation", name), gate.database.writing() as session:
        carrier = visible_carrier(gate, session, actor, name)
        circulation = _expect_running(session, carrier)
        if CarrierState(carrier.state) is CarrierState.CIRCULATING or carrier.transfer_id is not None:
            raise ConflictError(f"Carrier {carrier.carrier_no} is with a reader.", "Let it come back first.")
        circulation.closed_at = gate.clock.now()
        session.add(circulation)
        unread = [session.get_one(User, row.user_id).username for row in _readers(session, circulation) if row.read_at is None]
        data = {"unread": unread}
        append(session, kind="circulation.closed", at=circulation.closed_at, actor=actor.username, subject=carrier.carrier_no, data=data)
        return _view(session, carrier, circulation)


def show_circulation(gate: Gate, actor: Actor, name: str) -> CirculationView:
    """The newest reading list of a carrier. Raises ConflictError when it never circulated."""
    found = find_circulation(gate, actor, name)
    if found is None:
        raise ConflictError(f"Carrier {name.strip()[:40]} has no reading list.", "Start a circulation first.")
    return found


def find_circulation(gate: Gate, actor: Actor, name: str) -> CirculationView | None:
    """The newest reading list of a carrier, or None when it never circulated. Raises NotFoundError."""
    with gate.database.reading() as session:
        carrier = visible_carrier(gate, session, actor, name)
        query = select(Circulation).where(Circulation.carrier_id == carrier.id).order_by(col(Circulation.id).desc())
        circulation = session.exec(query).first()
        return _view(session, carrier, circulation) if circulation else None


def _against(gate: Gate, session: Session, carrier: Carrier, person: User) -> list[Reason]:
    return [*reader_reasons(session, [carrier], person), *clearance_reasons(gate, session, [carrier], person)]


def _running(session: Session, carrier: Carrier) -> Circulation | None:
    running = select(Circulation).where(Circulation.carrier_id == carrier.id, col(Circulation.closed_at).is_(None))
    return session.exec(running).first()


def _expect_running(session: Session, carrier: Carrier) -> Circulation:
    circulation = _running(session, carrier)
    if circulation is None:
        raise ConflictError(f"Carrier {carrier.carrier_no} does not circulate.", "Start a circulation first.")
    return circulation


def _readers(session: Session, circulation: Circulation) -> Sequence[CirculationReader]:
    query = select(CirculationReader).where(CirculationReader.circulation_id == circulation.id)
    return session.exec(query.order_by(col(CirculationReader.position))).all()


def _view(session: Session, carrier: Carrier, circulation: Circulation) -> CirculationView:
    from gateway.db.tables import CustodyTransfer

    session.flush()
    offered = session.get(CustodyTransfer, carrier.transfer_id) if carrier.transfer_id else None
    circulating = CarrierState(carrier.state) is CarrierState.CIRCULATING
    here = carrier.custodian_id if circulating else offered.to_id if offered else None
    readers = []
    for row in _readers(session, circulation):
        person = session.get_one(User, row.user_id)
        readers.append(ReaderView(person.username, person.display_name, row.read_at, row.user_id == here and row.read_at is None))
    return CirculationView(carrier.carrier_no, CarrierState(carrier.state), circulation.opened_at, circulation.closed_at, tuple(readers))
