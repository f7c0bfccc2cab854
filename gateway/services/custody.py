"""Custody: carriers pass from hand to hand, and both hands confirm (R51, R53, R54; R08, R22, R28; SC-05).

Who gives offers; who receives signs with his own log-in, or rejects with a reason. Until then the carrier stays with who had it
and is offered to nobody else: the offer is a guarded update of the carrier's row.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import update
from sqlmodel import Session, col

from gateway.db.tables import Carrier, CustodyTransfer, User
from gateway.domain.carriers import MOVES, OUTSIDE, Party, may_move
from gateway.domain.deadlines import end_of_day
from gateway.domain.duties import Act
from gateway.domain.vocabulary import CarrierState, CarrierVerb, Delivery, TransferState
from gateway.errors import ConflictError, ForbiddenError, InvalidInputError, RefusedError
from gateway.ledger.append import append
from gateway.services.carrier_views import CarrierView, view_carriers
from gateway.services.carriers import expect_clerk_or_holder, move_carriers, refusals_told, visible_carrier
from gateway.services.gate import Actor, Gate
from gateway.services.legs import leg_begins, leg_ends
from gateway.services.people import user_by_name
from gateway.services.scope import clearance_reasons, reader_reasons, scope_reasons

MOST_AT_ONCE = 500
_UNDONE = {TransferState.REJECTED: "carrier.rejected", TransferState.WITHDRAWN: "carrier.withdrawn"}


@dataclass(frozen=True, slots=True)
class Terms:
    """How an offer is made: to whom (None: the room, where any clerk signs), for which department, by which way, until when."""

    receiver: User | None = None
    department_id: int | None = None
    delivery: Delivery = Delivery.IN_PERSON
    place: str = ""
    due_at: datetime | None = None
    carry_out_id: int | None = None
    circulation_id: int | None = None


def carriers_named(gate: Gate, session: Session, actor: Actor, names: Sequence[str]) -> list[Carrier]:
    """The carriers of these names, each once. Raises NotFoundError, InvalidInputError for none or too many."""
    if not 1 <= len(names) <= MOST_AT_ONCE:
        raise InvalidInputError(f"An act concerns 1…{MOST_AT_ONCE} carriers.", "Name each of them.")
    found = {carrier.id: carrier for name in names for carrier in [visible_carrier(gate, session, actor, name)]}
    return list(found.values())


def issue(gate: Gate, actor: Actor, names: Sequence[str], to: str, delivery: Delivery = Delivery.IN_PERSON) -> list[CarrierView]:
    """Offer copies to a department by the hand of one of its people, who signs (R08, R27).

    Raises RefusedError E_SCOPE for a department that is not in the permit's scope or has its copies, E_CLEARANCE for a person.
    """
    actor.require(Act.KEEP_CARRIERS)
    with refusals_told(gate, actor, "issue", names[0] if names else ""), gate.database.writing() as session:
        carriers = carriers_named(gate, session, actor, names)
        expect_offerable(carriers, CarrierVerb.ISSUE)
        receiver = user_by_name(session, to)
        reasons = [*scope_reasons(session, carriers, receiver.department_id), *clearance_reasons(gate, session, carriers, receiver)]
        if reasons:
            raise RefusedError(reasons)
        offer(gate, session, actor, carriers, CarrierVerb.ISSUE, Terms(receiver, receiver.department_id, delivery))
        return view_carriers(session, carriers)


def lend(gate: Gate, actor: Actor, names: Sequence[str], to: str, due_at: datetime | None = None) -> list[CarrierView]:
    """Offer carriers to a reader until `due_at`, by default 17:30 of the day (R66). Readers outside the scope: E_SCOPE (R22)."""
    actor.require(Act.KEEP_CARRIERS)
    due = due_at or end_of_day(gate.clock.now(), gate.settings.zone)
    if due.tzinfo is None or due <= gate.clock.now():
        raise InvalidInputError("What is lent is due at a later time.", "Write it like 2026-03-12T17:30+08:00.")
    with refusals_told(gate, actor, "lend", names[0] if names else ""), gate.database.writing() as session:
        carriers = carriers_named(gate, session, actor, names)
        expect_offerable(carriers, CarrierVerb.LEND)
        receiver = user_by_name(session, to)
        if reasons := [*reader_reasons(session, carriers, receiver), *clearance_reasons(gate, session, carriers, receiver)]:
            raise RefusedError(reasons)
        offer(gate, session, actor, carriers, CarrierVerb.LEND, Terms(receiver, due_at=due))
        return view_carriers(session, carriers)


def bring_back(gate: Gate, actor: Actor, names: Sequence[str], verb: CarrierVerb) -> list[CarrierView]:
    """The holder offers carriers to the room: `give_back` 归还 for a while, `return` 清退 for good (R25, R66)."""
    if MOVES[verb].begins is not Party.HOLDER or verb is CarrierVerb.HAND_OVER:
        raise InvalidInputError("A carrier is given back or returned.", "Use give_back or return.")
    with refusals_told(gate, actor, verb.value, names[0] if names else ""), gate.database.writing() as session:
        carriers = carriers_named(gate, session, actor, names)
        for carrier in carriers:
            expect_clerk_or_holder(actor, carrier)
        offer(gate, session, actor, carriers, verb, Terms())
        return view_carriers(session, carriers)


def transfer(gate: Gate, actor: Actor, names: Sequence[str], witness: str, receipt: str) -> list[CarrierView]:
    """Hand carriers over to another unit 移交, with its receipt; a second person of the room signs that it went (R25, R54)."""
    actor.require(Act.KEEP_CARRIERS)
    if not receipt.strip():
        raise InvalidInputError("Another unit gives a receipt.", "Enter its number.")
    with refusals_told(gate, actor, "transfer", names[0] if names else ""), gate.database.writing() as session:
        carriers = carriers_named(gate, session, actor, names)
        terms = Terms(user_by_name(session, witness), delivery=Delivery.CONFIDENTIAL_EXCHANGE, place=receipt.strip()[:60])
        offer(gate, session, actor, carriers, CarrierVerb.TRANSFER, terms)
        return view_carriers(session, carriers)


def shelve(gate: Gate, actor: Actor, names: Sequence[str], location: str) -> list[CarrierView]:
    """Put freshly printed carriers into their cabinet (R55, R75)."""
    return _into_cabinet(gate, actor, names, location, CarrierVerb.SHELVE)


def archive(gate: Gate, actor: Actor, names: Sequence[str], location: str) -> list[CarrierView]:
    """Archive carriers that are in the room; the place is required (R74, R75)."""
    return _into_cabinet(gate, actor, names, location, CarrierVerb.ARCHIVE)


def _into_cabinet(gate: Gate, actor: Actor, names: Sequence[str], location: str, verb: CarrierVerb) -> list[CarrierView]:
    actor.require(Act.KEEP_CARRIERS)
    if not location.strip():
        raise InvalidInputError("A carrier has its place: cabinet and number.", "Name it, such as 柜3-12.")
    with refusals_told(gate, actor, verb.value, names[0] if names else ""), gate.database.writing() as session:
        carriers = carriers_named(gate, session, actor, names)
        now = gate.clock.now()
        place = location.strip()[:60]
        moved = move_carriers(session, carriers, verb, now, custodian_id=actor.user_id, department_id=None, location=place)
        append(session, kind=MOVES[verb].tag, at=now, actor=actor.username, subject=carriers[0].carrier_no, data={"place": place, **moved})
        return view_carriers(session, carriers)


def expect_offerable(carriers: Sequence[Carrier], verb: CarrierVerb) -> None:
    """Raise ConflictError unless every one may make this move and is in nobody else's offer."""
    for carrier in carriers:
        if not may_move(CarrierState(carrier.state), verb):
            raise ConflictError(f"Carrier {carrier.carrier_no} is {carrier.state}; {verb.value} is not possible.", "Look at it again.")
        if carrier.transfer_id is not None:
            raise ConflictError(f"Carrier {carrier.carrier_no} is being handed over.", "Let it be signed for, or withdraw the offer.")


