"""What a monthly self-check leaves to do: each finding has somebody who answers for it, a day, and an end with a reason (R100)."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum

from gateway.domain.deadlines import Duty

SETTLED_WITHIN = timedelta(days=7)
"""How long its owner has, unless somebody sets another day."""
ELSEWHERE = frozenset({Duty.SELF_CHECK, Duty.FINDING})
"""What is no finding of a self-check: itself, and what it found before."""


class FindingKind(StrEnum):
    """What disagrees or is missing."""

    LEDGER = "ledger"
    PAPER = "paper"
    OVERDUE = "overdue"
    TASK = "task"

    @property
    def is_of_books(self) -> bool:
        """Whether the books disagree with themselves: only the auditor, who keeps none of them, may close that (I10)."""
        return self in (FindingKind.LEDGER, FindingKind.PAPER)
