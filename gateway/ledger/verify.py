"""Checking the books: the chain, the head, the checkpoints, and every register row against the entries it was folded from (I9).

Steps, in this order; each finding names the first bad entry it knows of:
1. every entry: sequence without gap, hash, link to the one before, columns equal to the body;
2. the head row is the last entry;
3. every checkpoint (database and file): signature, and the entry it names is still there with that hash;
4. every register row equals the fold of its entries; every permit's counts equal what its last entry said;
5. every carrier's row equals the fold of its entries: which copy it is, its state, its custodian;
6. every balance a month closed with has the hash its entry names;
7. every month's paper, its corrections and confirmations equal the postings of the entries.

Values are read as they lie in the database, whatever an intruder made of them: nothing here converts before it compares.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import text
from sqlmodel import Session

from gateway.db.engine import Database
from gateway.domain.balance import BALANCED, balance_hash
from gateway.domain.paper import PAPER_USED, PaperBooks
from gateway.domain.registers import COLUMNS, FLAGS, PRINT_REGISTER, fold
from gateway.ledger.checkpoints import SignedHead, read_checkpoint_file
from gateway.ledger.custody import CARRIERS, carriers_as_told, fold_carriers
from gateway.ledger.entry import ENTRY_PREFIX, GENESIS_HASH
from gateway.ledger.paper import faults_of_paper


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that does not agree; `seq` is the first entry concerned, 0 when none can be named."""

    seq: int
    what: str


@dataclass(slots=True)
class Verdict:
    """The result of a verification. `checkpoint_seq` is the newest entry covered by a valid signature."""

    entries: int = 0
    head_hash: str = GENESIS_HASH
    checkpoint_seq: int = 0
    findings: list[Finding] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        """True when nothing was found."""
        return not self.findings

    @property
    def first_bad(self) -> int | None:
        """The lowest sequence number among the findings."""
        return min((finding.seq for finding in self.findings), default=None)

    def to_json(self) -> dict[str, Any]:
        """The form of `imprimatur ledger verify --json`."""
        return {
            "verdict": "ok" if self.ok else "bad",
            "entries": self.entries,
            "head": self.head_hash,
            "first_bad": self.first_bad,
            "checkpoint_seq": self.checkpoint_seq,
            "findings": [{"seq": f.seq, "what": f.what} for f in self.findings],
        }


@dataclass(slots=True)
class _Told:
    """What the entries say, folded while walking."""

    registers: dict[str, dict[str, Any]] = field(default_factory=dict)
    allowances: dict[str, tuple[int, dict[str, Any]]] = field(default_factory=dict)
    carriers: dict[str, dict[str, Any]] = field(default_factory=dict)
    hashes: dict[int, str] = field(default_factory=dict)
    balances: dict[str, tuple[int, str]] = field(default_factory=dict)
    paper: PaperBooks = field(default_factory=PaperBooks)


_TELLING = (f'"{PRINT_REGISTER}":', '"allowance":', f'"{CARRIERS}":', f'"kind":"{BALANCED}"', f'"{PAPER_USED}":')
"""Entries without any of these change no register, quantity, carrier or paper: their data need not be read."""


def verify(database: Database, public_key: bytes, checkpoint_file: Path | None) -> Verdict:
    """Walk the whole ledger of one consistent state of the database."""
    verdict, told = Verdict(), _Told()
    with database.reading() as session:
        _check_chain(session, verdict, told)
        _check_head(session, verdict)
        _check_checkpoints(session, verdict, told, public_key, checkpoint_file)
        _check_registers(session, verdict, told)
        _check_allowances(session, verdict, told)
        _check_carriers(session, verdict, told)
        _check_balances(session, verdict, told)
        verdict.findings += [Finding(seq, what) for seq, what in faults_of_paper(session, told.paper)]
    verdict.findings.sort(key=lambda finding: finding.seq)
    return verdict


