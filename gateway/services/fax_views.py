"""Faxes as they are shown: the number masked, except to whoever must dial or approve it (I12; FORMS.md F2)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from gateway.db.tables import Department, Fax, FaxAttempt, Job, Permit, PermitStep, TechnicalProcessing, User
from gateway.domain.duties import Act
from gateway.domain.fax import CryptClass, FaxDirection, FaxResult, FaxState, masked
from gateway.domain.vocabulary import Level
from gateway.errors import NotFoundError
from gateway.services.gate import Actor, Gate

_MOST_SHOWN = 500


@dataclass(frozen=True, slots=True)
class AttemptView:
    """One attempt, a sub-row of the register."""

    attempt: int
    started_at: datetime
    ended_at: datetime
    result: FaxResult
    pages: int
    uncertain: bool
    seconds: int
    remote: str


@dataclass(frozen=True, slots=True)
class FaxView:
    """One row of the fax register. `number` is whole only for the desk and for approvers."""

    fax_no: str
    direction: FaxDirection
    state: FaxState
    result: FaxResult | None
    job_no: str
    permit_no: str
    number: str
    peer: str
    person: str
    summary: str
    doc_no: str
    level: Level | None
    crypt_class: CryptClass
    answers: str
    tpr_no: str
    department: str
    requester: str
    operator: str
    sha256: str
    pages: int
    pages_sent: int
    uncertain: bool
    attempts: tuple[AttemptView, ...]
    next_try_at: datetime | None
    registered_at: datetime
    ended_at: datetime | None
    signed_by: str
    signed_at: datetime | None
    has_pages: bool = False
    """Whether its pages are in the spool."""
    picture_pages: tuple[int, ...] = ()
    """Pages on which words may stand that are no text."""
    pictures_read: bool = False
    """Whether a machine looked for marks there."""


def fax_by_number(session: Session, fax_no: str) -> Fax:
    """The row. Raises NotFoundError."""
    fax = session.exec(select(Fax).where(Fax.fax_no == fax_no.strip().upper())).first()
    if fax is None:
        raise NotFoundError(f"There is no fax {fax_no.strip()[:20]}.", "See `imprimatur fax list`.")
    return fax


def show_fax(gate: Gate, actor: Actor, fax_no: str) -> FaxView:
    """One fax, to its requester, the room, approvers, readers of the books, and those it came in for. Raises NotFoundError."""
    with gate.database.reading() as session:
        fax = fax_by_number(session, fax_no)
        if not (fax.requester_id == actor.user_id or actor.may(Act.SEE_BOOKS) or came_in_for(actor, fax)):
            raise NotFoundError(f"There is no fax {fax_no.strip()[:20]}.", "See `imprimatur fax list`.")
        return view(session, fax, actor)


def fax_of_job(gate: Gate, actor: Actor, job_no: str) -> FaxView | None:
    """The fax a job is filed as, to those who may see it: what an approver says yes to is also its number. None for other jobs."""
    out = (Fax.direction == FaxDirection.OUT.value, Job.job_no == job_no)
    with gate.database.reading() as session:
        fax = session.exec(select(Fax).join(Job, col(Fax.job_id) == Job.id).where(*out)).first()
        if fax is None or not (fax.requester_id == actor.user_id or actor.may(Act.SEE_BOOKS)):
            return None
        return view(session, fax, actor)


def came_in_for(actor: Actor, fax: Fax) -> bool:
    """Whether it is a received and registered fax of the actor's department."""
    return fax.direction == FaxDirection.IN.value and fax.level is not None and fax.department_id == actor.department_id


def list_faxes(gate: Gate, actor: Actor, *, mine: bool = False) -> list[FaxView]:
    """The newest faxes he may see, or only his own and his department's received ones; newest first."""
    query = select(Fax).order_by(col(Fax.id).desc()).limit(_MOST_SHOWN)
    if mine or not actor.may(Act.SEE_BOOKS):
        received = (col(Fax.direction) == FaxDirection.IN.value) & col(Fax.level).is_not(None)
        query = query.where((col(Fax.requester_id) == actor.user_id) | (received & (col(Fax.department_id) == actor.department_id)))
    with gate.database.reading() as session:
        return [view(session, fax, actor) for fax in session.exec(query).all()]


def permit_of(session: Session, fax: Fax) -> Permit | None:
    """The permit the fax's job belongs to."""
    job = session.get(Job, fax.job_id) if fax.job_id else None
    return session.get(Permit, job.permit_id) if job and job.permit_id else None


def approved_at(session: Session, permit: Permit | None) -> datetime | None:
    """When the last step of the approval was filled; None while there is none."""
    if permit is None:
        return None
    steps = session.exec(select(PermitStep.decided_at).where(PermitStep.permit_id == permit.id)).all()
    return max((at for at in steps if at is not None), default=None)


def view(session: Session, fax: Fax, actor: Actor | None = None) -> FaxView:
    """The row with names instead of ids; without an actor the number is masked."""
    whole = actor is not None and (fax.requester_id == actor.user_id or actor.may(Act.RELEASE) or actor.may(Act.APPROVE))
    job = session.get(Job, fax.job_id) if fax.job_id else None
    permit = permit_of(session, fax) if fax.direction == FaxDirection.OUT.value else None
    answers = session.get(Fax, fax.answers_id) if fax.answers_id else None
    processing = session.get(TechnicalProcessing, fax.processing_id) if fax.processing_id else None
    department = session.get(Department, fax.department_id) if fax.department_id else None
    attempts = session.exec(select(FaxAttempt).where(FaxAttempt.fax_id == fax.id).order_by(col(FaxAttempt.attempt))).all()
    return FaxView(
        fax_no=fax.fax_no,
        direction=FaxDirection(fax.direction),
        state=FaxState(fax.state),
        result=FaxResult(fax.result) if fax.result else None,
        job_no=job.job_no if job else "",
        permit_no=permit.permit_no if permit else "",
        number=fax.number if whole else masked(fax.number),
        peer=fax.peer,
        person=fax.person,
        summary=fax.summary,
        doc_no=fax.doc_no,
        level=Level(fax.level) if fax.level else None,
        crypt_class=CryptClass(fax.crypt_class),
        answers=answers.fax_no if answers else "",
        tpr_no=processing.tpr_no if processing else "",
        department=department.code if department else "",
        requester=_name(session, fax.requester_id),
        operator=_name(session, fax.operator_id),
        sha256=fax.sha256,
        pages=fax.pages,
        pages_sent=fax.pages_sent,
        uncertain=fax.uncertain,
        attempts=tuple(_attempt(one) for one in attempts),
        next_try_at=fax.next_try_at,
        registered_at=fax.registered_at,
        ended_at=fax.ended_at,
        signed_by=fax.signed_by,
        signed_at=fax.signed_at,
        has_pages=bool(fax.spool_object),
        picture_pages=tuple(int(page) for page in fax.picture_pages.split(",") if page),
        pictures_read=fax.pictures_read,
    )


def _name(session: Session, user_id: int | None) -> str:
    return session.get_one(User, user_id).username if user_id else ""


def _attempt(row: FaxAttempt) -> AttemptView:
    return AttemptView(row.attempt, row.started_at, row.ended_at, FaxResult(row.result), row.pages, row.uncertain, row.seconds, row.remote)
