"""The print register against the ledger while the chain is walked once: memory holds only jobs that are not at their end (I9, R56).

A row says which entry changed it last (`ledger_seq`), so rows are read in that order beside the walk: when the walk meets that entry, the
row must be the fold of everything told of its job up to there. What is told of a job afterwards is left over at the end, and a finding.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

from gateway.domain.registers import COLUMNS

_NAMES = (*COLUMNS, "ledger_seq")
_NEW: dict[str, Any] = {**COLUMNS, "ledger_seq": 0}
STATEMENT = f"SELECT job_no, {', '.join(_NAMES)} FROM print_register ORDER BY ledger_seq"  # noqa: S608 — our own names
Fault = tuple[int, str]
"""The first entry concerned (0: none known), and what is wrong."""


class RegisterCheck:
    """One comparison; `rows` are those of STATEMENT, as they lie in the database."""

    def __init__(self, rows: Iterator[tuple[Any, ...]]) -> None:
        self._rows = rows
        self._told: dict[str, dict[str, Any]] = {}
        """What was told so far of each job not at its end."""
        self._astray: dict[Any, list[tuple[Any, ...]]] = {}
        self._row: tuple[Any, ...] = ()
        self._due: float = 0
        self.faults: list[Fault] = []
        self._next()

    def _next(self) -> None:
        """Look at the next row: `_due` is the entry at which it must be met, at once where it names none."""
        self._row = next(self._rows, ())
        self._due = (self._row[-1] if isinstance(self._row[-1], int) else 0) if self._row else math.inf

    def hear(self, seq: int, job_no: str, change: dict[str, Any]) -> None:
        """An entry tells of the job's row; in the order of `seq`. Keeps `change` itself."""
        told = self._told.setdefault(job_no, change)
        if told is not change:
            told.update(change)
        told["ledger_seq"] = seq
        while self._due <= seq:
            if self._due == seq and self._row[0] == job_no and job_no in self._told:
                self._compare(self._row, job_no)
            else:
                self._astray.setdefault(self._row[0], []).append(self._row)
            self._next()

    def _compare(self, row: tuple[Any, ...], job_no: str) -> None:
        told = _NEW | self._told.pop(job_no)
        what = ""
        if len(told) != len(_NAMES):
            what = "the ledger tells of columns the register does not have"
        elif row[1:] != tuple(told.values()):
            differing = [name for name, value in zip(_NAMES, row[1:], strict=True) if value != told[name]]
            what = f"{', '.join(differing)} is not what the ledger says"
        if what:
            self.faults.append((told["ledger_seq"], f"print register, job {job_no}: {what}"))

    def finish(self) -> list[Fault]:
        """Everything that was found, once all entries were heard."""
        while self._row:
            self._astray.setdefault(self._row[0], []).append(self._row)
            self._next()
        for job_no, told in list(self._told.items()):
            if rows := self._astray.get(job_no):
                self._compare(rows.pop(), job_no)
            else:
                self.faults.append((told["ledger_seq"], f"print register: the row of job {job_no} is missing, or older than the ledger"))
        for job_no, rows in self._astray.items():
            for row in rows:
                what = f"print register, job {job_no}: the row is not what the ledger says"
                self.faults.append((row[-1] if isinstance(row[-1], int) else 0, what))
        return self.faults
