"""A month's paper in a person's hands: what did not pass the gate is entered, the finished month is confirmed, once (R59, SC-07)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import func
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from gateway.db.tables import Department, PaperCorrection, PaperLine, PaperMonth, PrintRegisterRow
from gateway.domain.duties import Act
from gateway.domain.paper import CONFIRMED, ENTERED, KEY, PAPER_USED, Posting, table_digest
from gateway.domain.vocabulary import Channel
from gateway.errors import ConflictError, InvalidInputError, NotFoundError
from gateway.ledger.append import append
from gateway.ledger.verify import Finding, verify_paper
from gateway.services.gate import Actor, Gate
from gateway.services.months import Month, during, parse_month
from gateway.services.statistics import MonthState, state_of

_MOST_SHEETS = 100_000


@dataclass(frozen=True, slots=True)
class PaperByHand:
    """Sheets of a machine that does not stand behind the gate, or a correction: negative amounts take off again."""

    month: str
    channel: Channel
    department: str
    paper: str
    reason: str
    good: int = 0
    waste: int = 0
    impressions: int = 0
    jobs: int = 0


def enter_paper(gate: Gate, actor: Actor, wish: PaperByHand) -> MonthState:
    """Enter paper by hand: into the month's table, or beside it once it is confirmed.

    Raises ForbiddenError, InvalidInputError without amounts or reason or for a month to come, NotFoundError for the department.
    """
    actor.require(Act.KEEP_BOOKS)
    month = parse_month(gate, wish.month)
    amounts = (wish.good, wish.waste, wish.impressions, wish.jobs)
    if not any(amounts) or any(abs(amount) > _MOST_SHEETS for amount in amounts):
        raise InvalidInputError("An entry needs an amount, of at most 100,000.", "Give the sheets, good or waste.")
    if not wish.reason.strip():
        raise InvalidInputError("An entry by hand needs its reason.", "Say in a few words where the number comes from.")
    if month.start > gate.clock.now():
        raise InvalidInputError(f"{month.label} has not begun.", "Enter paper in the month it was used.")
    with gate.database.writing() as session:
        if session.exec(select(Department.id).where(Department.code == wish.department)).first() is None:
            raise NotFoundError(f"There is no department {wish.department[:20]}.", "See `imprimatur dept list`.")
        posting = Posting(
            month.label,
            wish.channel.value,
            wish.department,
            wish.paper,
            jobs=wish.jobs,
            impressions=wish.impressions,
            good=wish.good,
            waste=wish.waste,
        )
        data = {PAPER_USED: [posting.to_json()]}
        entry = append(session, kind=ENTERED, at=gate.clock.now(), actor=actor.username, subject=month.label, data=data)
        row = session.get_one(PaperCorrection, (entry.seq, 0))
        row.reason = wish.reason.strip()[:200]
        session.add(row)
        session.flush()
        return state_of(gate, session, month)


def confirm_month(gate: Gate, actor: Actor, month_text: str) -> MonthState:
    """Say that a finished month's table is right: from now on it stands still. Of two at once exactly one does it.

    Raises ForbiddenError, ConflictError when the month is not over or is confirmed already.
    """
    actor.require(Act.KEEP_BOOKS)
    month = parse_month(gate, month_text)
    now = gate.clock.now()
    if month.end > now:
        raise ConflictError(f"{month.label} is not over.", "Confirm it on the first day of the next month or later.")
    with gate.database.writing() as session:
        digest = table_digest(_lines(session, month))
        row = PaperMonth(month=month.label, confirmed_by_id=actor.user_id, confirmed_at=now, digest=digest)
        try:
            with session.begin_nested():
                session.add(row)
        except IntegrityError as error:
            raise ConflictError(f"{month.label} is confirmed already.", "Enter a correction; it stands beside the table.") from error
        data = {PAPER_USED: [], "digest": digest}
        row.ledger_seq = append(session, kind=CONFIRMED, at=now, actor=actor.username, subject=month.label, data=data).seq
        session.add(row)
        session.flush()
        return state_of(gate, session, month)


def _lines(session: Session, month: Month) -> Iterator[Posting]:
    for line in session.exec(select(PaperLine).where(PaperLine.month == month.label)).all():
        yield Posting(**{name: getattr(line, name) for name in (*KEY, "jobs", "impressions", "good", "waste")})


def verify_statistics(gate: Gate) -> list[Finding]:
    """Make every month's paper again from the ledger, and compare; then compare its printed sheets with the print register's rows.

    Whoever can call this reads the database itself. An empty list says that all agree.
    """
    findings = verify_paper(gate.database)
    with gate.database.reading() as session:
        for label in session.exec(select(PaperLine.month).distinct().order_by(PaperLine.month)).all():
            findings += _unlike_the_register(session, parse_month(gate, label))
    return findings


def _unlike_the_register(session: Session, month: Month) -> Iterator[Finding]:
    row, line, late = PrintRegisterRow, PaperLine, PaperCorrection
    rows = select(func.coalesce(func.sum(row.sheets_good + row.sheets_waste), 0)).where(during(row.completed_at, month))
    lines = select(func.coalesce(func.sum(line.good + line.waste), 0)).where(line.month == month.label)
    beside = select(func.coalesce(func.sum(late.good + late.waste), 0)).where(late.month == month.label)
    told, charged = session.exec(rows).one(), session.exec(lines).one()
    charged += session.exec(beside.where(col(late.late).is_(True))).one()
    by_hand = session.exec(beside.where(late.subject == late.month)).one()
    if told != charged - by_hand:
        yield Finding(0, f"{month.label}: {charged - by_hand} sheets are charged, the print register has {told}")
