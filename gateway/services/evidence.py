"""A month's evidence in one file, for an inspector with `verify_bundle.py` and no product (docs/bundle-format.md; R100, I9).

Streams: no more than one row is in memory, but for the opening balance.
"""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from typing import Any, BinaryIO

from sqlmodel import Session, col, select

from gateway.db.tables import Checkpoint, Job, LedgerEntry, MonthBalance, Permit
from gateway.domain.paper import AMOUNTS, ENTERED, KEY, NOTHING, PAPER_USED, Amounts, Key, Posting, added, postings_in, told_by_hand
from gateway.domain.registers import PRINT_REGISTER, fold
from gateway.errors import ConflictError
from gateway.ledger.checkpoints import SignedHead
from gateway.ledger.custody import CARRIERS, fold_carriers
from gateway.ledger.custody import COLUMNS as CARRIER_COLUMNS
from gateway.ledger.entry import utc_text
from gateway.ledger.projection import as_told
from gateway.services.corrections import ACKNOWLEDGED, CORRECTED, CORRECTION
from gateway.services.gate import Gate
from gateway.services.months import Month, parse_month
from gateway.services.register_numbers import last_numbers, rows_between

FORMAT, VERSION = "imprimatur.bundle", 1
_CHUNK = 1000


@dataclass(frozen=True, slots=True)
class Bundle:
    """What was written."""

    month: str
    first_seq: int
    last_seq: int
    closed: bool


@dataclass(frozen=True, slots=True)
class _Span:
    """Which entries belong to a month: from the entry that closed the one before, to a checkpoint behind the one that closes it."""

    month: Month
    opening: MonthBalance | None
    closing: MonthBalance | None
    last_seq: int

    @property
    def carried(self) -> dict[str, Any]:
        """The opening balance; that of a gateway's first month holds nothing."""
        nothing: dict[str, Any] = {"rows": {}, "last_row": {}, "carriers": {}, "paper": []}
        return nothing | (json.loads(self.opening.body) if self.opening else {})

    @property
    def first_seq(self) -> int:
        return self.opening.seq if self.opening else 1

    @property
    def folded_to(self) -> int:
        """The last entry that counts for this month's rows."""
        return self.closing.seq if self.closing else self.last_seq


def write_bundle(gate: Gate, month_text: str, out: BinaryIO, *, titles: bool) -> Bundle:
    """Write the month's evidence as a ZIP file to `out`; with `titles`, what jobs and permits were called is disclosed.

    Whoever can call this reads the database itself. Raises ConflictError when nothing of the month is signed yet.
    """
    with gate.database.reading() as session, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as bundle:
        span = _span(session, parse_month(gate, month_text))
        opening = [span.opening.body.encode()] if span.opening else None
        parts: list[tuple[str, Iterable[bytes] | None]] = [
            ("entries.jsonl", _entries(session, span)),
            ("checkpoints.jsonl", _checkpoints(session, span)),
            ("opening.json", opening),
            ("registers/print.jsonl", _register(session, span)),
            ("registers/carriers.jsonl", _carriers(session, span)),
            ("registers/corrections.jsonl", _corrections(session, span)),
            ("statistics.json", _statistics(session, span)),
            ("titles.jsonl", _titles(session, span) if titles else None),
        ]
        digests = {name: _write(bundle, name, lines) for name, lines in parts if lines is not None}
        manifest = {
            "format": FORMAT,
            "v": VERSION,
            "unit": gate.settings.unit,
            "month": span.month.label,
            "start": utc_text(span.month.start),
            "end": utc_text(span.month.end),
            "first_seq": span.first_seq,
            "last_seq": span.last_seq,
            "closed": span.closing is not None,
            "files": digests,
        }
        bundle.writestr("manifest.json", json.dumps(manifest, ensure_ascii=False, indent=1))
    return Bundle(span.month.label, span.first_seq, span.last_seq, span.closing is not None)


def _span(session: Session, month: Month) -> _Span:
    before = select(MonthBalance).where(col(MonthBalance.month) < month.label).order_by(col(MonthBalance.month).desc()).limit(1)
    opening, closing = session.exec(before).first(), session.get(MonthBalance, month.label)
    signed = select(Checkpoint.seq)
    if closing is not None:
        last = session.exec(signed.where(col(Checkpoint.seq) >= closing.seq).order_by(col(Checkpoint.seq)).limit(1)).first()
    else:
        last = session.exec(signed.order_by(col(Checkpoint.seq).desc()).limit(1)).first()
    if last is None or last < (opening.seq if opening else 1):
        raise ConflictError(f"Nothing of {month.label} is signed yet.", "Run `imprimatur ledger checkpoint` first.")
    return _Span(month, opening, closing, last)


def _write(bundle: zipfile.ZipFile, name: str, lines: Iterable[bytes]) -> str:
    digest = hashlib.sha256()
    with bundle.open(name, "w", force_zip64=True) as file:
        for line in lines:
            file.write(line + b"\n")
            digest.update(line + b"\n")
    return digest.hexdigest()


def _entries(session: Session, span: _Span) -> Iterator[bytes]:
    found = (
        select(LedgerEntry.body)
        .where(col(LedgerEntry.seq) >= span.first_seq, col(LedgerEntry.seq) <= span.last_seq)
        .order_by(col(LedgerEntry.seq))
        .execution_options(yield_per=_CHUNK)
    )
    for body in session.exec(found):
        yield body.encode()


