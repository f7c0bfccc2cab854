"""Paper kept beside the ledger: postings added to a month's lines in the entry's own transaction, and told again from scratch (I9, R59).

Adding costs the same in the tenth year as in the first: one row a key, found by its key.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlmodel import Session

from gateway.db.tables import PaperCorrection, PaperLine, PaperMonth
from gateway.domain.paper import AMOUNTS, ENTERED, KEY, PAPER_USED, PaperBooks, Posting, added, postings_in
from gateway.ledger.entry import Entry


def project_paper(session: Session, entry: Entry, data: dict[str, Any]) -> None:
    """Add the entry's postings to their months; beside them, where the month is confirmed or a person entered them."""
    if not data.get(PAPER_USED):
        return
    actor = json.loads(entry.body)["actor"]
    for place, posting in enumerate(postings_in(data)):
        late = session.get(PaperMonth, posting.month) is not None
        if late or entry.kind == ENTERED:
            correction = PaperCorrection(
                ledger_seq=entry.seq,
                place=place,
                late=late,
                at=datetime.fromisoformat(entry.at),
                made_by=actor,
                subject=entry.subject,
                **posting.to_json(),
            )
            session.add(correction)
        if not late:
            _add(session, posting)


def _add(session: Session, posting: Posting) -> None:
    line = session.get(PaperLine, posting.key)
    if line is None:
        session.add(PaperLine(**posting.to_json()))
        return
    sums = added(tuple(getattr(line, name) for name in AMOUNTS), posting.amounts)
    for name, amount in zip(AMOUNTS, sums, strict=True):
        setattr(line, name, amount)
    session.add(line)


def faults_of_paper(session: Session, told: PaperBooks) -> Iterator[tuple[int, str]]:
    """Where the stored months differ from what the ledger tells, with the first entry known of (0: none)."""
    stored = _stored(session, "paper_line", [*KEY, *AMOUNTS])
    lines = {tuple(row[: len(KEY)]): tuple(row[len(KEY) :]) for row in stored}
    for key in sorted(lines.keys() | told.lines.keys(), key=str):
        if lines.get(key) != told.lines.get(key):
            yield 0, f"paper of {' '.join(map(str, key))} is not what the ledger says"
    corrections = {
        (row[0], row[1]): (tuple(row[3:]), row[2])
        for row in _stored(session, "paper_correction", ["ledger_seq", "place", "late", *KEY, *AMOUNTS])
    }
    expected = {name: ((*posting.key, *posting.amounts), late) for name, (posting, late) in told.corrections.items()}
    for name in sorted(corrections.keys() | expected.keys(), key=str):
        if corrections.get(name) != expected.get(name):
            yield name[0] if isinstance(name[0], int) else 0, f"paper correction {name[0]}.{name[1]} is not what the ledger says"
    months = {row[0]: (row[1], row[2]) for row in _stored(session, "paper_month", ["month", "ledger_seq", "digest"])}
    for month in sorted(months.keys() | told.confirmed.keys(), key=str):
        if months.get(month) != (confirmed := told.confirmed.get(month)):
            yield confirmed[0] if confirmed else 0, f"the paper of {month} was not confirmed as the ledger says"


def _stored(session: Session, table: str, columns: list[str]) -> Any:
    """Rows as they lie there; nothing converts before it is compared."""
    return session.connection().execute(text(f"SELECT {', '.join(columns)} FROM {table}"))  # noqa: S608 — our own names
