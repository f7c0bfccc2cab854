"""SC-11 Expired and future permit (R01, R101): the second at which it ends, what was released in time, and a clock set back."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from gateway.domain.settlement import Outcome, Settlement
from gateway.domain.vocabulary import AlertKind
from gateway.errors import ForbiddenError, RefusedError
from gateway.services import alerts, clock_watch, jobs, permits, printing, printing_queue, release, settlement
from gateway.services import room as room_service
from rehearsal.processes import wait_until
from tests.room import START, Room
from tests.scenarios.conftest import SHANGHAI, Scene
from tests.watermark.papers import document

END = datetime(2026, 3, 17, 18, 0, tzinfo=SHANGHAI)
P123_DAYS = (END - START) / timedelta(days=1)


def held_job(room: Room, permit_no: str) -> str:
    room.gate.spool.refill()
    return room.submit(document("page").getvalue(), permit=permit_no)


def release_at(room: Room, job: str, moment: datetime) -> str:
    room.clock.at = moment
    return release.release_job(room.gate, room.actor("zheng"), job).stage.value


def codes_of(caught: pytest.ExceptionInfo[RefusedError]) -> list[str]:
    return [reason.code.value for reason in caught.value.reasons]


def test_p125_is_over_and_a_permit_of_tomorrow_has_not_begun(room: Room) -> None:
    room.clock.at = datetime(2026, 3, 4, 18, 0, tzinfo=SHANGHAI)
    p125 = room.permit(copies=2, term="1年", days=1)  # valid to 03-05 18:00
    room.clock.at = START
    assert "E_PERMIT_EXPIRED" in [reason.code.value for reason in jobs.show(room.gate, room.actor("zheng"), held_job(room, p125)).reasons]
    room.clock.at = START + timedelta(days=1)
    tomorrow = room.permit()
    job = held_job(room, tomorrow)
    room.clock.at = START + timedelta(days=1) - timedelta(seconds=60)  # a clock a little wrong is no anomaly
    with pytest.raises(RefusedError) as caught:
        release.release_job(room.gate, room.actor("zheng"), job)
    assert codes_of(caught) == ["E_PERMIT_EXPIRED"]


def test_p123_is_released_until_the_last_second(room: Room) -> None:
    p123 = room.permit(days=P123_DAYS)
    first, second = held_job(room, p123), held_job(room, p123)
    assert release_at(room, first, END - timedelta(seconds=1)) == "queued"
    with pytest.raises(RefusedError) as caught:
        release_at(room, second, END)
    assert codes_of(caught) == ["E_PERMIT_EXPIRED"]


def test_a_suspect_job_after_the_end_needs_an_extension(room: Room) -> None:
    p123 = room.permit(days=P123_DAYS)
    job = held_job(room, p123)
    release_at(room, job, END - timedelta(minutes=1))
    (device,) = printing_queue.devices_with_work(room.gate)
    (job_id,) = printing_queue.queued_jobs(room.gate, device)
    printing.begin_preparing(room.gate, job_id)
    printing.plan_run(room.gate, job_id)
    printing.unresolve(room.gate, job_id, "power cut")
    room.clock.at = END
    found = Settlement({1: Outcome.UNPRINTED}, resume=True)
    with pytest.raises(RefusedError) as caught:
        settlement.settle(room.gate, room.actor("zheng"), job, found)
    assert codes_of(caught) == ["E_PERMIT_EXPIRED"]
    permits.extend_permit(room.gate, room.actor("zhao"), p123, END + timedelta(days=1))
    with pytest.raises(RefusedError) as caught:
        settlement.settle(room.gate, room.actor("zheng"), job, found)
    assert codes_of(caught) == ["E_PERMIT_PENDING"]
    for name in ("li", "wu"):
        permits.approve_permit(room.gate, room.actor(name), p123)
    assert settlement.settle(room.gate, room.actor("zheng"), job, found).stage.value == "queued"
    assert room.verify().ok


def test_what_only_has_to_be_written_down_needs_no_extension(room: Room) -> None:
    p123 = room.permit(days=P123_DAYS)
    job = held_job(room, p123)
    release_at(room, job, END - timedelta(minutes=1))
    (device,) = printing_queue.devices_with_work(room.gate)
    (job_id,) = printing_queue.queued_jobs(room.gate, device)
    printing.begin_preparing(room.gate, job_id)
    printing.plan_run(room.gate, job_id)
    printing.unresolve(room.gate, job_id, "power cut")
    room.clock.at = END
    assert settlement.settle(room.gate, room.actor("zheng"), job, Settlement({1: Outcome.GOOD}, resume=True)).stage.value == "completed"


def test_a_clock_set_back_by_three_hours(room: Room) -> None:
    p123 = room.permit()
    job = held_job(room, p123)
    clock_watch.watch_clock(room.gate)
    room.clock.advance(hours=-3)
    with pytest.raises(RefusedError) as caught:
        release.release_job(room.gate, room.actor("zheng"), job)
    assert "E_CLOCK" in codes_of(caught)
    (alert,) = alerts.list_alerts(room.gate, room.actor("lin"))
    assert (alert.kind, alert.detail) == (AlertKind.CLOCK_SET_BACK, "10799 s")
    clock_watch.watch_clock(room.gate)
    assert len(alerts.list_alerts(room.gate, room.actor("chen"))) == 1, "told once"
    room.clock.advance(hours=3)
    with pytest.raises(RefusedError) as caught:
        release.release_job(room.gate, room.actor("zheng"), job)
    assert codes_of(caught) == ["E_CLOCK"], "that it is right again a person says, not the clock"
    for name in ("zheng", "feng", "zhao", "wu"):
        with pytest.raises(ForbiddenError):
            clock_watch.confirm_clock(room.gate, room.actor(name))
    clock_watch.confirm_clock(room.gate, room.actor("lin"))
    assert release.release_job(room.gate, room.actor("zheng"), job).stage.value == "queued"
    assert room.verify().ok


def test_time_that_is_confirmed_wrong_is_watched_from_there(room: Room) -> None:
    clock_watch.watch_clock(room.gate)
    room.clock.advance(days=-1)
    clock_watch.watch_clock(room.gate)
    clock_watch.confirm_clock(room.gate, room.actor("chen"))
    assert room_service.show_room(room.gate).holds == ()
    room.clock.advance(seconds=-119)
    clock_watch.watch_clock(room.gate)
    assert room_service.show_room(room.gate).holds == ()
    room.clock.advance(seconds=-2)
    clock_watch.watch_clock(room.gate)
    assert [hold.mode.value for hold in room_service.show_room(room.gate).holds] == ["clock"]


@pytest.mark.cups
def test_released_in_time_and_still_queued_at_six(scene: Scene) -> None:
    permit = scene.p123()
    job = scene.lp(permit, "-n", "2")
    scene.house.printer.stop()
    scene.at("03-17 17:59:59")
    scene.house.run("job", "claim", job["job"], account="zheng")
    assert scene.house.ask("zheng", "job", "release", job["job"])["stage"] == "queued"
    scene.at("03-17 18:00:00")
    late = scene.lp(permit)
    assert "E_PERMIT_EXPIRED" in late["codes"]
    before = scene.counter()
    scene.house.printer.start()
    wait_until(lambda: scene.house.ask("zheng", "job", "show", job["job"])["stage"] == "completed", "the queued job's end", 60)
    assert scene.counter() == before + 48
    refused = scene.house.run("job", "release", late["job"], account="zheng", check=False)
    assert (refused.status, "E_PERMIT_EXPIRED" in refused.text) == (1, True)
