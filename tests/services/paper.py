"""Good copies without a device: the worker's own transactions, called as it calls them when all goes well."""

from __future__ import annotations

from collections.abc import Mapping

from sqlmodel import select

from gateway.db.tables import Job
from gateway.domain.settlement import Outcome, Settlement
from gateway.domain.vocabulary import Level
from gateway.services import printing
from gateway.services.attendance import attend_job
from gateway.services.permits import approve_permit
from gateway.services.release import claim_job, release_job
from gateway.services.settlement import open_copies, settle
from tests.room import Room
from tests.watermark.papers import document

APPROVERS = {Level.GONGKAI: ("gu",), Level.NEIBU: ("gu",), Level.JUEMI: ("zhou", "wu")}


def printed(
    room: Room, *, copies: int, level: Level = Level.MIMI, scope: Mapping[str, int] | None = None, queue: str = "jiyao", **how: object
) -> str:
    """A permit whose copies have all come out good; its number. zheng released them."""
    room.gate.spool.refill()
    scoped = {"scope": dict(scope)} if scope is not None else {}
    view = room.request(pages=1, copies=copies, level=level, **scoped, **how)  # type: ignore[arg-type]
    for approver in APPROVERS.get(level, ("li", "wu")):
        approve_permit(room.gate, room.actor(approver), view.permit_no)
    job_no = room.submit(document("page").getvalue(), copies=copies, permit=view.permit_no, user=view.requester, queue=queue)
    print_job(room, job_no, beside="wang" if level is Level.JUEMI else "")
    return view.permit_no


def print_job(room: Room, job_no: str, *, by: str = "zheng", beside: str = "") -> None:
    """Release a held job, in the presence of a second operator where it takes two, and let every copy come out good."""
    claim_job(room.gate, room.actor(by), job_no)
    if beside:
        attend_job(room.gate, room.actor(beside), job_no)
    release_job(room.gate, room.actor(by), job_no)
    with room.gate.database.reading() as session:
        job_id = session.exec(select(Job.id).where(Job.job_no == job_no)).one() or 0
    finish(room, job_id)


def finish(room: Room, job_id: int) -> None:
    """Every copy of a queued job comes out good."""
    printing.begin_preparing(room.gate, job_id)
    run = printing.plan_run(room.gate, job_id)
    printing.begin_printing(room.gate, job_id)
    for sheaf in run.sheaves:
        printing.finish_submission(room.gate, sheaf.submission_id, impressions=None, result="completed")
    printing.complete_job(room.gate, job_id)


def jammed(room: Room, permit_no: str, *, copies: int, good: int, spoiled_sheets: int) -> str:
    """A job that stopped after `good` copies and was settled: the next one spoiled, the rest printed after all. Its number."""
    room.gate.spool.refill()
    job_no = room.submit(document("page").getvalue(), copies=copies, permit=permit_no, finishings="4")  # a device job for each copy
    claim_job(room.gate, room.actor("zheng"), job_no)
    release_job(room.gate, room.actor("zheng"), job_no)
    with room.gate.database.reading() as session:
        job_id = session.exec(select(Job.id).where(Job.job_no == job_no)).one() or 0
    printing.begin_preparing(room.gate, job_id)
    run = printing.plan_run(room.gate, job_id)
    printing.begin_printing(room.gate, job_id)
    for sheaf in run.sheaves[:good]:
        printing.finish_submission(room.gate, sheaf.submission_id, impressions=None, result="completed")
    printing.unresolve(room.gate, job_id, "media-jam-error")
    numbers = [copy.number for copy in open_copies(room.gate, room.actor("zheng"), job_no)]
    outcomes = {number: Outcome.SPOILED if number == numbers[0] else Outcome.UNPRINTED for number in numbers}
    settle(room.gate, room.actor("zheng"), job_no, Settlement(outcomes, resume=True, waste_sheets={numbers[0]: spoiled_sheets}))
    finish(room, job_id)
    return job_no
