"""When a forgotten session locks and when it is over (R88, SC-33): pure arithmetic on times."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

CLOCK_MAY_STEP_BACK = timedelta(seconds=120)
"""A clock set back further than this (R101) counts as an absence: nobody knows how long it was."""


class SessionState(StrEnum):
    """Open, locked until its own password is given again, or over for good."""

    OPEN = "open"
    LOCKED = "locked"
    OVER = "over"


@dataclass(frozen=True, slots=True)
class Limits:
    """`lock` and `end` are idle times, `lifetime` counts from log-in whatever the person does."""

    lock: timedelta
    end: timedelta
    lifetime: timedelta


def state_at(now: datetime, *, opened: datetime, seen: datetime, limits: Limits) -> SessionState:
    """The state of a session opened at `opened` and last used by a person at `seen`."""
    idle = now - seen
    if idle >= limits.end or now - opened >= limits.lifetime:
        return SessionState.OVER
    return SessionState.LOCKED if idle >= limits.lock or idle < -CLOCK_MAY_STEP_BACK else SessionState.OPEN
