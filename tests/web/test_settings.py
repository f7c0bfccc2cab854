"""The door 设置: devices, policy, people, by those whose work it is (R03, R04, R32, R86; I10)."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from gateway.domain.vocabulary import Level, Role
from gateway.services import delegations, device_views, policies, roll
from gateway.services.devices import list_devices
from rehearsal.people import PASSWORD
from tests.room import Room
from tests.web.conftest import Browser

Window = Callable[[str], Browser]
ROOT = Path(__file__).parents[2]
NEW_DEVICE = {"code": "PRN-JY-02", "uri": "ipp://127.0.0.1:1/ipp/print", "max_level": "mimi", "adapter": "ipp", "queue": "jiyao2"}
PERSON = {"display_name": "辛平", "department": "D03", "role": "requester", "clearance": "mimi", "undertaking_date": "2026-03-01"}


@pytest.fixture(autouse=True)
def adopted(room: Room) -> None:
    """As in every gateway that was started once."""
    policies.adopt_first(room.gate)


def test_a_device_is_registered_asked_and_taken_out_of_service(room: Room, window: Window) -> None:
    feng = window("feng")
    assert feng.post("/devices", "/devices", **NEW_DEVICE, designated="1").headers["Location"] == "/devices/PRN-JY-02"
    made = next(device for device in list_devices(room.gate) if device.code == "PRN-JY-02")
    assert (made.max_level, made.designated, made.queue, made.name) == ("mimi", True, "jiyao2", "PRN-JY-02")
    asked = feng.text("/devices/PRN-JY-02?ask=1")
    assert "E_PRINTER_UNREACHABLE" in asked, "nobody listens at port 1"
    assert "设备现在不能打印" in asked
    feng.post("/devices/PRN-JY-02", "/devices/PRN-JY-02/disable")
    assert "已停用" in feng.text("/devices")
    feng.post("/devices/PRN-JY-02", "/devices/PRN-JY-02/disable")
    assert "E_CONFLICT" in feng.text("/devices/PRN-JY-02")
    feng.post("/devices", "/devices", **(NEW_DEVICE | {"code": "X", "uri": "file:///etc/passwd"}))
    assert "E_INVALID" in feng.text("/devices")


def test_who_does_not_manage_devices_sees_them_and_changes_nothing(room: Room, window: Window) -> None:
    for account in ("zheng", "lin", "chen", "chu"):
        browser = window(account)
        assert "<form" not in browser.text("/devices").partition("<main")[2]
        browser.post("/devices", "/devices", **NEW_DEVICE)
        browser.post("/devices", "/devices/PRN-JY-01/disable")
    assert [device.code for device in list_devices(room.gate) if device.active] == ["PRN-D03-02", "PRN-JY-01"]
    assert window("zhao").get("/devices/PRN-JY-01").status_code == 403


def test_what_waits_for_a_device_is_counted(room: Room, window: Window, held: str) -> None:
    assert device_views.show_device(room.gate, room.actor("zheng"), "PRN-JY-01").waiting == 0
    permit = room.permit(pages=3, copies=2)
    window("zhao").post("/mine", f"/mine/jobs/{held}/match", permit=permit)
    zheng = window("zheng")
    zheng.post(f"/release/{held}", f"/release/{held}/release", password=PASSWORD)
    assert device_views.show_device(room.gate, room.actor("zheng"), "PRN-JY-01").waiting == 1


def test_a_policy_is_proposed_by_one_and_decided_by_another(room: Room, window: Window) -> None:
    feng, chen = window("feng"), window("chen")
    feng.post("/policy", "/policy", document="profile = ")
    assert "E_INVALID" in feng.text("/policy")
    feng.post("/policy", "/policy")
    assert "E_INVALID" in feng.text("/policy"), "an empty text is no policy"
    text = (ROOT / "gateway" / "profiles" / "office.toml").read_text().replace("mimi = 50", "mimi = 30")
    feng.post("/policy", "/policy", document=text.replace("\n", "\r\n"), comment="收紧")
    page = feng.text("/policy")
    assert "copy_caps.mimi" in page
    assert "/policy/2/approve" not in page
    feng.post("/policy", "/policy/2/approve", password=PASSWORD)
    assert policies.show_policy(room.gate, room.actor("li")).number == 1
    chen.post("/policy", "/policy/2/approve", password="wrong")
    assert policies.show_policy(room.gate, room.actor("li")).number == 1
    chen.post("/policy", "/policy/2/approve", password=PASSWORD)
    assert policies.show_policy(room.gate, room.actor("li")).policy.copy_caps[Level.MIMI] == 30
    feng.post("/policy", "/policy", profile="strict", comment="复原")
    chen.post("/policy", "/policy/3/refuse", password=PASSWORD)
    assert "E_INVALID" in chen.text("/policy"), "a refusal needs its reason"
    assert window("li").post("/policy", "/policy", profile="strict").status_code == 302
    assert len(policies.policy_history(room.gate, room.actor("chu"))) == 3


def test_an_approver_delegates_and_takes_back(room: Room, window: Window) -> None:
    li, page = window("li"), "/policy"
    form = {"doc_no": "委〔2026〕1号", "role": "leader", "delegate": "he", "first_day": "2026-03-12", "last_day": "2026-03-20"}
    li.post(page, "/policy/delegations", **(form | {"last_day": "2026-06-20"}))
    assert "E_INVALID" in li.text(page), "30 days at most"
    li.post(page, "/policy/delegations", **form)
    assert Role.LEADER in room.actor("he").roles
    assert "代我审批" not in window("chen").text(page)
    window("gu").post(page, "/policy/delegations/revoke", doc_no=form["doc_no"])
    assert Role.LEADER in room.actor("he").roles
    li.post(page, "/policy/delegations/revoke", doc_no=form["doc_no"])
    assert Role.LEADER not in room.actor("he").roles
    assert delegations.list_delegations(room.gate, room.actor("li"))[0].revoked


def test_an_account_is_made_changed_closed_and_opened(room: Room, window: Window) -> None:
    feng = window("feng")
    assert feng.post("/people", "/people", username="xin", **PERSON).headers["Location"] == "/people/xin"
    line = roll.show_user(room.gate, room.actor("feng"), "xin")
    assert (line.department, line.roles, line.clearance, line.has_password) == ("D03", ("requester",), "mimi", False)
    feng.post("/people/xin", "/people/xin/change", **(PERSON | {"role": "operator", "department": "D01", "unix_user": "xin"}))
    line = roll.show_user(room.gate, room.actor("feng"), "xin")
    assert (line.department, line.roles, line.unix_user) == ("D01", ("operator",), "xin")
    feng.client.post("/people/xin/change", data={**PERSON, "role": ["operator", "leader"]})
    feng.post("/people/xin", "/people/xin/change", **(PERSON | {"role": "emperor"}))
    assert "E_INVALID" in feng.text("/people/xin")
    feng.post("/people/xin", "/people/xin/disable")
    assert not roll.show_user(room.gate, room.actor("feng"), "xin").active
    feng.post("/people/xin", "/people/xin/enable")
    assert roll.show_user(room.gate, room.actor("feng"), "xin").active
    feng.post("/people/feng", "/people/feng/change", **(PERSON | {"role": "operator"}))
    assert "E_FORBIDDEN" in feng.text("/people/feng"), "nobody changes his own account"
    assert roll.show_user(room.gate, room.actor("feng"), "feng").roles == ("system_admin",)


def test_departments_are_made_and_closed_when_empty(room: Room, window: Window) -> None:
    feng = window("feng")
    feng.post("/people", "/people/departments", code="D77", name="试验处")
    assert "试验处" in feng.text("/people")
    feng.post("/people", "/people/departments/D02/disable")
    assert "E_CONFLICT" in feng.text("/people"), "people work there"
    feng.post("/people", "/people/departments/D77/disable")
    chen = window("chen")
    assert "新建帐号" not in chen.text("/people")
    chen.post("/people", "/people/departments", code="D78", name="x")
    assert "D78" not in feng.text("/people")
