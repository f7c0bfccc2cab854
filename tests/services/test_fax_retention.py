"""The final pages of a fax do not outlive it, and a fax does not outlive its job (I7, R47)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from gateway.domain.codes import Code
from gateway.domain.fax import FaxOutcome, FaxResult, FaxState
from gateway.domain.vocabulary import JobStage, Level, PermitState
from gateway.errors import ConflictError, ForbiddenError
from gateway.services import fax_tray, fax_views, faxing, jobs, permit_views, permits, retention
from gateway.services.fax_endings import end_faxes_of_ended_jobs, end_faxes_past_approval
from gateway.services.fax_retention import destroy_pages_of_ended_faxes, discard_received
from gateway.services.fax_tray import Registration
from tests.room import Room
from tests.services.test_faxing import approved, attempt, codes_of, kinds, received


def objects(room: Room) -> int:
    return len(list(room.gate.spool.list()))


def test_the_pages_are_destroyed_when_the_fax_has_ended_and_not_before(room: Room) -> None:
    fax_no = approved(room)
    before = objects(room)
    attempt(room, fax_no, FaxOutcome(FaxResult.PART, 0))
    assert destroy_pages_of_ended_faxes(room.gate) == 0, "a person has not decided yet"
    faxing.settle(room.gate, room.actor("zheng"), fax_no)
    assert destroy_pages_of_ended_faxes(room.gate) == 1
    assert destroy_pages_of_ended_faxes(room.gate) == 0
    assert objects(room) == before - 1
    assert kinds(room).count("fax.content_destroyed") == 1
    retention.reconcile_spool(room.gate)
    assert "spool.differs" not in kinds(room)
    assert room.verify().ok


def job_and_permit(room: Room, fax_no: str) -> tuple[JobStage, PermitState]:
    zheng = room.actor("zheng")
    fax = fax_views.show_fax(room.gate, zheng, fax_no)
    return jobs.show(room.gate, zheng, fax.job_no).stage, permit_views.show_permit(room.gate, zheng, fax.permit_no).state


@pytest.mark.parametrize(
    ("outcome", "ends"),
    [
        (FaxOutcome(FaxResult.WHOLE, 1), (JobStage.COMPLETED, PermitState.USED_UP)),
        (FaxOutcome(FaxResult.FAILED, 0, uncertain=True), (JobStage.COMPLETED, PermitState.USED_UP)),
        (FaxOutcome(FaxResult.NO_ANSWER), (JobStage.CANCELED, PermitState.ACTIVE)),
    ],
)
def test_job_and_permit_end_with_their_fax(room: Room, outcome: FaxOutcome, ends: tuple[JobStage, PermitState]) -> None:
    """What may have arrived uses the permit up; of what certainly did not, only the job ends."""
    fax_no = approved(room)
    if attempt(room, fax_no, outcome).state is FaxState.TO_DECIDE:
        assert job_and_permit(room, fax_no) == (JobStage.HELD, PermitState.ACTIVE), "a person has not decided yet"
        faxing.settle(room.gate, room.actor("zheng"), fax_no)
    assert job_and_permit(room, fax_no) == ends
    assert end_faxes_of_ended_jobs(room.gate) == 0
    assert room.verify().ok


@pytest.mark.parametrize("revoked", [True, False])
def test_a_fax_waits_no_longer_than_its_approval(room: Room, revoked: bool) -> None:
    fax_no = approved(room)
    attempt(room, fax_no, FaxOutcome(FaxResult.BUSY))
    assert end_faxes_past_approval(room.gate) == 0
    if revoked:
        permit_no = fax_views.show_fax(room.gate, room.actor("zheng"), fax_no).permit_no
        permits.revoke_permit(room.gate, room.actor("wu"), permit_no, "有误")
    else:
        room.clock.at += timedelta(hours=24)
    assert (end_faxes_past_approval(room.gate), end_faxes_past_approval(room.gate)) == (1, 0)
    seen = fax_views.show_fax(room.gate, room.actor("zheng"), fax_no)
    assert (seen.state, seen.result, seen.next_try_at) == (FaxState.ENDED, FaxResult.BUSY, None)
    assert job_and_permit(room, fax_no)[0] is JobStage.CANCELED
    assert room.verify().ok


def test_a_fax_ends_with_its_job(room: Room) -> None:
    fax_no = approved(room)
    room.clock.advance(hours=room.gate.settings.hold_hours, seconds=1)
    assert end_faxes_of_ended_jobs(room.gate) == 0
    retention.expire_held_jobs(room.gate)
    assert end_faxes_of_ended_jobs(room.gate) == 1
    seen = fax_views.show_fax(room.gate, room.actor("zheng"), fax_no)
    assert (seen.state, seen.result, seen.pages_sent) == (FaxState.ENDED, FaxResult.REFUSED, 0)
    assert codes_of(faxing.begin, room.gate, fax_no)[0] is Code.E_QTY_EXCEEDED
    assert destroy_pages_of_ended_faxes(room.gate) == 1


def test_what_is_being_sent_or_came_in_is_not_touched(room: Room) -> None:
    fax_no = approved(room)
    received(room)
    faxing.begin(room.gate, fax_no)
    room.clock.advance(hours=room.gate.settings.hold_hours, seconds=1)
    retention.expire_held_jobs(room.gate)
    before = objects(room)
    assert end_faxes_of_ended_jobs(room.gate) == 0
    assert destroy_pages_of_ended_faxes(room.gate) == 0
    assert objects(room) == before


def test_a_fax_signed_for_and_never_printed_ends_by_a_decision_or_with_its_time(room: Room) -> None:
    zheng, sun = room.actor("zheng"), room.actor("sun")
    decided, forgotten = received(room), received(room, "fax2.tif", 0)
    for fax_no in (decided, forgotten):
        fax_tray.register_received(room.gate, zheng, fax_no, Registration(Level.NEIBU, "D03", "某省统计局"))
        with pytest.raises(ConflictError):
            discard_received(room.gate, zheng, fax_no)  # nobody has signed for it
        fax_tray.sign_received(room.gate, sun, fax_no)
    before = objects(room)
    with pytest.raises(ForbiddenError):
        discard_received(room.gate, sun, decided)
    assert not discard_received(room.gate, zheng, decided).has_pages
    with pytest.raises(ConflictError):
        discard_received(room.gate, zheng, decided)
    assert (objects(room), destroy_pages_of_ended_faxes(room.gate)) == (before - 1, 0)
    room.clock.advance(days=room.gate.settings.fax_keep_days, seconds=1)
    assert (destroy_pages_of_ended_faxes(room.gate), objects(room)) == (1, before - 2)
    retention.reconcile_spool(room.gate)
    assert "spool.differs" not in kinds(room)
    assert room.verify().ok
