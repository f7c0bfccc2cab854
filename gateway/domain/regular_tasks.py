"""What a room does again and again: the monthly test of the alarm, the weekly search for viruses (R83, R93).

When it is due, and what a month misses. Working days are Monday to Friday: public holidays are not known to the gateway.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from itertools import pairwise

SATURDAY = 5
SCAN_EVERY = timedelta(days=7)
"""A scan older than this is overdue (R93)."""


class Task(StrEnum):
    """A regular task of the room. Devices' maintenance has its own record (R84)."""

    ALARM_TEST = "alarm_test"
    VIRUS_SCAN = "virus_scan"


@dataclass(frozen=True, slots=True)
class TaskMonth:
    """What was done of a task in a month; `missing`: not at all, or with a gap that is too long."""

    task: Task
    done: tuple[date, ...]
    missing: bool


def last_working_day(day: date) -> date:
    """The last Monday to Friday of the month `day` lies in."""
    last = _month_after(day) - timedelta(days=1)
    return last - timedelta(days=max(0, last.weekday() - SATURDAY + 1))


def due_day(task: Task, newest: date | None, since: date, today: date) -> date:
    """The day by whose end a task must be done again. `newest`: when it was done last; `since`: the gateway's first day.

    Who neglects it for long is reminded again every period.
    """
    if task is Task.ALARM_TEST:
        return _alarm_due(newest, since, today)
    due = (newest or since) + SCAN_EVERY
    return due + max(0, (today - due).days // SCAN_EVERY.days) * SCAN_EVERY


def _alarm_due(newest: date | None, since: date, today: date) -> date:
    """The last working day of the first month without a test, at most one month back (R83)."""
    month = _month_after(newest) if newest else since.replace(day=1)
    if newest is None and since > last_working_day(since):
        month = _month_after(since)
    before_this = (today.replace(day=1) - timedelta(days=1)).replace(day=1)
    return last_working_day(max(month, before_this))


def task_month(task: Task, days: Iterable[date], since: date, first: date, today: date) -> TaskMonth:
    """What stands in the month report: `days` all days the task was done on, `first` the month's first day (R83, R93)."""
    known, last = sorted(set(days)), _month_after(first) - timedelta(days=1)
    done = tuple(day for day in known if first <= day <= last)
    if task is Task.ALARM_TEST:
        due = last_working_day(first)
        return TaskMonth(task, done, missing=not done and since <= due < today)
    before = [day for day in known if day < first][-1:]
    begin = max([*before, since] if before else [since, first - timedelta(days=1)])
    points = [begin, *(day for day in done if day > begin), min(today, last)]
    return TaskMonth(task, done, missing=since <= last and any(later - earlier > SCAN_EVERY for earlier, later in pairwise(points)))


def _month_after(day: date) -> date:
    return date(day.year + day.month // 12, day.month % 12 + 1, 1)
