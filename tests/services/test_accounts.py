"""Accounts change only by whoever may, never one's own; before and after stand in the ledger (I10, R28, R94, R95)."""

from __future__ import annotations

import json
from datetime import date, timedelta

import pytest
from sqlmodel import select

from gateway.db.tables import LedgerEntry
from gateway.domain.personnel import Papers, Reminder, months_after, reminders
from gateway.domain.vocabulary import Level, Role
from gateway.errors import ConflictError, ForbiddenError, InvalidInputError, NotFoundError
from gateway.services import roll
from gateway.services.accounts import Change, NewUser, add_user, change_user, disable_user, enable_user
from gateway.services.departments import add_department, disable_department, enable_department
from gateway.services.jobs import show
from tests.room import Room
from tests.watermark.papers import document

TODAY = date(2026, 3, 12)


def test_a_change_tells_before_and_after(room: Room) -> None:
    change_user(room.gate, room.actor("feng"), "qian", Change(department="D03", clearance=None, training_date=date(2026, 3, 1)))
    qian = room.actor("qian")
    assert (qian.department, qian.clearance) == ("D03", None)
    with room.gate.database.reading() as session:
        body = session.exec(select(LedgerEntry.body).where(LedgerEntry.kind == "user.changed")).one()
    assert json.loads(body)["data"] == {
        "department": {"before": "D02", "after": "D03"},
        "clearance": {"before": "mimi", "after": ""},
        "training_date": {"before": "", "after": "2026-03-01"},
    }
    assert room.verify().ok


def test_nobody_changes_himself_and_only_administrators_change_others(room: Room) -> None:
    feng = room.actor("feng")
    for act in (lambda: change_user(room.gate, feng, "feng", Change(display_name="冯大")), lambda: disable_user(room.gate, feng, "feng")):
        with pytest.raises(ForbiddenError):
            act()
    for account in ("chen", "chu", "zheng", "li", "lin"):
        with pytest.raises(ForbiddenError):
            change_user(room.gate, room.actor(account), "qian", Change(clearance=Level.JUEMI))


@pytest.mark.parametrize(
    "change",
    [
        Change(roles=frozenset({Role.OPERATOR, Role.LEADER})),
        Change(roles=frozenset({Role.AUDITOR, Role.REQUESTER})),
        Change(roles=frozenset({Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN})),
        Change(roles=frozenset()),
        Change(display_name=" "),
        Change(display_name="x\ny"),
        Change(unix_user="a b"),
        Change(undertaking_until=date(2025, 1, 1)),
        Change(undertaking_date=None, undertaking_until=date(2027, 1, 1)),
    ],
)
def test_what_may_not_be_is_refused_and_nothing_changes(room: Room, change: Change) -> None:
    before = roll.list_users(room.gate, room.actor("chen"))
    with pytest.raises(InvalidInputError):
        change_user(room.gate, room.actor("feng"), "qian", change)
    assert roll.list_users(room.gate, room.actor("chen")) == before


def test_a_unix_user_is_one_account(room: Room) -> None:
    feng = room.actor("feng")
    with pytest.raises(ConflictError, match="belongs to zhao"):
        change_user(room.gate, feng, "qian", Change(unix_user="zhao"))
    with pytest.raises(ConflictError, match="Nothing"):
        change_user(room.gate, feng, "qian", Change(unix_user="qian"))
    with pytest.raises(NotFoundError):
        change_user(room.gate, feng, "qian", Change(department="D77"))


def test_held_jobs_are_matched_anew_when_their_person_changes(room: Room) -> None:
    room.gate.spool.refill()
    permit = room.permit(pages=1, copies=5)
    job = room.submit(document("page").getvalue(), permit=permit)
    zhao, feng = room.actor("zhao"), room.actor("feng")
    assert show(room.gate, zhao, job).releasable
    change_user(room.gate, feng, "zhao", Change(undertaking_until=TODAY - timedelta(days=1)))
    assert [reason.code.value for reason in show(room.gate, zhao, job).reasons] == ["E_CLEARANCE"]
    change_user(room.gate, feng, "zhao", Change(undertaking_until=TODAY))
    assert show(room.gate, zhao, job).releasable
    change_user(room.gate, feng, "zhao", Change(department="D03"))
    assert [reason.code.value for reason in show(room.gate, room.actor("zhao"), job).reasons] == ["E_DEPT_MISMATCH"]


