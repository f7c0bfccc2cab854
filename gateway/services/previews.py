"""Pictures of held pages for those who decide about them; who looked at what is in the books (R30: seeing is using; R31)."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import func
from sqlmodel import Session, select

from gateway.db.tables import Job, PageView, Permit
from gateway.domain.codes import Code, Reason
from gateway.domain.vocabulary import Level
from gateway.errors import ConflictError, RefusedError
from gateway.ledger.append import append
from gateway.services.denials import record_refusal
from gateway.services.gate import Actor, Gate
from gateway.services.handling import handling_reasons, level_to_handle
from gateway.services.jobs import visible_job
from gateway.services.policies import policy_in_force
from spool import SpoolError
from watermark import WatermarkError, sandbox

DPI = 96
_ONE_SITTING = timedelta(minutes=30)
"""Looks at one job by one person that are no further apart make one entry of the ledger, and not one per page."""


def picture_of_page(gate: Gate, actor: Actor, job_no: str, page: int) -> bytes:
    """A PNG of one page of the base, counted from 1, with the viewer's name across it. It counts as looked at when it is handed over.

    Raises NotFoundError for a job the actor may not know of, RefusedError when he is not cleared for it (R28; recorded),
    ConflictError when there is no such page any more.
    """
    with gate.database.reading() as session:
        job = visible_job(session, actor, job_no)
        reasons = [] if job.requester_id == actor.user_id else handling_reasons(gate, session, actor, level_to_handle(session, job))
    if reasons:
        record_refusal(gate, actor, "job.view_refused", job.job_no, reasons)
        raise RefusedError(reasons)
    if job.base_object is None or job.content_destroyed_at is not None or not 1 <= page <= (job.pages or 0):
        raise ConflictError(f"Job {job.job_no} has no page {page} to show.", "Its content may have been destroyed already.")
    try:
        with gate.spool.fetched(job.base_object) as base:
            picture = sandbox.render_page(base, page - 1, DPI, f"{actor.display_name} {actor.username} {gate.now():%Y-%m-%d %H:%M}")
    except (SpoolError, WatermarkError) as error:
        raise ConflictError(f"The page cannot be shown ({error.code}).", "Try again; if it stays so, look at the gateway's log.") from error
    note_page(gate, actor, job_no, page)
    return picture


def note_page(gate: Gate, actor: Actor, job_no: str, page: int) -> None:
    """Remember that somebody was shown a page: an entry when he begins to look, and one when he has seen them all (R31)."""
    with gate.database.writing() as session:
        job = visible_job(session, actor, job_no)
        now, seen = gate.clock.now(), number_of_pages_seen(session, job, actor)
        last = session.exec(select(func.max(PageView.seen_at)).where(PageView.job_id == job.id, PageView.user_id == actor.user_id)).one()
        row = session.get(PageView, (job.id, actor.user_id, page))
        session.add(row or PageView(job_id=job.id or 0, user_id=actor.user_id, page=page, seen_at=now))
        if row is not None:
            row.seen_at = now
        if last is None or abs(now - last) > _ONE_SITTING:
            append(session, kind="job.viewed", at=now, actor=actor.username, subject=job.job_no, data={})
        if row is None and seen + 1 == job.pages:
            data = {"pages": job.pages, "page_hash": job.page_hash or ""}
            append(session, kind="job.reviewed", at=now, actor=actor.username, subject=job.job_no, data=data)


def number_of_pages_seen(session: Session, job: Job, actor: Actor) -> int:
    """How many of a job's pages this person was shown."""
    return session.exec(
        select(func.count()).select_from(PageView).where(PageView.job_id == job.id, PageView.user_id == actor.user_id)
    ).one()


def pages_seen(gate: Gate, actor: Actor, job_no: str) -> frozenset[int]:
    """The pages of a job this person was shown."""
    with gate.database.reading() as session:
        job = visible_job(session, actor, job_no)
        return frozenset(session.exec(select(PageView.page).where(PageView.job_id == job.id, PageView.user_id == actor.user_id)).all())


def unseen_reason(session: Session, actor: Actor, permit: Permit) -> Reason | None:
    """Why this approver may not decide yet: pages are there, the policy wants them looked at, and he has not seen them all (R31).

    Asked for in advance there are none to see; then the pages are compared when they come. Pages destroyed meanwhile cannot be approved.
    """
    job = session.get(Job, permit.requested_from_job_id) if permit.requested_from_job_id else None
    if job is None or not policy_in_force(session).needs_review(Level(permit.level)):
        return None
    seen = number_of_pages_seen(session, job, actor)
    return None if seen == job.pages else Reason(Code.E_NOT_REVIEWED, f"{seen} / {job.pages}")
