"""Filing a fax: a held and counted job becomes a fax with number and final pages; then its permit is asked for (R41-R47)."""

from __future__ import annotations

import io
from dataclasses import dataclass

from sqlmodel import Session, col, select

from gateway.db.tables import Fax, FaxPeer, Job, TechnicalProcessing, User
from gateway.domain.codes import REFUSING, Code, Reason
from gateway.domain.duties import Act
from gateway.domain.fax import CryptClass, FaxDirection, FaxFacts, FaxResult, FaxState, Processing, fax_reasons, normal_number
from gateway.domain.vocabulary import Channel, JobStage, Level
from gateway.errors import ConflictError, ForbiddenError, InvalidInputError, RefusedError
from gateway.ledger.append import append
from gateway.ledger.entry import commitment
from gateway.services.carriers import next_number
from gateway.services.counting import refuse_job
from gateway.services.denials import note_denial
from gateway.services.fax_drawing import draw_pages
from gateway.services.fax_marks import Pictures, look_at_pictures
from gateway.services.fax_processing import processing_by_number
from gateway.services.fax_views import FaxView, fax_by_number, view
from gateway.services.gate import Actor, Gate, new_salt
from gateway.services.jobs import visible_job
from gateway.services.matching import rematch
from spool import StoredObject
from watermark.faxtiff import count_directories

SERIES = "CZ"
NO_PICTURES = Pictures()


@dataclass(frozen=True, slots=True)
class FaxWish:
    """What the requester says of a fax; `source_level` is that of the paper its text was made from."""

    number: str
    peer: str
    person: str
    level: Level
    source_level: Level = Level.GONGKAI
    crypt_class: CryptClass = CryptClass.PLAIN
    doc_no: str = ""
    tpr_no: str = ""
    answers: str = ""


def file_fax(gate: Gate, actor: Actor, job_no: str, wish: FaxWish, tiff: bytes, pictures: Pictures = NO_PICTURES) -> FaxView:
    """Write a fax into the register, with the final pages and the number after the dial rules; neither can change afterwards (R47).

    The permit is asked for after this, from the same job, so that whoever approves it approves these pages to this number. Raises
    RefusedError with every rule against it: classified matter ends the job, and its content is destroyed (R41).
    """
    actor.require(Act.PRINT)
    number = number_of(wish)
    stored = gate.spool.put(io.BytesIO(tiff))
    try:
        fax, reasons = _file(gate, actor, job_no, wish, number, stored, count_directories(tiff), pictures)
    except BaseException:
        gate.spool.destroy(stored.object_id)
        raise
    if fax is None:
        gate.spool.destroy(stored.object_id)
        raise RefusedError(reasons)
    return fax


def file_job(gate: Gate, actor: Actor, job_no: str, wish: FaxWish) -> FaxView:
    """File a held job as a fax with the pages `draw_pages` draws. Raises what both raise."""
    tiff = draw_pages(gate, actor, job_no)
    return file_fax(gate, actor, job_no, wish, tiff, look_at_pictures(gate, actor, job_no))


def number_of(wish: FaxWish) -> str:
    """What is dialled. Raises InvalidInputError when there is no such number, or nobody it is for."""
    if not wish.peer.strip() or not wish.person.strip():
        raise InvalidInputError("A fax names the unit and the person it is for.", "Enter both.")
    try:
        return normal_number(wish.number)
    except ValueError as error:
        raise InvalidInputError("That is no fax number.", "Write it like +86 591 8712 3456, or 3 to 15 digits.") from error


def _file(
    gate: Gate, actor: Actor, job_no: str, wish: FaxWish, number: str, stored: StoredObject, pages: int, pictures: Pictures
) -> tuple[FaxView | None, list[Reason]]:
    with gate.database.writing() as session:
        job = _held_and_counted(session, actor, job_no)
        processing = processing_by_number(session, wish.tpr_no) if wish.tpr_no else None
        answered = fax_by_number(session, wish.answers) if wish.answers else None
        marks = (*job.inspection.get("marks", ()), *pictures.marks)
        answers = CryptClass(answered.crypt_class) if answered else None
        reviewed = _reviewed(session, processing)
        reasons = fax_reasons(FaxFacts(wish.level, wish.source_level, wish.crypt_class, marks, stored.sha256, reviewed, answers))
        if pages != job.pages:
            reasons.append(Reason(Code.E_PAGES_MISMATCH, f"{pages} ≠ {job.pages}"))
        if gate.settings.fax_allow_list and not _in_address_book(session, number):
            reasons.append(Reason(Code.E_SCOPE, "not in the address book"))
        fax = _row(gate, session, actor, wish, number, stored, pages)
        if reasons:
            _refuse(gate, session, actor, job, fax, reasons)
            return None, reasons
        fax.job_id, fax.summary = job.id, job.title or ""
        fax.picture_pages, fax.pictures_read = ",".join(map(str, pictures.pages)), pictures.read
        fax.processing_id = processing.id if processing else None
        fax.answers_id = answered.id if answered else None
        job.channel = Channel.FAX.value
        session.add_all([fax, job])
        session.flush()
        _tell(session, actor, fax, job, wish)
        rematch(gate, session, job, actor=actor.username)
        return view(session, fax, actor), []


