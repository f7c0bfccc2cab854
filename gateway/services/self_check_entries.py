"""Which months were checked, and which there are to check: read from the ledger, which is where a self-check is kept (R100)."""

from __future__ import annotations

from sqlmodel import Session, col, select

from gateway.db.tables import LedgerEntry
from gateway.domain.deadlines import SELF_CHECKED
from gateway.services.months import Month


def self_check_entry(session: Session, label: str = "") -> LedgerEntry | None:
    """The newest self-check of the month; without a month the newest of all."""
    query = select(LedgerEntry).where(LedgerEntry.kind == SELF_CHECKED)
    if label:
        query = query.where(LedgerEntry.subject == label)
    return session.exec(query.order_by(col(LedgerEntry.seq).desc()).limit(1)).first()


def lived_through(session: Session, month: Month) -> bool:
    """Whether the gateway was there already in that month."""
    first = session.exec(select(LedgerEntry.at).order_by(col(LedgerEntry.seq)).limit(1)).first()
    return first is not None and first < month.end