def verify_paper(database: Database) -> list[Finding]:
    """Only the paper: every month's lines, corrections and confirmations against the postings of the entries, told again from the first."""
    books = PaperBooks()
    with database.reading() as session:
        for seq, body in _rows(session, f"SELECT seq, body FROM ledger_entry WHERE body LIKE '%\"{PAPER_USED}\":%' ORDER BY seq"):  # noqa: S608
            entry = json.loads(body)
            books.hear(seq, entry["kind"], entry["subject"], entry["data"])
        return [Finding(seq, what) for seq, what in faults_of_paper(session, books)]


def _rows(session: Session, statement: str) -> Iterator[Any]:
    yield from session.connection().execution_options(stream_results=True).execute(text(statement)).yield_per(5000)


def _check_chain(session: Session, verdict: Verdict, told: _Told) -> None:
    previous, expected = GENESIS_HASH, 1
    statement = "SELECT seq, kind, at, subject, body, prev_hash, hash FROM ledger_entry ORDER BY seq"
    for seq, kind, at, subject, body, prev, recorded in _rows(session, statement):
        if seq != expected:
            verdict.findings.append(Finding(expected, f"entry {expected} is missing"))
        if fault := _fault_of(body, recorded, previous, seq=seq, kind=kind, at=at, subject=subject, prev=prev):
            verdict.findings.append(Finding(seq, fault))
        elif any(word in body for word in _TELLING):
            _listen(seq, subject, json.loads(body), told)
        previous, expected = recorded, seq + 1
        told.hashes[seq] = recorded
        verdict.entries += 1
    verdict.head_hash = previous


def _fault_of(body: object, recorded: object, previous: str, **columns: object) -> str | None:
    if not isinstance(body, str) or hashlib.sha256(ENTRY_PREFIX + body.encode()).hexdigest() != recorded:
        return "the body does not have the recorded hash: it was edited"
    # Canonical form ends with these members in this order, so the columns are compared without reading the whole body.
    kind, subject = (json.dumps(columns[name], ensure_ascii=False) for name in ("kind", "subject"))
    told = f'"kind":{kind},"prev":"{columns["prev"]}","seq":{columns["seq"]},"subject":{subject},"v":1}}'
    if not body.endswith(told) or f'"at":"{columns["at"]}","data":' not in body:
        return "the columns differ from the hashed body: the row was edited or moved"
    if columns["prev"] != previous:
        return "it does not follow the entry before it: an entry was changed, removed, inserted or moved"
    return None


def _listen(seq: int, subject: str, body: Mapping[str, Any], told: _Told) -> None:
    data = body["data"]
    if change := data.get(PRINT_REGISTER):
        told.registers[subject] = fold(told.registers.get(subject), change, seq)
    if allowance := data.get("allowance"):
        told.allowances[allowance["permit"]] = (seq, allowance)
    if carriers := data.get(CARRIERS):
        fold_carriers(told.carriers, carriers, seq)
    if PAPER_USED in data:
        told.paper.hear(seq, body["kind"], subject, data)
    if body["kind"] == BALANCED:
        told.balances[subject] = (seq, data["balance"])


def _check_head(session: Session, verdict: Verdict) -> None:
    heads = [(head.seq, head.hash) for head in _rows(session, "SELECT seq, hash FROM ledger_head")]
    if heads != [(verdict.entries, verdict.head_hash)]:
        seq = min(verdict.entries, *(head[0] for head in heads if isinstance(head[0], int)), verdict.entries)
        verdict.findings.append(Finding(seq + 1, "the head does not match the last entry"))


