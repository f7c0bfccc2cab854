"""Bringing jobs and permits together: by what the job claims, or by a person's word (R01, R10, I11)."""

from __future__ import annotations

from datetime import datetime, time

from sqlmodel import Session, col, select

from gateway.db.tables import Job, Permit, User
from gateway.domain.codes import Code, Reason
from gateway.domain.duties import Act
from gateway.domain.matching import JobFacts, job_reasons, match_reasons
from gateway.domain.permit_numbers import Reading, distinct, read_permit_number
from gateway.domain.permits import first_of_next_month
from gateway.domain.vocabulary import Channel, JobStage, PermitKind, PermitState
from gateway.errors import ConflictError, ForbiddenError, RefusedError
from gateway.ledger.append import append
from gateway.services.attempts import note_attempt
from gateway.services.denials import note_denial
from gateway.services.facts import job_facts, permit_facts
from gateway.services.gate import SYSTEM, Actor, Gate
from gateway.services.jobs import JobView, reasons_of, view, visible_job
from gateway.services.standing import standing_permits

STATUS_HELD = "held"
BY_PERSON = "person"
"""Source of a claim that is no sender's word but what its owner or an operator said later."""
_AT_A_TIME = 200


def permit_by_claim(session: Session, written: str) -> Permit | Reason:
    """The permit a written number names, or why it names none (mistyped told apart from unknown)."""
    number = read_permit_number(written)
    if number.reading is Reading.MISTYPED:
        return Reason(Code.E_PERMIT_MISTYPED)
    permit = session.exec(select(Permit).where(Permit.permit_no == number.text)).first()
    return permit or Reason(Code.E_PERMIT_UNKNOWN, number.text)


def _claimed_permit(session: Session, job: Job) -> Permit | Reason:
    """What the job says of itself; a person's word afterwards counts alone."""
    said = [claim["text"] for claim in job.claims if claim["source"] == BY_PERSON]
    claims = distinct(said[-1:] or [claim["text"] for claim in job.claims])
    if len(claims) > 1:
        return Reason(Code.E_PERMIT_CONFLICT, ", ".join(claim.text for claim in claims))
    if claims:
        return permit_by_claim(session, claims[0].text)
    seen_on_page = [number.text for number in distinct(job.inspection.get("permit_claims", ())) if number.reading is Reading.VALID]
    return Reason(Code.E_NO_PERMIT, f"page 1 shows {seen_on_page[0]}: confirm it" if seen_on_page else "")


def rematch(gate: Gate, session: Session, job: Job, *, actor: str = SYSTEM) -> list[Reason]:
    """Work out afresh which permit a held job belongs to and what holds it; a change leaves a ledger entry (I11).

    A permit given by a person (`job.permit_id` is set) is kept; otherwise the job's own claims count.
    """
    reasons = _reasons_now(gate, session, job)
    job.recheck_at = _recheck_at(gate, session, job, reasons)
    session.add(job)
    if [reason.to_json() for reason in reasons] != job.reasons:
        before = reasons_of(job)
        job.reasons = [reason.to_json() for reason in reasons]
        session.add(job)
        permit = session.get(Permit, job.permit_id) if job.permit_id else None
        note_denial(gate, session, job.requester_id, job.job_no, reasons, before=before)
        note_attempt(gate, session, job, permit, set(reasons) - set(before))
        codes = " ".join(reason.code.value for reason in reasons)
        append(
            session,
            kind="job.matched" if not reasons else "job.held",
            at=gate.clock.now(),
            actor=actor,
            subject=job.job_no,
            data={
                "reasons": job.reasons,
                "permit": permit.permit_no if permit else "",
                "print_register": {"status": STATUS_HELD, "codes": codes, **({"permit_no": permit.permit_no} if permit else {})},
            },
        )
    return reasons


def _reasons_now(gate: Gate, session: Session, job: Job) -> list[Reason]:
    facts = job_facts(gate, session, job)
    named = session.get(Permit, job.permit_id) if job.permit_id else None
    if named is not None and named.kind != PermitKind.STANDING.value:
        return _against(gate, session, facts, named)
    found = _claimed_permit(session, job)
    if isinstance(found, Reason) and found.code is Code.E_NO_PERMIT and not found.detail:
        found = _standing_permit(gate, session, job, facts) or found
    if isinstance(found, Reason):
        job.permit_id = None
        return [*job_reasons(facts), found]
    job.permit_id = found.id
    return _against(gate, session, facts, found)


def _against(gate: Gate, session: Session, facts: JobFacts, permit: Permit) -> list[Reason]:
    return match_reasons(facts, permit_facts(gate, session, permit), gate.now(), gate.today())


