"""A room with years of books for measurements: any number of register rows over ten years, each with its job and its two entries.

Written straight into SQLite with the indexes made at the end, as fast as the disk takes it; but every entry is chained and hashed, every
month balanced and signed, every sheet posted, as the services would have done it: `ledger verify` and `verify_bundle.py` find nothing.
All papers are 公开 under standing permits: no copy numbers, no carriers.
"""

from __future__ import annotations

import json
import sqlite3
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from gateway.domain.balance import BALANCED, balance_hash, balance_of
from gateway.domain.paper import AMOUNTS, KEY
from gateway.domain.registers import COLUMNS
from gateway.ledger.checkpoints import Signer
from gateway.ledger.entry import Entry, commitment, hash_body, make_entry, utc_text
from gateway.services.installation import LEDGER_KEY
from gateway.services.months import Month, month_before
from tests.room import Room

MONTHS = 120
_BESIDE = 20
"""So many jobs are in the house at once: their entries are interleaved."""
_DEVICE, _OWNERS = "PRN-D03-02", (("D02", "zhao"), ("D02", "qian"), ("D03", "sun"), ("D01", "zheng"))
_TITLE, _SALT = "周报", "00" * 16
_COMMITMENT = commitment(_SALT, _TITLE)
_TABLES = ("ledger_entry", "print_register", "job")
_INSERTS = {
    "ledger_entry": ("seq", "kind", "at", "subject", "body", "prev_hash", "hash"),
    "print_register": ("job_no", *COLUMNS, "ledger_seq"),
    "job": (
        "id", "job_no", "source_key", "attempt", "stage", "channel", "queue", "sender", "title", "title_salt", "copies", "options",
        "superseded", "claims", "documents", "inspection", "reasons", "received_at", "stage_since", "found_ordinary", "device_says",
    ),
}  # fmt: skip


