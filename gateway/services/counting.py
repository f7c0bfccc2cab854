"""From what arrived to the base: counted by two parsers in a keyless child, hashed, then matched (I6, R10)."""

from __future__ import annotations

from contextlib import ExitStack
from typing import Any

from sqlmodel import Session, col, select

from gateway.db.tables import Job, JobDocument
from gateway.domain import moves
from gateway.domain.codes import REFUSING, Code, Reason
from gateway.domain.vocabulary import Channel, JobStage
from gateway.ledger.append import append
from gateway.logs import log
from gateway.memory import memory_file
from gateway.services.attempts import note_attempt
from gateway.services.denials import note_denial
from gateway.services.gate import SYSTEM, Gate
from gateway.services.jobs import move, reasons_of
from gateway.services.matching import rematch
from spool import DamagedObjectError, DestroyedError, UnknownObjectError
from watermark import Inspection, Limits, sandbox


def jobs_to_count(gate: Gate) -> list[int]:
    """Ids of held jobs whose pages nobody has counted, oldest first."""
    with gate.database.reading() as session:
        query = select(col(Job.id)).where(Job.stage == JobStage.HELD.value, col(Job.verdict).is_(None)).order_by(col(Job.id))
        return [job_id for job_id in session.exec(query).all() if job_id is not None]


def limits_of(gate: Gate, scanned_pages: int = 0) -> Limits:
    """The limits the child works under; a scanned page takes it a second or more, so that each gives it more time."""
    settings = gate.settings
    return Limits(
        max_pages=settings.max_pages,
        min_side=settings.min_page_side_pt,
        max_side=settings.max_page_side_pt,
        seconds=settings.count_seconds + round(scanned_pages * settings.count_page_seconds),
        page_seconds=settings.count_page_seconds,
        memory_bytes=settings.count_memory_bytes,
        postscript=False,  # CUPS' filters have made PDF of it: what comes as PostScript went around them (SC-09)
    )


def count_job(gate: Gate, job_id: int) -> None:
    """Count one held job and match it. Doing it twice gives the same result; only the first is kept.

    Raises SpoolFullError or KeyPoolEmptyError when there is no room for the base now: the job stays uncounted, and is tried again.
    """
    with gate.database.reading() as session:
        job = session.get_one(Job, job_id)
        documents = session.exec(
            select(JobDocument)
            .where(JobDocument.job_id == job_id, JobDocument.attempt == job.attempt)
            .order_by(col(JobDocument.position), col(JobDocument.id))
        ).all()
    objects = [document.spool_object for document in documents]
    try:
        inspection, base_object = _make_base(gate, objects, limits_of(gate, len(objects) if job.channel == Channel.COPY.value else 0))
    except (DamagedObjectError, DestroyedError, UnknownObjectError) as error:
        log.error("counting_failed", job=job.job_no, code=error.code)
        inspection, base_object = None, None
    with gate.database.writing() as session:
        job = session.get_one(Job, job_id)
        if JobStage(job.stage) is JobStage.HELD and job.verdict is None:
            _keep(gate, session, job, inspection, base_object)
            base_object = None
    if base_object is not None:
        gate.spool.destroy(base_object)  # somebody else counted, or the job was withdrawn meanwhile


def _make_base(gate: Gate, objects: list[str], limits: Limits) -> tuple[Inspection, str | None]:
    with ExitStack() as stack:
        sources = [stack.enter_context(gate.spool.fetched(spool_object)) for spool_object in objects]
        base = stack.enter_context(memory_file("base"))
        inspection = sandbox.make_base(sources, base, limits)
        if inspection.verdict != "ok":
            return inspection, None
        base.seek(0)
        return inspection, gate.spool.put(base, from_reserve=True).object_id


def _keep(gate: Gate, session: Session, job: Job, inspection: Inspection | None, base_object: str | None) -> None:
    now = gate.clock.now()
    if inspection is None:
        job.verdict = Code.E_DAMAGED.value
    else:
        job.verdict, job.pages, job.page_hash = inspection.verdict, inspection.pages or None, inspection.page_hash or None
        job.inspection = _kept_facts(inspection)
    job.base_object = base_object
    session.add(job)
    append(
        session,
        kind="job.counted",
        at=now,
        actor=SYSTEM,
        subject=job.job_no,
        data={
            "verdict": job.verdict,
            "pages": job.pages or 0,
            "page_hash": job.page_hash or "",
            "print_register": {"pages": job.pages, "page_hash": job.page_hash or "", "paper": str(job.inspection.get("paper", ""))},
        },
    )
    reasons = rematch(gate, session, job)
    if _is_cipher_telegram(job):
        reasons = [Reason(Code.E_CIPHER_TELEGRAM)]
    if any(reason.code in REFUSING for reason in reasons):
        refuse_job(gate, session, job, reasons)


def _kept_facts(inspection: Inspection) -> dict[str, Any]:
    largest = max(inspection.page_sizes, key=lambda size: size.count, default=None)
    return {
        "marks": list(inspection.marks),
        "permit_claims": list(inspection.permit_claims),
        "header_words": list(inspection.header_words),
        "head_bare": inspection.head_bare,
        "doc_type_hint": inspection.doc_type_hint,
        "colour_pages": len(inspection.colour_pages),
        "paper": largest.name if largest else "",
        "width": largest.width_pt if largest else 0,
        "height": largest.height_pt if largest else 0,
        "sheets_simplex": inspection.sheets_simplex,
        "sheets_duplex": inspection.sheets_duplex,
    }


def _is_cipher_telegram(job: Job) -> bool:
    """Declared by the sender (R17). Words found on page 1 only hold the job for a person, since a text may quote them."""
    return job.options.get("doc-type") in ("cipher_telegram", "密码电报")


def refuse_job(gate: Gate, session: Session, job: Job, reasons: list[Reason], *, by: str = SYSTEM) -> None:
    """End a held job as refused; its content is destroyed. Of a cipher telegram not even the title is kept (SC-20)."""
    if any(reason.code is Code.E_CIPHER_TELEGRAM for reason in reasons):
        job.title = None
    now = gate.clock.now()
    note_attempt(gate, session, job, None, reasons)
    note_denial(gate, session, job.requester_id, job.job_no, reasons, before=reasons_of(job))
    job.reasons = [reason.to_json() for reason in reasons]
    session.add(job)
    move(session, job, moves.REFUSE, now)
    append(
        session,
        kind="job.refused",
        at=now,
        actor=by,
        subject=job.job_no,
        data={"reasons": job.reasons, "print_register": {"status": "refused", "codes": " ".join(reason.code.value for reason in reasons)}},
    )