def _held_and_counted(session: Session, actor: Actor, job_no: str) -> Job:
    job = visible_job(session, actor, job_no)
    if job.requester_id != actor.user_id:
        raise ForbiddenError("A fax is filed by the person whose job it is.", "Let the job's owner file it.")
    if job.channel == Channel.COPY.value:  # a scan has no text: its level is its original's, which a fax would not ask for
        raise ConflictError(f"Job {job.job_no} is scanned from paper.", "Send the document to the gate from the program that made it.")
    if JobStage(job.stage) is not JobStage.HELD or job.verdict != "ok" or job.permit_id is not None:
        raise ConflictError(f"Job {job.job_no} is not held, not counted, or has a permit.", "File a fax before its permit is asked for.")
    if session.exec(select(Fax.id).where(Fax.job_id == job.id)).first() is not None:
        raise ConflictError(f"Job {job.job_no} is filed as a fax.", "See `imprimatur fax list`.")
    return job


def _reviewed(session: Session, row: TechnicalProcessing | None) -> Processing | None:
    if row is None:
        return None
    reviewer = session.get_one(User, row.reviewer_id).username if row.reviewer_id else ""
    return Processing(session.get_one(User, row.processor_id).username, reviewer, Level(row.result_level), row.result_hash)


def _in_address_book(session: Session, number: str) -> bool:
    return session.exec(select(FaxPeer.id).where(FaxPeer.number == number, col(FaxPeer.active).is_(True))).first() is not None


def _row(gate: Gate, session: Session, actor: Actor, wish: FaxWish, number: str, stored: StoredObject, pages: int) -> Fax:
    return Fax(
        fax_no=next_number(session, SERIES, gate.today().year)[0],
        direction=FaxDirection.OUT.value,
        state=FaxState.HELD.value,
        number=number,
        peer=wish.peer.strip()[:100],
        person=wish.person.strip()[:50],
        salt=new_salt(),
        doc_no=wish.doc_no.strip()[:60],
        level=None if wish.level.is_state_secret else wish.level.value,
        source_level=wish.source_level.value,
        crypt_class=CryptClass.PLAIN.value,
        department_id=actor.department_id,
        requester_id=actor.user_id,
        sha256=stored.sha256,
        pages=pages,
        spool_object=stored.object_id,
        registered_at=gate.clock.now(),
    )


def _refuse(gate: Gate, session: Session, actor: Actor, job: Job, fax: Fax, reasons: list[Reason]) -> None:
    """A refused fax is a row of the register too, without summary or document (R47, FORMS.md F2)."""
    fax.state, fax.result, fax.spool_object, fax.ended_at = FaxState.ENDED.value, FaxResult.REFUSED.value, "", fax.registered_at
    session.add(fax)
    session.flush()
    data = {"job": job.job_no, "reasons": [reason.to_json() for reason in reasons], "number": commitment(fax.salt, fax.number)}
    append(session, kind="fax.refused", at=fax.registered_at, actor=actor.username, subject=fax.fax_no, data=data)
    if any(reason.code in REFUSING for reason in reasons):
        refuse_job(gate, session, job, reasons, by=actor.username)
    else:
        note_denial(gate, session, actor.user_id, fax.fax_no, reasons)


def _tell(session: Session, actor: Actor, fax: Fax, job: Job, wish: FaxWish) -> None:
    data = {
        "job": job.job_no,
        "sha256": fax.sha256,
        "pages": fax.pages,
        "level": wish.level.value,
        "number": commitment(fax.salt, fax.number),
        "peer": commitment(fax.salt, f"{fax.peer}\n{fax.person}"),
        "processing": wish.tpr_no.strip().upper(),
        "answers": wish.answers.strip().upper(),
        "picture_pages": [int(page) for page in fax.picture_pages.split(",") if page],
        "pictures_read": fax.pictures_read,
    }
    append(session, kind="fax.filed", at=fax.registered_at, actor=actor.username, subject=fax.fax_no, data=data)