def offer(gate: Gate, session: Session, actor: Actor, carriers: Sequence[Carrier], verb: CarrierVerb, terms: Terms) -> None:
    """Open a transfer for each carrier, all or none, and tell the ledger. Raises ConflictError: exactly one offer at a time wins."""
    expect_offerable(carriers, verb)
    now = gate.clock.now()
    for carrier in carriers:
        passing = CustodyTransfer(
            carrier_id=carrier.id or 0,
            verb=verb.value,
            state=TransferState.OFFERED.value,
            from_id=carrier.custodian_id,
            to_id=terms.receiver.id if terms.receiver else None,
            department_id=terms.department_id,
            delivery=terms.delivery.value,
            place=terms.place,
            offered_by_id=actor.user_id,
            offered_at=now,
            due_at=terms.due_at,
            carry_out_id=terms.carry_out_id,
            circulation_id=terms.circulation_id,
        )
        session.add(passing)
        session.flush()
        taken = session.execute(
            update(Carrier)
            .where(col(Carrier.id) == carrier.id, col(Carrier.state) == carrier.state, col(Carrier.transfer_id).is_(None))
            .values(transfer_id=passing.id)
        )
        if taken.rowcount != 1:  # type: ignore[attr-defined]  # an UPDATE's result has rowcount
            raise ConflictError(f"Carrier {carrier.carrier_no} has just moved on.", "Look at it again.")
        session.refresh(carrier)
    data = {
        "verb": verb.value,
        "numbers": [carrier.carrier_no for carrier in carriers],
        "to": terms.receiver.username if terms.receiver else "",
        "delivery": terms.delivery.value,
    }
    append(session, kind="carrier.offered", at=now, actor=actor.username, subject=carriers[0].carrier_no, data=data)


