"""Closing a month: what the books carry over is hashed into the ledger, so that each month can be checked by itself (I9)."""

from __future__ import annotations

from typing import Any

from sqlmodel import Session, col, select

from gateway.db.tables import Carrier, Copy, LedgerEntry, MonthBalance, PaperCorrection, PaperLine, Permit, PrintRegisterRow
from gateway.domain.balance import BALANCED, ENDED_STATUSES, PermitBalance, balance_hash, balance_of
from gateway.domain.carriers import CLOSED
from gateway.domain.paper import AMOUNTS, KEY, NOTHING, Amounts, Key, Posting, added, told_by_hand
from gateway.domain.vocabulary import CopyState, PermitState
from gateway.ledger.append import append
from gateway.ledger.custody import carriers_as_told
from gateway.ledger.entry import utc_text
from gateway.ledger.projection import as_told
from gateway.services.gate import SYSTEM, Gate
from gateway.services.months import Month, month_after, parse_month
from gateway.services.register_numbers import last_numbers, none_of

_GONE = frozenset({PermitState.REFUSED.value, PermitState.CLOSED.value})


def close_past_months(gate: Gate) -> list[str]:
    """Close every month that is over and not closed yet, oldest first; their labels. Nothing is lost by being late."""
    closed = []
    while (month := _next_to_close(gate)) is not None:
        _close(gate, month)
        closed.append(month.label)
    return closed


def _next_to_close(gate: Gate) -> Month | None:
    with gate.database.reading() as session:
        last = session.exec(select(MonthBalance.month).order_by(col(MonthBalance.month).desc()).limit(1)).first()
        first_entry = session.exec(select(LedgerEntry.at).order_by(col(LedgerEntry.seq)).limit(1)).first() if last is None else None
    if last is not None:
        month = month_after(gate, last)
    elif first_entry is not None:
        month = parse_month(gate, first_entry.astimezone(gate.settings.zone).strftime("%Y-%m"))
    else:
        return None
    return month if month.end <= gate.clock.now() else None


def _close(gate: Gate, month: Month) -> None:
    with gate.database.writing() as session:
        if session.get(MonthBalance, month.label) is not None:
            return  # another process was quicker
        balance = _balance(session, month)
        entry = append(
            session, kind=BALANCED, at=gate.clock.now(), actor=SYSTEM, subject=month.label, data={"balance": balance_hash(balance)}
        )
        session.add(MonthBalance(month=month.label, seq=entry.seq, body=balance.decode()))


def _balance(session: Session, month: Month) -> bytes:
    row = PrintRegisterRow
    carried = [*none_of(row.status, ENDED_STATUSES), col(row.completed_at) >= month.end]
    found = {one.job_no: one for condition in carried for one in session.exec(select(row).where(condition)).all()}
    rows = {job_no: {**as_told(one), "ledger_seq": one.ledger_seq} for job_no, one in found.items()}
    reserved, spoiled = (_numbers(session, state) for state in (CopyState.RESERVED, CopyState.SPOILED))
    permits = {
        permit.permit_no: PermitBalance(
            permit.copies_approved,
            permit.copies_reserved,
            permit.copies_good,
            permit.next_copy_number,
            reserved.get(permit.id or 0, []),
            spoiled.get(permit.id or 0, []),
        )
        for condition in none_of(Permit.state, _GONE)
        for permit in session.exec(select(Permit).where(condition)).all()
    }
    living = none_of(Carrier.state, [state.value for state in CLOSED])
    carriers = {number: row for condition in living for number, row in carriers_as_told(session, condition)}
    return balance_of(month.label, utc_text(month.end), rows, last_numbers(session), permits, carriers, _paper_after(session, month))


def _paper_after(session: Session, month: Month) -> list[dict[str, Any]]:
    """What was posted to later months before this one was closed."""
    names = (*KEY, *AMOUNTS)
    sums: dict[tuple[Key, bool], Amounts] = {}
    for line in session.exec(select(PaperLine).where(PaperLine.month > month.label)).all():
        posting = Posting(**{name: getattr(line, name) for name in names})
        sums[posting.key, False] = posting.amounts
    for row in session.exec(select(PaperCorrection).where(PaperCorrection.month > month.label)).all():
        posting = Posting(**{name: getattr(row, name) for name in names})
        sums[posting.key, True] = added(sums.get((posting.key, True), NOTHING), posting.amounts)
        sums[posting.key, False] = added(sums[posting.key, False], tuple(-amount for amount in posting.amounts))
    return told_by_hand(sums)


def _numbers(session: Session, state: CopyState) -> dict[int, list[int]]:
    """Copy numbers in this state, by permit."""
    found: dict[int, list[int]] = {}
    for permit_id, number in session.exec(select(Copy.permit_id, Copy.number).where(Copy.state == state.value)).all():
        found.setdefault(permit_id, []).append(number)
    return found
