"""Carrying out 外出携带: asked for, approved by the leader the level needs, signed for, back in time (R70-R73; SC-32)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import update
from sqlmodel import Session, col, select

from gateway.db.tables import Carrier, CarryOut, CarryOutEscort, CarryOutItem, Permit, User
from gateway.domain.carriers import may_move
from gateway.domain.carry_out import Journey, approval_reasons, request_reasons
from gateway.domain.codes import Code, Reason
from gateway.domain.duties import Act
from gateway.domain.vocabulary import CarrierState, CarrierVerb, CarryOutState, DocType, Level
from gateway.errors import ConflictError, InvalidInputError, NotFoundError, RefusedError
from gateway.ledger.append import append
from gateway.services.carriers import next_number, refusals_told
from gateway.services.custody import Terms, carriers_named, offer
from gateway.services.gate import Actor, Gate
from gateway.services.people import user_by_name
from gateway.services.scope import clearance_reasons, reader_reasons

SERIES = "WC"


@dataclass(frozen=True, slots=True)
class CarryOutRequest:
    """What somebody wants to take with him, why, where to and until when; `abroad_approval` is that number where it leaves the country."""

    carriers: Sequence[str]
    purpose: str
    destination: str
    due_back: datetime
    escorts: Sequence[str] = ()
    abroad: bool = False
    abroad_approval: str = ""


@dataclass(frozen=True, slots=True)
class CarryOutView:
    """A request as shown; people with their display names, `requester` as account."""

    carry_out_no: str
    state: CarryOutState
    requester: str
    requester_name: str
    carriers: tuple[str, ...]
    level: Level
    purpose: str
    destination: str
    abroad: bool
    escorts: tuple[str, ...]
    due_back: datetime
    approver: str
    decided_at: datetime | None
    left_at: datetime | None
    back_at: datetime | None


def request_carry_out(gate: Gate, actor: Actor, request: CarryOutRequest, bearer: str = "") -> CarryOutView:
    """Ask to carry carriers out; a clerk may ask for `bearer`, who will carry. Raises RefusedError with every rule against it.

    Who asks holds the carriers, or they are in the room and he may know them. 绝密 never leaves the country (R73), cipher telegrams
    are never carried (R72), 绝密 needs two escorts (R71).
    """
    if not request.purpose.strip() or not request.destination.strip():
        raise InvalidInputError("A carrying out has a purpose and a destination.", "Enter both.")
    if request.due_back.tzinfo is None or request.due_back <= gate.clock.now():
        raise InvalidInputError("What is carried out is back at a later time.", "Write it like 2026-03-13T18:00+08:00.")
    subject = request.carriers[0] if request.carriers else ""
    with refusals_told(gate, actor, "request_carry_out", subject), gate.database.writing() as session:
        person = user_by_name(session, bearer) if bearer else user_by_name(session, actor.username)
        if person.id != actor.user_id:
            actor.require(Act.KEEP_CARRIERS)
        escorts = [user_by_name(session, escort) for escort in dict.fromkeys(request.escorts)]
        carriers = _carriers(gate, session, actor, request.carriers)
        reasons = request_reasons(_journey(session, carriers, request, person, escorts))
        for carrier in carriers:
            if carrier.custodian_id != person.id:
                reasons += reader_reasons(session, [carrier], person)
        for traveller in (person, *escorts):
            reasons += clearance_reasons(gate, session, carriers, traveller)
        if reasons:
            raise RefusedError(list(dict.fromkeys(reasons)))
        return _write_request(gate, session, actor, request, person, escorts, carriers)


def _carriers(gate: Gate, session: Session, actor: Actor, names: Sequence[str]) -> list[Carrier]:
    carriers = carriers_named(gate, session, actor, names)
    for carrier in carriers:
        if not may_move(CarrierState(carrier.state), CarrierVerb.CARRY_OUT):
            raise ConflictError(f"Carrier {carrier.carrier_no} is {carrier.state}.", "It cannot be carried out now.")
    return carriers


def _journey(session: Session, carriers: Sequence[Carrier], request: CarryOutRequest, person: User, escorts: Sequence[User]) -> Journey:
    permits = [session.get_one(Permit, permit_id) for permit_id in {carrier.permit_id for carrier in carriers}]
    return Journey(
        level=max((Level(carrier.level) for carrier in carriers), key=lambda level: level.rank),
        cipher=any(permit.doc_type == DocType.CIPHER_TELEGRAM.value for permit in permits),
        abroad=request.abroad,
        abroad_approval=request.abroad_approval.strip(),
        bearer=person.username,
        escorts=frozenset(escort.username for escort in escorts),
    )


def _write_request(
    gate: Gate,
    session: Session,
    actor: Actor,
    request: CarryOutRequest,
    person: User,
    escorts: Sequence[User],
    carriers: Sequence[Carrier],
) -> CarryOutView:
    now = gate.clock.now()
    (number,) = next_number(session, SERIES, gate.today().year)
    made = CarryOut(
        carry_out_no=number,
        state=CarryOutState.REQUESTED.value,
        requester_id=person.id or 0,
        requested_at=now,
        purpose=request.purpose.strip()[:200],
        destination=request.destination.strip()[:100],
        abroad=request.abroad,
        abroad_approval=request.abroad_approval.strip()[:60],
        due_back=request.due_back,
    )
    session.add(made)
    session.flush()
    session.add_all(CarryOutItem(carry_out_id=made.id or 0, carrier_id=carrier.id or 0) for carrier in carriers)
    session.add_all(CarryOutEscort(carry_out_id=made.id or 0, user_id=escort.id or 0) for escort in escorts)
    data = {
        "numbers": [carrier.carrier_no for carrier in carriers],
        "bearer": person.username,
        "escorts": [escort.username for escort in escorts],
        "abroad": request.abroad,
        "due_back": made.due_back.isoformat(),
    }
    append(session, kind="carry_out.requested", at=now, actor=actor.username, subject=number, data=data)
    return _view(session, made)


def approve_carry_out(gate: Gate, actor: Actor, number: str) -> CarryOutView:
    """The leader the level needs says yes: 主管领导, for 绝密 主要领导 with two escorts (R70, R71). Raises RefusedError E_CARRY_OUT."""
    return _decide(gate, actor, number, CarryOutState.APPROVED)


def refuse_carry_out(gate: Gate, actor: Actor, number: str) -> CarryOutView:
    """A leader says no, or who asked takes it back."""
    return _decide(gate, actor, number, CarryOutState.REFUSED)


def _decide(gate: Gate, actor: Actor, number: str, to: CarryOutState) -> CarryOutView:
    with refusals_told(gate, actor, f"{to.value}_carry_out", number), gate.database.writing() as session:
        made = _by_number(session, number)
        level = _level(session, made)
        mine = made.requester_id == actor.user_id
        if not mine and not actor.may(Act.SEE_BOOKS):
            raise NotFoundError(f"There is no request {number.strip()[:20]}.", "See `imprimatur carrier carry-out list`.")
        if to is CarryOutState.APPROVED or not mine:
            escorts = frozenset(_escorts(session, made))
            bearer = session.get_one(User, made.requester_id).username
            if reasons := approval_reasons(level, actor.username, actor.roles, bearer=bearer, escorts=escorts):
                raise RefusedError(reasons)
        now = gate.clock.now()
        sources = [CarryOutState.REQUESTED.value] + ([CarryOutState.APPROVED.value] if to is CarryOutState.REFUSED else [])
        moved = session.execute(
            update(CarryOut)
            .where(col(CarryOut.id) == made.id, col(CarryOut.state).in_(sources))
            .values(state=to.value, approver_id=actor.user_id, decided_at=now)
        )
        session.refresh(made)
        if moved.rowcount != 1:  # type: ignore[attr-defined]  # an UPDATE's result has rowcount
            raise ConflictError(f"The request {made.carry_out_no} is {made.state}.", "Look at it again.")
        kind = "carry_out.approved" if to is CarryOutState.APPROVED else "carry_out.refused"
        append(session, kind=kind, at=now, actor=actor.username, subject=made.carry_out_no, data={})
        return _view(session, made)


def hand_out(gate: Gate, actor: Actor, number: str) -> CarryOutView:
    """The clerk offers the carriers of an approved request to its bearer, who signs and is then out (R70)."""
    actor.require(Act.KEEP_CARRIERS)
    with refusals_told(gate, actor, "carry_out", number), gate.database.writing() as session:
        made = _by_number(session, number)
        if CarryOutState(made.state) is not CarryOutState.APPROVED:
            if CarryOutState(made.state) is CarryOutState.REQUESTED:
                raise RefusedError([Reason(Code.E_CARRY_OUT, made.carry_out_no)])
            raise ConflictError(f"The request {made.carry_out_no} is {made.state}.", "Look at it again.")
        if made.due_back <= gate.clock.now():
            raise ConflictError(f"The request {made.carry_out_no} is over.", "Ask again with a later time.")
        bearer = session.get_one(User, made.requester_id)
        carriers = _items(session, made)
        if reasons := clearance_reasons(gate, session, carriers, bearer):
            raise RefusedError(reasons)
        terms = Terms(bearer, due_at=made.due_back, carry_out_id=made.id)
        offer(gate, session, actor, carriers, CarrierVerb.CARRY_OUT, terms)
        return _view(session, made)


def show_carry_out(gate: Gate, actor: Actor, number: str) -> CarryOutView:
    """One request. Raises NotFoundError for who has nothing to do with it."""
    with gate.database.reading() as session:
        made = _by_number(session, number)
        if made.requester_id != actor.user_id and not actor.may(Act.SEE_BOOKS):
            raise NotFoundError(f"There is no request {number.strip()[:20]}.", "See `imprimatur carrier carry-out list`.")
        return _view(session, made)


def list_carry_outs(gate: Gate, actor: Actor, *, waiting: bool = False, limit: int = 100) -> list[CarryOutView]:
    """Requests, newest first: one's own; readers of the books see all. `waiting`: those nobody has decided."""
    query = select(CarryOut).order_by(col(CarryOut.id).desc()).limit(limit)
    if not actor.may(Act.SEE_BOOKS):
        query = query.where(CarryOut.requester_id == actor.user_id)
    if waiting:
        query = query.where(CarryOut.state == CarryOutState.REQUESTED.value)
    with gate.database.reading() as session:
        return [_view(session, made) for made in session.exec(query).all()]


