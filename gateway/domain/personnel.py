"""What a person's papers say on a day: undertaking 保密承诺书 (R94) and training 保密培训 (R95)."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from gateway.domain.vocabulary import Level

ENDS_SOON = timedelta(days=30)


class Reminder(StrEnum):
    """Something about a person's papers that somebody should see to."""

    UNDERTAKING_MISSING = "undertaking_missing"
    UNDERTAKING_EXPIRED = "undertaking_expired"
    UNDERTAKING_ENDS_SOON = "undertaking_ends_soon"
    TRAINING_MISSING = "training_missing"
    TRAINING_EXPIRED = "training_expired"


@dataclass(frozen=True, slots=True)
class Papers:
    """Days on which things were signed or attended; `undertaking_until` is the last day it holds, None for no end."""

    clearance: Level | None
    undertaking: date | None
    undertaking_until: date | None
    training: date | None


def undertaking_holds(signed: date | None, until: date | None, today: date) -> bool:
    """Whether a signed undertaking is in force (R94)."""
    return signed is not None and signed <= today and (until is None or today <= until)


def training_holds(trained: date | None, today: date, months: int) -> bool:
    """Whether a training attended on a day still counts (R95)."""
    return trained is not None and trained <= today < months_after(trained, months)


def reminders(papers: Papers, today: date, training_months: int) -> list[Reminder]:
    """What is missing, over or nearly over. Undertakings concern those cleared for a state secret; training concerns everybody."""
    found = []
    if papers.clearance is not None and papers.clearance.is_state_secret:
        until = papers.undertaking_until
        if papers.undertaking is None:
            found.append(Reminder.UNDERTAKING_MISSING)
        elif not undertaking_holds(papers.undertaking, until, today):
            found.append(Reminder.UNDERTAKING_EXPIRED)
        elif until is not None and until - today <= ENDS_SOON:
            found.append(Reminder.UNDERTAKING_ENDS_SOON)
    if papers.training is None:
        found.append(Reminder.TRAINING_MISSING)
    elif not training_holds(papers.training, today, training_months):
        found.append(Reminder.TRAINING_EXPIRED)
    return found


def months_after(day: date, months: int) -> date:
    """The same day `months` later, or the month's last where it has no such day."""
    years, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + years, month + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))
