"""SC-37 Circulation (R62-R66): a fixed list, every leg back to the clerk, due at 17:30."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from gateway.domain.codes import Code
from gateway.domain.deadlines import Duty
from gateway.domain.vocabulary import CarrierState, CarrierVerb, Level
from gateway.errors import ConflictError, ForbiddenError, InvalidInputError, RefusedError
from gateway.services.carrier_views import show_carrier
from gateway.services.circulation import add_reader, close_circulation, next_reader, show_circulation, start_circulation
from gateway.services.custody import bring_back, issue, lend, sign
from gateway.services.reminders import list_overdue
from tests.room import Room
from tests.services.paper import printed

ONE = "ZT-2026-000001"
SHANGHAI = ZoneInfo("Asia/Shanghai")


@pytest.fixture
def circulating(room: Room) -> Room:
    """One 机密 carrier, list li → zhou → sun; D00 and D03 are in its scope."""
    printed(room, copies=2, level=Level.JIMI, scope={"D00": 1, "D03": 1})
    start_circulation(room.gate, room.actor("zheng"), ONE, ["li", "zhou", "sun"])
    return room


def leg(room: Room, reader: str) -> None:
    next_reader(room.gate, room.actor("zheng"), ONE)
    sign(room.gate, room.actor(reader), [ONE])
    bring_back(room.gate, room.actor(reader), [ONE], CarrierVerb.GIVE_BACK)
    sign(room.gate, room.actor("wang"), [ONE])


def test_sc37_each_leg_goes_back_to_the_clerk(circulating: Room) -> None:
    room = circulating
    gate, zheng, li = room.gate, room.actor("zheng"), room.actor("li")
    next_reader(gate, zheng, ONE)
    sign(gate, li, [ONE])
    assert (show_carrier(gate, li, ONE).state, show_carrier(gate, li, ONE).custodian) == (CarrierState.CIRCULATING, "li")
    for hand_on in (
        lambda: issue(gate, li, [ONE], "zhou"),
        lambda: lend(gate, li, [ONE], "zhou"),
        lambda: next_reader(gate, li, ONE, "zhou"),
    ):
        with pytest.raises(ForbiddenError):  # not offered: a reader has no way to another reader
            hand_on()
    with pytest.raises(ConflictError):  # nor has the clerk, before it is back
        next_reader(gate, zheng, ONE)
    with pytest.raises(RefusedError) as caught:
        add_reader(gate, zheng, ONE, "qian")
    assert Code.E_CLEARANCE in [reason.code for reason in caught.value.reasons]
    bring_back(gate, li, [ONE], CarrierVerb.GIVE_BACK)
    sign(gate, zheng, [ONE])
    leg(room, "zhou")
    assert [(reader.username, reader.read_at is not None) for reader in show_circulation(gate, zheng, ONE).readers] == [
        ("li", True), ("zhou", True), ("sun", False),
    ]  # fmt: skip
    next_reader(gate, zheng, ONE)
    sign(gate, room.actor("sun"), [ONE])
    sun = room.actor("sun")
    at(room, 12, 17, 29)
    assert list_overdue(gate, sun) == []
    at(room, 12, 17, 31)
    assert [(item.due.duty, item.due.holder, item.stage) for item in list_overdue(gate, sun)] == [(Duty.CIRCULATING, "sun", 1)]
    at(room, 13, 9, 0)
    assert [(item.due.subject, item.stage) for item in list_overdue(gate, sun)] == [(ONE, 2)]
    with pytest.raises(ConflictError):
        close_circulation(gate, zheng, ONE)
    bring_back(gate, sun, [ONE], CarrierVerb.GIVE_BACK)
    sign(gate, zheng, [ONE])
    assert close_circulation(gate, zheng, ONE).closed_at is not None
    assert room.verify().ok


def at(room: Room, day: int, hour: int, minute: int) -> None:
    room.clock.at = datetime(2026, 3, day, hour, minute, tzinfo=SHANGHAI).astimezone(UTC)


def test_who_is_not_on_the_list_gets_nothing(circulating: Room) -> None:
    room = circulating
    with pytest.raises(RefusedError) as caught:
        next_reader(room.gate, room.actor("zheng"), ONE, "ma")
    assert [reason.code for reason in caught.value.reasons] == [Code.E_SCOPE]
    with pytest.raises(RefusedError) as caught:
        add_reader(room.gate, room.actor("zheng"), ONE, "ma")
    assert [reason.code for reason in caught.value.reasons] == [Code.E_SCOPE]
    assert add_reader(room.gate, room.actor("zhou"), ONE, "ma").readers[-1].username == "ma"  # a leader may widen it


def test_the_list_itself_stays_within_scope_and_clearance(room: Room) -> None:
    printed(room, copies=1, level=Level.JIMI, scope={"D02": 1})
    with pytest.raises(RefusedError) as caught:
        start_circulation(room.gate, room.actor("zheng"), ONE, ["qian", "sun"])
    assert [(reason.code, reason.detail) for reason in caught.value.reasons] == [(Code.E_CLEARANCE, "qian"), (Code.E_SCOPE, "sun D03")]
    with pytest.raises(ForbiddenError):
        start_circulation(room.gate, room.actor("zhao"), ONE, ["zhao"])


def test_one_reads_in_the_office(circulating: Room) -> None:
    with pytest.raises(InvalidInputError):
        next_reader(circulating.gate, circulating.actor("zheng"), ONE, place="home")
