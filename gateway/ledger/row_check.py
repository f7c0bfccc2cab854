"""The rows behind the registers against what the ledger told of them last (I9): see `gateway.ledger.witnessed`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from sqlmodel import Session

from gateway.ledger.witnessed import SALT, SECOND, WITNESSED, digest_of, rows_of, salt_of

Fault = tuple[int, str]
"""The entry concerned (0: none known), and what is wrong."""


class RowCheck:
    """One comparison: entries are heard in order, then the rows are looked at."""

    def __init__(self) -> None:
        self._told: dict[str, tuple[int, str]] = {}
        self._known: set[str] = set()
        """Tables of which some entry has told."""
        self._faults: list[Fault] = []

    def hear(self, seq: int, digests: Mapping[str, str], begun: Sequence[str] | None) -> None:
        """Apply one entry. Tables it begins with must not have been told before: that would cover up what changed meanwhile."""
        for table in begun or ():
            if table in self._known:
                self._faults.append((seq, f"the rows of {table} were told anew: what was changed before cannot be found by them"))
        self._known.update(begun or ())
        for name, digest in digests.items():
            self._told[name] = (seq, digest)
            self._known.add(name.partition("/")[0])

    def finish(self, session: Session) -> Iterator[Fault]:
        """Rows that are not what the ledger says last, and what was noted on the way. Uses up what was heard."""
        yield from self._faults
        try:
            salt = salt_of(session)
        except ValueError:
            salt = None
        if salt is None:
            if self._told:
                yield 0, f"the setting {SALT} is missing: rows cannot be compared with the ledger"
            return
        for model in WITNESSED:
            for name, row in rows_of(session, model, None):
                seq, expected = self._told.pop(name, (0, ""))
                if digest_of(model, salt, row, first=not expected.startswith(SECOND)) != expected:
                    yield seq, f"row {name}: it is not what the ledger says" if seq else f"row {name}: the ledger does not know it"
        yield from ((seq, f"row {name}: it is missing") for name, (seq, digest) in self._told.items() if digest)
