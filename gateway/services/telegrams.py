"""A paper whose first page speaks of cipher telegrams: a person looks and says what it is (R17, R18, SC-20)."""

from __future__ import annotations

from gateway.db.tables import PageView
from gateway.domain.codes import Code, Reason
from gateway.domain.duties import Act
from gateway.domain.vocabulary import JobStage, Role
from gateway.errors import ConflictError, ForbiddenError, RefusedError
from gateway.ledger.append import append
from gateway.services.counting import refuse_job
from gateway.services.gate import Actor, Gate
from gateway.services.jobs import JobView, view, visible_job
from gateway.services.matching import rematch


def may_judge(actor: Actor) -> bool:
    """Operators and the secrecy office."""
    return actor.may(Act.RELEASE) or Role.SECRECY_DIRECTOR in actor.roles


def judge_telegram(gate: Gate, actor: Actor, job_no: str, *, is_telegram: bool) -> JobView:
    """An operator or the secrecy office has looked at page 1: a cipher telegram is refused and destroyed, an ordinary paper goes on.

    Raises ForbiddenError for others and for the job's own requester, RefusedError E_NOT_REVIEWED when page 1 was not shown to him.
    """
    if not may_judge(actor):
        raise ForbiddenError("Only an operator or the secrecy office says whether it is a telegram.", "Ask one of them.")
    with gate.database.writing() as session:
        job = visible_job(session, actor, job_no)
        if job.requester_id == actor.user_id:
            raise ForbiddenError("Nobody judges his own paper.", "Ask another operator or the secrecy office.")
        if JobStage(job.stage) is not JobStage.HELD or job.found_ordinary or not job.inspection.get("header_words"):
            raise ConflictError(f"Job {job.job_no} does not wait for this.", "Look at the job again.")
        if session.get(PageView, (job.id, actor.user_id, 1)) is None:
            raise RefusedError([Reason(Code.E_NOT_REVIEWED, "0 / 1")])
        now = gate.clock.now()
        if is_telegram:
            refuse_job(gate, session, job, [Reason(Code.E_CIPHER_TELEGRAM)], by=actor.username)
        else:
            job.found_ordinary = True
            session.add(job)
            append(session, kind="job.found_ordinary", at=now, actor=actor.username, subject=job.job_no, data={})
            rematch(gate, session, job, actor=actor.username)
        return view(session, job)