def furnish(room: Room, rows: int) -> Month:
    """Fill the room's books up to the month before its now; that month."""
    settings = room.gate.settings
    last = month_before(room.gate, room.gate.today().strftime("%Y-%m"))
    room.gate.database.close()  # nobody else may have the file open while its journal is changed
    database = sqlite3.connect(settings.data / "imprimatur.db", isolation_level=None)
    # No journal: what fails half-way is thrown away, and a log of it all would need the disk once more. Opened again, it is WAL as ever.
    for statement in ("PRAGMA synchronous = OFF", "PRAGMA journal_mode = OFF", "PRAGMA cache_size = -1000000", "BEGIN"):
        database.execute(statement)
    indexes = _without_indexes(database)
    try:
        archive = _Archive(database, Signer(settings.keys / LEDGER_KEY))
        for number, month in enumerate(reversed(list(_months(room, last))), start=1):
            archive.live(month, rows * number // MONTHS - rows * (number - 1) // MONTHS)
        archive.end()
        for statement in indexes:
            database.execute(statement)
        database.execute("COMMIT")
    finally:
        database.close()
    with settings.checkpoint_file.open("a") as file:
        file.writelines(line + "\n" for line in archive.signed)
    return last


def _months(room: Room, last: Month) -> Iterator[Month]:
    month = last
    for _ in range(MONTHS):
        yield month
        month = month_before(room.gate, month.label)


def _without_indexes(database: sqlite3.Connection) -> list[str]:
    """Drop them; the statements that make them again."""
    found = database.execute("SELECT tbl_name, name, sql FROM sqlite_master WHERE type = 'index' AND sql NOT NULL").fetchall()
    statements = {name: sql for table, name, sql in found if table in _TABLES}
    for name in statements:
        database.execute(f'DROP INDEX "{name}"')
    return list(statements.values())


@dataclass
class _Archive:
    """What is being written."""

    database: sqlite3.Connection
    signer: Signer
    jobs: int = 0
    seq: int = 0
    previous: str = ""
    year: int = 0
    year_seq: int = 0
    last_row: dict[str, int] = field(default_factory=dict)
    signed: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.seq, self.previous = self.database.execute("SELECT seq, hash FROM ledger_head").fetchone()

    def live(self, month: Month, jobs: int) -> None:
        """A month of so many jobs, balanced and signed."""
        lines: dict[tuple[str, ...], list[int]] = defaultdict(lambda: [0] * len(AMOUNTS))
        step = (month.end - month.start) / (jobs + 1)
        for start in range(0, jobs, 5000):
            self._chunk(month, start, min(5000, jobs - start), step, lines)
        names = ", ".join((*KEY, *AMOUNTS))
        marks = ", ".join("?" * (len(KEY) + len(AMOUNTS)))
        self.database.executemany(f"INSERT INTO paper_line ({names}) VALUES ({marks})", [(*key, *sums) for key, sums in lines.items()])  # noqa: S608
        self._balance(month)

    def _chunk(self, month: Month, start: int, count: int, step: timedelta, lines: dict[tuple[str, ...], list[int]]) -> None:
        written: dict[str, list[tuple[object, ...]]] = {table: [] for table in _TABLES}
        for first in range(start, start + count, _BESIDE):
            beside = [_Life(self, month, month.start + step * n) for n in range(first, min(first + _BESIDE, start + count))]
            written["ledger_entry"] += [self._entry("job.received", one.received_at, one.job_no, one.received()) for one in beside]
            for one in beside:
                written["ledger_entry"].append(self._entry("job.completed", one.completed_at, one.job_no, one.completed()))
                written["print_register"].append((one.job_no, *one.row().values(), self.seq))
                written["job"].append(one.job())
                sums = lines[one.key]
                sums[:] = [a + b for a, b in zip(sums, one.amounts, strict=True)]
        for table, rows in written.items():
            marks = ", ".join("?" * len(_INSERTS[table]))
            self.database.executemany(f"INSERT INTO {table} ({', '.join(_INSERTS[table])}) VALUES ({marks})", rows)  # noqa: S608

    def numbered(self, at: datetime) -> tuple[int, int]:
        """The next job, and its number in the register of the year."""
        self.jobs += 1
        self.year, self.year_seq = (self.year, self.year_seq + 1) if at.year == self.year else (at.year, 1)
        self.last_row[str(self.year)] = self.year_seq
        return self.jobs, self.year_seq

    def _entry(self, kind: str, at: str, subject: str, data: str) -> tuple[object, ...]:
        """The entry's row; canonical form written by hand, since `data` is canonical already."""
        self.seq += 1
        body = (
            f'{{"actor":"gateway","at":"{at}","data":{data},"kind":"{kind}","prev":"{self.previous}","seq":{self.seq},'
            f'"subject":"{subject}","v":1}}'
        )
        previous, self.previous = self.previous, hash_body(body.encode())
        return self.seq, kind, at, subject, body, previous, self.previous

    def _balance(self, month: Month) -> None:
        balance = balance_of(month.label, utc_text(month.end), {}, self.last_row, {}, {}, [])
        at = utc_text(month.end + timedelta(minutes=5))
        made = make_entry(
            seq=self.seq + 1, kind=BALANCED, at=at, actor="gateway", subject=month.label,
            data={"balance": balance_hash(balance)}, prev_hash=self.previous,
        )  # fmt: skip
        self._keep(made)
        self.database.execute("INSERT INTO month_balance (month, seq, body) VALUES (?, ?, ?)", (month.label, made.seq, balance.decode()))
        head = self.signer.sign(made.seq, made.hash, month.end + timedelta(minutes=10))
        row = {"seq": head.seq, "hash": head.hash, "at": head.at, "key_id": head.key_id, "signature": head.signature}
        self.database.execute(
            f"INSERT INTO checkpoint ({', '.join(row)}) VALUES ({', '.join('?' * len(row))})",  # noqa: S608
            tuple(row.values()),
        )
        self.signed.append(json.dumps(row))

    def _keep(self, made: Entry) -> None:
        row = (made.seq, made.kind, made.at, made.subject, made.body, made.prev_hash, made.hash)
        self.database.execute("INSERT INTO ledger_entry (seq, kind, at, subject, body, prev_hash, hash) VALUES (?, ?, ?, ?, ?, ?, ?)", row)
        self.seq, self.previous = made.seq, made.hash

    def end(self) -> None:
        """The head stands on the last entry."""
        self.database.execute("UPDATE ledger_head SET seq = ?, hash = ?", (self.seq, self.previous))


class _Life:
    """One job: received, and completed ten minutes later, within its month and year."""

    def __init__(self, archive: _Archive, month: Month, at: datetime) -> None:
        received = at.astimezone(UTC)
        self.received_at, self.completed_at = (
            utc_text(received),
            utc_text(min(received + timedelta(minutes=10), month.end - timedelta(seconds=1))),
        )
        self.number, self.seq = archive.numbered(received)
        self.job_no, self.year, self.pages = f"H{self.number:08d}", received.year, 1 + self.number % 9
        self.department, self.requester = _OWNERS[self.number % len(_OWNERS)]
        self.hash = f"sha256:{self.number:064x}"
        self.key = (month.label, "print", self.department, "A4", "gongkai", _DEVICE, self.requester)
        self.amounts = (1, self.pages, self.pages, 0)

    def received(self) -> str:
        """Data of its first entry."""
        return (
            f'{{"copies":1,"documents":[{{"length":10001,"sha256":"{self.number:064x}"}}],"print_register":{{"department":"{self.department}",'
            f'"received_at":"{self.received_at}","requester":"{self.requester}","seq":{self.seq},"status":"held","year":{self.year}}},'
            f'"queue":"caiwu","sender":"{self.requester}","title":"{_COMMITMENT}"}}'
        )

    def completed(self) -> str:
        """Data of its last entry."""
        paper = dict(zip(KEY, self.key, strict=True)) | dict(zip(AMOUNTS, self.amounts, strict=True))
        told = ",".join(f'"{name}":{value}' if isinstance(value, int) else f'"{name}":"{value}"' for name, value in sorted(paper.items()))
        return (
            f'{{"paper_used":[{{{told}}}],"print_register":{{"completed_at":"{self.completed_at}","copies_good":1,"copies_this":1,'
            f'"device":"{_DEVICE}","impressions":{self.pages},"level":"gongkai","operator":"{self.requester}","page_hash":"{self.hash}",'
            f'"pages":{self.pages},"paper":"A4","released_at":"{self.completed_at}","sheets_good":{self.pages},"status":"completed"}}}}'
        )

    def row(self) -> dict[str, object]:
        """Its row in the register."""
        return {
            **COLUMNS, "year": self.year, "seq": self.seq, "received_at": self.received_at, "released_at": self.completed_at,
            "completed_at": self.completed_at, "level": "gongkai", "pages": self.pages, "copies_this": 1, "copies_good": 1, "paper": "A4",
            "sheets_good": self.pages, "impressions": self.pages, "department": self.department, "requester": self.requester,
            "operator": self.requester, "device": _DEVICE, "page_hash": self.hash, "status": "completed",
        }  # fmt: skip

    def job(self) -> tuple[object, ...]:
        """Its job."""
        return (
            self.number, self.job_no, f"k{self.number}", "1", "completed", "print", "caiwu", self.requester, _TITLE, _SALT, 1, "{}",
            "[]", "[]", 1, "{}", "[]", self.received_at, self.completed_at, 0, "",
        )  # fmt: skip
