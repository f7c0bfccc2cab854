"""Settlement of an unresolved job: a person counts paper and says what became of each number (R11, R33, R34; I4, I5)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import func
from sqlmodel import Session, col, select

from gateway.db.tables import Copy, Job, Permit, Release, Submission, Waste
from gateway.domain import moves
from gateway.domain.approvals import current_step
from gateway.domain.codes import Code, Reason
from gateway.domain.duties import Act
from gateway.domain.permits import state_reason
from gateway.domain.settlement import Outcome, Settlement, sides_counted
from gateway.domain.vocabulary import ENTERED_REASONS, CopyState, JobStage
from gateway.errors import ConflictError, InvalidInputError, RefusedError
from gateway.ledger.append import append
from gateway.services.chains import chain_of
from gateway.services.facts import permit_facts
from gateway.services.gate import Actor, Gate
from gateway.services.jobs import JobView, move, view, visible_job
from gateway.services.own_readings import hold_against_meter, look_before_settling
from gateway.services.printing import COUNTED, DOUBT, complete, record_good
from gateway.services.reservation import give_back_reserved

MAX_REPRINTS = 3
"""How often the same number may be printed again after spoiling (R33, D09)."""


@dataclass(frozen=True, slots=True)
class OpenCopy:
    """One number that waits for settlement."""

    number: int
    reprints: int


def open_copies(gate: Gate, actor: Actor, job_no: str) -> list[OpenCopy]:
    """The numbers of an unresolved job nobody has accounted for."""
    with gate.database.reading() as session:
        job = visible_job(session, actor, job_no)
        return [OpenCopy(copy.number, copy.reprints) for copy in _reserved(session, job)]


def as_it_lies(copies: Sequence[OpenCopy], last_good: int, spoiled_sheets: int) -> dict[int, tuple[Outcome, int]]:
    """What becomes of each number when copies came out in order: good up to the last good one, the next spoiled by the sheets after it.

    A proposal for the operator to look through; `last_good` 0 means none.
    """
    found: dict[int, tuple[Outcome, int]] = {}
    for copy in copies:
        if copy.number <= last_good:
            found[copy.number] = (Outcome.GOOD, 0)
        elif spoiled_sheets and not any(outcome is Outcome.SPOILED for outcome, _ in found.values()):
            found[copy.number] = (Outcome.SPOILED, spoiled_sheets)
        else:
            found[copy.number] = (Outcome.UNPRINTED, 0)
    return found


def settle(gate: Gate, actor: Actor, job_no: str, settlement: Settlement) -> JobView:
    """Account for every open number; then resume the rest or close the job. A counter that disagrees with the count is a finding (SC-23).

    Raises InvalidInputError when a number is missing or strange, RefusedError E_REPRINT_LIMIT after three reprints of one number.
    """
    actor.require(Act.RELEASE)
    with gate.database.reading() as session:
        job = _unresolved(session, actor, job_no)
    look = look_before_settling(gate, job.device_id or 0)
    with gate.database.writing() as session:
        job = _unresolved(session, actor, job_no)
        copies = {copy.number: copy for copy in _reserved(session, job)}
        _check(copies, settlement)
        if settlement.resume and any(outcome is not Outcome.GOOD for outcome in settlement.outcomes.values()):
            _still_permitted(gate, session, job)
        _record_waste(gate, session, actor, job, copies, settlement)
        good = [copy for number, copy in copies.items() if settlement.outcomes[number] is Outcome.GOOD]
        record_good(gate, session, job, good, actor=actor.username)
        if (first := _count_sides(session, job, settlement)) and look is not None:
            hold_against_meter(gate, session, job, first, look)
        _go_on_or_close(gate, session, actor, job, left=len(copies) - len(good), resume=settlement.resume)
        return view(session, job)


def _unresolved(session: Session, actor: Actor, job_no: str) -> Job:
    job = visible_job(session, actor, job_no)
    if JobStage(job.stage) is not JobStage.UNRESOLVED:
        raise ConflictError(f"Job {job.job_no} is {job.stage}, not unresolved.", "There is nothing to settle.")
    return job


def _count_sides(session: Session, job: Job, settlement: Settlement) -> int:
    """The device jobs in doubt are in doubt no more: what came of each is what the operator counted. The first's number, or 0."""
    doubted = select(Submission).where(Submission.job_id == job.id, Submission.state == DOUBT).order_by(col(Submission.id))
    found = session.exec(doubted).all()
    for one in found:
        duplex = session.get_one(Release, one.release_id).duplex
        sides = sides_counted(settlement, one.copies, job.pages or 0, duplex=duplex)
        one.state, one.impressions, one.impressions_expected = COUNTED, sides.least, sides.most
        session.add(one)
    session.flush()
    return found[0].id or 0 if found else 0


