"""Copies reserved and numbered: the guarded update and the rows a release writes, and their way back (R10; invariants I2-I4)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import update
from sqlmodel import Session, col, select

from gateway.db.tables import Copy, Department, Device, Job, Permit, PermitStep, Release, User
from gateway.domain import moves
from gateway.domain.carriers import format_copy_number
from gateway.domain.codes import Code, Reason
from gateway.domain.counting import is_duplex
from gateway.domain.permits import ONE_JOB, month_of
from gateway.domain.vocabulary import CopyState, PermitKind, PermitState
from gateway.ledger.append import append
from gateway.ledger.entry import utc_text
from gateway.services.copy_numbers import copies_to_reprint, give_numbers, reprint_reasons
from gateway.services.facts import sheets_of
from gateway.services.gate import Gate
from gateway.services.jobs import move
from gateway.services.permits import allowance
from gateway.services.standing import give_back_allowance, month_allowance, use_allowance


def reserve(gate: Gate, session: Session, permit: Permit, job: Job) -> Reason | None:
    """Take the job's copies from the permit, or say what is missing; then nothing is taken.

    Binds the page hash at the first release, but for standing permits, whose papers differ.
    """
    savepoint = session.begin_nested()
    missing = _take_copies(session, permit, job) or _take_allowance(gate, session, permit, job)
    if missing is None:
        savepoint.commit()
    else:
        savepoint.rollback()
    session.refresh(permit)
    return missing


def _take_copies(session: Session, permit: Permit, job: Job) -> Reason | None:
    """Guarded update (I2, I3): the database itself decides who gets the last copy."""
    binding = permit.kind != PermitKind.STANDING.value
    waiting = copies_to_reprint(session, permit)
    if reasons := reprint_reasons(waiting, job.copies):
        return reasons[0]
    same_pages = (col(Permit.page_hash).is_(None)) | (col(Permit.page_hash) == job.page_hash)
    sole = permit.kind == PermitKind.JM_EX.value
    unserved = (col(Permit.sole_job_id).is_(None)) | (col(Permit.sole_job_id) == job.id)
    taken = session.execute(
        update(Permit)
        .where(
            col(Permit.id) == permit.id,
            col(Permit.state) == PermitState.ACTIVE.value,
            col(Permit.copies_reserved) + col(Permit.copies_good) + job.copies <= col(Permit.copies_approved),
            same_pages,
            unserved,
        )
        .values(
            copies_reserved=Permit.copies_reserved + job.copies,
            next_copy_number=Permit.next_copy_number + (0 if waiting else job.copies),
            page_hash=job.page_hash if binding else None,
            sole_job_id=job.id if sole else None,
        )
    )
    if taken.rowcount == 1:  # type: ignore[attr-defined]  # an UPDATE's result has rowcount
        return None
    session.refresh(permit)
    if permit.sole_job_id not in (None, job.id):
        return Reason(Code.E_QTY_EXCEEDED, ONE_JOB)
    return Reason(Code.E_QTY_EXCEEDED, f"{job.copies} > {permit.copies_approved - permit.copies_reserved - permit.copies_good}")


def _take_allowance(gate: Gate, session: Session, permit: Permit, job: Job) -> Reason | None:
    if permit.kind != PermitKind.STANDING.value or use_allowance(session, permit, gate.today(), copies=job.copies, sheets=sheets_of(job)):
        return None
    month = month_allowance(session, permit, gate.today())
    return Reason(Code.E_ALLOWANCE_SPENT, f"{month.cost(job.copies, sheets_of(job))} > {month.left}")


def write_release(gate: Gate, session: Session, job: Job, permit: Permit, *, by: str, operator_id: int, beside: str = "") -> None:
    """Queue a job whose copies are reserved: ledger entry, release, copy numbers.

    `by` acts, `operator_id` answers for the paper; `beside` stood at the device as second operator.
    """
    now = gate.clock.now()
    job.operator_id = operator_id
    session.add(job)
    move(session, job, moves.RELEASE, now)
    again = copies_to_reprint(session, permit)[: job.copies]
    first, last = _numbers(job, permit, again)
    release = Release(
        job_id=job.id or 0,
        permit_id=permit.id or 0,
        device_id=job.device_id or 0,
        operator_id=operator_id,
        first_copy=first,
        last_copy=last,
        sheets_per_copy=sheets_of(job),
        duplex=is_duplex(job.options.get("sides")),
        released_at=now,
        standing_month=month_of(gate.today()) if permit.kind == PermitKind.STANDING.value else "",
        tag=_write_entry(session, job, permit, by, now, again, beside),
    )
    session.add(release)
    session.flush()
    give_numbers(session, job, permit, release, again)


def _numbers(job: Job, permit: Permit, again: Sequence[Copy]) -> tuple[int, int]:
    """First and last number of the release: those printed again, else the newest."""
    newest = permit.next_copy_number - 1
    return (again[0].number, again[-1].number) if again else (newest - job.copies + 1, newest)


def _write_entry(session: Session, job: Job, permit: Permit, by: str, now: datetime, again: Sequence[Copy], beside: str) -> str:
    """The ledger's entry of a release; returns the 64 bits of it that go on the paper (I9)."""
    requester = session.get_one(User, job.requester_id)
    device = session.get_one(Device, job.device_id)
    first, last = _numbers(job, permit, again)
    proof = permit.kind == PermitKind.PROOF.value
    paper = {"pages": job.pages or 0, "page_hash": job.page_hash or "", "device": device.code}
    register = {
        **paper,
        "permit_no": permit.permit_no,
        "released_at": utc_text(now),
        "level": permit.level,
        "term": permit.term,
        "copies_approved": 0 if proof else None if permit.kind == PermitKind.STANDING.value else permit.copies_approved,
        "copies_this": 0 if proof else job.copies,
        "copies_total": 0 if proof else permit.next_copy_number - 1,
        "copy_from": format_copy_number(first, proof=proof),
        "copy_to": format_copy_number(last, proof=proof),
        "paper": str(job.inspection.get("paper", "")),
        "duplex": is_duplex(job.options.get("sides")),
        "department": session.get_one(Department, requester.department_id).code,
        "requester": requester.username,
        "approvers": _approvers(session, permit),
        "operator": f"{by}; {beside}" if beside else by,
        "status": "released",
        "codes": "",
    }
    data: dict[str, Any] = {
        **paper,
        "permit": permit.permit_no,
        "copies": [first, last],
        "allowance": allowance(permit),
        "print_register": register,
    }
    if again:
        data["reprint"] = True
    return append(session, kind="job.released", at=now, actor=by, subject=job.job_no, data=data).tag


def _approvers(session: Session, permit: Permit) -> str:
    steps = session.exec(select(PermitStep).where(PermitStep.permit_id == permit.id).order_by(col(PermitStep.step))).all()
    return "; ".join(_approver(session.get_one(User, step.person_id).username, step) for step in steps if step.person_id)


def _approver(name: str, step: PermitStep) -> str:
    """As the register shows him: when he approved, and the delegation he acted under (RULES.md §3)."""
    under = f" ({step.delegation})" if step.delegation else ""
    return f"{name}{under} {step.decided_at:%Y-%m-%dT%H:%MZ}" if step.decided_at else f"{name}{under}"


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
    give_back_allowance(session, permit, session.get_one(Release, copies[0].release_id), len(copies))
    return {"copies_void": sorted(copy.number for copy in copies), "allowance": allowance(permit)}
