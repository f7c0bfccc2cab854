"""When the room's regular tasks are due, and what a month misses (R83, R93)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.regular_tasks import Task, due_day, last_working_day, task_month

ALARM, VIRUS = Task.ALARM_TEST, Task.VIRUS_SCAN
SINCE = date(2026, 3, 12)
DAYS = st.dates(date(2020, 1, 1), date(2035, 12, 31))


@pytest.mark.parametrize(
    ("month", "last"),
    [("2026-01", 30), ("2026-02", 27), ("2026-03", 31), ("2026-05", 29), ("2026-08", 31), ("2026-12", 31), ("2028-02", 29)],
)
def test_the_last_working_day_is_a_weekday(month: str, last: int) -> None:
    assert last_working_day(date.fromisoformat(f"{month}-10")) == date.fromisoformat(f"{month}-{last}")


@given(DAYS)
def test_no_weekday_of_the_month_comes_after_it(day: date) -> None:
    last = last_working_day(day)
    assert (last.month, last.weekday() < 5) == (day.month, True)
    after = (last + timedelta(days=n) for n in range(1, 8))
    assert all(one.weekday() >= 5 for one in after if one.month == last.month)


@pytest.mark.parametrize(
    ("newest", "today", "due"),
    [
        (None, "2026-03-12", "2026-03-31"),
        (None, "2026-04-20", "2026-03-31"),
        (None, "2026-06-03", "2026-05-29"),
        ("2026-03-20", "2026-03-21", "2026-04-30"),
        ("2026-03-20", "2026-05-03", "2026-04-30"),
        ("2025-12-30", "2026-01-02", "2026-01-30"),
    ],
)
def test_the_alarm_is_tested_by_the_last_working_day(newest: str | None, today: str, due: str) -> None:
    last = date.fromisoformat(newest) if newest else None
    assert due_day(ALARM, last, min(SINCE, last or SINCE), date.fromisoformat(today)) == date.fromisoformat(due)


def test_who_begins_after_the_last_working_day_has_the_next_month() -> None:
    assert due_day(ALARM, None, date(2026, 5, 30), date(2026, 5, 30)) == date(2026, 6, 30)


def test_a_scan_is_due_a_week_after_the_last_and_told_again_each_week() -> None:
    assert due_day(VIRUS, None, SINCE, SINCE) == date(2026, 3, 19)
    assert due_day(VIRUS, date(2026, 3, 16), SINCE, date(2026, 3, 20)) == date(2026, 3, 23)
    assert due_day(VIRUS, date(2026, 3, 16), SINCE, date(2026, 4, 7)) == date(2026, 4, 6)


@given(DAYS, st.integers(0, 400), st.integers(0, 400))
def test_a_task_done_today_is_never_overdue(since: date, later: int, more: int) -> None:
    done = since + timedelta(days=later)
    for task in Task:
        assert due_day(task, done, since, done) > done
        assert due_day(task, None, since, since + timedelta(days=more)) >= since


@pytest.mark.parametrize(
    ("task", "days", "today", "missing"),
    [
        (ALARM, [], "2026-03-31", False),
        (ALARM, [], "2026-04-01", True),
        (ALARM, ["2026-03-20"], "2026-05-01", False),
        (ALARM, ["2026-04-01"], "2026-04-01", True),
        (VIRUS, [], "2026-03-19", False),
        (VIRUS, [], "2026-03-20", True),
        (VIRUS, ["2026-03-19", "2026-03-26"], "2026-03-31", False),
        (VIRUS, ["2026-03-19", "2026-03-27"], "2026-03-31", True),
        (VIRUS, ["2026-03-19"], "2026-03-31", True),
        (VIRUS, ["2026-03-19", "2026-03-26"], "2026-06-01", False),
    ],
)
def test_what_a_month_misses(task: Task, days: list[str], today: str, missing: bool) -> None:
    done = [date.fromisoformat(day) for day in days]
    found = task_month(task, done, SINCE, date(2026, 3, 1), date.fromisoformat(today))
    assert (found.missing, list(found.done)) == (missing, [day for day in done if day.month == 3])


def test_nothing_is_missing_before_the_gateway_was_there() -> None:
    assert not any(task_month(task, [], SINCE, date(2026, 2, 1), date(2026, 4, 1)).missing for task in Task)