def _reserved(session: Session, job: Job) -> Sequence[Copy]:
    return session.exec(select(Copy).where(Copy.job_id == job.id, Copy.state == CopyState.RESERVED.value).order_by(col(Copy.number))).all()


def _check(copies: Mapping[int, Copy], settlement: Settlement) -> None:
    if set(settlement.outcomes) != set(copies):
        numbers = ", ".join(f"{number:06d}" for number in sorted(set(copies) ^ set(settlement.outcomes)))
        raise InvalidInputError(f"Every open number must be accounted for, and no other: {numbers}.", "Count the paper and name each one.")
    if settlement.waste_reason not in ENTERED_REASONS:
        raise InvalidInputError("waste_reason: only a proof is waste as a proof.", "Give another reason.")
    if any(number not in copies or not 1 <= sheets <= 10_000 for number, sheets in settlement.waste_sheets.items()):
        raise InvalidInputError("Waste sheets belong to an open number and are at least 1.", "Count the spoiled sheets again.")
    spoiled = [number for number, outcome in settlement.outcomes.items() if outcome is Outcome.SPOILED]
    if any(number not in settlement.waste_sheets for number in spoiled):
        raise InvalidInputError("A spoiled copy needs its number of spoiled sheets.", "Count them; they are kept until destroyed.")
    if settlement.resume:
        worn = [number for number in spoiled if copies[number].reprints >= MAX_REPRINTS]
        if worn:
            raise RefusedError([Reason(Code.E_REPRINT_LIMIT, ", ".join(f"{number:06d}" for number in worn))])


def _still_permitted(gate: Gate, session: Session, job: Job) -> None:
    """What a person lets print again needs a permit that is valid now: an extension may be needed first (SC-11)."""
    permit = session.get_one(Permit, job.permit_id)
    reason = state_reason(permit_facts(gate, session, permit), gate.clock.now())
    if reason is None and current_step(chain_of(gate, session, permit)) is not None:
        reason = Reason(Code.E_PERMIT_PENDING)
    if reason is not None:
        raise RefusedError([reason])


def _record_waste(gate: Gate, session: Session, actor: Actor, job: Job, copies: Mapping[int, Copy], settlement: Settlement) -> None:
    now = gate.clock.now()
    for number, sheets in sorted(settlement.waste_sheets.items()):
        copy = copies[number]
        copy.reprints += settlement.resume
        session.add(copy)
        session.add(
            Waste(
                copy_id=copy.id or 0,
                job_id=job.id or 0,
                sheets=sheets,
                reason=settlement.waste_reason.value,
                recorded_by_id=actor.user_id,
                recorded_at=now,
            )
        )
    session.flush()
    total = session.exec(select(func.coalesce(func.sum(Waste.sheets), 0)).where(Waste.job_id == job.id)).one()
    append(
        session,
        kind="job.settled",
        at=now,
        actor=actor.username,
        subject=job.job_no,
        data={
            "outcomes": {f"{number:06d}": outcome.value for number, outcome in sorted(settlement.outcomes.items())},
            "waste": {f"{number:06d}": sheets for number, sheets in sorted(settlement.waste_sheets.items())},
            "waste_reason": settlement.waste_reason.value,
            "resume": settlement.resume,
            "print_register": {"sheets_waste": int(total)},
        },
    )


def _go_on_or_close(gate: Gate, session: Session, actor: Actor, job: Job, *, left: int, resume: bool) -> None:
    if left and resume:
        move(session, job, moves.RESUME, gate.clock.now())
        append(
            session,
            kind="job.resumed",
            at=gate.clock.now(),
            actor=actor.username,
            subject=job.job_no,
            data={"print_register": {"status": "released"}},
        )
        return
    if left:
        given_back = give_back_reserved(session, job)
        if given_back:
            append(
                session,
                kind="copies.void",
                at=gate.clock.now(),
                actor=actor.username,
                subject=job.job_no,
                data=given_back,
            )
    complete(gate, session, job, moves.SETTLE, actor=actor.username)