def test_no_administrator_alone_gives_a_password(room: Room) -> None:
    with pytest.raises(ForbiddenError):
        add_user(room.gate, room.actor("feng"), NewUser("new", "新人", "D02", password="Correct-Horse-9"))
    add_user(room.gate, room.actor("feng"), NewUser("new", "新人", "D02"))
    assert not roll.show_user(room.gate, room.actor("chen"), "new").has_password


def test_a_department_closes_when_nobody_works_there(room: Room) -> None:
    feng = room.actor("feng")
    with pytest.raises(ConflictError, match="still work"):
        disable_department(room.gate, feng, "D02")
    add_department(room.gate, feng, "D09", "临时组")
    disable_department(room.gate, feng, "D09")
    with pytest.raises(NotFoundError):
        add_user(room.gate, feng, NewUser("new", "新人", "D09"))
    enable_department(room.gate, feng, "D09")
    add_user(room.gate, feng, NewUser("new", "新人", "D09"))
    disable_user(room.gate, feng, "new")
    disable_department(room.gate, feng, "D09")
    with pytest.raises(ConflictError, match="closed"):
        enable_user(room.gate, feng, "new")


def test_the_roll_is_for_those_who_look_after_people(room: Room) -> None:
    for account in ("feng", "chen", "chu", "lin", "zheng"):
        assert len(roll.list_users(room.gate, room.actor(account))) == 15
    for account in ("zhao", "li", "gu"):
        with pytest.raises(ForbiddenError):
            roll.list_users(room.gate, room.actor(account))
        with pytest.raises(ForbiddenError):
            roll.show_user(room.gate, room.actor(account), "wu")
        assert roll.show_user(room.gate, room.actor(account), account).username == account
    with pytest.raises(ForbiddenError):
        roll.list_users(room.gate, None)


def papers(signed: str = "2026-01-01", until: str = "", trained: str = "2026-01-01", clearance: Level | None = Level.MIMI) -> Papers:
    day = date.fromisoformat
    return Papers(clearance, day(signed) if signed else None, day(until) if until else None, day(trained) if trained else None)


@pytest.mark.parametrize(
    ("one", "expected"),
    [
        (papers(), []),
        (papers(signed=""), [Reminder.UNDERTAKING_MISSING]),
        (papers(signed="", clearance=Level.NEIBU), []),
        (papers(signed="", clearance=None), []),
        (papers(signed="2026-03-13"), [Reminder.UNDERTAKING_EXPIRED]),
        (papers(until="2026-03-11"), [Reminder.UNDERTAKING_EXPIRED]),
        (papers(until="2026-03-12"), [Reminder.UNDERTAKING_ENDS_SOON]),
        (papers(until="2026-04-11"), [Reminder.UNDERTAKING_ENDS_SOON]),
        (papers(until="2026-04-12"), []),
        (papers(trained=""), [Reminder.TRAINING_MISSING]),
        (papers(trained="2025-03-13"), []),
        (papers(trained="2025-03-12"), [Reminder.TRAINING_EXPIRED]),
    ],
)
def test_reminders_come_on_their_day(one: Papers, expected: list[Reminder]) -> None:
    assert reminders(one, TODAY, 12) == expected


def test_months_end_where_the_calendar_has_a_day() -> None:
    assert months_after(date(2024, 2, 29), 12) == date(2025, 2, 28)
    assert months_after(date(2026, 11, 30), 3) == date(2027, 2, 28)
    assert months_after(date(2026, 12, 31), 12) == date(2027, 12, 31)


def test_what_the_unit_lacks_shows(room: Room) -> None:
    assert roll.shortcomings(roll.list_users(room.gate, room.actor("chen"))).room_heads == 1
    disable_user(room.gate, room.actor("feng"), "lin")
    assert roll.shortcomings(roll.list_users(room.gate, room.actor("chen"))).room_heads == 0
