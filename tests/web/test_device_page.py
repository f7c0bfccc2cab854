"""The page of a device: its counter read, a finding cleared by the secrecy director, maintenance recorded, each by whose work it is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from gateway.meters import MeterKind
from gateway.services.meter_settings import MeterWish, set_meter
from gateway.services.meters import list_readings
from rehearsal import snmp
from rehearsal.snmp import SnmpPrinter
from tests.room import Room
from tests.web.conftest import Browser

Window = Callable[[str], Browser]
PAGE = "/devices/PRN-JY-01"


@pytest.fixture
def meter(room: Room, tmp_path: Path) -> Iterator[SnmpPrinter]:
    with SnmpPrinter(tmp_path / "snmp") as device:
        set_meter(room.gate, room.actor("feng"), "PRN-JY-01", MeterWish(MeterKind.SNMP, device.address, community=snmp.COMMUNITY))
        yield device


def test_read_found_and_cleared(room: Room, window: Window, meter: SnmpPrinter) -> None:
    zheng, wu = window("zheng"), window("wu")
    zheng.post(PAGE, f"{PAGE}/read")
    assert "与账本相符" in zheng.text(PAGE)
    meter.count(3)
    zheng.post(PAGE, f"{PAGE}/read")
    told = zheng.text(PAGE)
    assert "与账本不符，待保密办查清" in told
    assert "查清之前这台设备不印国家秘密" in told
    (found,) = list_readings(room.gate, room.actor("wu"), open_only=True)
    clear = f"{PAGE}/findings/{found.finding}/clear"
    for browser, reason, code in ((zheng, "面板复印", "E_FORBIDDEN"), (wu, " ", "E_INVALID")):
        browser.post(PAGE, clear, reason=reason)
        assert code in browser.text(PAGE)
    wu.post(PAGE, clear, reason="李某在面板上复印3张，已收回")
    assert "已查清：李某在面板上复印3张，已收回" in wu.text(PAGE)
    assert list_readings(room.gate, room.actor("wu"), open_only=True) == []


def test_a_silent_meter_is_told_in_plain_words(room: Room, window: Window, meter: SnmpPrinter) -> None:
    meter.forget(snmp.LIFE)
    lin = window("lin")
    lin.post(PAGE, f"{PAGE}/read")
    assert "E_METER_READING" in lin.text(PAGE)


def test_maintenance_is_recorded_and_a_device_in_repair_says_so(window: Window) -> None:
    feng, zheng = window("feng"), window("zheng")
    feng.post(PAGE, f"{PAGE}/maintenance", done_by="厂家工程师", done_on="2026-03-02", note="例行保养")
    assert "2026-03-02 维护，厂家工程师：例行保养" in zheng.text(PAGE)
    feng.post(PAGE, f"{PAGE}/maintenance", kind="repair", done_by="厂家工程师")
    assert "2026-03-12 送修，厂家工程师" in zheng.text(PAGE)
    wrong = ({"kind": "repair"}, "E_CONFLICT"), ({"done_on": "2026-12-01"}, "E_INVALID"), ({"done_by": " "}, "E_INVALID")
    for form, code in wrong:
        feng.post(PAGE, f"{PAGE}/maintenance", **({"done_by": "厂家工程师"} | form))
        assert code in feng.text(PAGE)
    zheng.post(PAGE, f"{PAGE}/maintenance", done_by="郑洁")
    assert "E_FORBIDDEN" in zheng.text(PAGE)
