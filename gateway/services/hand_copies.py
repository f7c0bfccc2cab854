"""Copies made at a stand-alone copier, entered by hand with its counter before and after (FORMS.md F5; R02, R13-R18, R25).

This is **detection, not prevention**: nothing here stops a hand at the copier. What is entered keeps every rule of a copy job, gets its
numbers and carriers, and is held against the counter; a refused entry has its row too, and its sheets stay unexplained: a finding.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from sqlmodel import Session, col, select

from gateway.db.tables import Copy, CopySession, Device, Job, MeterReading, Permit, Release, Submission, Waste
from gateway.domain import moves
from gateway.domain.codes import Code, Reason
from gateway.domain.copying import CopyMethod
from gateway.domain.counting import A4_EQUIVALENT
from gateway.domain.devices import Function, functions_of
from gateway.domain.duties import Act
from gateway.domain.hand_copies import sides_made
from gateway.domain.vocabulary import ENTERED_REASONS, CopyState, Level, Origin, WasteReason
from gateway.errors import InvalidInputError, RefusedError
from gateway.services.carriers import find_carrier
from gateway.services.copying import named_permit, new_copy_job, tell
from gateway.services.counting import refuse_job
from gateway.services.devices import device_by_code
from gateway.services.gate import Actor, Gate
from gateway.services.jobs import JobView, view
from gateway.services.meters import PANEL, enter_meter
from gateway.services.printing import COUNTED, complete, record_good, sheets_wasted
from gateway.services.receiving import hold_job
from gateway.services.release import reasons_against
from gateway.services.reservation import reserve, write_release

PAPERS = tuple(A4_EQUIVALENT)


@dataclass(frozen=True, slots=True, kw_only=True)
class HandCopy:
    """What an operator did at the copier. Counters are in sides; `serial` may be left out where the copier's was entered before."""

    device: str
    permit: str
    copies: int
    counter_before: int
    counter_after: int
    serial: str = ""
    duplex: bool = False
    paper: str = "A4"
    waste_sheets: int = 0
    waste_reason: WasteReason = WasteReason.JAM
    original: str = ""
    """The carrier it was copied from, where it is one of ours (R25)."""
    wet_stamp: bool = False
    """The copies bear the unit's copy stamp 复制戳记 in ink."""


def enter_hand_copy(gate: Gate, actor: Actor, wish: HandCopy) -> JobView:
    """Enter finished copies, in one transaction with both readings of the counter; what it does not explain is a finding.

    Raises InvalidInputError, NotFoundError, ConflictError while the device is at work; RefusedError with every reason why these copies
    should not have been made: then the books have a refused row, and the counter's growth is unexplained.
    """
    actor.require(Act.RELEASE)
    _check(wish)
    with gate.database.together() as session:
        device = _copier(session, wish.device)
        permit = named_permit(session, wish.permit)
        serial = wish.serial.strip() or _last_serial(session, device)
        job = _job(gate, session, actor, wish, device, permit)
        reasons = _reasons(gate, session, actor, job, permit)  # before the reading, which may find what others did at the copier
        enter_meter(gate, actor, device.code, serial, wish.counter_before)
        if reasons:
            refuse_job(gate, session, job, reasons, by=actor.username)
        else:
            _enter(gate, session, actor, wish, job, permit)
        enter_meter(gate, actor, device.code, serial, wish.counter_after)
        made = view(session, job)
    if reasons:
        raise RefusedError(reasons)
    return made


def _check(wish: HandCopy) -> None:
    if not 1 <= wish.copies <= 9999 or not 0 <= wish.waste_sheets <= 10_000:
        raise InvalidInputError("There are 1 to 9999 copies and 0 to 10000 spoiled sheets.", "Count them again.")
    if wish.waste_reason not in ENTERED_REASONS:
        raise InvalidInputError("waste_reason: only a proof is waste as a proof.", "Give another reason.")
    if wish.paper not in PAPERS:
        raise InvalidInputError(f"'{wish.paper[:12]}' is no size of paper.", f"Use one of {', '.join(PAPERS)}.")


def _copier(session: Session, code: str) -> Device:
    device = device_by_code(session, code)
    if Function.COPY not in functions_of(device.functions):
        raise InvalidInputError(f"The register does not let the device {code} copy.", "See `imprimatur device change --function copy`.")
    return device


def _last_serial(session: Session, device: Device) -> str:
    mine = select(MeterReading.serial).where(MeterReading.device_id == device.id, MeterReading.source == PANEL)
    return session.exec(mine.order_by(col(MeterReading.id).desc())).first() or ""


