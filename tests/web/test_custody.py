"""What happens to carriers, in the browser: reading lists, carrying out, inventory and incidents, hand-over, reprint (R33, R60-R82)."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from gateway.domain.vocabulary import CarrierState, CarryOutState, Found
from gateway.services.carrier_views import show_carrier
from gateway.services.carry_out import list_carry_outs, show_carry_out
from gateway.services.handover import list_handovers
from gateway.services.inventories import list_incidents, show_inventory
from gateway.services.waste import list_waste
from rehearsal.people import PASSWORD
from tests.room import Room
from tests.services.paper import printed
from tests.web.conftest import Browser

Window = Callable[[str], Browser]
ONE, TWO = "ZT-2026-000001", "ZT-2026-000002"


def page(number: str) -> str:
    return f"/carriers/one?name={number}"


@pytest.fixture(autouse=True)
def permit(room: Room) -> str:
    return printed(room, copies=3, scope={"D02": 3})


def state(room: Room, number: str) -> CarrierState:
    return show_carrier(room.gate, room.actor("zheng"), number).state


def test_a_carrier_circulates_from_reader_to_reader(room: Room, window: Window) -> None:
    zheng, zhao = window("zheng"), window("zhao")
    zheng.post(page(ONE), "/carriers/circulation/start", carrier=ONE, readers="zhao，qian")
    assert "未阅" in zheng.text(page(ONE))
    zheng.post(page(ONE), "/carriers/circulation/next", carrier=ONE)
    zhao.post(page(ONE), "/carriers/sign", carrier=ONE, password=PASSWORD)
    assert state(room, ONE) is CarrierState.CIRCULATING
    assert "在阅" in zheng.text(page(ONE))
    zheng.post(page(ONE), "/carriers/circulation/close", carrier=ONE)
    assert "E_CONFLICT" in zheng.text(page(ONE)), "it is with a reader"
    zhao.post(page(ONE), "/carriers/give_back", carrier=ONE)
    zheng.post(page(ONE), "/carriers/sign", carrier=ONE, password=PASSWORD)
    zheng.post(page(ONE), "/carriers/circulation/add", carrier=ONE, reader="gu", password=PASSWORD)
    assert "E_SCOPE" in zheng.text(page(ONE)), "a fixed list is widened by a leader"
    leader = window("li")
    assert "增加传阅人" in leader.text(page(ONE))
    leader.post(page(ONE), "/carriers/circulation/add", carrier=ONE, reader="gu", password=PASSWORD)
    assert "顾平" in zheng.text(page(ONE))
    zheng.post(page(ONE), "/carriers/circulation/close", carrier=ONE)
    assert "结束。" in zheng.text(page(ONE))
    assert room.verify().ok


def issued(window: Window, number: str) -> None:
    window("zheng").post(page(number), "/carriers/issue", carrier=number, to="zhao", delivery="in_person")
    window("zhao").post(page(number), "/carriers/sign", carrier=number, password=PASSWORD)


def test_a_carrier_is_carried_out_with_a_leaders_word(room: Room, window: Window) -> None:
    issued(window, ONE)
    zhao = window("zhao")
    form = {"item": ONE, "purpose": "汇报", "destination": "省城", "due_back": "2026-03-13T17:00"}
    zhao.post("/carry-out", "/carry-out", **(form | {"due_back": ""}))
    assert "E_INVALID" in zhao.text("/carry-out")
    zhao.post("/carry-out", "/carry-out", **(form | {"abroad": "1"}))
    assert "E_CARRY_OUT" in zhao.text("/carry-out"), "leaving the country needs its number"
    zhao.post("/carry-out", "/carry-out", **form)
    (asked,) = list_carry_outs(room.gate, room.actor("zhao"))
    assert asked.due_back.isoformat() == "2026-03-13T09:00:00+00:00", "the house's clock is Shanghai's"
    one = f"/carry-out/{asked.carry_out_no}"
    assert window("qian").get(one).status_code == 404
    li = window("li")
    assert asked.carry_out_no in li.text("/approve")
    li.post(one, f"{one}/approve", password="wrong")
    assert show_carry_out(room.gate, room.actor("li"), asked.carry_out_no).state is CarryOutState.REQUESTED
    zhao.post(one, f"{one}/approve", password=PASSWORD)
    assert show_carry_out(room.gate, room.actor("li"), asked.carry_out_no).state is CarryOutState.REQUESTED
    li.post(one, f"{one}/approve", password=PASSWORD)
    zheng = window("zheng")
    assert "交付" in zheng.text(one)


def test_the_quarters_inventory_line_by_line(room: Room, window: Window) -> None:
    zheng, lin = window("zheng"), window("lin")
    assert zheng.post("/inventory", "/inventory").headers["Location"] == "/inventory/QC-2026Q1"
    one = "/inventory/QC-2026Q1"
    zheng.post(one, f"{one}/count", carriers=f"{ONE} {TWO}", found="present")
    assert "清点无误，签字" not in zheng.text(one), "a line is open"
    zheng.post(one, f"{one}/sign", password=PASSWORD)
    assert "E_INVENTORY" in zheng.text(one)
    zheng.post(one, f"{one}/count", item="ZT-2026-000003", found="missing")
    (incident,) = list_incidents(room.gate, room.actor("zheng"))
    assert incident.carrier_no == "ZT-2026-000003"
    for browser in (zheng, lin):
        browser.post(one, f"{one}/sign", password=PASSWORD)
    shown = show_inventory(room.gate, room.actor("chu"), "QC-2026Q1")
    assert (shown.count(Found.PRESENT), shown.count(Found.MISSING), len(shown.signed_by)) == (2, 1, 2)
    zheng.post("/inventory", f"/inventory/incidents/{incident.incident_no}/report")
    assert list_incidents(room.gate, room.actor("zheng"))[0].reported_at is not None
    zheng.post(page("ZT-2026-000003"), "/carriers/find", carrier="ZT-2026-000003", reason="夹在柜子后面")
    assert "夹在柜子后面" in window("chu").text("/inventory")
    assert "<button" not in window("chu").text("/inventory").partition("<main")[2]
    assert room.verify().ok


def test_a_carrier_is_missed_outside_any_inventory(room: Room, window: Window) -> None:
    window("zheng").post(page(TWO), "/carriers/miss", carrier=TWO)
    assert state(room, TWO) is CarrierState.MISSING
    issued(window, ONE)
    window("zhao").post(page(ONE), "/carriers/miss", carrier=ONE)
    assert state(room, ONE) is CarrierState.ISSUED, "only the room says that something is missing"


def test_everything_is_handed_over_by_three_signatures(room: Room, window: Window) -> None:
    issued(window, ONE)
    lin = window("lin")
    assert ONE in lin.text("/handover?of=zhao")
    assert window("qian").get("/handover?of=zhao").status_code == 403
    lin.post("/handover", "/handover", leaver="zhao", successor="qian", supervisor="gu", reason="leave")
    (made,) = list_handovers(room.gate, room.actor("lin"))
    one = f"/handover/{made.handover_no}"
    assert window("sun").get(one).status_code == 404
    for name in ("zhao", "qian", "gu"):
        browser = window(name)
        assert f'action="{one}/sign"' in browser.text(one)
        browser.post(one, f"{one}/sign", password=PASSWORD)
        assert f'action="{one}/sign"' not in browser.text(one)
    assert show_carrier(room.gate, room.actor("zheng"), ONE).custodian == "qian"
    assert room.verify().ok


def test_a_spoiled_copy_is_withdrawn_and_printed_again(room: Room, window: Window) -> None:
    zheng = window("zheng")
    job = show_carrier(room.gate, room.actor("zheng"), ONE).job_no
    one = f"/release/{job}"
    assert f'href="{one}"' in zheng.text(page(ONE))
    form = {"copy_number": "1", "sheets": "1", "reason": "soiled", "withdrawn_from": "赵敏", "then": "again"}
    zheng.post(one, f"{one}/reprint", **form, withdrawn="1", password="wrong")
    zheng.post(one, f"{one}/reprint", **form, password=PASSWORD)
    assert "E_INVALID" in zheng.text(one), "not without the paper in hand"
    zheng.post(one, f"{one}/reprint", **(form | {"sheets": "2"}), withdrawn="1", password=PASSWORD)
    assert list_waste(room.gate, room.actor("zheng")) == []
    zheng.post(one, f"{one}/reprint", **form, withdrawn="1", password=PASSWORD)
    assert [(row.copy_number, row.withdrawn_from) for row in list_waste(room.gate, room.actor("zheng"))] == [(1, "赵敏")]
    assert state(room, ONE) is CarrierState.VOID
    assert room.verify().ok


def test_a_carrier_goes_to_another_unit_before_a_witness(room: Room, window: Window) -> None:
    zheng = window("zheng")
    assert "移交外单位" not in zheng.text(page(ONE)), "first it has its place"
    zheng.post(page(ONE), "/carriers/shelve", carrier=ONE, place="柜3")
    assert "移交外单位" in zheng.text(page(ONE))
    zheng.post(page(ONE), "/carriers/transfer", carrier=ONE, witness="wang", receipt="收〔2026〕3号")
    window("wang").post(page(ONE), "/carriers/sign", carrier=ONE, password=PASSWORD)
    assert state(room, ONE) is CarrierState.TRANSFERRED