def _standing_permit(gate: Gate, session: Session, job: Job, facts: JobFacts) -> Permit | None:
    """The standing permit of the requester's department for papers of the declared level: one that fits, else the first (SC-03)."""
    requester = session.get(User, job.requester_id) if job.requester_id else None
    if requester is None or facts.declared_level is None or facts.channel is not Channel.PRINT:
        return None
    permits = standing_permits(session, requester.department_id, facts.declared_level)
    return next((permit for permit in permits if not _against(gate, session, facts, permit)), permits[0] if permits else None)


def _recheck_at(gate: Gate, session: Session, job: Job, reasons: list[Reason]) -> datetime | None:
    """When time alone will change what holds the job; everything else that changes says so itself."""
    permit = session.get(Permit, job.permit_id) if job.permit_id else None
    if permit is None or permit.state != PermitState.ACTIVE.value:
        return None
    now = gate.now()
    moments = [permit.valid_from, permit.valid_to]
    if any(reason.code is Code.E_ALLOWANCE_SPENT for reason in reasons):
        moments.append(datetime.combine(first_of_next_month(gate.today()), time(), gate.settings.zone))
    return min((moment for moment in moments if moment > now), default=None)


def match_job(gate: Gate, actor: Actor, job_no: str, permit_no: str) -> JobView:
    """A person says which permit a held job belongs to. Raises RefusedError when no such permit exists.

    Its owner and operators may, and nobody else: who approves a permit does not also choose what is printed under it (I10). The job
    stays held with all reasons shown if the permit does not fit.
    """
    with gate.database.writing() as session:
        job = visible_job(session, actor, job_no)
        if job.requester_id != actor.user_id and not actor.may(Act.RELEASE):
            raise ForbiddenError("A job is given its permit by its owner or an operator.", "Ask one of them.")
        if JobStage(job.stage) is not JobStage.HELD:
            raise ConflictError(f"Job {job.job_no} is {job.stage}, not held.", "Only a held job can be given a permit.")
        found = permit_by_claim(session, permit_no)
        if isinstance(found, Reason):
            raise RefusedError([found])
        job.permit_id = found.id
        job.claims = [*job.claims, {"source": BY_PERSON, "text": found.permit_no}]
        session.add(job)
        rematch(gate, session, job, actor=actor.username)
        return view(session, job)


def rematch_held_jobs(gate: Gate, session: Session, permit: Permit) -> None:
    """After a permit changed: look again at every held job that belongs to it; for a standing one, at all its department may have."""
    held = select(Job).where(Job.stage == JobStage.HELD.value)
    for job in session.exec(held.where(Job.permit_id == permit.id)).all():
        rematch(gate, session, job)
    if permit.kind == PermitKind.STANDING.value:
        colleagues = select(User.id).where(User.department_id == permit.department_id)
        waiting = held.where(col(Job.permit_id).is_(None), Job.declared_level == permit.level, col(Job.requester_id).in_(colleagues))
        for job in session.exec(waiting).all():
            rematch(gate, session, job)


def rematch_due(gate: Gate) -> int:
    """Look again at the held jobs whose permit's validity has begun or ended by now; returns how many were looked at."""
    query = select(Job.id).where(Job.stage == JobStage.HELD.value, col(Job.recheck_at) <= gate.clock.now())
    with gate.database.reading() as session:
        due = session.exec(query.order_by(col(Job.recheck_at)).limit(_AT_A_TIME)).all()
    for job_id in due:
        with gate.database.writing() as session:
            job = session.get_one(Job, job_id)
            if JobStage(job.stage) is JobStage.HELD:
                rematch(gate, session, job)
    return len(due)


def rematch_some(gate: Gate, after: int, limit: int = 50) -> int:
    """Look again at the next held jobs by id, for changes of people or devices nobody told of; returns where to go on, 0 at the end.

    Only what changed is written. A release checks everything anyway: this keeps what people see true.
    """
    with gate.database.reading() as session:
        query = select(Job).where(Job.stage == JobStage.HELD.value, col(Job.id) > after).order_by(col(Job.id)).limit(limit)
        jobs = session.exec(query).all()
        stale = [job.id for job in jobs if _is_stale(gate, session, job)]
    for job_id in stale:
        with gate.database.writing() as session:
            job = session.get_one(Job, job_id)
            if JobStage(job.stage) is JobStage.HELD:
                rematch(gate, session, job)
    return (jobs[-1].id or 0) if len(jobs) == limit else 0


def _is_stale(gate: Gate, session: Session, job: Job) -> bool:
    with session.no_autoflush:
        permit_before = job.permit_id
        now = [reason.to_json() for reason in _reasons_now(gate, session, job)]
        changed = job.permit_id != permit_before
        job.permit_id = permit_before
        return changed or now != job.reasons
