"""The room's page: the banner, who presses what, alerts, a proposed policy; denials are noticed at the edge (R86, R90, R101, R102)."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from gateway.domain.vocabulary import AlertKind, RoomMode
from gateway.errors import RefusedError
from gateway.services import alerts, policies, release
from gateway.services import room as room_service
from gateway.services.denials import forget_old_denials
from rehearsal.people import PASSWORD
from tests.room import Room
from tests.watermark.papers import document
from tests.web.conftest import Browser

Window = Callable[[str], Browser]


def mode(room: Room) -> RoomMode:
    return room_service.show_room(room.gate).mode


def test_everybody_sees_the_banner_and_only_some_the_buttons(room: Room, window: Window) -> None:
    zhao, lin = window("zhao"), window("lin")
    assert "机要室已封存" not in zhao.text("/mine")
    assert lin.post("/room", "/room/begin/sealed", reason="劳动节").status_code == 302
    assert mode(room) is RoomMode.SEALED
    assert "机要室已封存" in zhao.text("/mine")
    assert "劳动节" in zhao.text("/room")
    assert "<button" not in zhao.text("/room").partition("<main")[2]
    assert "启封（须两人）" in lin.text("/room")


def test_two_people_unseal_in_two_windows_with_their_passwords(room: Room, window: Window) -> None:
    lin, zheng = window("lin"), window("zheng")
    lin.post("/room", "/room/begin/sealed")
    lin.post("/room", "/room/end/sealed", password="wrong")
    assert room_service.show_room(room.gate).holds[0].first_leaver == ""
    lin.post("/room", "/room/end/sealed", password=PASSWORD)
    assert "lin 已同意解除" in zheng.text("/room")
    lin.post("/room", "/room/end/sealed", password=PASSWORD)
    assert mode(room) is RoomMode.SEALED
    zheng.post("/room", "/room/end/sealed", password=PASSWORD)
    assert mode(room) is RoomMode.OPEN


def test_one_press_locks_the_room_and_everybody_out(room: Room, window: Window) -> None:
    chen, zheng = window("chen"), window("zheng")
    chen.post("/room", "/room/begin/emergency", reason="演练")
    assert mode(room) is RoomMode.EMERGENCY
    for browser in (chen, zheng):
        assert browser.get("/room").headers["Location"] == "/login"
    assert chen.log_in("chen").headers["Location"] == "/room"
    assert "机要室已紧急封锁" in chen.text("/about")


@pytest.mark.parametrize("account", ["zhao", "li", "zheng", "feng", "chu"])
def test_others_do_not_press(room: Room, window: Window, account: str) -> None:
    browser = window(account)
    browser.post("/room", "/room/begin/emergency")
    assert mode(room) is RoomMode.OPEN
    assert browser.get("/room/begin/clock").status_code in (404, 405)


def test_alerts_have_a_badge_and_are_acknowledged(room: Room, window: Window) -> None:
    chen, chu = window("chen"), window("chu")
    with room.gate.database.writing() as session:
        number = alerts.raise_alert(room.gate, session, AlertKind.DENIED_JOB, "H000001", "E_DEVICE_LEVEL").id
    assert 'class="badge">1<' in chen.text("/room")
    assert "E_DEVICE_LEVEL" in chu.text("/room")
    assert "/acknowledge" not in chu.text("/room")
    chen.post("/room", f"/room/alerts/{number}/acknowledge", note="已核查")
    assert alerts.list_alerts(room.gate, room.actor("chen")) == []
    assert 'class="badge"' not in chen.text("/room")


@pytest.mark.parametrize("decision", ["approve", "refuse"])
def test_a_proposed_policy_is_decided_with_its_differences_before_ones_eyes(room: Room, window: Window, decision: str) -> None:
    policies.adopt_first(room.gate)
    proposed = policies.propose_policy(room.gate, room.actor("feng"), json.loads(policies.profile("office").document()))
    chen = window("chen")
    assert '<span class="badge">1</span>' in chen.text("/room")
    assert f"/policy/{proposed.number}/approve" in (page := chen.text("/policy"))
    assert "release.levels.neibu" in page
    others = window("lin").text("/policy")
    assert "release.levels.neibu" in others
    assert f"/policy/{proposed.number}/approve" not in others
    chen.post("/policy", f"/policy/{proposed.number}/{decision}", password=PASSWORD, comment="已阅")
    in_force = policies.show_policy(room.gate, room.actor("chen"), proposed.number).state.value
    assert in_force == {"approve": "in_force", "refuse": "refused"}[decision]


def kinds(room: Room) -> list[tuple[str, str]]:
    found = alerts.list_alerts(room.gate, room.actor("lin"))
    return [(alert.kind.value, alert.subject) for alert in found if alert.kind is not AlertKind.DENIED_JOB]


def test_a_job_that_tries_what_is_forbidden_is_told_once(room: Room) -> None:
    room.gate.spool.refill()
    job = room.submit(document("page").getvalue(), permit=room.permit(), queue="caiwu")  # 秘密 on an office device, SC-14
    for _ in range(2):
        with pytest.raises(RefusedError):
            release.release_job(room.gate, room.actor("zheng"), job)
    (told,) = alerts.list_alerts(room.gate, room.actor("wu"))
    assert (told.kind, told.subject, told.detail) == (AlertKind.DENIED_JOB, job, "E_DEVICE_LEVEL")


def test_a_cipher_telegram_is_told(room: Room) -> None:
    room.gate.spool.refill()
    job = room.submit(document("page").getvalue(), doc_type="cipher_telegram")
    (told,) = alerts.list_alerts(room.gate, room.actor("wu"))
    assert (told.subject, told.detail) == (job, "E_CIPHER_TELEGRAM")


def test_three_denials_in_ten_minutes_raise_one_alert(room: Room) -> None:
    room.gate.spool.refill()
    permit = room.permit(copies=1)
    for number in range(1, 6):
        room.submit(document("page").getvalue(), permit=permit, copies=2)
        assert kinds(room) == ([] if number < 3 else [("denials", "zhao")]), number
    room.clock.advance(minutes=11)
    room.submit(document("page").getvalue(), permit=permit, copies=2)
    assert kinds(room) == [("denials", "zhao")], "one more after a while is one"
    assert room.verify().ok


def test_waiting_is_no_denial(room: Room) -> None:
    room.gate.spool.refill()
    for _ in range(4):
        room.submit(document("page").getvalue())
    job = room.submit(document("page").getvalue(), permit=room.permit())
    room_service.enter_mode(room.gate, room.actor("lin"), RoomMode.CLOSED)
    for _ in range(4):
        with pytest.raises(RefusedError):
            release.release_job(room.gate, room.actor("zheng"), job)
    assert kinds(room) == []


def test_who_tries_what_he_may_not_is_noticed_at_both_edges(room: Room, window: Window, held: str) -> None:
    feng = window("feng")
    feng.get(f"/jobs/{held}")
    feng.get("/approve")
    given = ("feng", PASSWORD)
    assert feng.client.get(f"/api/v1/jobs/{held}", auth=given).status_code == 403
    assert ("denials", "feng") in kinds(room)
    room.clock.advance(days=2)
    forget_old_denials(room.gate)
    feng.client.get(f"/api/v1/jobs/{held}", auth=given)
    assert kinds(room) == [("denials", "feng")], "a denial of today and two of the day before yesterday are not three"
    assert room.verify().ok
