"""The final pages of a fax: the job's pages with the fax stamp, drawn in the keyless child; nothing is drawn on them later (R42, R47)."""

from __future__ import annotations

import hashlib

from sqlmodel import Session

from gateway.db.tables import Department, Job, User
from gateway.domain.duties import Act
from gateway.errors import ConflictError, ForbiddenError
from gateway.memory import memory_file
from gateway.services.gate import Actor, Gate
from gateway.services.jobs import visible_job
from spool import SpoolError
from watermark import CopyMark, FontFiles, StampPlan, WatermarkError, load_templates, sandbox
from watermark.faxtiff import FINE

KIND = "fax"
"""The stamp template."""


def draw_pages(gate: Gate, actor: Actor, job_no: str) -> bytes:
    """The final pages of a held job as TIFF: the same file each time, so that a record can be bound to it before it is filed.

    Raises NotFoundError for a job he may not know of, ConflictError when there is nothing to draw or it cannot be drawn.
    """
    with gate.database.reading() as session:
        job, base_object = drawable(session, actor, job_no)
        plan = _stamp_plan(gate, session, job)
    template = load_templates(gate.settings.stamp_templates)[KIND]
    fonts = FontFiles(gate.settings.font_regular, gate.settings.font_bold)
    try:
        with gate.spool.fetched(base_object) as base, memory_file("stamped") as stamped, memory_file("fax") as out:
            sandbox.fan_out(base, stamped, plan, fonts=fonts, template=template)
            sandbox.make_facsimile(stamped, out, FINE)
            out.seek(0)
            return out.read()
    except (SpoolError, WatermarkError) as error:
        raise ConflictError(f"The fax cannot be drawn ({error.code}).", "Try again; if it stays so, look at the gateway's log.") from error


def require_drawable(gate: Gate, actor: Actor, job_no: str) -> None:
    """That `draw_pages` may be asked for, without drawing. Raises what it raises before it draws."""
    with gate.database.reading() as session:
        drawable(session, actor, job_no)


def hash_of_pages(gate: Gate, actor: Actor, job_no: str) -> str:
    """SHA-256 of the pages `draw_pages` draws: what a technical processing record is bound to."""
    return hashlib.sha256(draw_pages(gate, actor, job_no)).hexdigest()


def drawable(session: Session, actor: Actor, job_no: str) -> tuple[Job, str]:
    """The job, and where its pages are. Raises what `draw_pages` raises before it draws."""
    actor.require(Act.PRINT)
    job = visible_job(session, actor, job_no)
    if job.requester_id != actor.user_id:
        raise ForbiddenError("A fax is drawn for the person whose job it is.", "Let the job's owner do it.")
    if job.base_object is None or job.content_destroyed_at is not None:
        raise ConflictError(f"Job {job.job_no} has no pages to fax.", "Wait until it is counted, or send it again.")
    return job, job.base_object


def _stamp_plan(gate: Gate, session: Session, job: Job) -> StampPlan:
    """What stands on the pages. Number and permit are bound to them later: the job and its page hash name them, here and in the books."""
    requester = session.get_one(User, job.requester_id)
    pages = (job.page_hash or "").rpartition(":")[2][:16]
    return StampPlan(
        permit_no=job.job_no,
        mark="",
        requester=requester.display_name,
        department=session.get_one(Department, requester.department_id).name,
        printed_at=job.received_at.astimezone(gate.settings.zone).strftime("%Y-%m-%d %H:%M"),
        release_tag=pages,
        copies=(CopyMark(number=1, label="1/1", qr=f"{job.job_no} {pages}"),),
        kind=KIND,
        unit=gate.settings.unit,
        copies_approved=1,
        head_bare=bool(job.inspection.get("head_bare")),
    )
