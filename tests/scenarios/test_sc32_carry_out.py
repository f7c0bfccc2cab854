"""SC-32 Carry-out (R70-R73): the leader the level needs, back in time, 绝密 only with two escorts and never abroad."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from gateway.domain.codes import Code
from gateway.domain.vocabulary import CarrierState, CarrierVerb, CarryOutState, DocType, Level
from gateway.errors import ForbiddenError, RefusedError
from gateway.services.alerts import list_alerts
from gateway.services.carrier_views import list_carriers
from gateway.services.carry_out import (
    CarryOutRequest,
    approve_carry_out,
    hand_out,
    refuse_carry_out,
    request_carry_out,
    show_carry_out,
)
from gateway.services.custody import bring_back, sign
from gateway.services.reminders import list_overdue, tell_overdue
from tests.room import Room
from tests.services.paper import printed

SHANGHAI = ZoneInfo("Asia/Shanghai")
DUE = datetime(2026, 3, 13, 18, 0, tzinfo=SHANGHAI)
BOTH = ["ZT-2026-000001", "ZT-2026-000002"]


def request(carriers: list[str], **more: object) -> CarryOutRequest:
    return CarryOutRequest(carriers, "省里汇报", "省城", DUE, **more)  # type: ignore[arg-type]


def refused(act: object, *arguments: object) -> list[tuple[Code, str]]:
    with pytest.raises(RefusedError) as caught:
        act(*arguments)  # type: ignore[operator]
    return [(reason.code, reason.detail) for reason in caught.value.reasons]


def test_sc32_two_secret_carriers_and_back_too_late(room: Room) -> None:
    printed(room, copies=2, level=Level.JIMI)
    gate, zhao, li, zheng = room.gate, *(room.actor(name) for name in ("zhao", "li", "zheng"))
    number = request_carry_out(gate, zhao, request(BOTH)).carry_out_no
    assert number == "WC-2026-0001"
    assert refused(hand_out, gate, zheng, number) == [(Code.E_CARRY_OUT, number)]
    assert approve_carry_out(gate, li, number).state is CarryOutState.APPROVED
    hand_out(gate, zheng, number)
    sign(gate, zhao, BOTH)
    assert {(c.state, c.custodian, c.due_at) for c in list_carriers(gate, zheng)} == {
        (CarrierState.CARRIED_OUT, "zhao", DUE.astimezone(UTC))
    }
    assert show_carry_out(gate, zhao, number).state is CarryOutState.OUT
    room.clock.at = datetime(2026, 3, 13, 17, 59, tzinfo=SHANGHAI).astimezone(UTC)
    tell_overdue(gate)  # that nobody has opened the quarter's inventory yet, nor signed the evening before
    assert {alert.subject for alert in list_alerts(gate, room.actor("lin"))} == {"QC-2026Q1", "2026-03-12"}
    room.clock.at = datetime(2026, 3, 13, 18, 1, tzinfo=SHANGHAI).astimezone(UTC)
    assert tell_overdue(gate) == 1
    assert tell_overdue(gate) == 0  # told once
    newest = list_alerts(gate, room.actor("lin"))[0]
    assert (newest.kind.value, newest.subject, newest.detail) == ("overdue", number, "carried_out 1 zhao")
    assert [item.due.subject for item in list_overdue(gate, zhao)] == [number]
    bring_back(gate, zhao, BOTH[:1], CarrierVerb.GIVE_BACK)
    sign(gate, zheng, BOTH[:1])
    assert show_carry_out(gate, zhao, number).state is CarryOutState.OUT
    bring_back(gate, zhao, BOTH[1:], CarrierVerb.GIVE_BACK)
    sign(gate, zheng, BOTH[1:])
    assert show_carry_out(gate, zhao, number).state is CarryOutState.BACK
    assert list_overdue(gate, zhao) == []
    assert room.verify().ok


def test_sc32_top_secret_needs_the_principal_leader_and_two_escorts(room: Room) -> None:
    _top_secret(room)
    gate, zhou, li = room.gate, room.actor("zhou"), room.actor("li")
    item = ["ZT-2026-000001"]
    alone = request_carry_out(gate, room.actor("he"), request(item)).carry_out_no
    assert [code for code, _ in refused(approve_carry_out, gate, li, alone)] == [Code.E_CARRY_OUT] * 2
    assert refused(approve_carry_out, gate, zhou, alone) == [(Code.E_CARRY_OUT, "escorts 0 < 2")]
    refuse_carry_out(gate, room.actor("he"), alone)
    escorts = ("duan", "fang")
    number = request_carry_out(gate, room.actor("he"), request(item, escorts=escorts)).carry_out_no
    assert [code for code, _ in refused(approve_carry_out, gate, li, number)] == [Code.E_CARRY_OUT]
    assert approve_carry_out(gate, zhou, number).escorts == escorts
    assert refused(request_carry_out, gate, room.actor("he"), request(item, escorts=escorts, abroad=True, abroad_approval="出境1号")) == [
        (Code.E_CARRY_OUT, "绝密 never leaves the country")
    ]
    assert [code for code, _ in refused(request_carry_out, gate, room.actor("he"), request(item, escorts=("zhao", "fang")))] == [
        Code.E_CLEARANCE
    ]


def _top_secret(room: Room) -> None:
    """One 绝密 carrier of the secrecy office, and two people cleared for it who can go along."""
    from datetime import date

    from gateway.db.tables import Device
    from gateway.services.accounts import NewUser, add_user
    from gateway.services.devices import add_device

    feng = room.actor("feng")
    for name in ("duan", "fang"):
        add_user(room.gate, feng, NewUser(name, name, "D05", clearance=Level.JUEMI, undertaking_date=date(2026, 1, 1)))
    add_device(
        room.gate,
        feng,
        Device(code="PRN-JM", name="绝密", location="机要室", designated=True, max_level="juemi", uri="ipp://127.0.0.1:1/ipp", queue="jm"),
    )
    for account in ("zheng", "wang", "he"):
        clear(room, account)
    printed(room, copies=1, level=Level.JUEMI, by="he", queue="jm")


def clear(room: Room, account: str) -> None:
    """In this story the operator and the requester are cleared for 绝密."""
    from sqlmodel import select

    from gateway.db.tables import User

    with room.gate.database.writing() as session:
        user = session.exec(select(User).where(User.username == account)).one()
        user.clearance = Level.JUEMI.value
        session.add(user)


def test_abroad_needs_its_number(room: Room) -> None:
    printed(room, copies=1, level=Level.JIMI)
    ask = room.actor("zhao")
    assert refused(request_carry_out, room.gate, ask, request(BOTH[:1], abroad=True))[0][0] is Code.E_CARRY_OUT
    assert request_carry_out(room.gate, ask, request(BOTH[:1], abroad=True, abroad_approval="出境1号")).abroad


def test_nobody_approves_his_own_and_only_leaders_do(room: Room) -> None:
    printed(room, copies=1, level=Level.JIMI, scope={"D00": 1})
    number = request_carry_out(room.gate, room.actor("li"), request(BOTH[:1])).carry_out_no
    assert refused(approve_carry_out, room.gate, room.actor("li"), number) == [(Code.E_SELF_RELEASE, "")]
    assert refused(approve_carry_out, room.gate, room.actor("gu"), number)[0][0] is Code.E_CARRY_OUT
    approve_carry_out(room.gate, room.actor("zhou"), number)
    with pytest.raises(ForbiddenError):
        hand_out(room.gate, room.actor("zhao"), number)


def test_a_cipher_telegram_is_never_carried(room: Room) -> None:
    printed(room, copies=1, level=Level.JIMI)
    with room.gate.database.writing() as session:
        session.connection().exec_driver_sql(f"UPDATE permit SET doc_type = '{DocType.CIPHER_TELEGRAM.value}'")
    assert refused(request_carry_out, room.gate, room.actor("zhao"), request(BOTH[:1])) == [(Code.E_CIPHER_TELEGRAM, "")]


def test_who_is_outside_the_scope_carries_nothing(room: Room) -> None:
    printed(room, copies=1, level=Level.JIMI)
    from gateway.errors import NotFoundError

    with pytest.raises(NotFoundError):
        request_carry_out(room.gate, room.actor("sun"), request(BOTH[:1]))
    assert refused(request_carry_out, room.gate, room.actor("zheng"), request(BOTH[:1]), "sun")[0][0] is Code.E_SCOPE
