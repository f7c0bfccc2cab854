"""A ledger of many lives: one job printed by the real services, and its entries and rows repeated under other numbers, chained anew.

What `ledger verify` reads in a room at work: eleven entries for a job of two numbered copies, from `permit.approved` to `job.completed`.
"""

from __future__ import annotations

import json
import sqlite3
from typing import Any

import rfc8785

from gateway.domain.paper import AMOUNTS
from gateway.ledger.entry import hash_body
from tests.room import Room
from tests.services.paper import printed

_ENTRY = ("seq", "kind", "at", "subject", "body", "prev_hash", "hash")


def relive(room: Room, times: int) -> None:
    """Live one job, and then so many more like it."""
    with room.gate.database.reading() as session:
        first = session.connection().exec_driver_sql("SELECT seq FROM ledger_head").scalar_one() + 1
    permit = printed(room, copies=2)
    database = sqlite3.connect(room.gate.settings.data / "imprimatur.db", isolation_level=None)
    database.execute("BEGIN")
    seq, previous = database.execute("SELECT seq, hash FROM ledger_head").fetchone()
    life = [body for (body,) in database.execute("SELECT body FROM ledger_entry WHERE seq >= ? ORDER BY seq", (first,))]
    rows = _Rows(database, permit)
    for n in range(2, times + 2):
        told_last = 0
        for body in life:
            seq += 1
            entry = _entry(_renamed(body, permit, n), n, seq, previous)
            previous = entry[-1]
            told_last = seq if '"print_register":' in entry[4] else told_last
            database.execute(f"INSERT INTO ledger_entry ({', '.join(_ENTRY)}) VALUES ({', '.join('?' * len(_ENTRY))})", entry)  # noqa: S608
        rows.repeat(n, told_last)
    database.execute("UPDATE ledger_head SET seq = ?, hash = ?", (seq, previous))
    database.execute("UPDATE paper_line SET " + ", ".join(f"{name} = {name} * ?" for name in AMOUNTS), (times + 1,) * len(AMOUNTS))  # noqa: S608
    database.execute("COMMIT")
    database.close()


def _entry(body: str, n: int, seq: int, previous: str) -> tuple[Any, ...]:
    """The row of the entry, with its place in the register and in the chain."""
    entry = json.loads(body) | {"seq": seq, "prev": previous}
    change = entry["data"].get("print_register", {})
    change |= {"seq": n} if "seq" in change else {}
    text = rfc8785.dumps(entry)
    return seq, entry["kind"], entry["at"], entry["subject"], text.decode(), previous, hash_body(text)


class _Rows:
    """What one job left in the tables, to be repeated."""

    def __init__(self, database: sqlite3.Connection, permit: str) -> None:
        self.database, self.permit_no = database, permit
        self.register, self.permit, *self.carriers = (
            self._first(*one) for one in (("print_register",), ("permit",), ("carrier",), ("carrier", 1))
        )

    def _first(self, table: str, offset: int = 0) -> dict[str, Any]:
        found = self.database.execute(f"SELECT * FROM {table} LIMIT 1 OFFSET {offset}")  # noqa: S608 — our own names
        return dict(zip((column[0] for column in found.description), found.fetchone(), strict=True))

    def repeat(self, n: int, told_last: int) -> None:
        """The rows of the n-th job, of which the entry `told_last` was the last to tell."""
        self._insert("print_register", self.register | {"job_no": f"H{n:06d}", "seq": n, "ledger_seq": told_last}, n)
        self._insert("permit", self.permit | {"id": n}, n)
        for number, one in enumerate(self.carriers, start=2 * n - 1):
            own = {"id": number, "carrier_no": f"ZT-2026-{number:06d}", "permit_id": n, "copy_id": number}
            self._insert("carrier", one | own, n)

    def _insert(self, table: str, row: dict[str, Any], n: int) -> None:
        row = row | {name: _permit(n) for name, value in row.items() if value == self.permit_no}
        self.database.execute(f"INSERT INTO {table} ({', '.join(row)}) VALUES ({', '.join('?' * len(row))})", tuple(row.values()))  # noqa: S608


def _renamed(text: str, permit: str, n: int) -> str:
    numbers = {f"ZT-2026-{place:06d}": f"ZT-2026-{2 * n - 2 + place:06d}" for place in (1, 2)}
    for name, other in ({"H000001": f"H{n:06d}", permit: _permit(n)} | numbers).items():
        text = text.replace(name, other)
    return text


def _permit(n: int) -> str:
    return f"ZYZ-2026-{n:06d}-X"
