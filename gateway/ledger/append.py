"""The only writer of the ledger. Called inside the transaction of the act it records (invariant I2)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import update
from sqlmodel import Session, col

from gateway.db.tables import LedgerEntry, LedgerHead
from gateway.ledger.entry import Entry, make_entry, utc_text
from gateway.ledger.projection import project


def append(session: Session, *, kind: str, at: datetime, actor: str, subject: str, data: dict[str, Any]) -> Entry:
    """Append one entry after the head, move the head, and fold the entry into its register.

    The head row is locked by a no-op update first, so that two writers queue on PostgreSQL as they do on SQLite.
    `data` must hold no title, content or fax number (I12).
    """
    session.execute(update(LedgerHead).where(col(LedgerHead.id) == 1).values(seq=LedgerHead.seq))
    head = session.get_one(LedgerHead, 1, populate_existing=True)
    stamp = utc_text(at)
    entry = make_entry(seq=head.seq + 1, kind=kind, at=stamp, actor=actor, subject=subject, data=data, prev_hash=head.hash)
    session.add(LedgerEntry(seq=entry.seq, kind=kind, at=at, subject=subject, body=entry.body, prev_hash=entry.prev_hash, hash=entry.hash))
    head.seq, head.hash = entry.seq, entry.hash
    session.add(head)
    project(session, entry)
    session.flush()
    return entry
