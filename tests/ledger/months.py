"""Two months of a room's life, on the real services; the device is played by calling what the press calls."""

from __future__ import annotations

from datetime import UTC, datetime

from gateway.db.tables import Job
from gateway.domain.settlement import Outcome, Settlement
from gateway.domain.vocabulary import WasteReason
from gateway.ledger.checkpoints import Signer, write_checkpoint
from gateway.services import printing, release, settlement, waste
from gateway.services.closing import close_past_months
from gateway.services.waste import Spoilage
from tests.room import Room
from tests.watermark.papers import document


def simple(pages: int) -> bytes:
    return document(*(f"page {number}" for number in range(pages))).getvalue()


def released(room: Room, permit: str, copies: int = 2, pages: int = 2, **options: str) -> str:
    job = room.submit(simple(pages), copies=copies, permit=permit, **options)
    release.claim_job(room.gate, room.actor("zheng"), job)
    release.release_job(room.gate, room.actor("zheng"), job)
    return job


def begun(room: Room, job: str) -> tuple[int, list[int]]:
    with room.gate.database.reading() as session:
        from sqlmodel import select

        job_id = session.exec(select(Job.id).where(Job.job_no == job)).one() or 0
    printing.begin_preparing(room.gate, job_id)
    run = printing.plan_run(room.gate, job_id)
    printing.begin_printing(room.gate, job_id)
    return job_id, [sheaf.submission_id for sheaf in run.sheaves]


def printed(room: Room, job: str) -> None:
    job_id, submissions = begun(room, job)
    for one in submissions:
        printing.finish_submission(room.gate, one, impressions=4, result="completed")
    printing.complete_job(room.gate, job_id)


def jammed(room: Room, job: str) -> None:
    job_id, _ = begun(room, job)
    printing.unresolve(room.gate, job_id, "jam")


def checkpoint(room: Room) -> None:
    settings = room.gate.settings
    write_checkpoint(room.gate.database, Signer(settings.keys / "ledger.key"), settings.checkpoint_file, room.clock.now())


def two_months(room: Room) -> None:
    """March: a print, a jam settled and closed, a refusal, a job left over; April: it is finished; May has begun."""
    permit = room.permit(pages=2, copies=20, days=30)
    first = released(room, permit, 3)
    printed(room, first)
    waste.withdraw_copy(room.gate, room.actor("zheng"), first, 1, Spoilage(2, WasteReason.SOILED, "赵敏"))
    printed(room, released(room, permit, 1))  # number 1 again
    waste.withdraw_copy(room.gate, room.actor("zheng"), first, 2, Spoilage(2, WasteReason.SOILED, "赵敏", again=False))
    jam = released(room, permit, 3, sides="two-sided-long-edge")
    jammed(room, jam)
    outcomes = {4: Outcome.GOOD, 5: Outcome.SPOILED, 6: Outcome.UNPRINTED}
    settlement.settle(room.gate, room.actor("zheng"), jam, Settlement(outcomes, False, {5: 2}))
    room.submit(simple(1))
    withdrawn = released(room, permit, 2)
    release.cancel_job(room.gate, room.actor("zheng"), withdrawn)
    left_over = released(room, permit, 2)
    begun_id, submissions = begun(room, left_over)
    waste.withdraw_copy(room.gate, room.actor("zheng"), first, 3, Spoilage(2, WasteReason.SOILED, "赵敏"))  # its reprint is April's
    checkpoint(room)
    room.clock.at = datetime(2026, 3, 31, 16, 0, 5, tzinfo=UTC)  # 1 April 00:00:05 in Shanghai
    for one in submissions:
        printing.finish_submission(room.gate, one, impressions=4, result="completed")
    printing.complete_job(room.gate, begun_id)
    room.clock.advance(minutes=10)
    assert close_past_months(room.gate) == ["2026-03"]
    checkpoint(room)
    room.clock.at = datetime(2026, 4, 9, 2, 0, tzinfo=UTC)
    printed(room, released(room, permit, 1))
    room.permit(pages=1, copies=2, by="sun")
    checkpoint(room)
    room.clock.at = datetime(2026, 5, 2, 2, 0, tzinfo=UTC)
    assert close_past_months(room.gate) == ["2026-04"]
    room.submit(simple(1))
    checkpoint(room)
