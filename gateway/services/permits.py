"""Permits 准印证: ask, approve in two steps, refuse, revoke, extend (R01, R05-R10, FORMS.md F4)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from gateway.db.tables import Department, Job, Permit, PermitDevice, PermitScope, PermitStep, PermitYear, User
from gateway.domain.approvals import approval_reason, current_step, steps_for
from gateway.domain.codes import Code, Reason
from gateway.domain.duties import Act
from gateway.domain.permit_numbers import format_permit_number
from gateway.domain.permits import DEFAULT_VALIDITY, LONGEST_VALIDITY, TRANSITIONS, PermitRequest, channel_of, request_faults
from gateway.domain.vocabulary import DocType, JobStage, Level, PermitKind, PermitState, Role
from gateway.errors import ConflictError, ForbiddenError, InvalidInputError, RefusedError
from gateway.ledger.append import append
from gateway.ledger.entry import commitment
from gateway.services.devices import device_by_code
from gateway.services.gate import Actor, Gate, new_salt
from gateway.services.jobs import show, visible_job
from gateway.services.matching import rematch, rematch_held_jobs
from gateway.services.people import department_by_code
from gateway.services.permit_views import PermitView, chain_of, permit_by_number, view


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
        roles = steps_for(request.level, channel_of(request.kind))
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
            "valid_from": _stamp(request.valid_from),
            "valid_to": _stamp(request.valid_to),
            "page_hash": permit.page_hash or "",
            "job": job.job_no if job else "",
            "allowance": allowance(permit),
        },
    )
    return permit


def allowance(permit: Permit) -> dict[str, Any]:
    """The counts every entry about a permit repeats, so that `ledger verify` can compare them with the row (I3)."""
    return {"permit": permit.permit_no, "approved": permit.copies_approved, "reserved": permit.copies_reserved, "good": permit.copies_good}


def _stamp(moment: datetime) -> str:
    return moment.astimezone().isoformat(timespec="seconds")


def approve_permit(gate: Gate, actor: Actor, permit_no: str, comment: str = "") -> PermitView:
    """Fill the next step of the chain; the last one makes the permit active (R05, R06).

    Raises ForbiddenError for accounts that never approve, RefusedError E_SELF_RELEASE for one's own request or a second step.
    """
    actor.require(Act.APPROVE)
    with gate.database.writing() as session:
        permit = permit_by_number(session, permit_no)
        _expect(permit, PermitState.REQUESTED)
        requester = session.get_one(User, permit.requester_id)
        chain = chain_of(session, permit)
        if reason := approval_reason(chain, actor.username, actor.roles, requester.username):
            raise RefusedError([reason])
        at = current_step(chain) or 0
        _decide(session, permit, at, actor, "approved", comment, gate.clock.now())
        complete = at == len(chain) - 1
        if complete:
            _move(permit, PermitState.ACTIVE)
        session.add(permit)
        append(
            session,
            kind="permit.approved",
            at=gate.clock.now(),
            actor=actor.username,
            subject=permit.permit_no,
            data={
                "step": at,
                "role": chain[at].role.value,
                "complete": complete,
                "page_hash": permit.page_hash or "",
                "allowance": allowance(permit),
            },
        )
        rematch_held_jobs(gate, session, permit)
        return view(session, permit)


def _decide(session: Session, permit: Permit, at: int, actor: Actor, decision: str, comment: str, now: datetime) -> None:
    step = session.exec(select(PermitStep).where(PermitStep.permit_id == permit.id, PermitStep.step == at)).one()
    step.person_id, step.decision, step.comment, step.decided_at = actor.user_id, decision, comment[:200], now
    session.add(step)
    session.flush()


def refuse_permit(gate: Gate, actor: Actor, permit_no: str, comment: str) -> PermitView:
    """An approver whose step it is says no; a reason is required."""
    actor.require(Act.APPROVE)
    if not comment.strip():
        raise InvalidInputError("A refusal needs a reason.", "Say in a few words why.")
    with gate.database.writing() as session:
        permit = permit_by_number(session, permit_no)
        _expect(permit, PermitState.REQUESTED)
        chain = chain_of(session, permit)
        if reason := approval_reason(chain, actor.username, actor.roles, session.get_one(User, permit.requester_id).username):
            raise RefusedError([reason])
        _decide(session, permit, current_step(chain) or 0, actor, "refused", comment, gate.clock.now())
        _end(gate, session, permit, PermitState.REFUSED, "permit.refused", actor)
        return view(session, permit)


def revoke_permit(gate: Gate, actor: Actor, permit_no: str, reason: str) -> PermitView:
    """Take a permit back: its requester or one of its approvers may. Running copies finish; nothing new is released."""
    with gate.database.writing() as session:
        permit = permit_by_number(session, permit_no)
        people = {step.person for step in chain_of(session, permit)} | {session.get_one(User, permit.requester_id).username}
        if actor.username not in people:
            raise ForbiddenError("Only its requester or an approver of it may revoke a permit.", "Ask one of them.")
        if not reason.strip():
            raise InvalidInputError("A revocation needs a reason.", "Say in a few words why.")
        _end(gate, session, permit, PermitState.REVOKED, "permit.revoked", actor)
        return view(session, permit)


def extend_permit(gate: Gate, actor: Actor, permit_no: str, valid_to: datetime) -> PermitView:
    """Ask for a later end of validity: the whole chain approves again before anything is released (R01)."""
    with gate.database.writing() as session:
        permit = permit_by_number(session, permit_no)
        if permit.requester_id != actor.user_id:
            raise ForbiddenError("A permit is extended at its requester's wish.", "Let the requester ask.")
        if not permit.valid_to < valid_to <= gate.clock.now() + LONGEST_VALIDITY:
            raise InvalidInputError(f"The new end must be later than now and within {LONGEST_VALIDITY.days} days.", "Give another time.")
        permit.valid_to = valid_to
        for step in session.exec(select(PermitStep).where(PermitStep.permit_id == permit.id)).all():
            step.person_id, step.decision, step.decided_at = None, None, None
            session.add(step)
        _move(permit, PermitState.REQUESTED)
        session.add(permit)
        append(
            session,
            kind="permit.extension_requested",
            at=gate.clock.now(),
            actor=actor.username,
            subject=permit.permit_no,
            data={"valid_to": _stamp(valid_to), "allowance": allowance(permit)},
        )
        rematch_held_jobs(gate, session, permit)
        return view(session, permit)


def _end(gate: Gate, session: Session, permit: Permit, state: PermitState, kind: str, actor: Actor) -> None:
    _move(permit, state)
    session.add(permit)
    append(session, kind=kind, at=gate.clock.now(), actor=actor.username, subject=permit.permit_no, data={"allowance": allowance(permit)})
    rematch_held_jobs(gate, session, permit)


def _expect(permit: Permit, state: PermitState) -> None:
    if permit.state != state.value:
        raise ConflictError(f"The permit {permit.permit_no} is {permit.state}, not {state.value}.", "Look at the permit again.")


def _move(permit: Permit, state: PermitState) -> None:
    if state not in TRANSITIONS[PermitState(permit.state)]:
        raise ConflictError(
            f"The permit {permit.permit_no} is {permit.state}; it cannot become {state.value}.", "Look at the permit again."
        )
    permit.state = state.value


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
