"""Release 放行: the one act that turns approval into paper (R01, R05, R10, R76; invariants I1-I4).

One transaction: every rule is checked again, the copies are reserved by guarded update, the numbers 份号 are given,
the ledger entry is written, and 64 bits of it go on the paper.
"""

from __future__ import annotations

import secrets
from typing import Any

from sqlalchemy import update
from sqlmodel import Session, col, select

from gateway.db.tables import Copy, Department, Device, Job, Permit, PermitStep, Release, User
from gateway.domain.codes import Code, Reason
from gateway.domain.counting import is_duplex, sheets_per_copy
from gateway.domain.duties import Act
from gateway.domain.matching import match_reasons
from gateway.domain.vocabulary import CopyState, JobStage, PermitState
from gateway.errors import ConflictError, ForbiddenError, RefusedError
from gateway.ledger.append import append
from gateway.ledger.entry import commitment
from gateway.services.clock_watch import watch_clock
from gateway.services.gate import Actor, Gate
from gateway.services.jobs import JobView, facts, move, reasons_of, view, visible_job
from gateway.services.leases import claim_holds
from gateway.services.matching import permit_facts
from gateway.services.people import person_of
from gateway.services.permits import allowance
from gateway.services.reopening import reopen_broken
from gateway.services.room import reasons_of_room


def claim_job(gate: Gate, actor: Actor, job_no: str) -> JobView:
    """An operator takes a held job to the device. A lease, not a stage: it ends with the session (services.leases)."""
    actor.require(Act.RELEASE)
    with gate.database.writing() as session:
        job = visible_job(session, actor, job_no)
        _expect_held(job)
        _not_claimed_by_another(session, gate, job, actor)
        job.operator_id, job.claimed_at = actor.user_id, gate.clock.now()
        session.add(job)
        append(session, kind="job.claimed", at=gate.clock.now(), actor=actor.username, subject=job.job_no, data={})
        return view(session, job)


def release_job(gate: Gate, actor: Actor, job_no: str) -> JobView:
    """Release all copies of a held job. Raises RefusedError with every reason against it, and records the refusal (I11)."""
    if not actor.may(Act.RELEASE):
        _record_refusal(gate, actor, job_no, [Reason(Code.E_OPERATOR_REQUIRED)])
        raise RefusedError([Reason(Code.E_OPERATOR_REQUIRED)])
    reasons: list[Reason] = []
    watch_clock(gate)
    with gate.database.writing() as session:
        job = visible_job(session, actor, job_no)
        _expect_held(job)
        _not_claimed_by_another(session, gate, job, actor)
        permit = session.get(Permit, job.permit_id) if job.permit_id else None
        if permit is not None:
            reopen_broken(gate, session, permit)
        reasons = _reasons_against(gate, session, actor, job, permit)
        if permit is not None and not reasons and not _reserve(session, permit, job):
            reasons = [
                Reason(Code.E_QTY_EXCEEDED, f"{job.copies} > {permit.copies_approved - permit.copies_reserved - permit.copies_good}")
            ]
        if permit is not None and not reasons:
            _write_release(gate, session, actor, job, permit)
            return view(session, job)
    _record_refusal(gate, actor, job_no, reasons)
    raise RefusedError(reasons)


def _expect_held(job: Job) -> None:
    if JobStage(job.stage) is not JobStage.HELD:
        raise ConflictError(f"Job {job.job_no} is {job.stage}, not held.", "It may have been released or withdrawn already.")


def _not_claimed_by_another(session: Session, gate: Gate, job: Job, actor: Actor) -> None:
    if job.operator_id not in (None, actor.user_id) and claim_holds(gate, session, job):
        other = session.get_one(User, job.operator_id)
        raise ConflictError(
            f"Job {job.job_no} is claimed by {other.display_name}.", "Let that operator release it, or wait for the lease to end."
        )


def _reasons_against(gate: Gate, session: Session, actor: Actor, job: Job, permit: Permit | None) -> list[Reason]:
    room = reasons_of_room(session)
    if permit is None:
        return [*room, *(reasons_of(job) or [Reason(Code.E_NO_PERMIT)])]
    terms = permit_facts(session, permit)
    reasons = room + match_reasons(facts(session, job), terms, gate.clock.now(), gate.today())
    if not person_of(session, session.get_one(User, actor.user_id)).may_know(terms.level, gate.today()):
        reasons.append(Reason(Code.E_CLEARANCE, actor.username))
    steps = session.exec(select(PermitStep).where(PermitStep.permit_id == permit.id)).all()
    if terms.level.is_state_secret and any(step.person_id == actor.user_id for step in steps):
        reasons.append(Reason(Code.E_SELF_RELEASE, "the operator approved this permit"))
    return reasons


def _reserve(session: Session, permit: Permit, job: Job) -> bool:
    """Guarded update (I2, I3): the database itself decides who gets the last copy. Binds the page hash at the first release."""
    reserved = session.execute(
        update(Permit)
        .where(
            col(Permit.id) == permit.id,
            col(Permit.state) == PermitState.ACTIVE.value,
            col(Permit.copies_reserved) + col(Permit.copies_good) + job.copies <= col(Permit.copies_approved),
            (col(Permit.page_hash).is_(None)) | (col(Permit.page_hash) == job.page_hash),
        )
        .values(
            copies_reserved=Permit.copies_reserved + job.copies,
            next_copy_number=Permit.next_copy_number + job.copies,
            page_hash=job.page_hash,
        )
    )
    session.refresh(permit)
    return bool(reserved.rowcount == 1)  # type: ignore[attr-defined]  # an UPDATE's result has rowcount