def sign(gate: Gate, actor: Actor, names: Sequence[str]) -> list[CarrierView]:
    """Sign for carriers offered to one, or, as a clerk, to the room: from now on one answers for them (R51, R53).

    Raises ForbiddenError for anybody else, also for who offered: a passing has two people.
    """
    with refusals_told(gate, actor, "sign", names[0] if names else ""), gate.database.writing() as session:
        carriers = carriers_named(gate, session, actor, names)
        passings = [_open_passing(session, carrier) for carrier in carriers]
        if len({(passing.verb, passing.department_id, passing.due_at, passing.place) for passing in passings}) > 1:
            raise InvalidInputError("These were not offered in the same way.", "Sign for alike ones together.")
        for passing in passings:
            _expect_receiver(actor, passing)
        me = user_by_name(session, actor.username)
        if reasons := clearance_reasons(gate, session, carriers, me):
            raise RefusedError(reasons)
        _sign_all(gate, session, actor, carriers, passings)
        return view_carriers(session, carriers)


def _sign_all(gate: Gate, session: Session, actor: Actor, carriers: Sequence[Carrier], passings: Sequence[CustodyTransfer]) -> None:
    now, verb = gate.clock.now(), CarrierVerb(passings[0].verb)
    before = [(CarrierState(carrier.state), carrier.custodian_id) for carrier in carriers]
    for passing in passings:
        close_passing(session, passing, TransferState.SIGNED, actor, now)
    department = {} if verb is CarrierVerb.CARRY_OUT else {"department_id": passings[0].department_id}
    values = {"custodian_id": actor.user_id, "due_at": passings[0].due_at, "location": passings[0].place, **department}
    moved = move_carriers(session, carriers, verb, now, signed=True, **values)
    for carrier, passing, (state, holder_id) in zip(carriers, passings, before, strict=True):
        leg_begins(session, passing, now)
        if state in OUTSIDE:
            leg_ends(session, carrier, state, holder_id, now)
    data = {"verb": verb.value, **moved}
    append(session, kind=MOVES[verb].tag, at=now, actor=actor.username, subject=carriers[0].carrier_no, data=data)


