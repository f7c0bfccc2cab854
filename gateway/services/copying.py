"""A copy session 复印: pages come one by one into a job that is still being received, then it is held like any other (R01, R02, R14, R17).

Every page is durable and encrypted before it counts; what was scanned survives a jam, a cut cable and a restart.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlmodel import Session, col, select

from gateway.db.tables import CopySession, Device, Job, JobDocument, Permit, User
from gateway.domain import moves
from gateway.domain.codes import Reason
from gateway.domain.copying import CopyMethod, ScanState
from gateway.domain.duties import Act
from gateway.domain.paper_codes import read_copy_code
from gateway.domain.plain_text import one_line
from gateway.domain.vocabulary import Channel, JobStage
from gateway.errors import ConflictError, InvalidInputError, NotFoundError, RefusedError
from gateway.ledger.append import append
from gateway.ledger.entry import commitment
from gateway.services.counting import refuse_job
from gateway.services.devices import printing_device
from gateway.services.gate import SYSTEM, Actor, Gate, new_salt
from gateway.services.jobs import JobView, job_by_number, move, reasons_of, view
from gateway.services.matching import BY_PERSON, permit_by_claim
from gateway.services.originals import original_of, pages_of, parent_of
from gateway.services.receiving import hold_job
from gateway.services.release import cancel
from gateway.services.top_secret_copies import forbidden, jobs_to_look_at
from spool import StoredObject
from watermark.model import ScanReport

ATTEMPT = "scan"
_IDLE = ScanState.IDLE.value
MOST_PAGES = 2000
_SIDES = ("one-sided", "two-sided-long-edge")


@dataclass(frozen=True, slots=True)
class CopyWish:
    """What is to be copied, for whom, where it comes out. The title stands in our books only."""

    requester: str
    device: str
    copies: int
    title: str
    duplex: bool = False
    permit: str = ""
    """Its permit, where one was asked for in advance; of a 绝密 original it must be (R16)."""


def begin_copy(gate: Gate, actor: Actor, wish: CopyWish) -> JobView:
    """Begin a session: an operator copies on behalf of the requester (R76). Raises InvalidInputError, NotFoundError."""
    actor.require(Act.RELEASE)
    with gate.database.writing() as session:
        job = new_copy_job(gate, session, printing_device(session, wish.device), CopyMethod.SCANNED, f"copy:{secrets.token_hex(16)}")
        _assign(gate, session, actor, job, wish)
        return view(session, job)


def assign_copy(gate: Gate, actor: Actor, job_no: str, wish: CopyWish) -> JobView:
    """Say for whom a session is and where it comes out, such as of what a device pushed. Raises what `begin_copy` raises."""
    with gate.database.writing() as session:
        job, _ = open_session(session, actor, job_no)
        _assign(gate, session, actor, job, wish)
        return view(session, job)


def _assign(gate: Gate, session: Session, actor: Actor, job: Job, wish: CopyWish) -> None:
    if not 1 <= wish.copies <= 9999:
        raise InvalidInputError("The number of copies must be 1 to 9999.", "Give the number the permit allows.")
    requester = session.exec(select(User).where(User.username == wish.requester.strip(), col(User.active).is_(True))).first()
    if requester is None:
        raise NotFoundError(f"There is no account {wish.requester.strip()[:40]}.", "Name the account the copies are made for.")
    device = printing_device(session, wish.device)
    job.requester_id, job.sender, job.copies, job.title = requester.id, actor.username, wish.copies, one_line(wish.title)[:200]
    job.device_id, job.queue, job.options = device.id, device.queue or "", {"sides": _SIDES[wish.duplex]}
    if wish.permit.strip():
        permit = named_permit(session, wish.permit)
        job.permit_id, job.claims = permit.id, [*job.claims, {"source": BY_PERSON, "text": permit.permit_no}]
    session.add(job)
    session.get_one(CopySession, job.id).begun_by_id = actor.user_id
    permit_no = job.claims[-1]["text"] if job.claims else ""
    data = {"requester": requester.username, "copies": job.copies, "title": commitment(job.title_salt, job.title), "permit": permit_no}
    tell(gate, session, job, "copy.begun", actor.username, data)


def named_permit(session: Session, written: str) -> Permit:
    """The permit somebody named. Raises RefusedError when it names none."""
    found = permit_by_claim(session, written)
    if isinstance(found, Reason):
        raise RefusedError([found])
    return found


def new_copy_job(gate: Gate, session: Session, device: Device | None, method: CopyMethod, key: str) -> Job:
    """The row of a copy job that is still being received, with its session; nobody's until a requester is set."""
    now = gate.clock.now()
    job = Job(
        job_no=f"?{key}"[:60],
        source_key=key,
        attempt=ATTEMPT,
        stage=JobStage.RECEIVING.value,
        channel=Channel.COPY.value,
        queue=(device.queue or "") if device else "",
        sender=SYSTEM,
        device_id=device.id if device else None,
        title_salt=new_salt(),
        copies=1,
        received_at=now,
        stage_since=now,
    )
    session.add(job)
    session.flush()
    job.job_no = f"H{job.id:06d}"
    session.add(CopySession(job_id=job.id or 0, method=method.value, scan=_IDLE))
    session.flush()
    return job


