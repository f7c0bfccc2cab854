"""Registers kept beside the ledger: each entry's change folded into its row, in the entry's own transaction."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlmodel import Session

from gateway.db.tables import PrintRegisterRow
from gateway.domain.paper import PAPER_USED
from gateway.domain.registers import COLUMNS, PRINT_REGISTER, TIMES, fold
from gateway.ledger.entry import Entry, utc_text
from gateway.ledger.paper import project_paper


def project(session: Session, entry: Entry) -> None:
    """Fold one entry into the register it speaks of, if it does, and add the paper it tells of."""
    if not any(f'"{name}":' in entry.body for name in (PRINT_REGISTER, PAPER_USED)):
        return
    data = entry.data
    project_paper(session, entry, data)
    change = data.get(PRINT_REGISTER)
    if change is None:
        return
    row = session.get(PrintRegisterRow, entry.subject)
    folded = fold(as_told(row) if row else None, change, entry.seq)
    stored = {column: _time(value) if column in TIMES else value for column, value in folded.items()}
    if row is None:
        session.add(PrintRegisterRow.model_validate({"job_no": entry.subject, **stored}))
    else:
        for column, value in stored.items():
            setattr(row, column, value)
        session.add(row)


def as_told(row: PrintRegisterRow) -> dict[str, Any]:
    """A stored row in the ledger's words (times as UTC ISO text), for folding on and for comparing."""
    told = {column: getattr(row, column) for column in COLUMNS}
    for column in TIMES:
        told[column] = utc_text(told[column]) if told[column] else None
    return told


def _time(value: str | None) -> datetime | None:
    return datetime.fromisoformat(value) if value else None
