"""Two operators for a paper of 绝密: one releases, another was there and said so with his own account (RULES.md §3; R16, R76).

The second one's word counts for half an hour. Who is there is of the room, cleared for the paper, and neither its requester nor who
approved it.
"""

from __future__ import annotations

from sqlmodel import Session, select

from gateway.db.tables import Job, Permit, PermitStep, User
from gateway.domain.codes import Code, Reason
from gateway.domain.duties import Act, allowed, needs_two_operators
from gateway.domain.matching import person_reasons
from gateway.domain.room import word_counts
from gateway.domain.vocabulary import JobStage, Level
from gateway.errors import ConflictError, ForbiddenError, RefusedError
from gateway.ledger.append import append
from gateway.services.denials import record_refusal
from gateway.services.gate import Actor, Gate
from gateway.services.handling import handler_of, handling_reasons
from gateway.services.jobs import JobView, view, visible_job
from gateway.services.people import roles_of


def attend_job(gate: Gate, actor: Actor, job_no: str) -> JobView:
    """An operator says that he stands at the device while another releases this job.

    Raises ConflictError for a job that is not held or does not need two, ForbiddenError for its requester and approvers, RefusedError
    E_CLEARANCE or E_TRAINING, which is recorded.
    """
    actor.require(Act.RELEASE)
    with gate.database.writing() as session:
        job = visible_job(session, actor, job_no)
        permit = session.get(Permit, job.permit_id) if job.permit_id else None
        if JobStage(job.stage) is not JobStage.HELD or permit is None or not needs_two_operators(Level(permit.level)):
            raise ConflictError(f"Job {job.job_no} does not wait for a second operator.", "Look at the job again.")
        steps = session.exec(select(PermitStep).where(PermitStep.permit_id == permit.id)).all()
        if actor.user_id in {job.requester_id, *(step.person_id for step in steps)}:
            raise ForbiddenError("Who asked for the paper or approved it is no second operator.", "Ask another operator.")
        reasons = handling_reasons(gate, session, actor, Level(permit.level))
        if not reasons:
            job.attendant_id, job.attended_at = actor.user_id, gate.clock.now()
            session.add(job)
            append(session, kind="job.attended", at=gate.clock.now(), actor=actor.username, subject=job.job_no, data={})
            return view(session, job)
    record_refusal(gate, actor, "job.release_refused", job.job_no, reasons)
    raise RefusedError(reasons)


def attendant_of(gate: Gate, session: Session, job: Job, level: Level) -> User | None:
    """Who stands by now, if it takes two and somebody does who still may: an operator whose account is open, cleared for the paper."""
    if not needs_two_operators(level) or job.attendant_id is None or not word_counts(job.attended_at, gate.clock.now()):
        return None
    attendant = session.get_one(User, job.attendant_id)
    may = allowed(roles_of(session, attendant), Act.RELEASE) and not person_reasons(
        handler_of(gate, session, attendant), level, gate.today()
    )
    return attendant if may else None


def attendance_reason(gate: Gate, session: Session, actor: Actor, job: Job, level: Level) -> Reason | None:
    """Why the actor may not release the job alone, or None."""
    if not needs_two_operators(level):
        return None
    attendant = attendant_of(gate, session, job, level)
    return None if attendant is not None and attendant.id != actor.user_id else Reason(Code.E_TWO_OPERATORS)
