"""Permits 准印证: ask, approve in two steps, refuse, revoke, extend (R01, R05-R10, FORMS.md F4)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from gateway.db.tables import Permit, PermitStep, User
from gateway.domain.approvals import Step, approval_reason, current_step
from gateway.domain.codes import Reason
from gateway.domain.duties import Act
from gateway.domain.permit_form import LONGEST_VALIDITY
from gateway.domain.permits import TRANSITIONS
from gateway.domain.vocabulary import Level, PermitKind, PermitState, Role
from gateway.errors import ConflictError, ForbiddenError, InvalidInputError, RefusedError
from gateway.ledger.append import append
from gateway.services.chains import chain_of
from gateway.services.denials import record_refusal
from gateway.services.gate import SYSTEM, Actor, Gate
from gateway.services.handling import handling_reasons
from gateway.services.matching import rematch_held_jobs
from gateway.services.permit_views import PermitView, permit_by_number, view
from gateway.services.previews import unseen_reason


def allowance(permit: Permit) -> dict[str, Any]:
    """The counts every entry about a permit repeats, so that `ledger verify` can compare them with the row (I3)."""
    return {"permit": permit.permit_no, "approved": permit.copies_approved, "reserved": permit.copies_reserved, "good": permit.copies_good}


def stamp(moment: datetime) -> str:
    """A time as ledger entries hold it."""
    return moment.astimezone().isoformat(timespec="seconds")


def approve_permit(gate: Gate, actor: Actor, permit_no: str, comment: str = "") -> PermitView:
    """Fill the next step of the chain; the last one makes the permit active (R05, R06).

    Raises ForbiddenError for accounts that never approve; RefusedError E_SELF_RELEASE for one's own request or a second step,
    E_CLEARANCE for a level he may not know (R28), E_NOT_REVIEWED for pages he has not looked at (R31), and records the refusal (I11).
    """
    actor.require(Act.APPROVE)
    with gate.database.writing() as session:
        permit = permit_by_number(session, permit_no)
        _expect(permit, PermitState.REQUESTED)
        chain = chain_of(gate, session, permit)
        reasons = _against_deciding(gate, session, actor, permit, chain)
        if not reasons and (unseen := unseen_reason(session, actor, permit)):
            reasons = [unseen]
        if not reasons:
            _fill_step(gate, session, actor, permit, chain, comment)
            return view(session, permit)
    record_refusal(gate, actor, "permit.decision_refused", permit.permit_no, reasons)
    raise RefusedError(reasons)


def _against_deciding(gate: Gate, session: Session, actor: Actor, permit: Permit, chain: Sequence[Step]) -> list[Reason]:
    """Why this approver may not fill the next step, with yes or with no: whose turn it is, and what he may know (R28)."""
    requester = session.get_one(User, permit.requester_id).username
    turn = approval_reason(chain, actor.username, actor.roles, requester)
    return [turn] if turn else handling_reasons(gate, session, actor, Level(permit.level))


def _fill_step(gate: Gate, session: Session, actor: Actor, permit: Permit, chain: Sequence[Step], comment: str) -> None:
    at = current_step(chain) or 0
    _decide(session, permit, at, actor, "approved", comment, gate.clock.now())
    complete = at == len(chain) - 1
    if complete:
        _move(permit, PermitState.ACTIVE)
    session.add(permit)
    append(
        session,
        kind="permit.approved",
        at=gate.clock.now(),
        actor=actor.username,
        subject=permit.permit_no,
        data={
            "step": at,
            "role": chain[at].role.value,
            "delegation": actor.delegation_for(chain[at].role),
            "complete": complete,
            "page_hash": permit.page_hash or "",
            "allowance": allowance(permit),
        },
    )
    rematch_held_jobs(gate, session, permit)


def _decide(session: Session, permit: Permit, at: int, actor: Actor, decision: str, comment: str, now: datetime) -> None:
    step = session.exec(select(PermitStep).where(PermitStep.permit_id == permit.id, PermitStep.step == at)).one()
    step.person_id, step.decision, step.comment, step.decided_at = actor.user_id, decision, comment[:200], now
    step.delegation = actor.delegation_for(Role(step.role))
    session.add(step)
    session.flush()


def refuse_permit(gate: Gate, actor: Actor, permit_no: str, comment: str) -> PermitView:
    """An approver whose step it is says no; a reason is required. Raises and records as `approve_permit` does."""
    actor.require(Act.APPROVE)
    if not comment.strip():
        raise InvalidInputError("A refusal needs a reason.", "Say in a few words why.")
    with gate.database.writing() as session:
        permit = permit_by_number(session, permit_no)
        _expect(permit, PermitState.REQUESTED)
        chain = chain_of(gate, session, permit)
        reasons = _against_deciding(gate, session, actor, permit, chain)
        if not reasons:
            _decide(session, permit, current_step(chain) or 0, actor, "refused", comment, gate.clock.now())
            _end(gate, session, permit, PermitState.REFUSED, "permit.refused", actor)
            return view(session, permit)
    record_refusal(gate, actor, "permit.decision_refused", permit.permit_no, reasons)
    raise RefusedError(reasons)


def revoke_permit(gate: Gate, actor: Actor, permit_no: str, reason: str) -> PermitView:
    """Take a permit back: its requester or one of its approvers may. Running copies finish; nothing new is released."""
    with gate.database.writing() as session:
        permit = permit_by_number(session, permit_no)
        people = {step.person for step in chain_of(gate, session, permit)} | {session.get_one(User, permit.requester_id).username}
        if actor.username not in people or (actor.token and permit.requester_id != actor.user_id):
            raise ForbiddenError("Only its requester or an approver of it may revoke a permit.", "Ask one of them.")
        if not reason.strip():
            raise InvalidInputError("A revocation needs a reason.", "Say in a few words why.")
        _end(gate, session, permit, PermitState.REVOKED, "permit.revoked", actor)
        return view(session, permit)


def extend_permit(gate: Gate, actor: Actor, permit_no: str, valid_to: datetime) -> PermitView:
    """Ask for a later end of validity: the whole chain approves again before anything is released (R01)."""
    with gate.database.writing() as session:
        permit = permit_by_number(session, permit_no)
        if permit.requester_id != actor.user_id:
            raise ForbiddenError("A permit is extended at its requester's wish.", "Let the requester ask.")
        if permit.kind == PermitKind.JM_EX.value:
            raise ConflictError("A JM-EX permit is not extended.", "Ask for a new one, with the issuer's consent.")
        if not permit.valid_to < valid_to <= gate.clock.now() + LONGEST_VALIDITY:
            raise InvalidInputError(f"The new end must be later than now and within {LONGEST_VALIDITY.days} days.", "Give another time.")
        permit.valid_to = valid_to
        for step in session.exec(select(PermitStep).where(PermitStep.permit_id == permit.id)).all():
            step.person_id, step.decision, step.decided_at, step.delegation = None, None, None, ""
            session.add(step)
        _move(permit, PermitState.REQUESTED)
        session.add(permit)
        append(
            session,
            kind="permit.extension_requested",
            at=gate.clock.now(),
            actor=actor.username,
            subject=permit.permit_no,
            data={"valid_to": stamp(valid_to), "allowance": allowance(permit), **actor.by_token},
        )
        rematch_held_jobs(gate, session, permit)
        return view(session, permit)


def expire_permits(gate: Gate) -> int:
    """Close the active permits whose validity has ended; returns how many (R01). What was released in time is finished."""
    query = select(Permit.id).where(Permit.state == PermitState.ACTIVE.value, col(Permit.valid_to) <= gate.clock.now())
    with gate.database.reading() as session:
        due = session.exec(query.limit(200)).all()
    for permit_id in due:
        with gate.database.writing() as session:
            permit = session.get_one(Permit, permit_id)
            if PermitState(permit.state) is PermitState.ACTIVE and permit.valid_to <= gate.clock.now():
                _end(gate, session, permit, PermitState.EXPIRED, "permit.expired", None)
    return len(due)


def revoke_of_leaver(gate: Gate, session: Session, permit: Permit, actor: Actor) -> None:
    """The requester leaves and nobody can ask in his place: his open permit is revoked (R82)."""
    _end(gate, session, permit, PermitState.REVOKED, "permit.revoked", actor)


def _end(gate: Gate, session: Session, permit: Permit, state: PermitState, kind: str, actor: Actor | None) -> None:
    _move(permit, state)
    session.add(permit)
    data = {"allowance": allowance(permit), **(actor.by_token if actor else {})}
    by = actor.username if actor else SYSTEM
    append(session, kind=kind, at=gate.clock.now(), actor=by, subject=permit.permit_no, data=data)
    rematch_held_jobs(gate, session, permit)


def _expect(permit: Permit, state: PermitState) -> None:
    if permit.state != state.value:
        raise ConflictError(f"The permit {permit.permit_no} is {permit.state}, not {state.value}.", "Look at the permit again.")


def _move(permit: Permit, state: PermitState) -> None:
    if state not in TRANSITIONS[PermitState(permit.state)]:
        raise ConflictError(
            f"The permit {permit.permit_no} is {permit.state}; it cannot become {state.value}.", "Look at the permit again."
        )
    permit.state = state.value
