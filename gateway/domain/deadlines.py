"""When something is overdue: a pure function of the clock and of rows (R11, R33, R54, R60, R61, R64, R66, R70)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from enum import StrEnum

END_OF_DAY = time(17, 30)
WASTE_DUE = time(18, 0)
DAY_CLOSE_DUE = time(18, 30)
VISITORS_OUT = time(18, 0)
ESCALATES_AT = time(9, 0)
UNDISTRIBUTED_AFTER = timedelta(hours=24)
UNSIGNED_AFTER = timedelta(hours=24)
CORRECTION_SEEN_AFTER = timedelta(hours=24)
FAX_REGISTERED_AFTER = timedelta(hours=24)
"""A received fax is registered within a day (R48)."""
REPORT_WITHIN = timedelta(hours=24)
SELF_CHECKED = "books.self_checked"
"""Kind of the entry of a month's self-check (R100); its subject is the month."""
REPORT_REMINDERS = (timedelta(hours=1), timedelta(hours=12))


class Duty(StrEnum):
    """What is due."""

    WASTE = "waste"
    UNDISTRIBUTED = "undistributed"
    UNSIGNED = "unsigned"
    LENT = "lent"
    CIRCULATING = "circulating"
    CARRIED_OUT = "carried_out"
    INVENTORY = "inventory"
    INCIDENT = "incident"
    VISITOR = "visitor"
    FAX = "fax"
    DAY_CLOSE = "day_close"
    PAPER = "paper"
    SELF_CHECK = "self_check"
    ALARM_TEST = "alarm_test"
    VIRUS_SCAN = "virus_scan"
    MAINTENANCE = "maintenance"
    FINDING = "finding"
    CORRECTION = "correction"


@dataclass(frozen=True, slots=True)
class Due:
    """One thing that is due at a time; `subject` is its number, `holder` the account that answers for it."""

    duty: Duty
    subject: str
    holder: str
    due_at: datetime


@dataclass(frozen=True, slots=True)
class Overdue:
    """A due that has passed. `stage` counts: 1 the holder is reminded, 2 it is told to those above him."""

    due: Due
    stage: int
    since: datetime


def at_time(moment: datetime, zone: tzinfo, clock: time) -> datetime:
    """The next time the wall clock shows `clock`, at or after `moment`."""
    local = moment.astimezone(zone)
    day = local.date() if local.time() <= clock else local.date() + timedelta(days=1)
    return datetime.combine(day, clock, zone).astimezone(moment.tzinfo)


def end_of_that_day(day: date, zone: tzinfo) -> datetime:
    """17:30 of a calendar day, in UTC."""
    return datetime.combine(day, END_OF_DAY, zone).astimezone(UTC)


def end_of_day(moment: datetime, zone: tzinfo) -> datetime:
    """When what is lent now comes back: 17:30 of the day (R66)."""
    return at_time(moment, zone, END_OF_DAY)


def waste_due(recorded_at: datetime, zone: tzinfo) -> datetime:
    """When waste must be destroyed: 18:00 of the working day it arose (R33)."""
    return at_time(recorded_at, zone, WASTE_DUE)


def overdue(dues: Iterable[Due], now: datetime, zone: tzinfo) -> list[Overdue]:
    """What has passed at `now`, oldest first. Incidents remind after 1, 12 and 24 hours; the rest on time and the next day at 9:00."""
    found = []
    for due in dues:
        passed = [moment for moment in _stages(due, zone) if moment <= now]
        if passed:
            found.append(Overdue(due, len(passed), passed[-1]))
    return sorted(found, key=lambda item: (item.due.due_at, item.due.subject))


def _stages(due: Due, zone: tzinfo) -> list[datetime]:
    if due.duty is Duty.INCIDENT:
        opened = due.due_at - REPORT_WITHIN
        return [opened + after for after in REPORT_REMINDERS] + [due.due_at]
    return [due.due_at, at_time(due.due_at + timedelta(seconds=1), zone, ESCALATES_AT)]


def quarter_of(moment: datetime, zone: tzinfo) -> tuple[int, int]:
    """Year and quarter, 1…4, by the local calendar."""
    local = moment.astimezone(zone)
    return local.year, (local.month - 1) // 3 + 1


def inventory_due(moment: datetime, zone: tzinfo) -> datetime:
    """The last day of the quarter at the end of the day (R60)."""
    year, quarter = quarter_of(moment, zone)
    last = date(year + quarter // 4, quarter * 3 % 12 + 1, 1) - timedelta(days=1)
    return datetime.combine(last, END_OF_DAY, zone).astimezone(moment.tzinfo)


def inventory_opens(moment: datetime, zone: tzinfo) -> datetime:
    """The first day of the quarter's last month (R60)."""
    year, quarter = quarter_of(moment, zone)
    return datetime(year, quarter * 3, 1, tzinfo=zone).astimezone(moment.tzinfo)
