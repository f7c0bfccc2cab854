"""The only writer of the ledger. Called inside the transaction of the act it records (invariant I2)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import insert, select, update
from sqlmodel import Session, col

from gateway.db.tables import LedgerEntry, LedgerHead
from gateway.ledger.entry import Entry, make_entry, utc_text
from gateway.ledger.projection import project
from gateway.ledger.witnessed import take_changed

_LOCKED_HEAD = select(col(LedgerHead.seq), col(LedgerHead.hash)).where(col(LedgerHead.id) == 1).with_for_update()
_MOVE_HEAD = update(LedgerHead).where(col(LedgerHead.id) == 1)


def append(session: Session, *, kind: str, at: datetime, actor: str, subject: str, data: dict[str, Any]) -> Entry:
    """Append one entry after the head, move the head, and fold the entry into its register. Rows the act changed are told with it.

    The head row is read under a lock, so that two writers queue on PostgreSQL as they do on SQLite, which has one writer at a time. All
    writers of the house pass here, hence plain statements and no objects. `data` must hold no title, content or fax number (I12).
    """
    session.flush()
    connection = session.connection()
    seq, head_hash = connection.execute(_LOCKED_HEAD).one()
    if rows := take_changed(session):  # behind the lock: tables are begun by one writer
        data = {**data, **rows}
    entry = make_entry(seq=seq + 1, kind=kind, at=utc_text(at), actor=actor, subject=subject, data=data, prev_hash=head_hash)
    row = {
        "seq": entry.seq,
        "kind": kind,
        "at": at,
        "subject": subject,
        "body": entry.body,
        "prev_hash": entry.prev_hash,
        "hash": entry.hash,
    }
    connection.execute(insert(LedgerEntry), row)
    connection.execute(_MOVE_HEAD, {"seq": entry.seq, "hash": entry.hash})
    project(session, entry)
    session.flush()
    return entry
