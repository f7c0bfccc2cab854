"""Waste 废页: copies that spoil after they were good, and everything that waits to be destroyed (R33, R34; D09, SC-22)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, update
from sqlmodel import Session, col, select

from gateway.db.tables import Carrier, Copy, DestructionLine, DestructionList, Job, Permit, Release, User, Waste
from gateway.domain.carriers import format_waste_number
from gateway.domain.codes import Code, Reason
from gateway.domain.deadlines import waste_due
from gateway.domain.duties import Act
from gateway.domain.vocabulary import ENTERED_REASONS, CarrierState, CarrierVerb, CopyState, JobStage, PermitKind, PermitState, WasteReason
from gateway.errors import ConflictError, InvalidInputError, NotFoundError, RefusedError
from gateway.ledger.append import append
from gateway.services.carriers import move_carriers, refusals_told
from gateway.services.gate import Actor, Gate
from gateway.services.jobs import JobView, view, visible_job
from gateway.services.matching import rematch_held_jobs
from gateway.services.paper_use import paper_told
from gateway.services.permits import allowance
from gateway.services.printing import good_columns, sheets_wasted
from gateway.services.proofs import is_proof
from gateway.services.settlement import MAX_REPRINTS


@dataclass(frozen=True, slots=True)
class Spoilage:
    """A whole copy that is withdrawn: its sheets, why, who gave it back. `again`: its number is printed again, else it is void."""

    sheets: int
    reason: WasteReason
    withdrawn_from: str
    kept_in: str = ""
    again: bool = True


def waste_no(waste: Waste) -> str:
    """A waste row's number on paper, such as W-0031."""
    return format_waste_number(waste.id or 0)


def withdraw_copy(gate: Gate, actor: Actor, job_no: str, number: int, spoilage: Spoilage) -> JobView:
    """A good copy of a completed job turned out spoiled: it is waste now, its carrier closed, its number free for one reprint (SC-22).

    The content is gone: the document is printed to the queue again under the same permit, and must have its page hash. Raises
    RefusedError E_REPRINT_LIMIT after three reprints of the number.
    """
    actor.require(Act.RELEASE)
    if spoilage.reason not in ENTERED_REASONS:
        raise InvalidInputError("reason: only a proof is waste as a proof.", "Give another reason.")
    if not spoilage.withdrawn_from.strip():
        raise InvalidInputError("The spoiled copy must be in your hand first.", "Enter who gave it back.")
    with refusals_told(gate, actor, "reprint", job_no), gate.database.writing() as session:
        job = visible_job(session, actor, job_no)
        copy, release = _good_copy(session, job, number)
        if is_proof(session, job):
            raise ConflictError("A proof is waste already.", "Put its waste row on a destruction list.")
        if spoilage.again and session.get_one(Permit, copy.permit_id).kind == PermitKind.STANDING.value:
            raise InvalidInputError("A standing permit prints new numbers.", "Withdraw the copy as void, and print it once more.")
        if spoilage.sheets != release.sheets_per_copy:
            raise InvalidInputError(
                f"The whole copy is withdrawn: {release.sheets_per_copy} sheets, not {spoilage.sheets}.", "Count its sheets again."
            )
        if spoilage.again and copy.reprints >= MAX_REPRINTS:
            raise RefusedError([Reason(Code.E_REPRINT_LIMIT, f"{number:06d}")])
        permit = _give_allowance_back(session, copy, again=spoilage.again)
        waste = _record_waste(gate, session, actor, copy, spoilage)
        closed = _close_carrier(gate, session, copy)
        counted = {**good_columns(session, job), "sheets_waste": sheets_wasted(session, job)}
        data = {
            "copies_spoiled" if spoilage.again else "copies_void": [number],
            "waste": {f"{number:06d}": spoilage.sheets},
            "waste_no": waste_no(waste),
            "waste_reason": spoilage.reason.value,
            "allowance": allowance(permit),
            "print_register": counted,
            **paper_told(gate, session, job, counted),
            **closed,
        }
        append(session, kind="copies.spoiled", at=gate.clock.now(), actor=actor.username, subject=job.job_no, data=data)
        rematch_held_jobs(gate, session, permit)
        return view(session, job)


