"""Checking the books: the chain, the head, the checkpoints, and every register row against the entries it was folded from (I9).

Steps, in this order; each finding names the first bad entry it knows of:
1. every entry: sequence without gap, hash, link to the one before, columns equal to the body;
2. the head row is the last entry;
3. every checkpoint (database and file): signature, and the entry it names is still there with that hash;
4. every register row equals the fold of its entries; every permit's counts equal what its last entry said;
5. every carrier's row equals the fold of its entries: which copy it is, its state, its custodian;
6. every balance a month closed with has the hash its entry names;
7. every month's paper, its corrections and confirmations equal the postings of the entries;
8. every other row a register is a view of is what the entry of its last change said (`gateway.ledger.witnessed`).

Values are read as they lie in the database, whatever an intruder made of them: nothing here converts before it compares.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

import msgspec
from sqlalchemy import text
from sqlmodel import Session

from gateway.db.engine import Database
from gateway.domain.balance import BALANCED, balance_hash
from gateway.domain.paper import CONFIRMED, PAPER_USED, PaperBooks
from gateway.domain.registers import PRINT_REGISTER
from gateway.ledger.checkpoints import SignedHead, read_checkpoint_file
from gateway.ledger.custody import CARRIERS, carriers_as_told, fold_carriers
from gateway.ledger.entry import ENTRY_PREFIX, GENESIS_HASH
from gateway.ledger.paper import PaperListener, faults_of_paper
from gateway.ledger.register_check import STATEMENT as REGISTER_ROWS
from gateway.ledger.register_check import RegisterCheck
from gateway.ledger.row_check import RowCheck
from gateway.ledger.witnessed import ROW_DIGESTS

_NOT_UNDERSTOOD = (msgspec.MsgspecError, ValueError, KeyError, TypeError, AttributeError, IndexError)


class _Data(msgspec.Struct, gc=False):
    """What of an entry's facts the stored rows are folded from; everything else is passed over without being read."""

    register: dict[str, Any] | None = msgspec.field(default=None, name=PRINT_REGISTER)
    allowance: dict[str, Any] | None = None
    carriers: dict[str, Any] | None = msgspec.field(default=None, name=CARRIERS)
    paper: msgspec.Raw | msgspec.UnsetType = msgspec.field(default=msgspec.UNSET, name=PAPER_USED)
    rows: dict[str, str] | None = msgspec.field(default=None, name=ROW_DIGESTS)
    rows_begun: list[str] | None = None


class _Body(msgspec.Struct, gc=False):
    """A hashed body, as far as it is needed here."""

    at: str
    data: _Data
    kind: str
    prev: str
    seq: int
    subject: str


