"""The final pages of a fax: the job's pages with the fax stamp, drawn in the keyless child; nothing is drawn on them later (R42, R47)."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import BinaryIO

from sqlmodel import Session

from gateway.db.tables import Department, Job, User
from gateway.domain.duties import Act
from gateway.errors import ConflictError, ForbiddenError
from gateway.logs import log
from gateway.memory import memory_file
from gateway.services.gate import Actor, Gate
from gateway.services.jobs import visible_job
from spool import SpoolError
from watermark import CopyMark, FontFiles, StampPlan, WatermarkError, load_templates, ocr, sandbox
from watermark.faxtiff import FINE

_OCR_DPI = 200
KIND = "fax"
"""The stamp template."""


@dataclass(frozen=True, slots=True)
class Pictures:
    """What is known of the pictures on a fax's pages: the pages (from 1), whether they were read, and what reads as a mark there."""

    pages: tuple[int, ...] = ()
    read: bool = False
    marks: tuple[str, ...] = ()


def draw_pages(gate: Gate, actor: Actor, job_no: str) -> bytes:
    """The final pages of a held job as TIFF: the same file each time, so that a record can be bound to it before it is filed.

    Raises NotFoundError for a job he may not know of, ConflictError when there is nothing to draw or it cannot be drawn.
    """
    with gate.database.reading() as session:
        job, base_object = _drawable(session, actor, job_no)
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


def look_at_pictures(gate: Gate, actor: Actor, job_no: str) -> Pictures:
    """Pages on which words may stand that are no text, and the marks found in them where they can be read (`fax_ocr`, Tesseract).

    A page that cannot be read leaves them unread, as on a machine without Tesseract: approver and doctor are told so. Raises what
    `draw_pages` raises.
    """
    with gate.database.reading() as session:
        _, base_object = _drawable(session, actor, job_no)
    try:
        with gate.spool.fetched(base_object) as base:
            pages = sandbox.picture_pages(base)
            if not (pages and gate.settings.fax_ocr and ocr.is_installed()):
                return Pictures(pages)
            marks = _marks(base, pages)
    except (SpoolError, WatermarkError) as error:
        raise ConflictError(f"The fax cannot be drawn ({error.code}).", "Try again; if it stays so, look at the gateway's log.") from error
    return Pictures(pages) if marks is None else Pictures(pages, read=True, marks=marks)


def _marks(base: BinaryIO, pages: tuple[int, ...]) -> tuple[str, ...] | None:
    """What reads as a mark on these pages; None when one of them cannot be read."""
    found: dict[str, None] = {}
    for page in pages:
        try:
            with memory_file("picture") as picture:
                picture.write(sandbox.render_page(base, page - 1, _OCR_DPI))
                picture.flush()
                found |= dict.fromkeys(sandbox.marks_in_picture(picture))
        except WatermarkError as error:
            log.warning("fax_picture_unread", error=error.code)
            return None
    return tuple(found)


def require_drawable(gate: Gate, actor: Actor, job_no: str) -> None:
    """That `draw_pages` may be asked for, without drawing. Raises what it raises before it draws."""
    with gate.database.reading() as session:
        _drawable(session, actor, job_no)


def hash_of_pages(gate: Gate, actor: Actor, job_no: str) -> str:
    """SHA-256 of the pages `draw_pages` draws: what a technical processing record is bound to."""
    return hashlib.sha256(draw_pages(gate, actor, job_no)).hexdigest()


def _drawable(session: Session, actor: Actor, job_no: str) -> tuple[Job, str]:
    """The job, and where its pages are."""
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
