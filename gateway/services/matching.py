"""Bringing jobs and permits together: by what the job claims, or by a person's word (R01, R10, I11)."""

from __future__ import annotations

from sqlmodel import Session, col, select

from gateway.db.tables import Department, Device, Job, Permit, PermitDevice
from gateway.domain.codes import Code, Reason
from gateway.domain.matching import job_reasons, match_reasons
from gateway.domain.permit_numbers import Reading, distinct, read_permit_number
from gateway.domain.permits import Allowance, PermitFacts
from gateway.domain.vocabulary import DocType, JobStage, Level, PermitKind, PermitState
from gateway.errors import ConflictError, RefusedError
from gateway.ledger.append import append
from gateway.services.gate import SYSTEM, Actor, Gate
from gateway.services.jobs import JobView, facts, reasons_of, view, visible_job

STATUS_HELD = "held"


def permit_facts(session: Session, permit: Permit) -> PermitFacts:
    """What the rules need to know of a permit."""
    devices = session.exec(
        select(Device.code).join(PermitDevice, col(PermitDevice.device_id) == Device.id).where(PermitDevice.permit_id == permit.id)
    ).all()
    return PermitFacts(
        permit_no=permit.permit_no,
        kind=PermitKind(permit.kind),
        state=PermitState(permit.state),
        department=session.get_one(Department, permit.department_id).code,
        level=Level(permit.level),
        term=permit.term,
        doc_type=DocType(permit.doc_type),
        pages=permit.pages,
        allowance=Allowance(permit.copies_approved, permit.copies_reserved, permit.copies_good),
        valid_from=permit.valid_from,
        valid_to=permit.valid_to,
        page_hash=permit.page_hash,
        devices=frozenset(devices),
    )


def permit_by_claim(session: Session, written: str) -> Permit | Reason:
    """The permit a written number names, or why it names none (mistyped told apart from unknown)."""
    number = read_permit_number(written)
    if number.reading is Reading.MISTYPED:
        return Reason(Code.E_PERMIT_MISTYPED)
    permit = session.exec(select(Permit).where(Permit.permit_no == number.text)).first()
    return permit or Reason(Code.E_PERMIT_UNKNOWN, number.text)


def _claimed_permit(session: Session, job: Job) -> Permit | Reason:
    claims = distinct(claim["text"] for claim in job.claims)
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
    if [reason.to_json() for reason in reasons] != job.reasons:
        job.reasons = [reason.to_json() for reason in reasons]
        session.add(job)
        permit = session.get(Permit, job.permit_id) if job.permit_id else None
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
    job_facts = facts(session, job)
    if job.permit_id is None:
        found = _claimed_permit(session, job)
        if isinstance(found, Reason):
            return [*job_reasons(job_facts), found]
        job.permit_id = found.id
    permit = session.get_one(Permit, job.permit_id)
    return match_reasons(job_facts, permit_facts(session, permit), gate.clock.now(), gate.today())


def match_job(gate: Gate, actor: Actor, job_no: str, permit_no: str) -> JobView:
    """A person says which permit a held job belongs to. Raises RefusedError when no such permit exists.

    Owners and operators may; the job stays held with all reasons shown if the permit does not fit.
    """
    with gate.database.writing() as session:
        job = visible_job(session, actor, job_no)
        if JobStage(job.stage) is not JobStage.HELD:
            raise ConflictError(f"Job {job.job_no} is {job.stage}, not held.", "Only a held job can be given a permit.")
        found = permit_by_claim(session, permit_no)
        if isinstance(found, Reason):
            raise RefusedError([found])
        job.permit_id = found.id
        session.add(job)
        rematch(gate, session, job, actor=actor.username)
        return view(session, job)


def rematch_held_jobs(gate: Gate, session: Session, permit: Permit) -> None:
    """After a permit changed: look again at every held job that belongs to it."""
    for job in session.exec(select(Job).where(Job.permit_id == permit.id, Job.stage == JobStage.HELD.value)).all():
        rematch(gate, session, job)


def rematch_all_held(gate: Gate) -> int:
    """Look again at every held job, since validity ends with time; returns how many changed."""
    changed = 0
    with gate.database.reading() as session:
        held = session.exec(select(Job.id).where(Job.stage == JobStage.HELD.value)).all()
        stale = [job_id for job_id in held if _is_stale(gate, session, session.get_one(Job, job_id))]
    for job_id in stale:
        with gate.database.writing() as session:
            job = session.get_one(Job, job_id)
            if JobStage(job.stage) is JobStage.HELD:
                before = reasons_of(job)
                changed += rematch(gate, session, job) != before
    return changed


def _is_stale(gate: Gate, session: Session, job: Job) -> bool:
    with session.no_autoflush:
        permit_before = job.permit_id
        now = [reason.to_json() for reason in _reasons_now(gate, session, job)]
        job.permit_id = permit_before
        return now != job.reasons