def _good_copy(session: Session, job: Job, number: int) -> tuple[Copy, Release]:
    copy = session.exec(select(Copy).where(Copy.job_id == job.id, Copy.number == number)).first()
    if copy is None:
        raise NotFoundError(f"Job {job.job_no} printed no copy {number:06d}.", "Look at its numbers.")
    if JobStage(job.stage) is not JobStage.COMPLETED or CopyState(copy.state) is not CopyState.GOOD:
        raise ConflictError(f"Copy {number:06d} of job {job.job_no} is {copy.state}.", "Only a good copy of a completed job is withdrawn.")
    return copy, session.get_one(Release, copy.release_id)


def _give_allowance_back(session: Session, copy: Copy, *, again: bool) -> Permit:
    copy.state = CopyState.SPOILED.value if again else CopyState.VOID.value
    copy.reprints += again
    session.add(copy)
    session.execute(update(Permit).where(col(Permit.id) == copy.permit_id).values(copies_good=Permit.copies_good - 1))
    permit = session.get_one(Permit, copy.permit_id)
    session.refresh(permit)
    if PermitState(permit.state) is PermitState.USED_UP:
        permit.state = PermitState.ACTIVE.value
        session.add(permit)
    session.flush()
    return permit


def _record_waste(gate: Gate, session: Session, actor: Actor, copy: Copy, spoilage: Spoilage) -> Waste:
    waste = Waste(
        copy_id=copy.id or 0,
        job_id=copy.job_id,
        sheets=spoilage.sheets,
        reason=spoilage.reason.value,
        recorded_by_id=actor.user_id,
        recorded_at=gate.clock.now(),
        kept_in=spoilage.kept_in.strip()[:60],
        withdrawn_from=spoilage.withdrawn_from.strip()[:60],
    )
    session.add(waste)
    session.flush()
    return waste


def _close_carrier(gate: Gate, session: Session, copy: Copy) -> dict[str, Any]:
    living = select(Carrier).where(Carrier.copy_id == copy.id, Carrier.state != CarrierState.VOID.value)
    carrier = session.exec(living).first()
    return move_carriers(session, [carrier], CarrierVerb.SPOIL, gate.clock.now()) if carrier else {}


@dataclass(frozen=True, slots=True)
class WasteView:
    """A waste row as shown. `list_no` names the destruction list it stands on."""

    waste_no: str
    job_no: str
    permit_no: str
    copy_number: int
    level: str
    sheets: int
    reason: WasteReason
    recorded_by: str
    recorded_at: datetime
    kept_in: str
    withdrawn_from: str
    due_at: datetime
    overdue: bool
    list_no: str
    destroyed_at: datetime | None


def list_waste(gate: Gate, actor: Actor, *, everything: bool = False, limit: int = 200) -> list[WasteView]:
    """Waste that is not destroyed yet, or all; oldest first. Raises ForbiddenError."""
    actor.require(Act.SEE_BOOKS)
    query = (
        select(Waste, Job, Copy, User)
        .join(Copy, col(Waste.copy_id) == Copy.id)
        .join(Job, col(Waste.job_id) == Job.id)
        .join(User, func.coalesce(Waste.kept_by_id, Waste.recorded_by_id) == User.id)
        .order_by(col(Waste.id))
        .limit(limit)
    )
    if not everything:
        query = query.where(col(Waste.destroyed_at).is_(None))
    with gate.database.reading() as session:
        rows = session.exec(query).all()
        permits = {copy.permit_id: session.get_one(Permit, copy.permit_id) for _, _, copy, _ in rows}
        lists = lists_of_waste(session, [waste.id or 0 for waste, *_ in rows])
    now = gate.clock.now()
    return [
        WasteView(
            waste_no(waste),
            job.job_no,
            permits[copy.permit_id].permit_no,
            copy.number,
            permits[copy.permit_id].level,
            waste.sheets,
            WasteReason(waste.reason),
            keeper.display_name,
            waste.recorded_at,
            waste.kept_in,
            waste.withdrawn_from,
            due := waste_due(waste.recorded_at, gate.settings.zone),
            waste.destroyed_at is None and due <= now,
            lists.get(waste.id or 0, ""),
            waste.destroyed_at,
        )
        for waste, job, copy, keeper in rows
    ]


def lists_of_waste(session: Session, waste_ids: Sequence[int]) -> dict[int, str]:
    """The number of the destruction list each waste row stands on, if it stands on one."""
    query = (
        select(DestructionLine.waste_id, DestructionList.list_no)
        .join(DestructionList, col(DestructionLine.list_id) == DestructionList.id)
        .where(col(DestructionLine.waste_id).in_(waste_ids), col(DestructionLine.live).is_(True))
    )
    return {waste_id: list_no for waste_id, list_no in session.exec(query).all() if waste_id}
