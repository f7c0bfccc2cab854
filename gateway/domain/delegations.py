"""Written delegation of an approver's role: dated, at most 30 days, never passed on (RULES.md §3; R05)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from gateway.domain.duties import APPROVERS, conflicting_roles
from gateway.domain.vocabulary import Role

LONGEST_DELEGATION = timedelta(days=30)
"""From the first day to the last: 2026-03-01 … 2026-03-31 is the longest that begins on that day."""


@dataclass(frozen=True, slots=True)
class NewDelegation:
    """What a holder of a role puts in writing: document number, to whom, which days (local, both included)."""

    doc_no: str
    role: Role
    delegate: str
    first_day: date
    last_day: date


def delegation_faults(new: NewDelegation, holder: str, holder_roles: frozenset[Role], delegate_roles: frozenset[Role]) -> Iterator[str]:
    """Every reason why `holder` may not delegate so, as English sentences; none if he may.

    `holder_roles` are his own roles, without those delegated to him: a delegation is not passed on.
    """
    if not new.doc_no.strip():
        yield "a delegation is written: it needs its document number"
    if new.role not in APPROVERS:
        yield f"{new.role.value} is not a role that approves"
    elif new.role not in holder_roles:
        yield f"{holder} does not hold {new.role.value} himself"
    if new.delegate == holder:
        yield "nobody delegates to himself"
    if clash := conflicting_roles(delegate_roles | {new.role}):
        yield f"one person may not be {clash[0][0].value} and {clash[0][1].value}"
    if not timedelta(0) <= new.last_day - new.first_day <= LONGEST_DELEGATION:
        yield f"the last day is at most {LONGEST_DELEGATION.days} days after the first"


def covers(first_day: date, last_day: date, day: date) -> bool:
    """Whether a delegation of these days is in force on `day`."""
    return first_day <= day <= last_day
