"""Regular tasks of the room, reminded of and missed; findings of a self-check with an owner, a day and an end (R83, R84, R93, R100)."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy.exc import IntegrityError
from sqlmodel import select

from gateway.db.tables import Alert, RegularTask
from gateway.domain.deadlines import Duty
from gateway.domain.devices import Care
from gateway.domain.regular_tasks import Task
from gateway.errors import ConflictError, ForbiddenError, InvalidInputError, NotFoundError
from gateway.services.device_register import Change, change_device, record_care
from gateway.services.regular_tasks import TaskDone, list_records, list_tasks, record_task, tasks_of_month
from gateway.services.reminders import list_overdue, tell_overdue
from gateway.services.self_check import check_last_month, newest_self_check
from gateway.services.self_check_findings import assign_finding, close_finding, list_findings
from tests.room import Room

OURS = (Duty.ALARM_TEST, Duty.VIRUS_SCAN, Duty.MAINTENANCE, Duty.FINDING)


def overdue(room: Room) -> list[tuple[str, str, int]]:
    return [(one.due.duty.value, one.due.subject, one.stage) for one in list_overdue(room.gate, room.actor("lin")) if one.due.duty in OURS]


def done(room: Room, task: Task, day: date, defects: str = "") -> None:
    record_task(room.gate, room.actor("zheng"), TaskDone(task, day, "保安公司", defects))


def at(room: Room, month: int, day: int, hour: int = 9, minute: int = 0) -> None:
    """By the clock in Shanghai."""
    room.clock.at = datetime(2026, month, day, hour, minute, tzinfo=UTC) - timedelta(hours=8)


def test_a_task_that_was_not_done_is_told_and_told_again_to_those_above(room: Room) -> None:
    at(room, 3, 19, 17, 29)
    assert overdue(room) == []
    at(room, 3, 19, 17, 31)
    assert overdue(room) == [("virus_scan", "2026-03-19", 1)]
    tell_overdue(room.gate)
    at(room, 3, 20, 9, 1)
    assert overdue(room) == [("virus_scan", "2026-03-19", 2)]
    tell_overdue(room.gate)
    with room.gate.database.reading() as session:
        assert session.exec(select(Alert.detail).where(Alert.subject == "2026-03-19")).all() == ["virus_scan 1", "virus_scan 2"]
    done(room, Task.VIRUS_SCAN, date(2026, 3, 20))
    assert overdue(room) == []
    at(room, 3, 31, 18)
    done(room, Task.VIRUS_SCAN, date(2026, 3, 27))
    assert overdue(room) == [("alarm_test", "2026-03", 1)]
    done(room, Task.ALARM_TEST, date(2026, 3, 31), "三号探头失灵")
    assert overdue(room) == []
    assert [(one.task, one.defects, one.recorded_by) for one in list_records(room.gate, room.actor("chu"))] == [
        (Task.ALARM_TEST, "三号探头失灵", "zheng"),
        (Task.VIRUS_SCAN, "", "zheng"),
        (Task.VIRUS_SCAN, "", "zheng"),
    ]
    assert room.verify().ok


def test_who_may_write_and_what_is_no_record(room: Room) -> None:
    today, scan = room.gate.today(), Task.VIRUS_SCAN
    for stranger in ("feng", "chu", "li", "zhao"):
        with pytest.raises(ForbiddenError):
            record_task(room.gate, room.actor(stranger), TaskDone(scan, today, "某"))
    for wrong in (TaskDone(scan, today, " "), TaskDone(scan, today + timedelta(days=1), "某"), TaskDone(scan, date(2024, 1, 1), "某")):
        with pytest.raises(InvalidInputError):
            record_task(room.gate, room.actor("zheng"), wrong)
    with pytest.raises(ForbiddenError):
        list_tasks(room.gate, room.actor("zhao"))
    row = RegularTask(task="virus_scan", done_on=today, tester="某", sound=True, defects="坏了", at=room.clock.now(), recorded_by_id=1)
    with room.gate.database.writing() as session:
        session.add(row)
        with pytest.raises(IntegrityError):
            session.flush()
        session.rollback()


def test_a_device_is_maintained_every_so_many_days(room: Room) -> None:
    feng, device = room.actor("feng"), "PRN-JY-01"
    change_device(room.gate, feng, device, Change(maintenance_days=10))
    at(room, 3, 22, 18)
    assert ("maintenance", device, 1) in overdue(room)
    record_care(room.gate, feng, device, Care.MAINTENANCE, room.gate.today(), "厂家")
    (state,) = (one for one in list_tasks(room.gate, room.actor("lin")) if one.subject == device)
    assert (state.done_on, state.overdue) == (date(2026, 3, 22), False)
    at(room, 4, 1, 18)
    assert ("maintenance", device, 1) in overdue(room)
    record_care(room.gate, feng, device, Care.REPAIR, room.gate.today(), "厂家")
    assert all(subject != device for _, subject, _ in overdue(room)), "while it is in repair nobody maintains it here"


def test_a_month_without_its_tasks_is_red_and_leaves_findings_that_somebody_settles(room: Room) -> None:
    at(room, 4, 1)
    found = check_last_month(room.gate)
    assert found is not None
    assert (found.missing, found.findings) == (["alarm_test", "virus_scan"], ["ZC-2026-0001", "ZC-2026-0002"])
    assert newest_self_check(room.gate, room.actor("chu")) == found
    assert [(one.task, one.missing) for one in tasks_of_month(room.gate, room.actor("lin"), "2026-03")] == [
        (Task.ALARM_TEST, True),
        (Task.VIRUS_SCAN, True),
    ]
    assert {(one.owner, one.due_on) for one in list_findings(room.gate, room.actor("lin"))} == {("lin", date(2026, 4, 8))}
    assign_finding(room.gate, room.actor("lin"), "ZC-2026-0001", "zheng", date(2026, 4, 3))
    at(room, 4, 3, 18)
    assert ("finding", "ZC-2026-0001", 1) in overdue(room)
    assert [one.due.subject for one in list_overdue(room.gate, room.actor("zheng")) if one.due.holder == "zheng"] == ["ZC-2026-0001"]
    close_finding(room.gate, room.actor("lin"), "ZC-2026-0001", "已补测，探头正常")
    assert ("finding", "ZC-2026-0001", 1) not in overdue(room)
    assert [one.finding_no for one in list_findings(room.gate, room.actor("lin"))] == ["ZC-2026-0002"]
    with pytest.raises(ConflictError):
        close_finding(room.gate, room.actor("lin"), "ZC-2026-0001", "再来一次")
    at(room, 5, 1)
    again = check_last_month(room.gate)
    assert again is not None
    assert again.findings == ["ZC-2026-0003"], "what is open already is carried on and not opened twice"
    assert room.verify().ok


def test_who_may_settle_and_what_is_no_end(room: Room) -> None:
    at(room, 4, 1)
    check_last_month(room.gate)
    number, lin = "ZC-2026-0001", room.actor("lin")
    for stranger in ("zheng", "feng", "chen", "li"):
        with pytest.raises(ForbiddenError):
            close_finding(room.gate, room.actor(stranger), number, "好了")
    for wrong in (
        lambda: close_finding(room.gate, lin, number, " "),
        lambda: assign_finding(room.gate, lin, number, "lin", date(2026, 3, 1)),
    ):
        with pytest.raises(InvalidInputError):
            wrong()
    for missing in (
        lambda: close_finding(room.gate, lin, "ZC-1", "好"),
        lambda: assign_finding(room.gate, lin, number, "x", date(2026, 5, 1)),
    ):
        with pytest.raises(NotFoundError):
            missing()
