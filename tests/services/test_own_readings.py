"""Meters the gate reads by itself, over a real snmpd; and thirty days of honest use with a meter in memory (R100, R101, SC-25)."""

from __future__ import annotations

import random
import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlmodel import select

from gateway.db.tables import Device
from gateway.domain.meters import Verdict
from gateway.domain.vocabulary import AlertKind
from gateway.errors import ConflictError, ForbiddenError, InvalidInputError
from gateway.meter_watch import MeterWatch
from gateway.meters import Fault, MeterError, MeterKind
from gateway.meters import snmp as snmp_adapter
from gateway.services import alerts, meters, own_readings
from gateway.services.meter_settings import MeterWish, set_meter, show_setting
from rehearsal import snmp
from rehearsal.snmp import SnmpPrinter
from tests.meters.fake import FakeMeter
from tests.room import Room
from tests.services.paper import printed

PRINTER = "PRN-JY-01"


@pytest.fixture
def device(tmp_path: Path) -> Iterator[SnmpPrinter]:
    with SnmpPrinter(tmp_path / "snmp", impressions=999_990) as found:
        yield found


def wish(device: SnmpPrinter, **more: str) -> MeterWish:
    secrets = {"user": snmp.USER, "authentication": snmp.AUTHENTICATION, "privacy": snmp.PRIVACY}
    return MeterWish(MeterKind.SNMP, device.address, **(more or secrets))


def row(room: Room) -> Device:
    with room.gate.database.reading() as session:
        return session.exec(select(Device).where(Device.code == PRINTER)).one()


def evening(room: Room) -> int:
    """The next day at 18:05; how many meters were read."""
    room.clock.advance(days=1)
    room.clock.at = room.clock.at.replace(hour=10, minute=5)
    return MeterWatch(room.gate).round(threading.Event())


def newest(room: Room) -> meters.ReadingView:
    return meters.list_readings(room.gate, room.actor("wu"))[0]


def told(room: Room) -> list[tuple[AlertKind, str]]:
    return [(one.kind, one.detail) for one in alerts.list_alerts(room.gate, room.actor("wu"))]


def test_outside_swapped_reset_wrapped_are_four_different_things(room: Room, device: SnmpPrinter) -> None:
    set_meter(room.gate, room.actor("feng"), PRINTER, wish(device))
    assert evening(room) == 1
    assert (newest(room).verdict, newest(room).source, newest(room).read_by) == (Verdict.AGREES, "snmp", "gateway")

    printed(room, copies=12)
    device.count(12, modulus=1_000_000)
    evening(room)
    assert (newest(room).verdict, newest(room).grown, newest(room).finding) == (Verdict.WRAPPED, 12, None)

    device.count(3)  # copied at the panel
    evening(room)
    assert (newest(room).verdict, newest(room).beyond) == (Verdict.UNEXPLAINED, 3)

    device.tell(snmp.SERIAL, "string", "CNB7654321")
    evening(room)
    assert newest(room).verdict is Verdict.SWAPPED

    device.tell(snmp.LIFE, "counter", 0)
    evening(room)
    assert newest(room).verdict is Verdict.RESET
    assert told(room) == [(AlertKind.METER, "reset +0"), (AlertKind.METER, "swapped +0"), (AlertKind.METER, "unexplained +3")]
    assert room.verify().ok


def test_a_reading_is_due_once_a_day_at_its_time(room: Room, device: SnmpPrinter) -> None:
    set_meter(room.gate, room.actor("feng"), PRINTER, wish(device))
    watch, go_on = MeterWatch(room.gate), threading.Event()
    assert [watch.round(go_on), watch.round(go_on)] == [1, 0], "the first at once"
    room.clock.at = room.clock.at.replace(hour=9, minute=59)
    assert watch.round(go_on) == 0
    room.clock.advance(minutes=2)
    assert [watch.round(go_on), watch.round(go_on)] == [1, 0]
    set_meter(room.gate, room.actor("feng"), PRINTER, MeterWish(MeterKind.NONE))
    assert evening(room) == 0


