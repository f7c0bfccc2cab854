"""Paper kept beside the ledger: postings added to a month's lines in the entry's own transaction, and told again from scratch (I9, R59).

Adding costs the same in the tenth year as in the first: one row a key, found by its key.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import text
from sqlmodel import Session

from gateway.db.tables import PaperCorrection, PaperLine, PaperMonth
from gateway.domain.paper import AMOUNTS, CONFIRMED, ENTERED, KEY, PAPER_USED, PaperBooks, Posting, added, postings_in
from gateway.ledger.entry import Entry

_WORDS_KEPT = 10_000


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


class PaperListener:
    """Folds the postings of millions of entries: what many of them say in the same words is read once and multiplied.

    Only the next confirmation of a month may change what such words mean, and is waited for.
    """

    def __init__(self) -> None:
        self.books = PaperBooks()
        self._more: dict[bytes, int] = {}
        """Postings as written, and how many entries more than one told them since the last `settle`."""

    def hear(self, seq: int, kind: str, subject: str, postings: bytes) -> None:
        """An entry's list of postings as it is written, in the order of `seq`. Raises as `PaperBooks.hear` does."""
        if kind != ENTERED and postings in self._more:
            self._more[postings] += 1
            return
        told = msgspec.json.decode(postings)
        self.books.hear(seq, kind, subject, {PAPER_USED: told})
        if kind != ENTERED and not any(one["month"] in self.books.confirmed for one in told):
            if len(self._more) >= _WORDS_KEPT:
                self.settle()
            self._more[postings] = 0

    def hear_confirmation(self, seq: int, subject: str, data: dict[str, Any]) -> None:
        """The entry by which a month's lines stand still."""
        self.settle()
        self.books.hear(seq, CONFIRMED, subject, data)

    def settle(self) -> PaperBooks:
        """The books with everything that was heard."""
        for postings, times in self._more.items():
            if times:
                self.books.hear_again(msgspec.json.decode(postings), times)
        self._more.clear()
        return self.books


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
