"""A month with faxes out and in is found whole by `verify_bundle.py`, and its paper is nobody's invention (R47, R59)."""

from __future__ import annotations

from pathlib import Path

from gateway.domain.fax import FaxOutcome, FaxResult
from gateway.domain.vocabulary import Level
from gateway.services import counting, fax_printing, fax_tray, faxing
from gateway.services.fax_tray import Registration
from gateway.services.paper_months import verify_statistics
from tests.ledger.months import checkpoint
from tests.ledger.test_bundle import bundle_of, checked
from tests.room import Room
from tests.services.test_faxing import approved, attempt, received


def test_a_month_with_faxes_is_found_whole(room: Room, tmp_path: Path) -> None:
    attempt(room, approved(room), FaxOutcome(FaxResult.WHOLE, 1))
    doubtful = approved(room)
    attempt(room, doubtful, FaxOutcome(FaxResult.FAILED, uncertain=True))
    faxing.settle(room.gate, room.actor("zheng"), doubtful)
    unanswered = approved(room)
    attempt(room, unanswered, FaxOutcome(FaxResult.NO_ANSWER))
    faxing.settle(room.gate, room.actor("zheng"), unanswered)
    came = received(room)
    fax_tray.register_received(room.gate, room.actor("zheng"), came, Registration(Level.NEIBU, "D03", "某省统计局"))
    fax_printing.print_received(room.gate, room.actor("zheng"), came, recipient="sun", device="PRN-JY-01")
    for job_id in counting.jobs_to_count(room.gate):
        counting.count_job(room.gate, job_id)
    checkpoint(room)
    bundle_of(room, "2026-03", tmp_path / "b.zip")
    status, page = checked(room, tmp_path / "b.zip")
    assert (status, "OK" in page) == (0, True), page
    assert verify_statistics(room.gate) == []
    assert room.verify().ok