def _checkpoints(session: Session, span: _Span) -> Iterator[bytes]:
    found = select(Checkpoint).where(col(Checkpoint.seq) >= span.first_seq, col(Checkpoint.seq) <= span.last_seq)
    for one in session.exec(found.order_by(col(Checkpoint.seq))):
        yield json.dumps(asdict(SignedHead.of(one.seq, one.hash, one.at, one.key_id, one.signature))).encode()


def _register(session: Session, span: _Span) -> Iterator[bytes]:
    """Rows carried over and rows of this month, as they stood when it closed."""
    opening = span.carried
    for job_no, carried in opening["rows"].items():
        yield _told(job_no, _as_it_stood(session, span, job_no, carried))
    to = json.loads(span.closing.body)["last_row"] if span.closing else last_numbers(session)
    for row in rows_between(session, opening["last_row"], to):
        stood = {**as_told(row), "ledger_seq": row.ledger_seq}
        if row.ledger_seq > span.folded_to:
            stood = _as_it_stood(session, span, row.job_no, None)
        if stood:
            yield _told(row.job_no, stood)


def _as_it_stood(session: Session, span: _Span, job_no: str, row: dict[str, Any] | None) -> dict[str, Any]:
    found = (
        select(LedgerEntry.seq, LedgerEntry.body)
        .where(LedgerEntry.subject == job_no, col(LedgerEntry.seq) > span.first_seq, col(LedgerEntry.seq) <= span.folded_to)
        .order_by(col(LedgerEntry.seq))
    )
    for seq, body in session.exec(found):
        if change := json.loads(body)["data"].get(PRINT_REGISTER):
            row = fold(row, change, seq)
    return row or {}


def _told(job_no: str, row: dict[str, Any]) -> bytes:
    return json.dumps({"job_no": job_no, **row}, ensure_ascii=False).encode()


def _entries_with(session: Session, span: _Span, member: str) -> Iterator[tuple[str, dict[str, Any], int]]:
    """Kind, data and number of the month's entries that tell of `member`, up to the one that closed it."""
    found = (
        select(LedgerEntry.seq, LedgerEntry.kind, LedgerEntry.body)
        .where(col(LedgerEntry.seq) >= span.first_seq, col(LedgerEntry.seq) <= span.folded_to)
        .where(col(LedgerEntry.body).contains(f'"{member}":'))
        .order_by(col(LedgerEntry.seq))
        .execution_options(yield_per=_CHUNK)
    )
    for seq, kind, body in session.exec(found):
        yield kind, json.loads(body)["data"], seq


def _carriers(session: Session, span: _Span) -> Iterator[bytes]:
    """Every carrier that was alive in the month, as it stood at its end."""
    told: dict[str, dict[str, Any]] = {number: dict(row) for number, row in span.carried["carriers"].items()}
    for _, data, seq in _entries_with(session, span, CARRIERS):
        if change := data.get(CARRIERS):
            fold_carriers(told, change, seq)
    for number in sorted(told):
        yield json.dumps({"carrier_no": number, **{name: told[number][name] for name in CARRIER_COLUMNS}}, ensure_ascii=False).encode()


def _corrections(session: Session, span: _Span) -> Iterator[bytes]:
    """What was said of register rows in the month, and whether the secrecy office has acknowledged it (R56)."""
    told: dict[int, dict[str, Any]] = {}
    ours = select(LedgerEntry.seq, LedgerEntry.body).where(col(LedgerEntry.kind).in_([CORRECTED, ACKNOWLEDGED]))
    span_only = ours.where(col(LedgerEntry.seq) >= span.first_seq, col(LedgerEntry.seq) <= span.folded_to)
    for seq, body in session.exec(span_only.order_by(col(LedgerEntry.seq))):
        change = json.loads(body)["data"][CORRECTION]
        told.setdefault(change["no"], {}).update(change, ledger_seq=seq)
    for number in sorted(told):
        yield json.dumps(told[number], ensure_ascii=False).encode()


def _statistics(session: Session, span: _Span) -> Iterator[bytes]:
    """The month's paper: what was posted to it before it began to be told, and since, corrections too."""
    sums: dict[tuple[Key, bool], Amounts] = {}
    for by_hand, posting in _postings(session, span):
        if posting.month == span.month.label:
            sums[posting.key, by_hand] = added(sums.get((posting.key, by_hand), NOTHING), posting.amounts)
    yield json.dumps(told_by_hand(sums), ensure_ascii=False).encode()


def _postings(session: Session, span: _Span) -> Iterator[tuple[bool, Posting]]:
    """What was carried over and what the month's entries tell; with whether people entered it."""
    for line in span.carried["paper"]:
        yield line["by_hand"], Posting(**{name: line[name] for name in (*KEY, *AMOUNTS)})
    for kind, data, _ in _entries_with(session, span, PAPER_USED):
        yield from ((kind == ENTERED, posting) for posting in postings_in(data))


def _titles(session: Session, span: _Span) -> Iterator[bytes]:
    spoken_of = (
        select(LedgerEntry.subject)
        .where(
            col(LedgerEntry.kind).in_(["job.received", "permit.requested"]),
            col(LedgerEntry.seq) >= span.first_seq,
            col(LedgerEntry.seq) <= span.last_seq,
        )
        .scalar_subquery()
    )
    for table, number in ((Job, Job.job_no), (Permit, Permit.permit_no)):
        found = select(number, table.title_salt, table.title).where(col(number).in_(spoken_of), col(table.title).is_not(None))
        for subject, salt, title in session.exec(found.execution_options(yield_per=_CHUNK)):
            yield json.dumps({"subject": subject, "salt": salt, "title": title}, ensure_ascii=False).encode()
