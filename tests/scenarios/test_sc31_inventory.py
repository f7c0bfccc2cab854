"""SC-31 Quarterly recount and lost copy (R60 R61, 条例 art. 61): 42 carriers, 40 present, 1 out, 1 missing with its 24-hour clock."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlmodel import select

from gateway.db.tables import Alert, NumberSeries
from gateway.domain.codes import Code
from gateway.domain.vocabulary import CarrierState, Found
from gateway.errors import ConflictError, ForbiddenError, NotFoundError, RefusedError
from gateway.services.carrier_views import list_carriers, show_carrier
from gateway.services.carry_out import CarryOutRequest, approve_carry_out, hand_out, request_carry_out
from gateway.services.custody import issue, sign
from gateway.services.inventories import (
    count_carriers,
    find_missing,
    list_incidents,
    miss_carrier,
    open_inventory,
    report_incident,
    show_inventory,
    sign_inventory,
)
from gateway.services.reminders import tell_overdue
from tests.room import Room
from tests.services.paper import printed

SHANGHAI = ZoneInfo("Asia/Shanghai")
NUMBER = "QC-2026Q1"


def at(room: Room, month: int, day: int, hour: int = 9, minute: int = 0) -> None:
    room.clock.at = datetime(2026, month, day, hour, minute, tzinfo=SHANGHAI).astimezone(UTC)


def zt(*numbers: int) -> list[str]:
    return [f"ZT-2026-{number:06d}" for number in numbers]


@pytest.fixture
def quarter(room: Room) -> Room:
    """42 carriers; number 42 carried out until 04-02, number 7 issued to D02 by the hand of zhao. It is 03-25."""
    p123 = printed(room, copies=10, scope={"D02": 10})
    printed(room, copies=32)
    issue(room.gate, room.actor("zheng"), [f"{p123} 000007"], "zhao")
    sign(room.gate, room.actor("zhao"), [f"{p123} 000007"])
    at(room, 3, 25)
    due = datetime(2026, 4, 2, 18, 0, tzinfo=SHANGHAI)
    asked = request_carry_out(room.gate, room.actor("zhao"), CarryOutRequest(zt(42), "调研", "省城", due))
    approve_carry_out(room.gate, room.actor("li"), asked.carry_out_no)
    hand_out(room.gate, room.actor("zheng"), asked.carry_out_no)
    sign(room.gate, room.actor("zhao"), zt(42))
    with room.gate.database.writing() as session:
        session.add(NumberSeries(series="SJ", year=2026, last_serial=2))
    return room


def refused(act: object, *arguments: object) -> str:
    with pytest.raises(RefusedError) as caught:
        act(*arguments)  # type: ignore[operator]
    assert [reason.code for reason in caught.value.reasons] == [Code.E_INVENTORY]
    return caught.value.reasons[0].detail


def test_sc31_one_of_42_is_missing(quarter: Room) -> None:
    room = quarter
    gate, zheng, lin = room.gate, room.actor("zheng"), room.actor("lin")
    opened = open_inventory(gate, zheng)
    assert (opened.inventory_no, len(opened.lines), opened.count(None)) == (NUMBER, 42, 42)
    assert opened.due_at.astimezone(SHANGHAI).date().isoformat() == "2026-03-31"
    with pytest.raises(ConflictError):
        open_inventory(gate, lin)
    assert refused(sign_inventory, gate, zheng, NUMBER) == "42 to count"
    present = [carrier.carrier_no for carrier in list_carriers(gate, zheng, limit=100) if carrier.carrier_no not in zt(7, 42)]
    count_carriers(gate, zheng, NUMBER, present, Found.PRESENT)
    with pytest.raises(ConflictError):  # what is carried out does not lie in its place
        count_carriers(gate, zheng, NUMBER, zt(42), Found.PRESENT)
    count_carriers(gate, zheng, NUMBER, zt(42), Found.OUT_OK)
    assert refused(sign_inventory, gate, zheng, NUMBER) == "1 to count"
    began = room.clock.at
    shown = count_carriers(gate, zheng, NUMBER, zt(7), Found.MISSING)
    assert [shown.count(found) for found in (Found.PRESENT, Found.OUT_OK, Found.RETURNED, Found.MISSING, None)] == [40, 1, 0, 1, 0]
    (incident,) = list_incidents(gate, zheng)
    assert (incident.incident_no, incident.carrier_no, incident.last_holder) == ("SJ-2026-0003", zt(7)[0], "赵敏")
    assert timedelta(0) <= incident.report_due_at - began - timedelta(hours=24) < timedelta(seconds=1)
    sign_inventory(gate, zheng, NUMBER)
    assert refused(sign_inventory, gate, zheng, NUMBER) == "zheng has signed"
    signed = sign_inventory(gate, lin, NUMBER)
    assert (signed.signed_by, signed.signed_at is not None) == (("郑洁", "林岚"), True)
    with pytest.raises(ConflictError):
        count_carriers(gate, zheng, NUMBER, zt(7), Found.MISSING)
    lost = show_carrier(gate, zheng, zt(7)[0])
    assert (lost.state, lost.department) == (CarrierState.MISSING, "D02")
    assert [(step.giver, step.receiver, step.department) for step in lost.history] == [("郑洁", "赵敏", "D02")]
    assert room.verify().ok


def test_reminders_after_1_12_and_24_hours(quarter: Room) -> None:
    room = quarter
    miss_carrier(room.gate, room.actor("zheng"), zt(7)[0])
    began = room.clock.at
    told = []
    for hours in (0.9, 1.1, 11.9, 12.1, 23.9, 24.1, 30):
        room.clock.at = began + timedelta(hours=hours)
        tell_overdue(room.gate)
        with room.gate.database.reading() as session:
            told.append(len(session.exec(select(Alert.id).where(Alert.subject == "SJ-2026-0003")).all()))
    assert told == [0, 1, 1, 2, 2, 3, 3]
    report_incident(room.gate, room.actor("lin"), "SJ-2026-0003")
    with pytest.raises(ConflictError):
        report_incident(room.gate, room.actor("lin"), "sj-2026-0003")


def test_found_again_it_is_present_and_the_incident_stays(quarter: Room) -> None:
    room = quarter
    gate, zheng = room.gate, room.actor("zheng")
    open_inventory(gate, zheng)
    count_carriers(gate, zheng, NUMBER, zt(7), Found.MISSING)
    found = find_missing(gate, zheng, zt(7)[0], "夹在另一份文件里")
    assert (found.incident_no, found.found_reason, found.found_at is not None) == ("SJ-2026-0003", "夹在另一份文件里", True)
    assert show_carrier(gate, zheng, zt(7)[0]).state is CarrierState.IN_CUSTODY
    assert [incident.incident_no for incident in list_incidents(gate, zheng)] == ["SJ-2026-0003"]
    line = next(line for line in show_inventory(gate, zheng, NUMBER).lines if line.carrier_no == zt(7)[0])
    assert (line.found, line.incident_no) == (Found.MISSING, "SJ-2026-0003")
    assert count_carriers(gate, zheng, NUMBER, zt(7), Found.PRESENT).count(Found.MISSING) == 0
    assert room.verify().ok


def test_what_goes_missing_during_the_count_can_still_be_signed(quarter: Room) -> None:
    room = quarter
    open_inventory(room.gate, room.actor("zheng"))
    miss_carrier(room.gate, room.actor("zheng"), zt(8)[0])
    shown = count_carriers(room.gate, room.actor("zheng"), NUMBER, zt(8), Found.MISSING)
    assert len(list_incidents(room.gate, room.actor("zheng"))) == 1
    assert shown.count(Found.MISSING) == 1


def test_only_the_room_counts_and_only_its_snapshot(quarter: Room) -> None:
    room = quarter
    open_inventory(room.gate, room.actor("zheng"))
    printed(room, copies=1)
    with pytest.raises(NotFoundError):
        count_carriers(room.gate, room.actor("zheng"), NUMBER, zt(43), Found.PRESENT)
    with pytest.raises(ForbiddenError):
        count_carriers(room.gate, room.actor("zhao"), NUMBER, zt(1), Found.PRESENT)
