"""What the worker records while copies go to the device: submissions durable before bytes, outcomes after (I1, I5).

These functions are the transactions; the order of calls to the device is `gateway.worker`'s.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, update
from sqlmodel import Session, col, select

from gateway.db.tables import Copy, Department, Device, Job, Permit, PermitScope, Release, Submission, User, Waste
from gateway.domain import moves
from gateway.domain.marks import mark_to_stamp
from gateway.domain.paper_codes import copy_code
from gateway.domain.permits import TAKEN_BACK
from gateway.domain.vocabulary import AlertKind, CopyState, JobStage, Level, PermitKind, PermitState
from gateway.errors import ConflictError
from gateway.ledger.append import append
from gateway.ledger.entry import utc_text
from gateway.services.alerts import raise_alert
from gateway.services.carriers import make_carriers
from gateway.services.gate import SYSTEM, Gate
from gateway.services.jobs import move
from gateway.services.paper_use import paper_told
from gateway.services.permits import allowance
from gateway.services.proofs import is_proof, proof_waste
from gateway.services.release import cancel
from gateway.services.room import reasons_of_room
from watermark import CopyMark, StampPlan

CREATED, SENDING, SENT, DONE, NOT_SENT, DOUBT = "created", "sending", "sent", "done", "not_sent", "doubt"
"""Submission states: row durable; bytes may have left; the device has all; all good; certainly nothing left; nobody knows."""
COUNTED = "counted"
"""A person counted what came out: `impressions` to `impressions_expected` sides, of a device job in doubt or of a stand-alone copier."""
OPEN = frozenset({CREATED, SENDING, SENT})
_TEMPLATES = {PermitKind.STANDING: PermitKind.PRINT.value, PermitKind.JM_EX: PermitKind.COPY.value}
"""Stamp templates of kinds that have none of their own name."""
_FINISHINGS = {"3": 3, "staple": 4, "4": 4}


@dataclass(frozen=True, slots=True)
class Sheaf:
    """The copies one device job carries, and how they are stamped."""

    submission_id: int
    token: str
    plan: StampPlan
    pages_expected: int


@dataclass(frozen=True, slots=True)
class PrintRun:
    """Everything the worker needs to print what is left of a release."""

    job_id: int
    job_no: str
    release_id: int
    base_object: str
    pages: int
    device_adapter: str
    device_uri: str
    options: dict[str, str]
    width: float
    height: float
    sheaves: tuple[Sheaf, ...]


def begin_preparing(gate: Gate, job_id: int) -> Device:
    """Take a queued job for printing. Raises ConflictError when somebody else has, or the room is not open.

    A job whose permit was taken back since its release is withdrawn instead, which is a ConflictError too (I1): the press leaves it.
    """
    with gate.database.writing() as session:
        job = session.get_one(Job, job_id)
        if reasons := reasons_of_room(session):
            raise ConflictError(f"The room is not open ({reasons[0].code.value}).", reasons[0].next_step_en)
        permit = session.get(Permit, job.permit_id) if job.permit_id else None
        if permit is not None and Level(permit.level).is_state_secret and session.get_one(Device, job.device_id).meter_hold:
            raise ConflictError(f"The meter of the device of job {job.job_no} disagrees with the ledger.", "The secrecy office clears it.")
        if permit is None or PermitState(permit.state) not in TAKEN_BACK:
            move(session, job, moves.PREPARE, gate.clock.now())
            return session.get_one(Device, job.device_id)
        cancel(gate, session, job, moves.TAKE_BACK, SYSTEM, f"permit {permit.state}")
    raise ConflictError(f"The permit of job {job.job_no} was taken back.", "The job is withdrawn; ask for a new permit.")


def back_to_queue(gate: Gate, job_id: int, device_says: str = "") -> None:
    """Nothing has left: the device was not ready. The job waits and is tried again."""
    with gate.database.writing() as session:
        job = session.get_one(Job, job_id)
        move(session, job, moves.PUT_BACK, gate.clock.now())
        job.device_says = device_says
        session.add(job)


def note_device(gate: Gate, job_id: int, device_says: str) -> None:
    """What the device says while it has the job (IPP keywords), for whoever stands beside it."""
    with gate.database.writing() as session:
        session.execute(update(Job).where(col(Job.id) == job_id).values(device_says=device_says[:200]))


def plan_run(gate: Gate, job_id: int) -> PrintRun:
    """Write the submission rows for every reserved copy and move to `submitting`: durable before the first byte (I5)."""
    with gate.database.writing() as session:
        job = session.get_one(Job, job_id)
        release = session.exec(select(Release).where(Release.job_id == job_id).order_by(col(Release.id).desc())).first()
        if release is None or job.base_object is None:
            raise LookupError(f"job {job.job_no} has no release or no base")
        device = session.get_one(Device, release.device_id)
        copies = session.exec(
            select(Copy).where(Copy.release_id == release.id, Copy.state == CopyState.RESERVED.value).order_by(col(Copy.number))
        ).all()
        pages = (job.pages or 0) + (job.pages or 0) % 2 if release.duplex else job.pages or 0
        sheaves = tuple(_new_sheaf(gate, session, job, release, part, pages) for part in _parts(job, copies))
        move(session, job, moves.SUBMIT, gate.clock.now())
        append(
            session,
            kind="job.submitting",
            at=gate.clock.now(),
            actor=SYSTEM,
            subject=job.job_no,
            data={
                "device": device.code,
                "copies": [copy.number for copy in copies],
                "tokens": [sheaf.token for sheaf in sheaves],
                "print_register": {"status": "printing"},
            },
        )
        return PrintRun(
            job_id,
            job.job_no,
            release.id or 0,
            job.base_object,
            job.pages or 0,
            device.adapter,
            device.uri,
            dict(job.options),
            float(job.inspection.get("width", 0)),
            float(job.inspection.get("height", 0)),
            sheaves,
        )


def _parts(job: Job, copies: Sequence[Copy]) -> list[list[Copy]]:
    """One device job with all copies, or one per copy when finishing is asked for (it would staple them together)."""
    return [[copy] for copy in copies] if finishings_of(job.options) else [list(copies)]


def finishings_of(options: dict[str, str]) -> tuple[int, ...]:
    """IPP finishings enums asked for, 3 (none) left out (RFC 8011 §5.2.6)."""
    words = options.get("finishings", "").replace(",", " ").split()
    return tuple(number for word in words if (number := _FINISHINGS.get(word, int(word) if word.isdigit() else 3)) != 3)


def _new_sheaf(gate: Gate, session: Session, job: Job, release: Release, copies: list[Copy], pages: int) -> Sheaf:
    token = f"imprimatur-{secrets.token_hex(8)}"
    submission = Submission(
        release_id=release.id or 0,
        job_id=job.id or 0,
        token=token,
        copies=[copy.number for copy in copies],
        state=CREATED,
        impressions_expected=pages * len(copies),
        created_at=gate.clock.now(),
    )
    session.add(submission)
    session.flush()
    return Sheaf(submission.id or 0, token, _stamp_plan(gate, session, job, release, copies), pages * len(copies))


def _stamp_plan(gate: Gate, session: Session, job: Job, release: Release, copies: list[Copy]) -> StampPlan:
    permit = session.get_one(Permit, release.permit_id)
    requester = session.get_one(User, job.requester_id)
    department = session.get_one(Department, requester.department_id)
    total = release.last_copy - release.first_copy + 1
    marks = tuple(
        CopyMark(number=copy.number, label=f"{copy.number - release.first_copy + 1}/{total}", qr=copy_code(gate.code_key, copy.code_id))
        for copy in copies
    )
    return StampPlan(
        permit_no=permit.permit_no,
        mark=mark_to_stamp(Level(permit.level), permit.term),
        requester=requester.display_name,
        department=department.name,
        printed_at=release.released_at.astimezone(gate.settings.zone).strftime("%Y-%m-%d %H:%M"),
        release_tag=release.tag,
        copies=marks,
        duplex=release.duplex,
        kind=_TEMPLATES.get(PermitKind(permit.kind), permit.kind),
        unit=gate.settings.unit,
        scope=_scope_line(session, permit),
        copies_approved=permit.copies_approved,
        head_bare=bool(job.inspection.get("head_bare")),
    )


def _scope_line(session: Session, permit: Permit) -> str:
    """发行范围 as one line, for templates that show it (R08)."""
    found = session.exec(
        select(Department.name, PermitScope.copies)
        .join(PermitScope, col(PermitScope.department_id) == col(Department.id))
        .where(PermitScope.permit_id == permit.id)
        .order_by(col(Department.code))
    ).all()
    return " ".join(f"{name}{copies}份" for name, copies in found)


def mark_submission(gate: Gate, submission_id: int, state: str, *, device_job: int | None = None) -> None:
    """Record how far one device job is, durably."""
    with gate.database.writing() as session:
        submission = session.get_one(Submission, submission_id)
        submission.state = state
        if device_job is not None:
            submission.device_job = device_job
        session.add(submission)


def begin_printing(gate: Gate, job_id: int) -> None:
    """The first device job is at the device."""
    with gate.database.writing() as session:
        job = session.get_one(Job, job_id)
        if JobStage(job.stage) is JobStage.SUBMITTING:
            move(session, job, moves.PRINT, gate.clock.now())


def certainly_not_sent(gate: Gate, job_id: int, why: str) -> None:
    """The device refused before it had a byte: close the open submissions, go back to the queue."""
    with gate.database.writing() as session:
        job = session.get_one(Job, job_id)
        for submission in open_submissions(session, job_id):
            submission.state, submission.result, submission.ended_at = NOT_SENT, why[:80], gate.clock.now()
            session.add(submission)
        move(session, job, moves.NOT_SENT, gate.clock.now())


def too_few(expected: int, counted: int | None) -> bool:
    """Whether the device itself counted fewer sides than it should have. A device that counts nothing at all says nothing (SC-24)."""
    return bool(counted) and (counted or 0) < expected


def finish_submission(gate: Gate, submission_id: int, *, impressions: int | None, result: str) -> None:
    """The device says this device job is completed: its copies are good."""
    with gate.database.writing() as session:
        submission = session.get_one(Submission, submission_id)
        submission.state, submission.result, submission.impressions = DONE, result[:80], impressions
        submission.ended_at = gate.clock.now()
        session.add(submission)
        good = session.exec(
            select(Copy).where(
                Copy.release_id == submission.release_id, col(Copy.number).in_(submission.copies), Copy.state == CopyState.RESERVED.value
            )
        ).all()
        record_good(gate, session, session.get_one(Job, submission.job_id), good, actor=SYSTEM)


def record_good(gate: Gate, session: Session, job: Job, copies: Sequence[Copy], *, actor: str) -> None:
    """Turn reserved copies into good ones, on the permit and in the books; completes the job when nothing is left."""
    if not copies:
        return
    now = gate.clock.now()
    for copy in copies:
        copy.state = CopyState.GOOD.value
        session.add(copy)
    session.execute(
        update(Permit)
        .where(col(Permit.id) == job.permit_id)
        .values(copies_reserved=Permit.copies_reserved - len(copies), copies_good=Permit.copies_good + len(copies))
    )
    permit = session.get_one(Permit, job.permit_id)
    session.refresh(permit)
    if permit.copies_good == permit.copies_approved and PermitState(permit.state) is PermitState.ACTIVE:
        permit.state = PermitState.USED_UP.value
        session.add(permit)
    session.flush()
    data: dict[str, Any] = {"copies": [copy.number for copy in copies], "allowance": allowance(permit)}
    data |= {"print_register": good_columns(session, job), **make_carriers(gate, session, job, permit, copies)}
    if waste := proof_waste(gate, session, job, copies):
        data |= waste
        data["print_register"] |= {"sheets_waste": sheets_wasted(session, job)}
    append(session, kind="copies.good", at=now, actor=actor, subject=job.job_no, data=data)


def good_columns(session: Session, job: Job) -> dict[str, int]:
    """Good copies, sheets and impressions of a job so far; a proof is no copy, and its sheets are waste (R36)."""
    release = session.exec(select(Release).where(Release.job_id == job.id).order_by(col(Release.id).desc())).first()
    good = len(session.exec(select(Copy.id).where(Copy.job_id == job.id, Copy.state == CopyState.GOOD.value)).all())
    sheets = release.sheets_per_copy if release else 0
    copies = 0 if is_proof(session, job) else good
    return {"copies_good": copies, "sheets_good": copies * sheets, "impressions": good * (job.pages or 0)}


def sheets_wasted(session: Session, job: Job) -> int:
    """Waste sheets of a job so far."""
    return int(session.exec(select(func.coalesce(func.sum(Waste.sheets), 0)).where(Waste.job_id == job.id)).one())


def complete_job(gate: Gate, job_id: int) -> None:
    """All device jobs are done."""
    with gate.database.writing() as session:
        complete(gate, session, session.get_one(Job, job_id), moves.COMPLETE, actor=SYSTEM)


def complete(gate: Gate, session: Session, job: Job, row: moves.Move[JobStage], *, actor: str) -> None:
    """Close the job in the books, after printing or by settlement: completed, its paper counted at this moment."""
    now = gate.clock.now()
    move(session, job, row, now)
    ended = {"completed_at": utc_text(now), "status": "completed"}
    data = {"print_register": ended, **paper_told(gate, session, job, ended)}
    append(session, kind="job.completed", at=now, actor=actor, subject=job.job_no, data=data)


def unresolve(gate: Gate, job_id: int, why: str, *, alert: AlertKind | None = None) -> None:
    """In doubt about paper: stop and ask a person (I5). `why` is shown to the operator and holds no title; `alert` tells others too."""
    with gate.database.writing() as session:
        job = session.get_one(Job, job_id)
        now: datetime = gate.clock.now()
        for submission in open_submissions(session, job_id):
            submission.state, submission.result, submission.ended_at = DOUBT, why[:80], now
            session.add(submission)
        move(session, job, moves.DOUBT, now)
        append(
            session,
            kind="job.unresolved",
            at=now,
            actor=SYSTEM,
            subject=job.job_no,
            data={"why": why[:200], "print_register": {"status": "unresolved"}},
        )
        if alert is not None:
            raise_alert(gate, session, alert, job.job_no, why)


def open_submissions(session: Session, job_id: int) -> Sequence[Submission]:
    """Device jobs of this job that have not ended."""
    return session.exec(select(Submission).where(Submission.job_id == job_id, col(Submission.state).in_(sorted(OPEN)))).all()