def _job(gate: Gate, session: Session, actor: Actor, wish: HandCopy, device: Device, permit: Permit) -> Job:
    """The copy job as it would be held, its pages those of the permit; its original is what the permit, or a carrier's permit, says."""
    job = new_copy_job(gate, session, device, CopyMethod.BY_HAND, f"copy:{secrets.token_hex(16)}")
    parent = find_carrier(gate, session, wish.original) if wish.original.strip() else None
    source = session.get_one(Permit, parent.permit_id) if parent else permit
    job.requester_id, job.sender, job.title = permit.requester_id, actor.username, permit.title
    job.permit_id, job.copies, job.pages, job.verdict = permit.id, wish.copies, permit.pages, "ok"
    job.options = {"sides": "two-sided-long-edge" if wish.duplex else "one-sided"}
    job.inspection, job.declared_level = {"paper": wish.paper}, source.level
    row = session.get_one(CopySession, job.id)
    row.begun_by_id = row.declared_by_id = actor.user_id
    row.declared_at, row.parent_id = gate.clock.now(), parent.id if parent else None
    row.level, row.term, row.no_copy_notice = source.level, source.term, source.no_copy_notice
    row.from_above, row.doc_no = source.origin != Origin.OWN.value, source.doc_no
    row.counter_before, row.counter_after, row.wet_stamp = wish.counter_before, wish.counter_after, wish.wet_stamp
    session.add_all([job, row])
    session.flush()
    told = {"permit": permit.permit_no, "copies": wish.copies, "before": wish.counter_before, "after": wish.counter_after}
    told |= {"original": parent.carrier_no if parent else "", "wet_stamp": wish.wet_stamp, "waste": wish.waste_sheets}
    tell(gate, session, job, "copy.entered", actor.username, told)
    hold_job(gate, session, job, by=actor.username)
    return job


def _reasons(gate: Gate, session: Session, actor: Actor, job: Job, permit: Permit) -> list[Reason]:
    """Everything against these copies; when nothing is, they are taken from the permit."""
    reasons = reasons_against(gate, session, actor, job, permit)
    if Level(permit.level) is Level.JUEMI:
        reasons.append(Reason(Code.E_TOPSECRET_COPY))
    if permit.page_hash:
        reasons.append(Reason(Code.E_HASH_MISMATCH, "the permit was asked for from a scan"))
    if not reasons and (missing := reserve(gate, session, permit, job)):
        reasons.append(missing)
    return list(dict.fromkeys(reasons))


def _enter(gate: Gate, session: Session, actor: Actor, wish: HandCopy, job: Job, permit: Permit) -> None:
    """Numbers, carriers and waste as of a job that was printed, and what the counter must have grown by."""
    write_release(gate, session, job, permit, by=actor.username, operator_id=actor.user_id)
    mine = select(Copy).where(Copy.job_id == job.id, Copy.state == CopyState.RESERVED.value).order_by(col(Copy.number))
    copies = session.exec(mine).all()
    sides = sides_made(permit.pages, len(copies), wish.waste_sheets, duplex=wish.duplex)
    now = gate.clock.now()
    session.add(
        Submission(
            release_id=session.exec(select(Release.id).where(Release.job_id == job.id)).one() or 0,
            job_id=job.id or 0,
            token=f"by-hand-{secrets.token_hex(8)}",
            copies=[copy.number for copy in copies],
            state=COUNTED,
            impressions=sides.least,
            impressions_expected=sides.most,
            created_at=now,
            ended_at=now,
        )
    )
    if wish.waste_sheets:
        _record_waste(gate, session, actor, wish, job, copies)
    record_good(gate, session, job, copies, actor=actor.username)
    complete(gate, session, job, moves.ENTER, actor=actor.username)


def _record_waste(gate: Gate, session: Session, actor: Actor, wish: HandCopy, job: Job, copies: Sequence[Copy]) -> None:
    """Spoiled sheets belong to the first number: nobody at a copier can say to which."""
    session.add(
        Waste(
            copy_id=copies[0].id or 0,
            job_id=job.id or 0,
            sheets=wish.waste_sheets,
            reason=wish.waste_reason.value,
            recorded_by_id=actor.user_id,
            recorded_at=gate.clock.now(),
        )
    )
    session.flush()
    data = {"waste": {f"{copies[0].number:06d}": wish.waste_sheets}, "waste_reason": wish.waste_reason.value}
    tell(gate, session, job, "copy.waste", actor.username, data | {"print_register": {"sheets_waste": sheets_wasted(session, job)}})
