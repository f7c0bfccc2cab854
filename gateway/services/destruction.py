"""Destruction lists 销毁清单: item by item, approved by a leader, done before two witnesses (R33, R35, R37-R39; SC-30)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import update
from sqlmodel import Session, col, select

from gateway.db.tables import (
    Carrier,
    Copy,
    DestructionLine,
    DestructionList,
    DestructionWitness,
    Permit,
    Release,
    User,
    Waste,
)
from gateway.domain.carriers import may_move
from gateway.domain.codes import Code, Reason
from gateway.domain.destruction import closing_reason, witness_reason
from gateway.domain.duties import Act
from gateway.domain.vocabulary import CarrierState, CarrierVerb, DestructionMethod, DestructionState
from gateway.errors import ConflictError, InvalidInputError, NotFoundError, RefusedError
from gateway.ledger.append import append
from gateway.services.carriers import find_carrier, move_carriers, next_number, refusals_told
from gateway.services.destruction_views import DestructionView, view
from gateway.services.gate import Actor, Gate
from gateway.services.waste import waste_no

SERIES = "XH"
MOST_LINES = 500
_WASTE = re.compile(r"^W-?(\d{1,9})$", re.IGNORECASE)
_DELETABLE = frozenset({DestructionState.DRAFT, DestructionState.APPROVED})


@dataclass(frozen=True, slots=True)
class Destroying:
    """How it is done: method, place, the shredder or the unit it was sent to with its receipt (R35)."""

    method: DestructionMethod
    place: str
    unit: str = ""
    receipt_no: str = ""


def draft_list(gate: Gate, actor: Actor, items: Sequence[str], reason: str = "") -> DestructionView:
    """Make a list of carriers and waste rows, each named; a list without items, only with a total, is refused E_DESTRUCTION (R37)."""
    actor.require(Act.KEEP_CARRIERS)
    with refusals_told(gate, actor, "draft_list", items[0] if items else ""), gate.database.writing() as session:
        if not items:
            raise RefusedError([Reason(Code.E_DESTRUCTION, "0 items")])
        if len(items) > MOST_LINES:
            raise InvalidInputError(f"A list has at most {MOST_LINES} lines.", "Make two lists.")
        now = gate.clock.now()
        (list_no,) = next_number(session, SERIES, gate.today().year)
        made = DestructionList(
            list_no=list_no, state=DestructionState.DRAFT.value, made_by_id=actor.user_id, made_at=now, reason=reason.strip()[:200]
        )
        session.add(made)
        session.flush()
        lines = [_line(gate, session, made, number, item) for number, item in enumerate(dict.fromkeys(items), start=1)]
        session.add_all(lines)
        session.flush()
        data = {"lines": [_as_told(session, line) for line in lines]}
        append(session, kind="destruction.drafted", at=now, actor=actor.username, subject=list_no, data=data)
        return view(session, actor, made)


def _line(gate: Gate, session: Session, made: DestructionList, number: int, item: str) -> DestructionLine:
    if waste_row := _WASTE.match(item.strip()):
        waste = session.get(Waste, int(waste_row[1]))
        if waste is None:
            raise NotFoundError(f"There is no waste row {item.strip()[:12]}.", "See `imprimatur carrier waste`.")
        if waste.destroyed_at is not None or _is_listed(session, col(DestructionLine.waste_id) == waste.id):
            raise ConflictError(f"{waste_no(waste)} is destroyed, or on a list already.", "Look at the list it stands on.")
        return DestructionLine(list_id=made.id or 0, line_no=number, waste_id=waste.id, sheets=waste.sheets)
    carrier = find_carrier(gate, session, item)
    state = CarrierState(carrier.state)
    if not may_move(state, CarrierVerb.DESTROY) or carrier.transfer_id is not None:
        raise ConflictError(f"Carrier {carrier.carrier_no} is {state.value} or on its way.", "Let it come back to the room first.")
    if _is_listed(session, col(DestructionLine.carrier_id) == carrier.id):
        raise ConflictError(f"Carrier {carrier.carrier_no} is on a list already.", "Look at that list.")
    sheets = session.exec(select(Release.sheets_per_copy).where(Release.job_id == carrier.job_id)).first() or 0
    return DestructionLine(list_id=made.id or 0, line_no=number, carrier_id=carrier.id, sheets=sheets)


def _is_listed(session: Session, named: Any) -> bool:  # a column's condition
    return session.exec(select(DestructionLine.id).where(named, col(DestructionLine.live).is_(True))).first() is not None


def _as_told(session: Session, line: DestructionLine) -> dict[str, Any]:
    if line.carrier_id:
        return {"carrier": session.get_one(Carrier, line.carrier_id).carrier_no, "sheets": line.sheets}
    return {"waste": waste_no(session.get_one(Waste, line.waste_id)), "sheets": line.sheets}


def approve_list(gate: Gate, actor: Actor, list_no: str) -> DestructionView:
    """A leader approves; never who made the list (R38). Raises ForbiddenError, RefusedError E_SELF_RELEASE."""
    return _decide(gate, actor, list_no, DestructionState.APPROVED)


def refuse_list(gate: Gate, actor: Actor, list_no: str) -> DestructionView:
    """A leader says no, or its maker takes it back: the items are free again."""
    return _decide(gate, actor, list_no, DestructionState.REFUSED)


def _decide(gate: Gate, actor: Actor, list_no: str, to: DestructionState) -> DestructionView:
    with refusals_told(gate, actor, f"{to.value}_list", list_no), gate.database.writing() as session:
        made = list_by_number(session, list_no)
        mine = made.made_by_id == actor.user_id
        if to is DestructionState.APPROVED and mine:
            raise RefusedError([Reason(Code.E_SELF_RELEASE, made.list_no)])
        if not (to is DestructionState.REFUSED and mine):
            actor.require(Act.APPROVE_DESTRUCTION)
        now = gate.clock.now()
        sources = _DELETABLE if to is DestructionState.REFUSED else {DestructionState.DRAFT}
        _move(session, made, sources, to, decided_at=now, approver_id=None if mine else actor.user_id)
        if to is DestructionState.REFUSED:
            session.execute(update(DestructionLine).where(col(DestructionLine.list_id) == made.id).values(live=False))
        kind = "destruction.approved" if to is DestructionState.APPROVED else "destruction.refused"
        append(session, kind=kind, at=now, actor=actor.username, subject=made.list_no, data={})
        return view(session, actor, made)


def witness_list(gate: Gate, actor: Actor, list_no: str) -> DestructionView:
    """Confirm by own log-in that one watches the destruction (R39). Raises RefusedError E_WITNESS, E_DESTRUCTION before approval."""
    with refusals_told(gate, actor, "witness_list", list_no), gate.database.writing() as session:
        made = list_by_number(session, list_no)
        _expect_approved(made)
        if reason := witness_reason(actor.username, maker=_maker(session, made), applicants=_applicants(session, made)):
            raise RefusedError([reason])
        if actor.username in _witnesses_today(gate, session, made):
            raise ConflictError("You have confirmed this list already.", "Another person is needed.")
        now = gate.clock.now()
        session.merge(DestructionWitness(list_id=made.id or 0, user_id=actor.user_id, confirmed_at=now))
        append(session, kind="destruction.witnessed", at=now, actor=actor.username, subject=made.list_no, data={})
        return view(session, actor, made)


def destroy_list(gate: Gate, actor: Actor, list_no: str, how: Destroying) -> DestructionView:
    """Close an approved list: every item is destroyed now, by `actor`, before two witnesses besides him (R39, D07).

    Raises RefusedError E_DESTRUCTION without approval, E_WITNESS with fewer than two, ConflictError when an item has left the room.
    """
    actor.require(Act.KEEP_CARRIERS)
    if not how.place.strip() or (how.method is DestructionMethod.SENT_AWAY and not (how.receipt_no.strip() and how.unit.strip())):
        raise InvalidInputError("Destruction has its place; what is sent away has unit and receipt.", "Enter them.")
    with refusals_told(gate, actor, "destroy_list", list_no), gate.database.writing() as session:
        made = list_by_number(session, list_no)
        _expect_approved(made)
        witnesses = _witnesses_today(gate, session, made)
        if reason := closing_reason(witnesses, destroyer=actor.username, maker=_maker(session, made)):
            raise RefusedError([reason])
        _move(
            session,
            made,
            {DestructionState.APPROVED},
            DestructionState.DONE,
            method=how.method.value,
            place=how.place.strip()[:60],
            unit=how.unit.strip()[:60],
            receipt_no=how.receipt_no.strip()[:60],
            destroyed_by_id=actor.user_id,
            destroyed_at=gate.clock.now(),
        )
        _destroy_items(gate, session, actor, made, witnesses)
        return view(session, actor, made)


def _destroy_items(gate: Gate, session: Session, actor: Actor, made: DestructionList, witnesses: Sequence[str]) -> None:
    now = gate.clock.now()
    lines = session.exec(select(DestructionLine).where(DestructionLine.list_id == made.id).order_by(col(DestructionLine.line_no))).all()
    carriers = [session.get_one(Carrier, line.carrier_id) for line in lines if line.carrier_id]
    destroyed = move_carriers(session, carriers, CarrierVerb.DESTROY, now, location="") if carriers else {}
    wastes = [line.waste_id for line in lines if line.waste_id]
    session.execute(update(Waste).where(col(Waste.id).in_(wastes)).values(destroyed_at=now))
    data = {
        "method": made.method,
        "witnesses": sorted(witnesses),
        "lines": [_as_told(session, line) for line in lines],
        **destroyed,
    }
    append(session, kind="destruction.done", at=now, actor=actor.username, subject=made.list_no, data=data)


def list_by_number(session: Session, list_no: str) -> DestructionList:
    """The list of this number. Raises NotFoundError."""
    made = session.exec(select(DestructionList).where(DestructionList.list_no == list_no.strip().upper())).first()
    if made is None:
        raise NotFoundError(f"There is no destruction list {list_no.strip()[:20]}.", "See `imprimatur carrier destroy list`.")
    return made


def _expect_approved(made: DestructionList) -> None:
    state = DestructionState(made.state)
    if state is DestructionState.DRAFT:
        raise RefusedError([Reason(Code.E_DESTRUCTION, made.list_no)])
    if state is not DestructionState.APPROVED:
        raise ConflictError(f"The list {made.list_no} is {state.value}.", "Look at it again.")


def _move(session: Session, made: DestructionList, sources: Any, to: DestructionState, **values: Any) -> None:
    moved = session.execute(
        update(DestructionList)
        .where(col(DestructionList.id) == made.id, col(DestructionList.state).in_([state.value for state in sources]))
        .values(state=to.value, **values)
    )
    session.refresh(made)
    if moved.rowcount != 1:  # type: ignore[attr-defined]  # an UPDATE's result has rowcount
        raise ConflictError(f"The list {made.list_no} is {made.state}.", "Look at it again.")


def _maker(session: Session, made: DestructionList) -> str:
    return session.get_one(User, made.made_by_id).username


def _applicants(session: Session, made: DestructionList) -> frozenset[str]:
    """Who had the papers made that are to be destroyed."""
    of_lines = select(DestructionLine).where(DestructionLine.list_id == made.id).subquery()
    carriers = select(Carrier.permit_id).join(of_lines, of_lines.c.carrier_id == Carrier.id)
    wastes = select(Copy.permit_id).join(Waste, col(Waste.copy_id) == Copy.id).join(of_lines, of_lines.c.waste_id == Waste.id)
    query = select(User.username).join(Permit, col(Permit.requester_id) == User.id)
    return frozenset(session.exec(query.where(col(Permit.id).in_(carriers.union(wastes)))).all())


def _witnesses_today(gate: Gate, session: Session, made: DestructionList) -> list[str]:
    """Who confirmed on the day of the destruction: who watched yesterday has not seen this (R39)."""
    query = select(User.username, DestructionWitness.confirmed_at).join(User, col(User.id) == DestructionWitness.user_id)
    zone, today = gate.settings.zone, gate.today()
    rows = session.exec(query.where(DestructionWitness.list_id == made.id)).all()
    return [name for name, at in rows if at.astimezone(zone).date() == today]
