"""The monthly self-check 自查 (R100): chain, identities and overdue lists of the books, told in the ledger by the gateway itself.

Meters are no part of it: they are compared whenever they are read. What it leaves to do: `self_check_findings`.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import datetime

from gateway.domain.deadlines import SELF_CHECKED, Duty
from gateway.domain.duties import Act
from gateway.domain.self_check_findings import ELSEWHERE, FindingKind
from gateway.domain.vocabulary import AlertKind
from gateway.ledger.append import append
from gateway.services.alerts import is_open, raise_alert
from gateway.services.bookkeeping import verify_ledger
from gateway.services.gate import SYSTEM, Actor, Gate
from gateway.services.months import month_before, parse_month
from gateway.services.paper_months import verify_statistics
from gateway.services.regular_tasks import months_tasks
from gateway.services.reminders import all_overdue
from gateway.services.self_check_entries import lived_through, self_check_entry
from gateway.services.self_check_findings import Found, open_findings


@dataclass(frozen=True, slots=True)
class SelfCheck:
    """What a self-check found: `ledger` and `paper` are numbers of findings, `overdue` how much is overdue of each duty."""

    month: str
    at: datetime
    ledger: int
    first_bad: int
    """The first bad entry; 0 when there is none, or none can be named."""
    paper: int
    overdue: dict[str, int]
    missing: list[str] = field(default_factory=list)
    """Regular tasks the month misses (R83, R93)."""
    findings: list[str] = field(default_factory=list)
    """Numbers of what was opened for somebody to settle."""

    @property
    def whole(self) -> bool:
        """Whether the books agree with themselves. What is overdue is no fault of the books; it is carried over by its own reminders."""
        return not self.ledger and not self.paper


def check_last_month(gate: Gate) -> SelfCheck | None:
    """Check the month before this one, if the gateway was there then and nobody has checked it yet."""
    month = month_before(gate, gate.today().strftime("%Y-%m"))
    with gate.database.reading() as session:
        if not lived_through(session, month) or self_check_entry(session, month.label) is not None:
            return None
    return check_month(gate, month.label)


def check_month(gate: Gate, month_text: str = "") -> SelfCheck:
    """Look through the books now and tell of it under the month; findings raise an alert to head of the room, security and auditor.

    Raises InvalidInputError for the month, ConfigurationError without the ledger's public key.
    """
    month = parse_month(gate, month_text)
    verdict, paper = verify_ledger(gate), verify_statistics(gate)
    overdue = Counter(item.due.duty.value for item in all_overdue(gate))
    found = SelfCheck(
        month.label, gate.clock.now(), len(verdict.findings), verdict.first_bad or 0, len(paper), dict(sorted(overdue.items()))
    )
    with gate.database.writing() as session:
        missing = [one.task.value for one in months_tasks(gate, session, month) if one.missing]
        found = replace(found, missing=missing)
        found = replace(found, findings=open_findings(gate, session, month.label, _to_settle(found), found.at))
        told = {name: value for name, value in asdict(found).items() if name not in ("month", "at")}
        append(session, kind=SELF_CHECKED, at=found.at, actor=SYSTEM, subject=month.label, data=told)
        if not found.whole and not is_open(session, AlertKind.LEDGER_BROKEN, "ledger"):
            detail = f"self-check {month.label}: {found.ledger} findings in the ledger, {found.paper} in the paper, first {found.first_bad}"
            raise_alert(gate, session, AlertKind.LEDGER_BROKEN, "ledger", detail)
    return found


def _to_settle(found: SelfCheck) -> Iterator[Found]:
    """What somebody must answer for: the books' disagreements, each overdue duty, each regular task the month misses."""
    for kind, amount in ((FindingKind.LEDGER, found.ledger), (FindingKind.PAPER, found.paper)):
        if amount:
            yield Found(kind, "", amount)
    for duty, amount in found.overdue.items():
        if Duty(duty) not in ELSEWHERE and duty not in found.missing:
            yield Found(FindingKind.OVERDUE, duty, amount)
    for task in found.missing:
        yield Found(FindingKind.TASK, task, 1)


def newest_self_check(gate: Gate, actor: Actor) -> SelfCheck | None:
    """The last one that was made. Raises ForbiddenError."""
    actor.require(Act.SEE_BOOKS)
    with gate.database.reading() as session:
        entry = self_check_entry(session)
        if entry is None:
            return None
        told = json.loads(entry.body)["data"]
        known = {one.name: told[one.name] for one in fields(SelfCheck) if one.name in told}
        return SelfCheck(month=entry.subject, at=entry.at, **known)
