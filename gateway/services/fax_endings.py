"""How a fax ends: with its job, with its approval, or with its last call; and its job and permit with it (R47, I5)."""

from __future__ import annotations

from sqlalchemy import ColumnElement, update
from sqlmodel import Session, col, select

from gateway.db.tables import Fax, Job, Permit
from gateway.domain import moves
from gateway.domain.fax import APPROVAL_LIFE, FaxDirection, FaxResult, FaxState
from gateway.domain.permits import state_reason
from gateway.domain.stages import TERMINAL
from gateway.domain.vocabulary import JobStage, PermitState
from gateway.ledger.append import append
from gateway.ledger.entry import utc_text
from gateway.services.facts import permit_facts
from gateway.services.fax_views import approved_at, permit_of
from gateway.services.gate import SYSTEM, Gate
from gateway.services.jobs import move
from gateway.services.paper_use import paper_told
from gateway.services.release import cancel

_NO_CALL_UNDER_WAY = (FaxState.HELD.value, FaxState.WAITING.value, FaxState.TO_DECIDE.value)
NOT_SENT = "not faxed"
"""Why the job of a fax ends of which certainly nothing arrived anywhere."""


def end_job_of(gate: Gate, session: Session, fax: Fax, *, actor: str = SYSTEM) -> None:
    """The job of an ended fax ends with it: completed and its permit used up when a page arrived or may have, else withdrawn.

    A fax is no numbered copy: the permit's counts of copies stay as they are.
    """
    job = session.get(Job, fax.job_id) if fax.job_id else None
    if job is None or JobStage(job.stage) is not JobStage.HELD:
        return
    if not fax.pages_sent and not fax.uncertain:
        cancel(gate, session, job, moves.EXPIRE, actor, NOT_SENT)
        return
    now = gate.clock.now()
    move(session, job, moves.DELIVER, now)
    permit = session.get(Permit, job.permit_id) if job.permit_id else None
    if permit is not None and PermitState(permit.state) is PermitState.ACTIVE:
        permit.state = PermitState.USED_UP.value
        session.add(permit)
    ended = {"completed_at": utc_text(now), "status": "completed"}
    told = {"fax": fax.fax_no, "permit": permit.permit_no if permit else "", "print_register": ended}
    append(session, kind="job.completed", at=now, actor=actor, subject=job.job_no, data=told | paper_told(gate, session, job, ended))


def end_faxes_of_ended_jobs(gate: Gate) -> int:
    """End faxes whose job was withdrawn, expired or refused; returns how many. The last call's result stays, without a call it is 拒绝."""
    terminal = [stage.value for stage in TERMINAL]
    over = select(Fax.id).join(Job, col(Fax.job_id) == Job.id).where(col(Job.stage).in_(terminal), outgoing())
    with gate.database.reading() as session:
        due = session.exec(over.where(col(Fax.state).in_(_NO_CALL_UNDER_WAY))).all()
    for fax_id in due:
        with gate.database.writing() as session:
            _end(gate, session, session.get_one(Fax, fax_id))
    return len(due)


def end_faxes_past_approval(gate: Gate) -> int:
    """End faxes that wait for another try their approval no longer allows; returns how many. The last call's result stays (SC-27)."""
    waiting = select(Fax).where(outgoing(), Fax.state == FaxState.WAITING.value)
    with gate.database.reading() as session:
        due = [fax.id for fax in session.exec(waiting).all() if _approval_is_over(gate, session, fax)]
    for fax_id in due:
        with gate.database.writing() as session:
            fax = session.get_one(Fax, fax_id)
            if fax.state == FaxState.WAITING.value and _approval_is_over(gate, session, fax):
                _end(gate, session, fax)
                end_job_of(gate, session, fax)
    return len(due)


def _approval_is_over(gate: Gate, session: Session, fax: Fax) -> bool:
    permit = permit_of(session, fax)
    given = approved_at(session, permit)
    if permit is None or given is None or gate.clock.now() >= given + APPROVAL_LIFE:
        return True
    return state_reason(permit_facts(gate, session, permit), gate.now()) is not None


def _end(gate: Gate, session: Session, fax: Fax) -> None:
    now, result = gate.clock.now(), fax.result or FaxResult.REFUSED.value
    waits = (col(Fax.id) == fax.id) & col(Fax.state).in_(_NO_CALL_UNDER_WAY)
    ended = update(Fax).where(waits).values(state=FaxState.ENDED.value, result=result, ended_at=now, next_try_at=None)
    if session.execute(ended).rowcount == 1:  # type: ignore[attr-defined]  # an UPDATE's result has rowcount
        session.refresh(fax)
        data = {"result": result, "pages_sent": fax.pages_sent, "uncertain": fax.uncertain}
        append(session, kind="fax.ended", at=now, actor=SYSTEM, subject=fax.fax_no, data=data)


def outgoing() -> ColumnElement[bool]:
    """Faxes that are sent, not those that came in."""
    return col(Fax.direction) == FaxDirection.OUT.value
