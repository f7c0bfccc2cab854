"""Asking for a permit 准印证, in advance or from a held job (R07-R09, FORMS.md F4)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session, col, select

from gateway.db.tables import Department, Job, Permit, PermitDevice, PermitScope, PermitStep, PermitYear
from gateway.domain.codes import Code, Reason
from gateway.domain.duties import Act
from gateway.domain.permit_form import DEFAULT_VALIDITY, PermitRequest, request_faults
from gateway.domain.permit_numbers import format_permit_number
from gateway.domain.permits import channel_of
from gateway.domain.vocabulary import DocType, JobStage, Level, Origin, PermitKind, PermitState, Role
from gateway.errors import ConflictError, ForbiddenError, InvalidInputError, RefusedError
from gateway.ledger.append import append
from gateway.ledger.entry import commitment
from gateway.services.devices import device_by_code
from gateway.services.gate import Actor, Gate, new_salt
from gateway.services.jobs import show, visible_job
from gateway.services.matching import rematch
from gateway.services.people import department_by_code
from gateway.services.permit_views import PermitView, view
from gateway.services.permits import allowance, stamp
from gateway.services.policies import policy_in_force


def draft_request(  # noqa: PLR0913 — a form has as many fields
    gate: Gate,
    actor: Actor,
    *,
    job_no: str | None,
    level: Level,
    kind: PermitKind,
    title: str | None,
    term: str,
    pages: int | None,
    copies: int | None,
    scope: dict[str, int],
    archive_copies: int,
    purpose: str,
    doc_no: str,
    doc_type: DocType,
    devices: Sequence[str],
    valid_from: datetime | None,
    valid_to: datetime | None,
) -> PermitRequest:
    """Complete what the requester left out: pages, copies and title from the held job, his own department as scope, 7 days.

    Raises InvalidInputError when pages, copies or title are known from nowhere.
    """
    job = show(gate, actor, job_no) if job_no else None
    pages = pages if pages is not None else job.pages if job else None
    copies = copies if copies is not None else job.copies if job else None
    title = title or (job.title if job else None)
    if pages is None or copies is None or not title:
        raise InvalidInputError(
            "A permit needs a title, a number of pages and of copies.", "Give them, or ask from a held job that has been counted."
        )
    if not scope and not archive_copies:
        scope = {actor.department: copies}
    begin = valid_from or gate.clock.now()
    for moment in (begin, valid_to):
        if moment is not None and moment.tzinfo is None:
            raise InvalidInputError("A time needs its zone.", "Write it like 2026-03-10T09:00+08:00.")
    return PermitRequest(
        kind,
        actor.department,
        title,
        level,
        term,
        pages,
        copies,
        scope,
        archive_copies,
        purpose,
        begin,
        valid_to or begin + DEFAULT_VALIDITY,
        tuple(devices),
        doc_type,
        doc_no,
    )


def _next_number(session: Session, year: int) -> str:
    row = session.get(PermitYear, year) or PermitYear(year=year)
    row.last_serial += 1
    session.add(row)
    return format_permit_number(year, row.last_serial)


def request_permit(gate: Gate, actor: Actor, request: PermitRequest, job_no: str | None = None) -> PermitView:
    """Ask for a permit, in advance or from a held job (then pages and page hash are the job's, bound at once).

    Raises RefusedError with every fault of the request, ConflictError when the job is not held or not counted.
    """
    actor.require(Act.PRINT)
    with gate.database.writing() as session:
        job = _held_and_counted(session, actor, job_no) if job_no else None
        if job is not None:
            _same_as_job(request, job)
        if request.department != actor.department:
            raise RefusedError([Reason(Code.E_DEPT_MISMATCH, request.department)])
        departments = frozenset(session.exec(select(Department.code).where(col(Department.active).is_(True))).all())
        roles = policy_in_force(session).steps(request.level, Origin.OWN, channel_of(request.kind), copies=request.copies)
        faults = request_faults(request, departments)
        if roles is None:
            faults.append(Reason(Code.E_PERMIT_CHANNEL, f"no approval chain for {request.level.hanzi} {channel_of(request.kind).value}"))
        if faults or roles is None:
            raise RefusedError(faults)
        permit = _write_request(gate, session, actor, request, job, roles)
        if job is not None:
            job.permit_id = permit.id
            session.add(job)
            rematch(gate, session, job, actor=actor.username)
        return view(session, permit)


def _held_and_counted(session: Session, actor: Actor, job_no: str) -> Job:
    job = visible_job(session, actor, job_no)
    if job.requester_id != actor.user_id:
        raise ForbiddenError("A permit is asked for by the person whose job it is.", "Let the job's owner ask.")
    if JobStage(job.stage) is not JobStage.HELD:
        raise ConflictError(f"Job {job.job_no} is {job.stage}, not held.", "Ask for a permit in advance instead.")
    if job.verdict != "ok" or job.pages is None:
        raise ConflictError(f"The pages of job {job.job_no} are not counted.", "Wait a moment and look at its reasons.")
    return job


def _same_as_job(request: PermitRequest, job: Job) -> None:
    if request.pages != job.pages:
        raise RefusedError([Reason(Code.E_PAGES_MISMATCH, f"{request.pages} ≠ {job.pages}")])


def _write_request(gate: Gate, session: Session, actor: Actor, request: PermitRequest, job: Job | None, roles: Sequence[Role]) -> Permit:
    now = gate.clock.now()
    permit = Permit(
        permit_no=_next_number(session, gate.today().year),
        kind=request.kind.value,
        state=PermitState.REQUESTED.value,
        department_id=actor.department_id,
        requester_id=actor.user_id,
        title=request.title,
        title_salt=new_salt(),
        doc_no=request.doc_no,
        level=request.level.value,
        term=request.term,
        doc_type=request.doc_type.value,
        pages=request.pages,
        copies_approved=request.copies,
        archive_copies=request.archive_copies,
        purpose=request.purpose,
        valid_from=request.valid_from,
        valid_to=request.valid_to,
        page_hash=job.page_hash if job else None,
        requested_from_job_id=job.id if job else None,
        created_at=now,
    )
    session.add(permit)
    session.flush()
    permit_id = permit.id or 0
    for code, copies in request.scope.items():
        session.add(PermitScope(permit_id=permit_id, department_id=department_by_code(session, code).id or 0, copies=copies))
    for code in request.devices:
        session.add(PermitDevice(permit_id=permit_id, device_id=device_by_code(session, code).id or 0))
    for step, role in enumerate(roles):
        session.add(PermitStep(permit_id=permit_id, step=step, role=role.value))
    session.flush()
    append(
        session,
        kind="permit.requested",
        at=now,
        actor=actor.username,
        subject=permit.permit_no,
        data={
            "kind": permit.kind,
            "department": actor.department,
            "level": permit.level,
            "term": permit.term,
            "pages": permit.pages,
            "copies": permit.copies_approved,
            "archive": permit.archive_copies,
            "devices": sorted(request.devices),
            "scope": commitment(permit.title_salt, ",".join(f"{code}={n}" for code, n in sorted(request.scope.items()))),
            "title": commitment(permit.title_salt, request.title),
            "valid_from": stamp(request.valid_from),
            "valid_to": stamp(request.valid_to),
            "page_hash": permit.page_hash or "",
            "job": job.job_no if job else "",
            "allowance": allowance(permit),
            **actor.by_token,
        },
    )
    return permit