def add_page(gate: Gate, job_id: int, stored: StoredObject, report: ScanReport, *, replace: int = 0) -> bool:
    """Keep one durable page, at the end or in the place of another; False when the job takes none any more.

    Then the page is destroyed, and the scan is to stop: the job was withdrawn, or this very page is of a paper nobody may copy (R15).
    """
    gone: list[str] = []
    with gate.database.writing() as session:
        job = session.get_one(Job, job_id)
        pages = pages_of(session, job)
        keeps = JobStage(job.stage) is JobStage.RECEIVING and len(pages) < MOST_PAGES
        if keeps:
            old = next((page for page in pages if page.id == replace), None)
            position = old.position if old else max((page.position for page in pages), default=0) + 1
            keep_page(gate, session, job, stored, report.codes, blank=report.blank, position=position)
            if old is not None:
                gone.append(old.spool_object)
                session.delete(old)
            session.flush()
            keeps = not refuse_forbidden(gate, session, job)
        if not keeps:
            gone.append(stored.object_id)
    gate.spool.destroy(*gone)
    if not keeps:
        erase_refused(gate, job_id)
    return keeps


def keep_page(gate: Gate, session: Session, job: Job, stored: StoredObject, texts: Iterable[str], *, blank: bool, position: int) -> None:
    """The row of one durable page; of the codes on it only those of ours count."""
    codes = sorted({code for text in texts if (code := read_copy_code(gate.code_key, text))})
    page = JobDocument(
        job_id=job.id or 0,
        attempt=ATTEMPT,
        delivery=secrets.token_hex(8),
        spool_object=stored.object_id,
        length=stored.length,
        sha256=stored.sha256,
        position=position,
        codes=codes,
        blank=blank,
    )
    session.add(page)
    data = {"sha256": commitment(job.title_salt, stored.sha256), "length": stored.length, "codes": len(codes)}
    tell(gate, session, job, "copy.page", SYSTEM, data)


def refuse_forbidden(gate: Gate, session: Session, job: Job, *, by: str = SYSTEM) -> bool:
    """End a copy job whose original nobody may copy; a session is held and refused in one, so that the register has its row (R02, R15)."""
    reason = forbidden(gate, session, job)
    if reason is None:
        return False
    refuse_session(gate, session, job, [reason], by=by)
    return True


def refuse_session(gate: Gate, session: Session, job: Job, reasons: list[Reason], *, by: str = SYSTEM) -> None:
    """Refuse a copy job, whether its pages are all there or not."""
    if JobStage(job.stage) is JobStage.RECEIVING:
        hold_job(gate, session, job, by=by)
    refuse_job(gate, session, job, reasons, by=by)


def erase_refused(gate: Gate, job_id: int) -> None:
    """A refused scan goes at once and not with the next round of chores; the books follow with that round (I7)."""
    with gate.database.reading() as session:
        job = session.get_one(Job, job_id)
        pages = [page.spool_object for page in pages_of(session, job) if page.spool_object] if job.stage == JobStage.REFUSED.value else []
    gate.spool.destroy(*pages)


def remove_page(gate: Gate, actor: Actor, job_no: str, number: int) -> None:
    """Take a page (from 1) out: scanned twice, or the back of a sheet. Raises NotFoundError, ConflictError."""
    with gate.database.writing() as session:
        job, row = open_session(session, actor, job_no)
        expect_idle(row)
        page = page_by_number(session, job, number)
        spool_object = page.spool_object
        session.delete(page)
        tell(gate, session, job, "copy.page_removed", actor.username, {"page": number})
    gate.spool.destroy(spool_object)


def place_page(gate: Gate, actor: Actor, job_no: str, number: int, to: int) -> None:
    """Put page `number` in place `to` (both from 1); the others move up. Raises NotFoundError, ConflictError."""
    with gate.database.writing() as session:
        job, row = open_session(session, actor, job_no)
        expect_idle(row)
        moved = page_by_number(session, job, number)
        rest = [page for page in pages_of(session, job) if page.id != moved.id]
        rest.insert(min(max(to, 1), len(rest) + 1) - 1, moved)
        for position, page in enumerate(rest, 1):
            page.position = position
            session.add(page)
        tell(gate, session, job, "copy.page_placed", actor.username, {"page": number, "to": to})


