"""How long an operator's claim on a held job lasts: as long as the session, or half an hour from the command line (R76, R88, SC-33)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlmodel import Session, col, select

from gateway.db.tables import Job, User, WebSession
from gateway.domain.idleness import Limits, SessionState, state_at
from gateway.domain.vocabulary import JobStage
from gateway.ledger.append import append
from gateway.services.gate import SYSTEM, Gate

CLAIM_LEASE = timedelta(minutes=30)
_CLAIMED = col(Job.claimed_at) >= datetime(1970, 1, 1, tzinfo=UTC)  # a range, so that the index serves


def session_limits(gate: Gate) -> Limits:
    """The configured times after which a session locks and ends."""
    chosen = gate.settings
    return Limits(timedelta(minutes=chosen.lock_minutes), timedelta(minutes=chosen.session_minutes), timedelta(hours=chosen.session_hours))


def state_of(gate: Gate, row: WebSession) -> SessionState:
    """What has become of a session by now."""
    return state_at(gate.clock.now(), opened=row.created_at, seen=row.seen_at, limits=session_limits(gate))


def claim_holds(gate: Gate, session: Session, job: Job) -> bool:
    """Whether somebody's claim on this held job still keeps others away."""
    if job.operator_id is None or job.claimed_at is None:
        return False
    rows = session.exec(select(WebSession).where(WebSession.user_id == job.operator_id)).all()
    at_work = any(state_of(gate, row) is not SessionState.OVER for row in rows)
    return at_work or gate.clock.now() - job.claimed_at < CLAIM_LEASE


def return_claims(gate: Gate, session: Session, user_id: int, reason: str) -> list[str]:
    """What somebody claimed and did not release is held for everybody again; the numbers of the jobs."""
    claimed = select(Job).where(_CLAIMED, Job.operator_id == user_id, Job.stage == JobStage.HELD.value)
    jobs = session.exec(claimed.order_by(col(Job.id))).all()
    for job in jobs:
        _return(gate, session, job, reason)
    return [job.job_no for job in jobs]


def end_stale_claims(gate: Gate) -> int:
    """Claims whose time is up, of operators who are not logged in; returns how many."""
    claimed = select(Job).where(_CLAIMED, Job.stage == JobStage.HELD.value)
    with gate.database.reading() as session:
        stale = [job.id for job in session.exec(claimed).all() if not claim_holds(gate, session, job)]
    ended = 0
    for job_id in stale:
        with gate.database.writing() as session:
            job = session.get_one(Job, job_id)
            if job.stage == JobStage.HELD.value and job.operator_id is not None and not claim_holds(gate, session, job):
                _return(gate, session, job, "lease")
                ended += 1
    return ended


def _return(gate: Gate, session: Session, job: Job, reason: str) -> None:
    holder = session.get(User, job.operator_id) if job.operator_id else None
    job.operator_id, job.claimed_at = None, None
    session.add(job)
    data = {"reason": reason, "operator": holder.username if holder else ""}
    append(session, kind="job.claim_ended", at=gate.clock.now(), actor=SYSTEM, subject=job.job_no, data=data)
