"""Hand-over 交接 at transfer or leaving: the list, three signatures of three people, then all passes at once (R82; SC-34)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import or_, update
from sqlmodel import Session, col, select

from gateway.db.tables import Handover, HandoverItem, User
from gateway.domain.carriers import IN_THE_ROOM, MOVES
from gateway.domain.codes import Code, Reason
from gateway.domain.duties import Act
from gateway.domain.moves import WITHDRAW
from gateway.domain.vocabulary import HANDOVER_REASONS, CarrierState, CarrierVerb, JobStage, TransferState
from gateway.errors import ConflictError, ForbiddenError, InvalidInputError, NotFoundError, RefusedError
from gateway.ledger.append import append
from gateway.services.accounts import close_account
from gateway.services.carriers import move_carriers, next_number, refusals_told
from gateway.services.custody import drop_passing
from gateway.services.gate import Actor, Gate
from gateway.services.holdings import Holding, carriers_of, holdings_of, jobs_of, open_transfers, permits_of, waste_of
from gateway.services.people import actor_of, user_by_name
from gateway.services.permits import revoke_of_leaver
from gateway.services.release import cancel
from gateway.services.scope import clearance_reasons

SERIES = "JJ"
_PARTIES = ("leaver", "successor", "supervisor")


@dataclass(frozen=True, slots=True)
class HandoverView:
    """A hand-over as shown: what is still held while it is open, what has passed when it is completed."""

    handover_no: str
    leaver: str
    successor: str
    supervisor: str
    reason: str
    opened_at: datetime
    signed: tuple[str, ...]
    completed_at: datetime | None
    items: tuple[Holding, ...]


def list_holdings(gate: Gate, actor: Actor, username: str = "") -> list[Holding]:
    """What a person answers for: oneself, or anybody for the room and those who keep the accounts."""
    name = username or actor.username
    if name != actor.username and not (actor.may(Act.KEEP_CARRIERS) or actor.may(Act.MANAGE_PEOPLE)):
        raise ForbiddenError("You may only see what you hold yourself.", "Ask the head of the room.")
    with gate.database.reading() as session:
        return holdings_of(session, user_by_name(session, name))


def open_handover(gate: Gate, actor: Actor, leaver: str, successor: str, supervisor: str, reason: str) -> HandoverView:
    """Begin a hand-over: the leaver himself, the room or the administrator of accounts.

    Raises RefusedError E_HANDOVER unless three different people take part, E_CLEARANCE for a successor who may not have the carriers.
    """
    if reason not in HANDOVER_REASONS:
        raise InvalidInputError("Why is it handed over?", f"Say one of {', '.join(HANDOVER_REASONS)}.")
    if actor.username != leaver and not (actor.may(Act.KEEP_CARRIERS) or actor.may(Act.MANAGE_PEOPLE)):
        raise ForbiddenError("A hand-over is opened by who leaves, the room or the administrator.", "Ask one of them.")
    with refusals_told(gate, actor, "open_handover", ""), gate.database.writing() as session:
        people = [user_by_name(session, name) for name in (leaver, successor, supervisor)]
        if len({person.id for person in people}) < 3 or not all(person.active for person in people):
            raise RefusedError([Reason(Code.E_HANDOVER, "three different people with open accounts")])
        if session.exec(select(Handover).where(Handover.leaver_id == people[0].id, col(Handover.completed_at).is_(None))).first():
            raise ConflictError(f"A hand-over of {leaver} is open already.", "Sign that one.")
        _expect_fit(gate, session, people[0], people[1])
        now = gate.clock.now()
        (number,) = next_number(session, SERIES, gate.today().year)
        made = Handover(
            handover_no=number,
            leaver_id=people[0].id or 0,
            successor_id=people[1].id or 0,
            supervisor_id=people[2].id or 0,
            reason=reason,
            opened_at=now,
        )
        session.add(made)
        session.flush()
        data = {"leaver": leaver, "successor": successor, "supervisor": supervisor, "reason": reason}
        append(session, kind="handover.opened", at=now, actor=actor.username, subject=number, data=data)
        return _view(session, made)


def _expect_fit(gate: Gate, session: Session, leaver: User, successor: User) -> None:
    carriers = carriers_of(session, leaver.id)
    if not carriers:
        return
    if reasons := clearance_reasons(gate, session, carriers, successor):
        raise RefusedError(reasons)
    of_the_room = any(CarrierState(carrier.state) in IN_THE_ROOM for carrier in carriers)
    if of_the_room and not actor_of(gate, session, successor).may(Act.KEEP_CARRIERS):
        raise RefusedError([Reason(Code.E_HANDOVER, f"{successor.username} does not keep the room's carriers")])


def sign_handover(gate: Gate, actor: Actor, number: str) -> HandoverView:
    """Leaver, successor and supervisor each sign by their own log-in; with the third signature everything passes to the successor.

    Open transfers are withdrawn, claimed jobs go to the successor, what the leaver asked for himself is withdrawn, his account closed
    (unless he goes on leave).
    """
    with refusals_told(gate, actor, "sign_handover", number), gate.database.writing() as session:
        made = handover_by_number(session, number)
        party = next((party for party in _PARTIES if getattr(made, f"{party}_id") == actor.user_id), None)
        if party is None:
            raise ForbiddenError("A hand-over is signed by leaver, successor and supervisor.", "Let them log in and sign.")
        now = gate.clock.now()
        signed = session.execute(
            update(Handover)
            .where(col(Handover.id) == made.id, getattr(Handover, f"{party}_signed_at").is_(None), col(Handover.completed_at).is_(None))
            .values({f"{party}_signed_at": now})
        )
        if signed.rowcount != 1:  # type: ignore[attr-defined]  # an UPDATE's result has rowcount
            raise ConflictError(f"You have signed {made.handover_no} already.", "The others have to sign.")
        session.refresh(made)
        append(session, kind="handover.signed", at=now, actor=actor.username, subject=made.handover_no, data={"as": party})
        if all(getattr(made, f"{other}_signed_at") for other in _PARTIES):
            _complete(gate, session, actor, made)
        return _view(session, made)


def _complete(gate: Gate, session: Session, actor: Actor, made: Handover) -> None:
    now = gate.clock.now()
    leaver, successor = session.get_one(User, made.leaver_id), session.get_one(User, made.successor_id)
    _expect_fit(gate, session, leaver, successor)  # what he has now, which may not be what he had when it was opened
    items = holdings_of(session, leaver)
    session.add_all(HandoverItem(handover_id=made.id or 0, kind=item.kind.value, subject=item.subject) for item in items)
    for passing, carrier in open_transfers(session, leaver.id):
        drop_passing(session, carrier, passing, TransferState.WITHDRAWN, actor, now)
    moved = _pass_on(gate, session, actor, leaver, successor)
    made.completed_at = now
    session.add(made)
    session.flush()
    data = {"successor": successor.username, "items": [[item.kind.value, item.subject] for item in items], **moved}
    append(session, kind=MOVES[CarrierVerb.HAND_OVER].tag, at=now, actor=actor.username, subject=made.handover_no, data=data)
    if made.reason != HANDOVER_REASONS[-1]:
        close_account(gate, session, leaver, actor.username)


def _pass_on(gate: Gate, session: Session, actor: Actor, leaver: User, successor: User) -> dict[str, Any]:
    for job in jobs_of(session, leaver.id):
        if job.operator_id == leaver.id:
            job.operator_id, job.claimed_at = successor.id, gate.clock.now() if job.claimed_at else None
            session.add(job)
        elif JobStage(job.stage) is JobStage.HELD:
            cancel(gate, session, job, WITHDRAW, actor.username, "handover")
    for permit in permits_of(session, leaver.id):
        revoke_of_leaver(gate, session, permit, actor)
    for waste in waste_of(session, leaver.id):
        waste.kept_by_id = successor.id
        session.add(waste)
    carriers = carriers_of(session, leaver.id)
    if not carriers:
        return {}
    dues = {carrier.id: carrier.due_at for carrier in carriers}
    moved = move_carriers(session, carriers, CarrierVerb.HAND_OVER, gate.clock.now(), custodian_id=successor.id)
    for carrier in carriers:  # what was lent or carried out is due when it was
        carrier.due_at = dues[carrier.id]
        session.add(carrier)
    return moved


def show_handover(gate: Gate, actor: Actor, number: str) -> HandoverView:
    """One hand-over. Raises NotFoundError for who has nothing to do with it."""
    with gate.database.reading() as session:
        made = handover_by_number(session, number)
        if actor.user_id not in (made.leaver_id, made.successor_id, made.supervisor_id) and not actor.may(Act.SEE_BOOKS):
            raise NotFoundError(f"There is no hand-over {number.strip()[:20]}.", "See `imprimatur carrier handover list`.")
        return _view(session, made)


def list_handovers(gate: Gate, actor: Actor, limit: int = 100) -> list[HandoverView]:
    """Hand-overs, newest first: those one signs; readers of the books see all."""
    query = select(Handover).order_by(col(Handover.id).desc()).limit(limit)
    if not actor.may(Act.SEE_BOOKS):
        mine = (col(Handover.leaver_id), col(Handover.successor_id), col(Handover.supervisor_id))
        query = query.where(or_(*(party == actor.user_id for party in mine)))
    with gate.database.reading() as session:
        return [_view(session, made) for made in session.exec(query).all()]


def handover_by_number(session: Session, number: str) -> Handover:
    """The hand-over of this number. Raises NotFoundError."""
    made = session.exec(select(Handover).where(Handover.handover_no == number.strip().upper())).first()
    if made is None:
        raise NotFoundError(f"There is no hand-over {number.strip()[:20]}.", "See `imprimatur carrier handover list`.")
    return made


def _view(session: Session, made: Handover) -> HandoverView:
    from gateway.services.holdings import Held

    session.flush()
    leaver, successor, supervisor = (session.get_one(User, getattr(made, f"{party}_id")) for party in _PARTIES)
    if made.completed_at is None:
        items = holdings_of(session, leaver)
    else:
        rows = session.exec(select(HandoverItem).where(HandoverItem.handover_id == made.id)).all()
        items = [Holding(Held(row.kind), row.subject) for row in rows]
    return HandoverView(
        made.handover_no,
        leaver.username,
        successor.username,
        supervisor.username,
        made.reason,
        made.opened_at,
        tuple(party for party in _PARTIES if getattr(made, f"{party}_signed_at")),
        made.completed_at,
        tuple(items),
    )