def reject(gate: Gate, actor: Actor, names: Sequence[str], reason: str) -> list[CarrierView]:
    """Refuse to take what was offered, with a reason; it stays with who has it (R54)."""
    if not reason.strip():
        raise InvalidInputError("A rejection needs a reason.", "Say in a few words why.")
    return _undo(gate, actor, names, TransferState.REJECTED, reason.strip()[:200])


def withdraw(gate: Gate, actor: Actor, names: Sequence[str]) -> list[CarrierView]:
    """Take an offer back before it was signed: who made it, or a clerk."""
    return _undo(gate, actor, names, TransferState.WITHDRAWN, "")


def _undo(gate: Gate, actor: Actor, names: Sequence[str], state: TransferState, reason: str) -> list[CarrierView]:
    with refusals_told(gate, actor, state.value, names[0] if names else ""), gate.database.writing() as session:
        carriers = carriers_named(gate, session, actor, names)
        now = gate.clock.now()
        for carrier in carriers:
            passing = _open_passing(session, carrier)
            if state is TransferState.REJECTED:
                _expect_receiver(actor, passing)
            elif passing.offered_by_id != actor.user_id and not actor.may(Act.KEEP_CARRIERS):
                raise ForbiddenError("An offer is withdrawn by who made it.", "Ask the operator of the room.")
            passing.reason = reason
            drop_passing(session, carrier, passing, state, actor, now)
        numbers = [carrier.carrier_no for carrier in carriers]
        append(session, kind=_UNDONE[state], at=now, actor=actor.username, subject=numbers[0], data={"numbers": numbers})
        return view_carriers(session, carriers)


def close_passing(session: Session, passing: CustodyTransfer, state: TransferState, actor: Actor, at: datetime) -> None:
    """End an open transfer by guarded update: of two confirmations at once exactly one wins. Raises ConflictError."""
    closed = session.execute(
        update(CustodyTransfer)
        .where(col(CustodyTransfer.id) == passing.id, col(CustodyTransfer.state) == TransferState.OFFERED.value)
        .values(state=state.value, signed_by_id=actor.user_id, signed_at=at, reason=passing.reason)
    )
    if closed.rowcount != 1:  # type: ignore[attr-defined]  # an UPDATE's result has rowcount
        raise ConflictError("This passing has just been ended by somebody else.", "Look at the carrier again.")


def drop_passing(session: Session, carrier: Carrier, passing: CustodyTransfer, state: TransferState, actor: Actor, at: datetime) -> None:
    """End an open transfer without anything having moved."""
    close_passing(session, passing, state, actor, at)
    session.execute(update(Carrier).where(col(Carrier.id) == carrier.id, col(Carrier.transfer_id) == passing.id).values(transfer_id=None))
    session.refresh(carrier)


def _open_passing(session: Session, carrier: Carrier) -> CustodyTransfer:
    passing = session.get(CustodyTransfer, carrier.transfer_id) if carrier.transfer_id else None
    if passing is None:
        raise ConflictError(f"Carrier {carrier.carrier_no} is not offered to anybody.", "Let it be offered first.")
    return passing


def _expect_receiver(actor: Actor, passing: CustodyTransfer) -> None:
    named = passing.to_id == actor.user_id
    for_the_room = passing.to_id is None and actor.may(Act.KEEP_CARRIERS)
    if not (named or for_the_room) or actor.user_id in (passing.offered_by_id, passing.from_id if passing.to_id is None else None):
        raise ForbiddenError("A passing is signed by who receives, never by who gives.", "Let the receiver log in and sign.")