_body_of = msgspec.json.Decoder(_Body).decode


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that does not agree; `seq` is the first entry concerned, 0 when none can be named."""

    seq: int
    what: str


def _in_order(finding: Finding) -> tuple[bool, int]:
    """By entry; those that name none are at the end: most often they follow from another."""
    return finding.seq == 0, finding.seq


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
        """The lowest sequence number among the findings; 0 when none of them names an entry."""
        return min(self.findings, key=_in_order).seq if self.findings else None

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

    registers: RegisterCheck
    signed: dict[object, str | None]
    """Hash of each entry a checkpoint names, once it was met."""
    last_seq: int = 0
    allowances: dict[str, tuple[int, dict[str, Any]]] = field(default_factory=dict)
    carriers: dict[str, dict[str, Any]] = field(default_factory=dict)
    balances: dict[str, tuple[int, str]] = field(default_factory=dict)
    paper: PaperListener = field(default_factory=PaperListener)
    rows: RowCheck = field(default_factory=RowCheck)


def verify(database: Database, public_key: bytes, checkpoint_file: Path | None) -> Verdict:
    """Walk the whole ledger of one consistent state of the database."""
    verdict = Verdict()
    with database.reading() as session:
        checkpoints = _checkpoints(session, verdict, checkpoint_file)
        told = _Told(RegisterCheck(_rows(session, REGISTER_ROWS)), {one.seq: None for one in checkpoints})
        _check_chain(session, verdict, told)
        _check_head(session, verdict)
        _check_checkpoints(checkpoints, verdict, told, public_key)
        verdict.findings += [Finding(seq, what) for seq, what in told.registers.finish()]
        _check_allowances(session, verdict, told)
        _check_carriers(session, verdict, told)
        _check_balances(session, verdict, told)
        verdict.findings += [Finding(seq, what) for seq, what in faults_of_paper(session, told.paper.settle())]
        verdict.findings += [Finding(seq, what) for seq, what in told.rows.finish(session)]
    verdict.findings.sort(key=_in_order)
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
    """Rows as the driver gives them, one at a time: an object around each of millions would cost more than reading it."""
    result = session.connection().execution_options(stream_results=True).execute(text(statement))
    cursor: Any = result.cursor
    return iter(cursor)


def _check_chain(session: Session, verdict: Verdict, told: _Told) -> None:
    previous, expected, count, seq = GENESIS_HASH, 1, 0, 0
    statement = "SELECT seq, kind, at, subject, body, prev_hash, hash FROM ledger_entry ORDER BY seq"
    begun = sha256(ENTRY_PREFIX)
    for seq, kind, at, subject, written, prev, recorded in _rows(session, statement):
        count += 1
        if seq != expected:
            verdict.findings.append(Finding(expected, f"entry {expected} is missing"))
        body = written.encode("utf-8", "surrogatepass") if isinstance(written, str) else b""
        digest = begun.copy()
        digest.update(body)
        what = ""
        if digest.hexdigest() != recorded:
            what = "the body does not have the recorded hash: it was edited"
        else:
            try:
                entry = _body_of(body)
                if entry.seq != seq or entry.kind != kind or entry.at != at or entry.subject != subject or entry.prev != prev:
                    what = "the columns differ from the hashed body: the row was edited or moved"
                elif prev != previous:
                    what = "it does not follow the entry before it: an entry was changed, removed, inserted or moved"
                else:
                    _listen(entry, body, told)
            except _NOT_UNDERSTOOD:
                what = "the entry cannot be understood, though its hash is right"
        if what:
            verdict.findings.append(Finding(seq, what))
        if seq in told.signed:
            told.signed[seq] = recorded
        previous, expected = recorded, seq + 1
    verdict.entries, verdict.head_hash, told.last_seq = count, previous, seq


def _listen(entry: _Body, body: bytes, told: _Told) -> None:
    """Fold what an entry tells."""
    seq, data = entry.seq, entry.data
    if data.register is not None:
        told.registers.hear(seq, entry.subject, data.register)
    if entry.kind == CONFIRMED:
        told.paper.hear_confirmation(seq, entry.subject, json.loads(body)["data"])
    elif data.paper is not msgspec.UNSET:
        told.paper.hear(seq, entry.kind, entry.subject, bytes(data.paper))
    if data.allowance is not None:
        told.allowances[data.allowance["permit"]] = (seq, data.allowance)
    if data.carriers is not None:
        fold_carriers(told.carriers, data.carriers, seq)
    if data.rows is not None:
        told.rows.hear(seq, data.rows, data.rows_begun)
    if entry.kind == BALANCED:
        told.balances[entry.subject] = (seq, json.loads(body)["data"]["balance"])


def _check_head(session: Session, verdict: Verdict) -> None:
    heads = [tuple(head) for head in _rows(session, "SELECT seq, hash FROM ledger_head")]
    if heads != [(verdict.entries, verdict.head_hash)]:
        seq = min(verdict.entries, *(head[0] for head in heads if isinstance(head[0], int)), verdict.entries)
        verdict.findings.append(Finding(seq + 1, "the head does not match the last entry"))


def _checkpoints(session: Session, verdict: Verdict, file: Path | None) -> list[SignedHead]:
    statement = "SELECT seq, hash, at, key_id, signature FROM checkpoint ORDER BY id"
    from_database = [SignedHead(*row) for row in _rows(session, statement)]
    from_file = read_checkpoint_file(file) if file else []
    for missing in set(from_file) - set(from_database):  # the database has each one first
        verdict.findings.append(Finding(missing.seq, f"the checkpoint at {missing.seq} is not in the database"))
    return from_database + from_file


def _check_checkpoints(checkpoints: list[SignedHead], verdict: Verdict, told: _Told, public_key: bytes) -> None:
    for checkpoint in checkpoints:
        found = told.signed[checkpoint.seq]
        if not checkpoint.is_signed_by(public_key):
            verdict.findings.append(Finding(checkpoint.seq, f"the checkpoint at {checkpoint.seq} is not signed by this gateway's key"))
        elif found != checkpoint.hash:
            seq = checkpoint.seq if found is not None else told.last_seq + 1
            verdict.findings.append(Finding(seq, f"the checkpoint at {checkpoint.seq} names another entry"))
        else:
            verdict.checkpoint_seq = max(verdict.checkpoint_seq, checkpoint.seq)


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
