"""SC-06 Visitor (R78-R81): approved before he enters, his phone back before he leaves, an alert when he is still there at 18:00."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from datetime import datetime

import pytest

from gateway.domain.codes import Code
from gateway.domain.vocabulary import IdKind, VisitReason
from gateway.errors import ConflictError, ForbiddenError, GatewayError, InvalidInputError, NotFoundError, RefusedError
from gateway.services.alerts import list_alerts
from gateway.services.exports import register_rows
from gateway.services.reminders import tell_overdue
from gateway.services.visitors import (
    Deposit,
    NewVisitor,
    approve_visitor,
    enter_visitor,
    leave_visitor,
    list_visitors,
    register_visitor,
    return_items,
)
from tests.room import Room
from tests.scenarios.conftest import SHANGHAI

HE_MING = NewVisitor(
    name="何明",
    org="某设备公司",
    title="工程师",
    id_kind=IdKind.IDENTITY_CARD,
    id_no="350100199001010017",
    phone="13800000001",
    reason_kind=VisitReason.REPAIR,
    reason="复印机定影组件",
    device="PRN-JY-01",
    escort="wang",
)
PHONE = [Deposit("手机", 1, "3")]


def at(room: Room, hour: int, minute: int) -> None:
    room.clock.at = datetime(2026, 3, 12, hour, minute, tzinfo=SHANGHAI)


def refused(act: object, *arguments: object, **more: object) -> Code:
    with pytest.raises(RefusedError) as caught:
        act(*arguments, **more)  # type: ignore[operator]
    return caught.value.reasons[0].code


def test_sc06_a_technician_comes_and_goes(room: Room) -> None:
    gate, zheng, zhou, wu = room.gate, *(room.actor(name) for name in ("zheng", "zhou", "wu"))
    at(room, 8, 40)
    visit = register_visitor(gate, zheng, HE_MING).visit_no
    at(room, 8, 45)
    assert refused(enter_visitor, gate, zheng, visit, PHONE) is Code.E_VISITOR
    with pytest.raises(ForbiddenError):
        approve_visitor(gate, wu, visit)
    at(room, 8, 50)
    assert approve_visitor(gate, zhou, visit).approver == "周正"
    at(room, 9, 5)
    assert enter_visitor(gate, zheng, visit, PHONE).state == "inside"
    at(room, 10, 18)
    assert refused(leave_visitor, gate, zheng, visit) is Code.E_VISITOR
    at(room, 10, 19)
    return_items(gate, zheng, visit)
    at(room, 10, 20)
    assert leave_visitor(gate, zheng, visit).state == "left"
    (row,) = register_rows(gate, room.actor("lin"), "visitor", "2026-03")
    assert row["id_no"] == "**************0017"
    assert row["items"] == "手机×1 格3"
    times = ("approved_at", "enter_at", "items_returned_at", "leave_at")
    assert [str(row[name])[11:16] for name in times] == ["08:50", "09:05", "10:19", "10:20"]
    assert room.verify().ok


def test_sc06_a_second_visitor_is_still_there_at_six(room: Room) -> None:
    gate, zheng = room.gate, room.actor("zheng")
    at(room, 14, 0)
    visit = register_visitor(gate, zheng, replace(HE_MING, name="陈立")).visit_no
    approve_visitor(gate, room.actor("zhou"), visit)
    enter_visitor(gate, zheng, visit, [], nothing=True)
    at(room, 17, 59)
    assert tell_overdue(gate) == 0
    at(room, 18, 0)
    assert tell_overdue(gate) == 1
    assert tell_overdue(gate) == 0
    assert [(alert.subject, alert.detail) for alert in list_alerts(gate, room.actor("lin"))] == [(visit, "visitor 1 wang")]
    assert [one.visitor_name for one in list_visitors(gate, zheng, inside=True)] == ["陈立"]


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"name": " "}, InvalidInputError),
        ({"org": ""}, InvalidInputError),
        ({"id_no": ""}, InvalidInputError),
        ({"device": ""}, InvalidInputError),
        ({"device": "NO-SUCH"}, NotFoundError),
        ({"escort": "nobody"}, NotFoundError),
        ({"reason_kind": VisitReason.OTHER, "reason": ""}, InvalidInputError),
    ],
)
def test_no_anonymous_visits(room: Room, change: dict[str, object], error: type[GatewayError]) -> None:
    with pytest.raises(error):
        register_visitor(room.gate, room.actor("zheng"), replace(HE_MING, **change))  # type: ignore[arg-type]
    assert list_visitors(room.gate, room.actor("zheng")) == []


def test_each_step_once_and_by_the_room(room: Room) -> None:
    gate, zheng, zhou = room.gate, room.actor("zheng"), room.actor("zhou")
    visit = register_visitor(gate, zheng, HE_MING).visit_no
    with pytest.raises(ConflictError):
        return_items(gate, zheng, visit)
    approve_visitor(gate, zhou, visit)
    with pytest.raises(ConflictError):
        approve_visitor(gate, zhou, visit)
    with pytest.raises(InvalidInputError):
        enter_visitor(gate, zheng, visit, [])
    with pytest.raises(InvalidInputError):
        enter_visitor(gate, zheng, visit, PHONE, nothing=True)
    with pytest.raises(ForbiddenError):
        enter_visitor(gate, zhou, visit, PHONE)
    with pytest.raises(ConflictError):
        leave_visitor(gate, zheng, visit)
    enter_visitor(gate, zheng, visit, PHONE)
    with pytest.raises(ConflictError):
        enter_visitor(gate, zheng, visit, PHONE)
    with pytest.raises(ForbiddenError):
        list_visitors(gate, room.actor("zhao"))


def test_who_he_is_stands_in_no_entry(room: Room) -> None:
    register_visitor(room.gate, room.actor("zheng"), HE_MING)
    with sqlite3.connect(room.gate.settings.data / "imprimatur.db") as database:
        bodies = "".join(body for (body,) in database.execute("SELECT body FROM ledger_entry"))
    assert '"who":"' in bodies
    assert not any(secret in bodies for secret in (HE_MING.name, HE_MING.org, HE_MING.id_no, HE_MING.phone, HE_MING.reason))


def test_the_unit_may_name_others_who_approve(room: Room) -> None:
    gate = replace(room.gate, settings=room.gate.settings.model_copy(update={"visitor_approvers": "principal_leader,secrecy_director"}))
    visit = register_visitor(gate, room.actor("zheng"), HE_MING).visit_no
    assert approve_visitor(gate, room.actor("wu"), visit).approver == "吴芳"