def _write_release(gate: Gate, session: Session, actor: Actor, job: Job, permit: Permit) -> None:
    now = gate.clock.now()
    first = permit.next_copy_number - job.copies
    last = permit.next_copy_number - 1
    duplex = is_duplex(job.options.get("sides"))
    sheets = sheets_per_copy(job.pages or 0, duplex=duplex)
    job.operator_id = actor.user_id
    session.add(job)
    move(session, job, JobStage.QUEUED, now)
    device = session.get_one(Device, job.device_id)
    requester = session.get_one(User, job.requester_id)
    entry = append(
        session,
        kind="job.released",
        at=now,
        actor=actor.username,
        subject=job.job_no,
        data={
            "permit": permit.permit_no,
            "device": device.code,
            "copies": [first, last],
            "pages": job.pages or 0,
            "page_hash": job.page_hash or "",
            "allowance": allowance(permit),
            "print_register": {
                "released_at": now.strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
                "permit_no": permit.permit_no,
                "level": permit.level,
                "term": permit.term,
                "pages": job.pages or 0,
                "copies_approved": permit.copies_approved,
                "copies_this": job.copies,
                "copies_total": last,
                "copy_from": f"{first:06d}",
                "copy_to": f"{last:06d}",
                "paper": str(job.inspection.get("paper", "")),
                "duplex": duplex,
                "department": session.get_one(Department, requester.department_id).code,
                "requester": requester.username,
                "approvers": _approvers(session, permit),
                "operator": actor.username,
                "device": device.code,
                "page_hash": job.page_hash or "",
                "status": "released",
                "codes": "",
            },
        },
    )
    release = Release(
        job_id=job.id or 0,
        permit_id=permit.id or 0,
        device_id=device.id or 0,
        operator_id=actor.user_id,
        first_copy=first,
        last_copy=last,
        sheets_per_copy=sheets,
        duplex=duplex,
        released_at=now,
        tag=entry.tag,
    )
    session.add(release)
    session.flush()
    for number in range(first, last + 1):
        session.add(
            Copy(
                permit_id=permit.id or 0,
                release_id=release.id or 0,
                job_id=job.id or 0,
                number=number,
                state=CopyState.RESERVED.value,
                code_id=f"{secrets.randbits(60):015x}",
            )
        )


def _approvers(session: Session, permit: Permit) -> str:
    steps = session.exec(select(PermitStep).where(PermitStep.permit_id == permit.id).order_by(col(PermitStep.step))).all()
    return "; ".join(_approver(session.get_one(User, step.person_id).username, step) for step in steps if step.person_id)


def _approver(name: str, step: PermitStep) -> str:
    """As the register shows him: when he approved, and the delegation he acted under (RULES.md §3)."""
    under = f" ({step.delegation})" if step.delegation else ""
    return f"{name}{under} {step.decided_at:%Y-%m-%dT%H:%MZ}" if step.decided_at else f"{name}{under}"


def _record_refusal(gate: Gate, actor: Actor, job_no: str, reasons: list[Reason]) -> None:
    with gate.database.writing() as session:
        job = visible_job(session, actor, job_no)
        append(
            session,
            kind="job.release_refused",
            at=gate.clock.now(),
            actor=actor.username,
            subject=job.job_no,
            data={"reasons": [reason.to_json() for reason in reasons]},
        )


def cancel_job(gate: Gate, actor: Actor, job_no: str, reason: str = "") -> JobView:
    """Withdraw a job that has not begun to print: its owner or an operator may. Reserved numbers become void (I4)."""
    with gate.database.writing() as session:
        job = visible_job(session, actor, job_no)
        if job.requester_id != actor.user_id and not actor.may(Act.RELEASE):
            raise ForbiddenError("A job is withdrawn by its owner or an operator.", "Ask one of them.")
        cancel(gate, session, job, actor.username, "withdrawn", words=reason)
        return view(session, job)


def cancel(gate: Gate, session: Session, job: Job, actor: str, reason: str, *, words: str = "") -> None:
    """Move a job to `canceled` and give back what it had reserved. A person's words may hold a title: only a commitment is kept."""
    now = gate.clock.now()
    move(session, job, JobStage.CANCELED, now)
    given_back = give_back_reserved(session, job)
    append(
        session,
        kind="job.canceled",
        at=now,
        actor=actor,
        subject=job.job_no,
        data={
            "reason": reason,
            "words": commitment(job.title_salt, words),
            **given_back,
            "print_register": {"status": "canceled"},
        },
    )


def give_back_reserved(session: Session, job: Job) -> dict[str, Any]:
    """Void every still reserved number of a job and lower the permit's reservation by as many.

    Returns what the ledger is to be told of it: the void numbers and the permit's counts; empty when there are none.
    """
    copies = session.exec(select(Copy).where(Copy.job_id == job.id, Copy.state == CopyState.RESERVED.value)).all()
    if not copies or job.permit_id is None:
        return {}
    for copy in copies:
        copy.state = CopyState.VOID.value
        session.add(copy)
    session.execute(update(Permit).where(col(Permit.id) == job.permit_id).values(copies_reserved=Permit.copies_reserved - len(copies)))
    permit = session.get_one(Permit, job.permit_id)
    session.refresh(permit)
    return {"copies_void": sorted(copy.number for copy in copies), "allowance": allowance(permit)}
