"""Copy sessions as the station, the API and the command line show them; small pictures of their pages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlmodel import Session, col, select

from gateway.db.tables import Carrier, CopySession, Job, JobDocument, User
from gateway.domain.codes import Reason
from gateway.domain.copying import CopyMethod, ScanState, original_reasons
from gateway.domain.duties import Act
from gateway.domain.vocabulary import Channel, JobStage, Level
from gateway.errors import ConflictError, NotFoundError, RefusedError
from gateway.memory import memory_file
from gateway.services.copying import page_by_number
from gateway.services.counting import limits_of
from gateway.services.denials import record_refusal
from gateway.services.gate import Actor, Gate
from gateway.services.handling import handling_reasons, level_to_handle
from gateway.services.jobs import JobView, view, visible_job
from gateway.services.originals import carriers_by_page, original_of, pages_of
from spool import SpoolError
from watermark import WatermarkError, sandbox

SMALL_SIDE = 360
"""Points of a small picture's longer side: enough to see which page it is, too few to read it."""
_MOST_SHOWN = 100


@dataclass(frozen=True, slots=True)
class ScannedPage:
    """One page of a session, counted from 1; `carriers` are those of ours whose codes it bears."""

    number: int
    blank: bool
    carriers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CopyView:
    """A copy job as its station sees it."""

    job: JobView
    method: CopyMethod
    scan: ScanState
    scanner: str
    fault: str
    pages: tuple[ScannedPage, ...]
    level: Level | None
    """The original's, the highest of several; None while nobody knows."""
    declared: bool
    declared_level: Level | None
    term: str
    from_above: bool
    no_copy_notice: bool
    declared_by: str
    seconded_by: str
    original: str
    """The carrier it is copied from, if one of ours."""
    reasons: tuple[Reason, ...]
    """What is still to say about the original."""

    @property
    def job_no(self) -> str:
        """The job's number."""
        return self.job.job_no

    @property
    def is_open(self) -> bool:
        """Whether pages may still come."""
        return self.job.stage is JobStage.RECEIVING


def show_copy(gate: Gate, actor: Actor, job_no: str) -> CopyView:
    """One copy job. Raises NotFoundError for other jobs, and for those who may not know of it."""
    with gate.database.reading() as session:
        job = visible_job(session, actor, job_no)
        row = session.get(CopySession, job.id)
        if row is None:
            raise NotFoundError(f"Job {job.job_no} is no copy job.", "See `imprimatur copy list`.")
        return _view(session, job, row)


def list_copies(gate: Gate, actor: Actor) -> list[CopyView]:
    """Sessions whose pages still come, oldest first; for operators."""
    actor.require(Act.RELEASE)
    open_ones = select(Job, CopySession).join(CopySession, col(CopySession.job_id) == Job.id)
    open_ones = open_ones.where(Job.stage == JobStage.RECEIVING.value, Job.channel == Channel.COPY.value)
    with gate.database.reading() as session:
        return [_view(session, job, row) for job, row in session.exec(open_ones.order_by(col(Job.id)).limit(_MOST_SHOWN)).all()]


def _view(session: Session, job: Job, row: CopySession) -> CopyView:
    pages, original = pages_of(session, job), original_of(session, job)
    parent = session.get(Carrier, row.parent_id) if row.parent_id else None
    return CopyView(
        job=view(session, job),
        method=CopyMethod(row.method),
        scan=ScanState(row.scan),
        scanner=row.scanner,
        fault=row.fault,
        pages=_pages(session, pages),
        level=original.level if original else None,
        declared=row.declared_by_id is not None,
        declared_level=Level(row.level) if row.level else None,
        term=row.term,
        from_above=row.from_above,
        no_copy_notice=row.no_copy_notice,
        declared_by=_name(session, row.declared_by_id),
        seconded_by=_name(session, row.seconded_by_id),
        original=parent.carrier_no if parent else "",
        reasons=tuple(original_reasons(original)) if original else (),
    )


def _pages(session: Session, pages: Sequence[JobDocument]) -> tuple[ScannedPage, ...]:
    named = carriers_by_page(session, pages)
    return tuple(ScannedPage(at, page.blank, named[at - 1]) for at, page in enumerate(pages, 1))


def _name(session: Session, user_id: int | None) -> str:
    return session.get_one(User, user_id).display_name if user_id else ""


def small_page(gate: Gate, actor: Actor, job_no: str, number: int) -> bytes:
    """A small PNG of one scanned page, before it is counted; for operators cleared for it (R28).

    Raises RefusedError when he is not, NotFoundError for a page that is not there, ConflictError when it cannot be shown.
    """
    actor.require(Act.RELEASE)
    with gate.database.reading() as session:
        job = visible_job(session, actor, job_no)
        page = page_by_number(session, job, number)
        reasons = handling_reasons(gate, session, actor, _level(session, job))
    if reasons:
        record_refusal(gate, actor, "job.view_refused", job.job_no, reasons)
        raise RefusedError(reasons)
    try:
        with gate.spool.fetched(page.spool_object) as scanned, memory_file("small") as small:
            sandbox.read_scan(scanned, small, SMALL_SIDE, limits_of(gate))
            small.seek(0)
            return small.read()
    except (SpoolError, WatermarkError) as error:
        raise ConflictError(f"The page cannot be shown ({error.code}).", "Try again; if it stays so, look at the gateway's log.") from error


def _level(session: Session, job: Job) -> Level:
    original = original_of(session, job)
    return original.level if original and original.level else level_to_handle(session, job)