def finish_copy(gate: Gate, actor: Actor, job_no: str) -> JobView:
    """All pages are there: the job is held, counted and looked at for its permit like any other.

    Raises ConflictError; RefusedError E_TOPSECRET_COPY when the permit that excepted the original is over (R16).
    """
    with gate.database.writing() as session:
        job, row = open_session(session, actor, job_no)
        expect_idle(row)
        if job.requester_id is None:
            raise ConflictError(f"Nobody has said for whom job {job.job_no} is copied.", "Give the requester's account first.")
        if not refuse_forbidden(gate, session, job, by=actor.username):
            make_whole(gate, session, job, by=actor.username)
            return view(session, job)
        job_id, reasons = job.id or 0, reasons_of(job)
    erase_refused(gate, job_id)
    raise RefusedError(reasons)


def make_whole(gate: Gate, session: Session, job: Job, *, by: str = SYSTEM) -> None:
    """Hold a session's pages as a job; level and carrier are those of its original. Raises ConflictError without pages."""
    pages = pages_of(session, job)
    if not pages:
        raise ConflictError(f"Job {job.job_no} has no pages.", "Scan the original first, or give the session up.")
    row, original, parent = session.get_one(CopySession, job.id), original_of(session, job), parent_of(session, job)
    job.documents = len(pages)
    job.declared_level = original.level.value if original and original.level else None
    row.parent_id = parent.id if parent else row.parent_id
    session.add_all([job, row])
    hold_job(gate, session, job, by=by)


def give_up_copy(gate: Gate, actor: Actor, job_no: str, reason: str = "") -> JobView:
    """End a session before it became a job; its pages are destroyed. With pages it has its row of the register (R02)."""
    with gate.database.writing() as session:
        job, row = open_session(session, actor, job_no)
        _give_up(gate, session, job, row, actor.username, "withdrawn", reason)
        return view(session, job)


def expire_copies(gate: Gate) -> int:
    """End sessions nobody has finished within `hold_hours`; returns how many."""
    begun = gate.clock.now() - timedelta(hours=gate.settings.hold_hours)
    old = select(Job.id).where(Job.stage == JobStage.RECEIVING.value, Job.channel == Channel.COPY.value, Job.received_at <= begun)
    with gate.database.reading() as session:
        due = session.exec(old).all()
    for job_id in due:
        with gate.database.writing() as session:
            job = session.get_one(Job, job_id)
            if JobStage(job.stage) is JobStage.RECEIVING:
                _give_up(gate, session, job, session.get_one(CopySession, job_id), SYSTEM, "expired", "")
    return len(due)


def end_forbidden(gate: Gate) -> int:
    """Refuse what was scanned of a 绝密 original under a permit that does not except it any more; returns how many jobs (R15, R16)."""
    ended = 0
    with gate.database.reading() as session:
        due = [job_id for job_id in jobs_to_look_at(session) if forbidden(gate, session, session.get_one(Job, job_id))]
    for job_id in due:
        with gate.database.writing() as session:
            job = session.get_one(Job, job_id)
            open_still = JobStage(job.stage) in (JobStage.RECEIVING, JobStage.HELD)
            ended += open_still and refuse_forbidden(gate, session, job)
        erase_refused(gate, job_id)
    return ended


def _give_up(gate: Gate, session: Session, job: Job, row: CopySession, by: str, why: str, words: str) -> None:
    row.scan = _IDLE
    session.add(row)
    if pages_of(session, job):
        hold_job(gate, session, job, by=by)
        cancel(gate, session, job, moves.WITHDRAW, by, why, words=words)
        return
    move(session, job, moves.GIVE_UP, gate.clock.now())
    tell(gate, session, job, "job.canceled", by, {"reason": why, "words": commitment(job.title_salt, words)})


def open_session(session: Session, actor: Actor, job_no: str) -> tuple[Job, CopySession]:
    """A copy job whose pages still come. Raises ForbiddenError for all but operators, NotFoundError, ConflictError when it is whole."""
    actor.require(Act.RELEASE)
    job = job_by_number(session, job_no)
    row = session.get(CopySession, job.id)
    if row is None:
        raise NotFoundError(f"Job {job.job_no} is no copy job.", "See `imprimatur copy list`.")
    if JobStage(job.stage) is not JobStage.RECEIVING:
        raise ConflictError(f"The pages of job {job.job_no} are complete; it is {job.stage}.", "Begin another session for more pages.")
    return job, row


def expect_idle(row: CopySession) -> None:
    """Raise ConflictError while the scanner works for this session."""
    if row.scan != _IDLE:
        raise ConflictError("The scanner is at work for this session.", "Wait until it is done.")


def page_by_number(session: Session, job: Job, number: int) -> JobDocument:
    """A scanned page, counted from 1. Raises NotFoundError."""
    pages = pages_of(session, job)
    if not 1 <= number <= len(pages):
        raise NotFoundError(f"Job {job.job_no} has no page {number}.", f"It has {len(pages)}.")
    return pages[number - 1]


def tell(gate: Gate, session: Session, job: Job, kind: str, by: str, data: dict[str, Any]) -> None:
    """The ledger's entry of one act on a session."""
    append(session, kind=kind, at=gate.clock.now(), actor=by, subject=job.job_no, data=data)