def _check_checkpoints(session: Session, verdict: Verdict, told: _Told, public_key: bytes, file: Path | None) -> None:
    statement = "SELECT seq, hash, at, key_id, signature FROM checkpoint ORDER BY id"
    from_database = [SignedHead(*row) for row in _rows(session, statement)]
    from_file = read_checkpoint_file(file) if file else []
    for missing in set(from_file) - set(from_database):  # the database has each one first
        verdict.findings.append(Finding(missing.seq, f"the checkpoint at {missing.seq} is not in the database"))
    for checkpoint in from_database + from_file:
        if not checkpoint.is_signed_by(public_key):
            verdict.findings.append(Finding(checkpoint.seq, f"the checkpoint at {checkpoint.seq} is not signed by this gateway's key"))
        elif told.hashes.get(checkpoint.seq) != checkpoint.hash:
            verdict.findings.append(Finding(_first_unlike(checkpoint.seq, told), f"the checkpoint at {checkpoint.seq} names another entry"))
        else:
            verdict.checkpoint_seq = max(verdict.checkpoint_seq, checkpoint.seq)


def _first_unlike(seq: int, told: _Told) -> int:
    return seq if seq in told.hashes else max(told.hashes, default=0) + 1


def _check_registers(session: Session, verdict: Verdict, told: _Told) -> None:
    seen = set()
    columns = [*COLUMNS, "ledger_seq"]
    for job_no, *values in _rows(session, f"SELECT job_no, {', '.join(columns)} FROM print_register"):  # noqa: S608 — our own names
        seen.add(job_no)
        row = {name: bool(value) if name in FLAGS and value in (0, 1) else value for name, value in zip(columns, values, strict=True)}
        if row != (expected := told.registers.get(job_no)):
            differing = [name for name, value in row.items() if value != expected[name]] if expected else ["the row"]
            seq = expected["ledger_seq"] if expected else row["ledger_seq"]
            what = f"print register, job {job_no}: {', '.join(differing)} is not what the ledger says"
            verdict.findings.append(Finding(seq if isinstance(seq, int) else 0, what))
    for job_no in told.registers.keys() - seen:
        verdict.findings.append(Finding(int(told.registers[job_no]["ledger_seq"]), f"print register: the row of job {job_no} is missing"))


def _check_allowances(session: Session, verdict: Verdict, told: _Told) -> None:
    seen = set()
    statement = "SELECT permit_no, copies_approved, copies_reserved, copies_good FROM permit"
    for permit_no, approved, reserved, good in _rows(session, statement):
        seen.add(permit_no)
        seq, allowance = told.allowances.get(permit_no, (0, {}))
        if allowance != {"permit": permit_no, "approved": approved, "reserved": reserved, "good": good}:
            verdict.findings.append(Finding(seq, f"permit {permit_no}: its counts are not what the ledger says"))
    for permit_no in told.allowances.keys() - seen:
        verdict.findings.append(Finding(told.allowances[permit_no][0], f"permit {permit_no} is missing"))


def _check_carriers(session: Session, verdict: Verdict, told: _Told) -> None:
    seen = set()
    for number, row in carriers_as_told(session):
        seen.add(number)
        expected = told.carriers.get(number)
        if expected is None:
            verdict.findings.append(Finding(verdict.entries, f"carrier {number}: the ledger does not know it"))
        elif differing := [column for column, value in row.items() if value != expected[column]]:
            what = f"carrier {number}: {', '.join(differing)} is not what the ledger says"
            verdict.findings.append(Finding(expected["ledger_seq"], what))
    for number in told.carriers.keys() - seen:
        verdict.findings.append(Finding(told.carriers[number]["ledger_seq"], f"carrier {number}: its row is missing"))


def _check_balances(session: Session, verdict: Verdict, told: _Told) -> None:
    found = _rows(session, "SELECT month, seq, body FROM month_balance")
    kept = {month: (seq, balance_hash(str(body).encode())) for month, seq, body in found}
    for month in sorted(set(kept) | set(told.balances)):
        if kept.get(month) != told.balances.get(month):
            seq = (told.balances.get(month) or kept[month])[0]
            verdict.findings.append(Finding(seq, f"the balance {month} was closed with is not what the ledger says"))
