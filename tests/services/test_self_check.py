"""The monthly self-check (R100): what it finds, where it is told, and that its absence is noticed; a day nobody signed (R89)."""

from __future__ import annotations

import json
import sqlite3
from datetime import UTC, datetime

import pytest
from sqlmodel import col, select

from gateway.db.tables import Alert
from gateway.domain.deadlines import Duty
from gateway.errors import ForbiddenError
from gateway.services import day_close
from gateway.services.alerts import list_alerts
from gateway.services.registers import print_register
from gateway.services.reminders import list_overdue, tell_overdue
from gateway.services.self_check import check_last_month, newest_self_check
from gateway.services.self_check_findings import close_finding, list_findings
from tests.room import Room
from tests.services.paper import printed

APRIL = datetime(2026, 4, 1, 1, 0, tzinfo=UTC)


def duties(room: Room) -> list[tuple[Duty, int]]:
    return [(item.due.duty, item.stage) for item in list_overdue(room.gate, room.actor("lin")) if item.due.duty in CHECKED]


CHECKED = (Duty.SELF_CHECK, Duty.DAY_CLOSE)


def edit(room: Room, statement: str) -> None:
    with sqlite3.connect(room.gate.settings.data / "imprimatur.db") as database:
        database.execute(statement)


def test_a_month_is_checked_once_and_the_ledger_tells_of_it(room: Room) -> None:
    printed(room, copies=2)
    assert check_last_month(room.gate) is None, "the gateway was not there in February"
    room.clock.at = APRIL
    found = check_last_month(room.gate)
    assert found is not None
    overdue = {"alarm_test": 1, "day_close": 1, "undistributed": 1, "virus_scan": 1}
    assert (found.month, found.whole, found.overdue) == ("2026-03", True, overdue)
    assert check_last_month(room.gate) is None
    assert newest_self_check(room.gate, room.actor("chu")) == found
    with pytest.raises(ForbiddenError):
        newest_self_check(room.gate, room.actor("feng"))
    assert room.verify().ok


@pytest.mark.parametrize(
    ("statement", "ledger", "paper"),
    [
        ("UPDATE print_register SET sheets_good = sheets_good - 1", 1, 1),
        ("UPDATE paper_line SET waste = waste + 1", 1, 2),
        ("UPDATE permit SET copies_approved = 99", 1, 0),
    ],
)
def test_what_somebody_changed_is_found_and_told(room: Room, statement: str, ledger: int, paper: int) -> None:
    printed(room, copies=2)
    edit(room, statement)
    room.clock.at = APRIL
    found = check_last_month(room.gate)
    assert found is not None
    assert (found.whole, found.ledger, found.paper) == (False, ledger, paper)
    told = [alert for alert in list_alerts(room.gate, room.actor("chen")) if alert.kind.value == "ledger_broken"]
    assert [alert.detail.split(":")[0] for alert in told] == ["self-check 2026-03"]


def test_a_self_check_that_was_not_made_is_overdue_until_it_is(room: Room) -> None:
    room.clock.at = datetime(2026, 4, 3, 9, 29, tzinfo=UTC)  # 17:29 in Shanghai
    assert duties(room) == []
    room.clock.advance(minutes=2)
    assert duties(room) == [(Duty.SELF_CHECK, 1)]
    room.clock.advance(hours=16)
    assert duties(room) == [(Duty.SELF_CHECK, 2)]
    check_last_month(room.gate)
    assert duties(room) == []


def test_a_day_nobody_signed_is_told_again_in_the_morning(room: Room) -> None:
    printed(room, copies=1)
    room.clock.at = datetime(2026, 3, 12, 10, 31, tzinfo=UTC)  # 18:31
    assert duties(room) == [(Duty.DAY_CLOSE, 1)]
    tell_overdue(room.gate)
    room.clock.at = datetime(2026, 3, 13, 1, 1, tzinfo=UTC)  # 9:01 on Friday
    assert duties(room) == [(Duty.DAY_CLOSE, 2)]
    tell_overdue(room.gate)
    with room.gate.database.reading() as session:
        told = session.exec(select(Alert.detail).where(Alert.subject == "2026-03-12").order_by(col(Alert.id))).all()
    assert told == ["day_close 1", "day_close 2"]
    printed(room, copies=1)  # a new day of work has its own evening
    assert duties(room) == []
    assert [due.subject for due in _dues(room)] == ["2026-03-13"]


def _dues(room: Room) -> list[day_close.Due]:
    with room.gate.database.reading() as session:
        return day_close.day_dues(room.gate, session)


def test_the_register_names_approvers_and_tells_local_time(room: Room) -> None:
    printed(room, copies=1)
    (row,) = print_register(room.gate, room.actor("lin"))
    assert row["approvers"] == "李强 2026-03-12 09:00; 吴芳 2026-03-12 09:00"
    with room.gate.database.reading() as session:
        (body,) = session.connection().exec_driver_sql("SELECT body FROM ledger_entry WHERE kind = 'job.released'").one()
    assert json.loads(body)["data"]["print_register"]["approvers"].startswith("li 2026-03-12T01:00Z; wu "), (
        "the ledger keeps accounts and UTC"
    )


def test_only_the_auditor_closes_what_is_wrong_in_the_books(room: Room) -> None:
    printed(room, copies=2)
    edit(room, "UPDATE print_register SET sheets_good = sheets_good - 1")
    room.clock.at = APRIL
    check_last_month(room.gate)
    kinds = {one.kind.value: one.finding_no for one in list_findings(room.gate, room.actor("chu"))}
    assert {"ledger", "paper"} <= set(kinds)
    with pytest.raises(ForbiddenError):
        close_finding(room.gate, room.actor("lin"), kinds["ledger"], "没事")
    assert close_finding(room.gate, room.actor("chu"), kinds["ledger"], "查明：有人改库").closed_by == "chu"
