"""Sending: a grant durable before the call, used up by the one check that lets it dial, then what became of it (R47, I5; SC-27)."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import update
from sqlmodel import Session, col, select

from gateway.db.tables import Fax, FaxAttempt, FaxGrant, Job, Permit
from gateway.domain.approvals import current_step
from gateway.domain.codes import Code, Reason
from gateway.domain.duties import Act
from gateway.domain.fax import APPROVAL_LIFE, FaxOutcome, FaxResult, FaxState, after_attempt
from gateway.domain.permits import state_reason
from gateway.domain.vocabulary import JobStage, PermitKind, Role
from gateway.errors import ConflictError, NotFoundError, RefusedError
from gateway.ledger.append import append
from gateway.services.chains import chain_of
from gateway.services.denials import record_refusal
from gateway.services.facts import permit_facts
from gateway.services.fax_endings import end_job_of
from gateway.services.fax_views import FaxView, approved_at, fax_by_number, permit_of, view
from gateway.services.gate import SYSTEM, Actor, Gate
from gateway.services.room import reasons_of_room

_READY = (FaxState.HELD.value, FaxState.WAITING.value)


@dataclass(frozen=True, slots=True)
class Grant:
    """The right to one call: whatever the exchange is given is this document for this number, under this tag."""

    tag: str
    fax_no: str
    attempt: int
    number: str
    sha256: str
    pages: int
    spool_object: str
    used: bool


def faxes_to_send(gate: Gate) -> list[str]:
    """Faxes whose call may be begun now: held under an active fax permit, or due for another try."""
    now = gate.clock.now()
    due = col(Fax.state).in_(_READY) & (col(Fax.next_try_at).is_(None) | (col(Fax.next_try_at) <= now))
    with gate.database.reading() as session:
        faxes = session.exec(select(Fax).where(due).order_by(col(Fax.id))).all()
        return [fax.fax_no for fax in faxes if not _reasons_against(gate, session, fax)]


def begin(gate: Gate, fax_no: str, actor: Actor | None = None) -> Grant:
    """Make the grant for one call, durable when this returns (I5). Raises RefusedError with every reason, ConflictError when not due."""
    if actor is not None:
        actor.require(Act.RELEASE)
    with gate.database.writing() as session:
        fax = fax_by_number(session, fax_no)
        if reasons := _reasons_against(gate, session, fax):
            raise RefusedError(reasons)
        now = gate.clock.now()
        if fax.next_try_at is not None and fax.next_try_at > now:
            raise ConflictError(f"Fax {fax.fax_no} is not due.", "It is tried again by itself.")
        values = {"state": FaxState.SENDING.value, "attempts": fax.attempts + 1, "next_try_at": None}
        if actor is not None:
            values["operator_id"] = actor.user_id
        _move(session, fax, _READY, values)
        grant = FaxGrant(tag=secrets.token_hex(16), fax_id=fax.id or 0, attempt=fax.attempts, made_at=now)
        session.add(grant)
        data = {"attempt": fax.attempts, "sha256": fax.sha256, "pages": fax.pages}
        append(session, kind="fax.granted", at=now, actor=actor.username if actor else SYSTEM, subject=fax.fax_no, data=data)
        return _grant(grant, fax)


def open_grants(gate: Gate) -> list[Grant]:
    """Grants whose attempt has not ended: what to look for after a crash."""
    ended = select(FaxAttempt.grant_id)
    query = select(FaxGrant, Fax).join(Fax, col(FaxGrant.fax_id) == Fax.id).where(col(FaxGrant.id).not_in(ended))
    with gate.database.reading() as session:
        return [_grant(grant, fax) for grant, fax in session.exec(query.order_by(col(FaxGrant.id))).all()]


def check(gate: Gate, tag: str, number: str, sha256: str, pages: int) -> Reason | None:
    """The lock: may this call be made now? None means yes, and the grant is used up when this returns; it answers yes once only.

    A call with another number, document or page count uses the grant up too, and leaves an entry: somebody changed it.
    """
    with gate.database.writing() as session:
        grant = session.exec(select(FaxGrant).where(FaxGrant.tag == tag)).first()
        if grant is None:
            return _deny(gate, session, "", [Reason(Code.E_NO_PERMIT)])
        fax = session.get_one(Fax, grant.fax_id)
        if not _take(session, grant, used_at=gate.clock.now()):
            return _deny(gate, session, fax.fax_no, [Reason(Code.E_QTY_EXCEEDED, f"attempt {grant.attempt}")])
        reasons = _reasons_against(gate, session, fax, sending=True)
        if number != fax.number:
            reasons.append(Reason(Code.E_SCOPE, "another number"))
        if sha256 != fax.sha256:
            reasons.append(Reason(Code.E_HASH_MISMATCH, f"{sha256[:12]} ≠ {fax.sha256[:12]}"))
        if pages != fax.pages:
            reasons.append(Reason(Code.E_PAGES_MISMATCH, f"{pages} ≠ {fax.pages}"))
        if reasons:
            return _deny(gate, session, fax.fax_no, reasons)
        data = {"attempt": grant.attempt, "sha256": sha256, "pages": pages}
        append(session, kind="fax.dialled", at=gate.clock.now(), actor=SYSTEM, subject=fax.fax_no, data=data)
        return None


def record_attempt(gate: Gate, tag: str, outcome: FaxOutcome) -> FaxView:
    """Write down what became of a call and what follows; said twice it is written once. Raises NotFoundError for an unknown tag.

    A grant nobody used is withdrawn: a job the exchange lost and finds again does not dial. It cannot have brought a page there either:
    pages the exchange speaks of are in doubt.
    """
    now = gate.clock.now()
    with gate.database.writing() as session:
        grant = session.exec(select(FaxGrant).where(FaxGrant.tag == tag)).first()
        if grant is None:
            raise NotFoundError("There is no grant with this tag.", "Look at the exchange's log of calls.")
        fax = session.get_one(Fax, grant.fax_id)
        if session.exec(select(FaxAttempt.id).where(FaxAttempt.grant_id == grant.id)).first() is not None:
            return view(session, fax)
        _take(session, grant, withdrawn_at=now)
        follows = after_attempt(outcome, fax.attempts, fax.pages, now, approved_at(session, permit_of(session, fax)) or now)
        result = FaxResult.IN_DOUBT if grant.used_at is None and outcome.pages else follows.result
        pages = min(outcome.pages, fax.pages)
        session.add(
            FaxAttempt(
                fax_id=fax.id or 0,
                grant_id=grant.id or 0,
                attempt=grant.attempt,
                started_at=grant.used_at or grant.made_at,
                ended_at=now,
                result=result.value,
                pages=pages,
                uncertain=outcome.uncertain or result is FaxResult.IN_DOUBT,
                seconds=outcome.seconds,
                remote=outcome.remote[:40],
                call=outcome.call[:20],
            )
        )
        state = FaxState.TO_DECIDE if result is FaxResult.IN_DOUBT else follows.state
        values: dict[str, Any] = {"state": state.value, "result": result.value, "next_try_at": follows.at}
        values |= {
            "pages_sent": max(fax.pages_sent, pages),
            "uncertain": fax.uncertain or outcome.uncertain or result is FaxResult.IN_DOUBT,
        }
        _move(session, fax, (FaxState.SENDING.value,), values | ({"ended_at": now} if state is FaxState.ENDED else {}))
        data = {"attempt": grant.attempt, "result": result.value, "pages": pages, "uncertain": fax.uncertain, "state": state.value}
        append(session, kind="fax.attempted", at=now, actor=SYSTEM, subject=fax.fax_no, data=data)
        if state is FaxState.ENDED:
            end_job_of(gate, session, fax)
        return view(session, fax)


def resend(gate: Gate, actor: Actor, fax_no: str) -> FaxView:
    """An operator decides that all pages are sent again, while the approval lives (SC-27). Raises RefusedError, ConflictError."""
    actor.require(Act.RELEASE)
    with gate.database.writing() as session:
        fax = fax_by_number(session, fax_no)
        reasons = _reasons_against(gate, session, fax, sending=True)
        if not reasons:
            values = {"state": FaxState.WAITING.value, "next_try_at": gate.clock.now(), "operator_id": actor.user_id}
            _move(session, fax, (FaxState.TO_DECIDE.value,), values)
            data = {"attempts": fax.attempts, "pages_sent": fax.pages_sent}
            append(session, kind="fax.resend", at=gate.clock.now(), actor=actor.username, subject=fax.fax_no, data=data)
            return view(session, fax, actor)
    record_refusal(gate, actor, "fax.resend_refused", fax_no.strip().upper(), reasons)
    raise RefusedError(reasons)


def settle(gate: Gate, actor: Actor, fax_no: str) -> FaxView:
    """An operator decides that a fax is not sent again: its last result stays. Raises ConflictError when there is nothing to decide."""
    actor.require(Act.RELEASE)
    now = gate.clock.now()
    with gate.database.writing() as session:
        fax = fax_by_number(session, fax_no)
        values = {"state": FaxState.ENDED.value, "ended_at": now, "operator_id": actor.user_id}
        _move(session, fax, (FaxState.TO_DECIDE.value,), values)
        data = {"result": fax.result, "pages_sent": fax.pages_sent, "uncertain": fax.uncertain}
        append(session, kind="fax.settled", at=now, actor=actor.username, subject=fax.fax_no, data=data)
        end_job_of(gate, session, fax, actor=actor.username)
        return view(session, fax, actor)


def _reasons_against(gate: Gate, session: Session, fax: Fax, *, sending: bool = False) -> list[Reason]:
    """Why no call may be made for this fax now, whatever the exchange wants; empty if it may."""
    reasons = reasons_of_room(session)
    if not sending and fax.state not in _READY:
        reasons.append(Reason(Code.E_QTY_EXCEEDED, fax.state))
    job, permit = session.get(Job, fax.job_id) if fax.job_id else None, permit_of(session, fax)
    if job is None or permit is None:
        return [*reasons, Reason(Code.E_NO_PERMIT)]
    if JobStage(job.stage) is not JobStage.HELD:
        reasons.append(Reason(Code.E_PERMIT_REVOKED, job.stage))
    if permit.kind != PermitKind.FAX.value:
        reasons.append(Reason(Code.E_PERMIT_CHANNEL))
    if state := state_reason(permit_facts(gate, session, permit), gate.now()):
        reasons.append(state)
    if permit.level != fax.level:
        reasons.append(Reason(Code.E_LEVEL_MISMATCH))
    if permit.requested_from_job_id != job.id or permit.page_hash != job.page_hash or permit.created_at < fax.registered_at:
        reasons.append(Reason(Code.E_HASH_MISMATCH, "the approval is not of these pages to this number"))
    return reasons + _approval_reasons(gate, session, fax, permit)


def _approval_reasons(gate: Gate, session: Session, fax: Fax, permit: Permit) -> list[Reason]:
    """The approval is complete, not a day old, and by the secrecy office where the text is 内部 or was made from secrets (R42)."""
    chain = chain_of(gate, session, permit)
    given = approved_at(session, permit)
    if not chain or current_step(chain) is not None or given is None:
        return [Reason(Code.E_PERMIT_PENDING)]
    reasons = [] if gate.clock.now() < given + APPROVAL_LIFE else [Reason(Code.E_PERMIT_EXPIRED, "24 h")]
    if fax.processing_id is not None and Role.SECRECY_DIRECTOR not in {step.role for step in chain}:
        reasons.append(Reason(Code.E_FAX_NO_SCREENING, Role.SECRECY_DIRECTOR.hanzi))
    return reasons


def _deny(gate: Gate, session: Session, fax_no: str, reasons: list[Reason]) -> Reason:
    data = {"reasons": [reason.to_json() for reason in reasons]}
    append(session, kind="fax.call_refused", at=gate.clock.now(), actor=SYSTEM, subject=fax_no, data=data)
    return reasons[0]


def _take(session: Session, grant: FaxGrant, **at: datetime) -> bool:
    """Use the grant up, or withdraw it; False when one of the two has happened before."""
    unused = (col(FaxGrant.id) == grant.id) & col(FaxGrant.used_at).is_(None) & col(FaxGrant.withdrawn_at).is_(None)
    taken = session.execute(update(FaxGrant).where(unused).values(**at))
    session.refresh(grant)
    return bool(taken.rowcount == 1)  # type: ignore[attr-defined]  # an UPDATE's result has rowcount


def _move(session: Session, fax: Fax, sources: tuple[str, ...], values: dict[str, Any]) -> None:
    moved = session.execute(update(Fax).where(col(Fax.id) == fax.id, col(Fax.state).in_(sources)).values(**values))
    if moved.rowcount != 1:  # type: ignore[attr-defined]  # an UPDATE's result has rowcount
        raise ConflictError(f"Fax {fax.fax_no} is {fax.state}.", "Look at it again.")
    session.refresh(fax)


def _grant(grant: FaxGrant, fax: Fax) -> Grant:
    return Grant(grant.tag, fax.fax_no, grant.attempt, fax.number, fax.sha256, fax.pages, fax.spool_object, grant.used_at is not None)