def _by_number(session: Session, number: str) -> CarryOut:
    made = session.exec(select(CarryOut).where(CarryOut.carry_out_no == number.strip().upper())).first()
    if made is None:
        raise NotFoundError(f"There is no request {number.strip()[:20]}.", "See `imprimatur carrier carry-out list`.")
    return made


def _items(session: Session, made: CarryOut) -> list[Carrier]:
    query = select(Carrier).join(CarryOutItem, col(CarryOutItem.carrier_id) == Carrier.id)
    return list(session.exec(query.where(CarryOutItem.carry_out_id == made.id).order_by(col(Carrier.id))).all())


def _escorts(session: Session, made: CarryOut) -> list[str]:
    query = select(User.username).join(CarryOutEscort, col(CarryOutEscort.user_id) == User.id)
    return list(session.exec(query.where(CarryOutEscort.carry_out_id == made.id).order_by(User.username)).all())


def _level(session: Session, made: CarryOut) -> Level:
    return max((Level(carrier.level) for carrier in _items(session, made)), key=lambda level: level.rank)


def _view(session: Session, made: CarryOut) -> CarryOutView:
    session.flush()
    bearer = session.get_one(User, made.requester_id)
    approver = session.get(User, made.approver_id) if made.approver_id else None
    return CarryOutView(
        made.carry_out_no,
        CarryOutState(made.state),
        bearer.username,
        bearer.display_name,
        tuple(carrier.carrier_no for carrier in _items(session, made)),
        _level(session, made),
        made.purpose,
        made.destination,
        made.abroad,
        tuple(_escorts(session, made)),
        made.due_back,
        approver.display_name if approver else "",
        made.decided_at,
        made.left_at,
        made.back_at,
    )
