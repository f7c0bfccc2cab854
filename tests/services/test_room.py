"""Closing, sealing, locking: what holds, who ends it, what is not begun meanwhile (R89, R90, R102; SC-36, SC-38)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import delete

from gateway.db.tables import RoomHold
from gateway.domain.room import MODES
from gateway.domain.vocabulary import AlertKind, RoomMode
from gateway.errors import ConflictError, ForbiddenError, RefusedError
from gateway.services import accounts, alerts, jobs, printing, printing_queue, release, sessions
from gateway.services import room as room_service
from gateway.services.credentials import Proof
from gateway.services.room import enter_mode, leave_mode
from gateway.services.tampering import accept_settings, look_for_tampering
from rehearsal.people import PASSWORD
from tests.room import Room
from tests.watermark.papers import document

EVERYBODY = ("zhao", "li", "zhou", "wu", "he", "zheng", "lin", "gu", "chen", "chu", "feng")


def ready(opened: Room) -> str:
    """A held job that only waits for its release."""
    opened.gate.spool.refill()
    return opened.submit(document("page").getvalue(), permit=opened.permit())


def refused_with(opened: Room, job: str) -> list[str]:
    with pytest.raises(RefusedError) as caught:
        release.release_job(opened.gate, opened.actor("zheng"), job)
    return [reason.code.value for reason in caught.value.reasons]


def stage(opened: Room, job: str) -> str:
    return jobs.show(opened.gate, opened.actor("zheng"), job).stage.value


@pytest.mark.parametrize("mode", [RoomMode.CLOSED, RoomMode.SEALED, RoomMode.EMERGENCY])
def test_who_begins_a_mode_and_who_ends_it(room: Room, mode: RoomMode) -> None:
    for name in EVERYBODY:
        actor = room.actor(name)
        if actor.roles & MODES[mode].begins:
            assert enter_mode(room.gate, actor, mode, "假期").mode is mode
            with pytest.raises(ConflictError):
                enter_mode(room.gate, actor, mode)
        else:
            with pytest.raises(ForbiddenError):
                enter_mode(room.gate, actor, mode)
            continue
        for other in EVERYBODY:
            if not room.actor(other).roles & MODES[mode].ends:
                with pytest.raises(ForbiddenError):
                    leave_mode(room.gate, room.actor(other), mode)
        enders = [one for one in EVERYBODY if room.actor(one).roles & MODES[mode].ends][: MODES[mode].people_to_end]
        for one in enders:
            leave_mode(room.gate, room.actor(one), mode)
        assert show(room) is RoomMode.OPEN
    assert room.verify().ok


def show(opened: Room) -> RoomMode:
    return room_service.show_room(opened.gate).mode


@pytest.mark.parametrize("mode", [RoomMode.CLOCK, RoomMode.SAFE, RoomMode.OPEN])
def test_nobody_begins_or_ends_the_gateways_own_modes_by_word(room: Room, mode: RoomMode) -> None:
    for name in EVERYBODY:
        for act in (enter_mode, leave_mode):
            with pytest.raises(ForbiddenError):
                act(room.gate, room.actor(name), mode)


def test_after_closing_everything_is_held_until_opening(room: Room) -> None:
    job = ready(room)
    enter_mode(room.gate, room.actor("zheng"), RoomMode.CLOSED)
    assert refused_with(room, job) == ["E_CLOSED"]
    leave_mode(room.gate, room.actor("wang"), RoomMode.CLOSED)
    assert release.release_job(room.gate, room.actor("zheng"), job).stage.value == "queued"


def test_one_does_not_unseal_two_do(room: Room) -> None:
    job = ready(room)
    enter_mode(room.gate, room.actor("lin"), RoomMode.SEALED, "劳动节")
    assert refused_with(room, job) == ["E_SEALED"]
    assert leave_mode(room.gate, room.actor("zheng"), RoomMode.SEALED).holds[0].first_leaver == "zheng"
    with pytest.raises(RefusedError) as caught:
        leave_mode(room.gate, room.actor("zheng"), RoomMode.SEALED)
    assert caught.value.code == "E_SEALED"
    assert refused_with(room, job) == ["E_SEALED"]
    assert leave_mode(room.gate, room.actor("wang"), RoomMode.SEALED).mode is RoomMode.OPEN
    with pytest.raises(ConflictError):
        leave_mode(room.gate, room.actor("wang"), RoomMode.SEALED)
    release.release_job(room.gate, room.actor("zheng"), job)
    assert room.verify().ok


def test_the_first_ones_word_grows_old(room: Room) -> None:
    enter_mode(room.gate, room.actor("lin"), RoomMode.SEALED)
    leave_mode(room.gate, room.actor("zheng"), RoomMode.SEALED)
    room.clock.advance(minutes=31)
    assert leave_mode(room.gate, room.actor("wang"), RoomMode.SEALED).mode is RoomMode.SEALED, "now wang is the first of two"
    assert leave_mode(room.gate, room.actor("zheng"), RoomMode.SEALED).mode is RoomMode.OPEN


def test_all_modes_hold_until_each_has_ended(room: Room) -> None:
    job = ready(room)
    enter_mode(room.gate, room.actor("lin"), RoomMode.CLOSED)
    enter_mode(room.gate, room.actor("lin"), RoomMode.SEALED)
    enter_mode(room.gate, room.actor("chen"), RoomMode.EMERGENCY)
    assert refused_with(room, job) == ["E_EMERGENCY", "E_SEALED", "E_CLOSED"]
    for name in ("chen", "lin"):
        leave_mode(room.gate, room.actor(name), RoomMode.EMERGENCY)
    assert refused_with(room, job) == ["E_SEALED", "E_CLOSED"]


def test_what_was_released_is_not_begun_while_the_room_is_not_open(room: Room) -> None:
    job = ready(room)
    release.release_job(room.gate, room.actor("zheng"), job)
    (device,) = printing_queue.devices_with_work(room.gate)
    (job_id,) = printing_queue.queued_jobs(room.gate, device)
    view = enter_mode(room.gate, room.actor("chen"), RoomMode.EMERGENCY)
    assert (view.waiting, view.under_way) == (1, 0)
    assert printing_queue.queued_jobs(room.gate, device) == []
    with pytest.raises(ConflictError, match="E_EMERGENCY"):
        printing.begin_preparing(room.gate, job_id)
    assert stage(room, job) == "queued"
    for name in ("wu", "chen"):
        leave_mode(room.gate, room.actor(name), RoomMode.EMERGENCY)
    assert printing_queue.queued_jobs(room.gate, device) == [job_id]


def test_one_does_not_close_or_seal_while_something_is_printed(room: Room) -> None:
    job = ready(room)
    release.release_job(room.gate, room.actor("zheng"), job)
    (device,) = printing_queue.devices_with_work(room.gate)
    printing.begin_preparing(room.gate, printing_queue.queued_jobs(room.gate, device)[0])
    for mode in (RoomMode.CLOSED, RoomMode.SEALED):
        with pytest.raises(ConflictError, match="still being printed"):
            enter_mode(room.gate, room.actor("lin"), mode)
    assert enter_mode(room.gate, room.actor("lin"), RoomMode.EMERGENCY).mode is RoomMode.EMERGENCY, "an emergency does not wait"


def test_an_emergency_ends_all_sessions_and_is_told(room: Room) -> None:
    token, _ = sessions.open_session(room.gate, "zheng", Proof(PASSWORD))
    enter_mode(room.gate, room.actor("chen"), RoomMode.EMERGENCY, "演练")
    assert sessions.find_session(room.gate, token, active=True) is None
    assert [alert.kind for alert in alerts.list_alerts(room.gate, room.actor("lin"))] == [AlertKind.EMERGENCY]
    again, _ = sessions.open_session(room.gate, "chen", Proof(PASSWORD))
    assert sessions.find_session(room.gate, again, active=True) is not None, "people must be able to come back and unlock"


def test_who_was_first_and_is_closed_out_does_not_count(room: Room) -> None:
    enter_mode(room.gate, room.actor("lin"), RoomMode.SEALED)
    leave_mode(room.gate, room.actor("zheng"), RoomMode.SEALED)
    accounts.disable_user(room.gate, room.actor("feng"), "zheng")
    assert leave_mode(room.gate, room.actor("wang"), RoomMode.SEALED).mode is RoomMode.SEALED
    assert leave_mode(room.gate, room.actor("lin"), RoomMode.SEALED).mode is RoomMode.OPEN


def test_a_mode_taken_away_by_hand_holds_again_at_the_next_start(room: Room) -> None:
    look_for_tampering(room.gate)
    enter_mode(room.gate, room.actor("lin"), RoomMode.SEALED)
    look_for_tampering(room.gate)
    assert [hold.mode for hold in room_service.show_room(room.gate).holds] == [RoomMode.SEALED]
    with room.gate.database.writing() as session:
        session.execute(delete(RoomHold))
    look_for_tampering(room.gate)
    assert {hold.mode for hold in room_service.show_room(room.gate).holds} == {RoomMode.SEALED, RoomMode.SAFE}
    (alert,) = alerts.list_alerts(room.gate, room.actor("chen"))
    assert (alert.kind, alert.detail) == (AlertKind.SETTINGS_CHANGED, "no longer sealed")
    accept_settings(room.gate, room.actor("chen"))
    look_for_tampering(room.gate)
    assert show(room) is RoomMode.SEALED, "accepting unseals nothing"
    assert room.verify().ok


def test_two_who_speak_at_the_same_instant_are_two(room: Room) -> None:
    actors = [room.actor(name) for name in ("zheng", "wang", "lin")]
    for _ in range(20):
        enter_mode(room.gate, actors[2], RoomMode.SEALED)
        with ThreadPoolExecutor(2) as pool:
            views = list(pool.map(lambda actor: leave_mode(room.gate, actor, RoomMode.SEALED), actors[:2]))
        assert sorted(view.mode.value for view in views) == ["open", "sealed"]
        assert show(room) is RoomMode.OPEN
    assert room.verify().ok


def test_one_who_speaks_twice_at_the_same_instant_is_one(room: Room) -> None:
    zheng = room.actor("zheng")
    enter_mode(room.gate, zheng, RoomMode.SEALED)

    def speak(_: int) -> str:
        try:
            return leave_mode(room.gate, zheng, RoomMode.SEALED).mode.value
        except RefusedError as error:
            return error.code

    with ThreadPoolExecutor(4) as pool:
        said = sorted(pool.map(speak, range(4)))
    assert said == ["E_SEALED", "E_SEALED", "E_SEALED", "sealed"]
    assert show(room) is RoomMode.SEALED
