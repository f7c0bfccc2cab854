"""Scans as the station is told to make them: ordered by an operator, taken by the desk, ended with or without a fault."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sqlmodel import col, select

from gateway.db.tables import CopySession, Job
from gateway.domain.copying import ScanState
from gateway.errors import ConflictError, InvalidInputError, NotFoundError
from gateway.scanners import Colours, Source
from gateway.services.copying import expect_idle, open_session, page_by_number, tell
from gateway.services.gate import SYSTEM, Actor, Gate
from gateway.services.originals import pages_of

_IDLE = ScanState.IDLE.value
INTERRUPTED = "interrupted"
SPOOL_FULL = "full"
UNREADABLE = "unreadable"
TOO_LARGE = "too_large"
"""Why a scan ended, besides the faults of `gateway.scanners`."""


@dataclass(frozen=True, slots=True)
class ScanOrder:
    """A scan the station is to make now; `replace` is the page (by id) it stands for, 0 for pages that are added."""

    job_id: int
    job_no: str
    scanner: str
    source: Source
    colours: Colours
    resolution: int
    replace: int
    length: int = 0
    """Bytes of the pages that are there already."""


def order_scan(
    gate: Gate, actor: Actor, job_no: str, scanner: str, *, source: Source, colours: Colours, resolution: int, replace_page: int = 0
) -> None:
    """Have pages scanned and added, or page `replace_page` (from 1) scanned again: the station begins at once.

    Raises ConflictError while it scans for this session, or for another at the same scanner.
    """
    with gate.database.writing() as session:
        job, row = open_session(session, actor, job_no)
        if scanner not in gate.settings.scanners:
            raise NotFoundError(f"There is no scanner {scanner[:40]}.", f"The settings name these: {', '.join(gate.settings.scanners)}.")
        if not 75 <= resolution <= 600:
            raise InvalidInputError("The resolution must be 75 to 600 dots per inch.", "300 suits text.")
        expect_idle(row)
        if session.exec(select(CopySession.job_id).where(CopySession.scanner == scanner, CopySession.scan != _IDLE)).first() is not None:
            raise ConflictError(f"The scanner {scanner} is at work for another job.", "Wait until it is done.")
        replace = page_by_number(session, job, replace_page).id or 0 if replace_page else 0
        row.scan, row.scanner, row.fault = ScanState.WANTED.value, scanner, ""
        row.wish = {"source": source.value, "colours": colours.value, "resolution": resolution, "replace": replace}
        session.add(row)
        tell(gate, session, job, "copy.scan_ordered", actor.username, {"scanner": scanner, "source": source.value})


def take_order(gate: Gate, busy: Collection[str]) -> ScanOrder | None:
    """The oldest scan that is wanted and whose scanner is free, marked as running; None when there is none."""
    with gate.database.reading() as session:
        wanted = select(CopySession.job_id).where(CopySession.scan == ScanState.WANTED.value, col(CopySession.scanner).not_in(list(busy)))
        job_id = session.exec(wanted.order_by(col(CopySession.job_id))).first()
    if job_id is None:
        return None
    with gate.database.writing() as session:
        job, row = session.get_one(Job, job_id), session.get_one(CopySession, job_id)
        if row.scan != ScanState.WANTED.value:
            return None
        row.scan = ScanState.RUNNING.value
        session.add(row)
        wish = row.wish
        source, colours = Source(wish["source"]), Colours(wish["colours"])
        length = sum(page.length for page in pages_of(session, job))
        return ScanOrder(job_id, job.job_no, row.scanner, source, colours, int(wish["resolution"]), int(wish["replace"]), length)


def most_bytes(gate: Gate) -> int:
    """Of one session's pages: what the child can still make a base of. More would be refused when it is counted, and lost."""
    return gate.settings.count_memory_bytes // 2


def end_scan(gate: Gate, job_id: int, fault: str = "") -> None:
    """The scanner is done, or stopped for this reason; every page it gave is kept."""
    with gate.database.writing() as session:
        row = session.get_one(CopySession, job_id)
        row.scan, row.fault = _IDLE, fault
        session.add(row)
        job = session.get_one(Job, job_id)
        tell(gate, session, job, "copy.scan_ended", SYSTEM, {"pages": len(pages_of(session, job)), "fault": fault})


def end_interrupted_scans(gate: Gate) -> None:
    """At start: what ran when the gateway stopped is over; its pages are kept."""
    with gate.database.reading() as session:
        running = session.exec(select(CopySession.job_id).where(CopySession.scan == ScanState.RUNNING.value)).all()
    for job_id in running:
        end_scan(gate, job_id, INTERRUPTED)