def test_a_silent_meter_is_told_once_until_somebody_has_seen_to_it(
    room: Room, device: SnmpPrinter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(snmp_adapter, "TIMEOUT_SECONDS", 0.3)
    set_meter(room.gate, room.actor("feng"), PRINTER, wish(device, community="a-guess"))
    assert [evening(room), evening(room)] == [0, 0]
    seen = [(one.kind, one.subject, one.detail) for one in alerts.list_alerts(room.gate, room.actor("wu"))]
    assert seen == [(AlertKind.METER_SILENT, PRINTER, "silent")]
    with pytest.raises(MeterError) as raised:
        meters.read_meter(room.gate, room.actor("zheng"), PRINTER)
    assert raised.value.fault is Fault.SILENT


def test_what_lies_between_question_and_answer_makes_it_stale(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two who read at once: the slower one's lower answer must not look like a reset."""
    meter = FakeMeter()
    set_meter(room.gate, room.actor("feng"), PRINTER, MeterWish(MeterKind.SNMP, "192.0.2.1", community="x"))

    class Slow:
        def read(self) -> object:
            answer = meter.read()
            meter.count(3)
            monkeypatch.setattr(meters, "meter_of", lambda _gate, _device: meter)
            meters.read_meter(room.gate, room.actor("zheng"), PRINTER)
            return answer

    monkeypatch.setattr(own_readings, "meter_of", lambda _gate, _device: Slow())
    with pytest.raises(ConflictError):
        own_readings.read_device(room.gate, row(room))
    assert [one.verdict for one in meters.list_readings(room.gate, room.actor("wu"))] == [Verdict.AGREES]


def test_thirty_honest_days_find_nothing(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    chance = random.Random(9)
    meter = FakeMeter(impressions=999_985)
    monkeypatch.setattr(own_readings, "meter_of", lambda _gate, _device: meter)
    set_meter(room.gate, room.actor("feng"), PRINTER, MeterWish(MeterKind.SNMP, "192.0.2.1", community="x"))
    evening(room)
    readings = 1
    for _ in range(30):
        if chance.random() < 0.35:
            copies = chance.randint(1, 9)
            printed(room, copies=copies)
            meter.count(copies, modulus=1_000_000)
        meter.fault = Fault.SILENT if chance.random() < 0.1 else None
        meter.idle = chance.random() > 0.1
        readings += evening(room)
    found = meters.list_readings(room.gate, room.actor("wu"))
    assert len(found) == readings > 15
    assert {one.verdict for one in found} == {Verdict.AGREES, Verdict.WRAPPED}
    assert AlertKind.METER not in {kind for kind, _ in told(room)}


def test_who_may_set_a_meter_and_to_what(room: Room, device: SnmpPrinter) -> None:
    for stranger in ("zheng", "wu", "chen", "zhao"):
        with pytest.raises(ForbiddenError):
            set_meter(room.gate, room.actor(stranger), PRINTER, wish(device))
    v3 = {"user": "gate", "authentication": "long-enough", "privacy": "long-enough"}
    for wrong in ({"community": "x", **v3}, {"community": ""}, v3 | {"privacy": "short"}, v3 | {"hash_name": "md5"}, {"community": "x\ny"}):
        with pytest.raises(InvalidInputError):
            set_meter(room.gate, room.actor("feng"), PRINTER, wish(device, **wrong))
    with pytest.raises(InvalidInputError):
        set_meter(room.gate, room.actor("feng"), PRINTER, MeterWish(MeterKind.SNMP, "http://x/", community="x"))


def test_secrets_rest_sealed_and_are_told_nobody(room: Room, device: SnmpPrinter) -> None:
    set_meter(room.gate, room.actor("feng"), PRINTER, wish(device))
    assert "pass" not in repr(setting := show_setting(room.gate, room.actor("feng"), PRINTER))
    assert (setting.version, setting.user, setting.address) == ("v3", snmp.USER, device.address)
    with sqlite3.connect(room.gate.settings.data / "imprimatur.db") as database:
        everything = "\n".join(database.iterdump())
    assert device.address in everything
    assert snmp.AUTHENTICATION not in everything
    assert snmp.PRIVACY not in everything
