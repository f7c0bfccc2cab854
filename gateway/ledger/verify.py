"""Checking the books: the chain, the head, the checkpoints, and every register row against the entries it was folded from (I9).

Steps, in this order; each finding names the first bad entry it knows of:
1. every entry: sequence without gap, canonical bytes, hash, link to the one before, columns equal to the body;
2. the head row is the last entry;
3. every checkpoint (database and file): signature, and the entry it names is still there with that hash;
4. every register row equals the fold of its entries; every permit's counts equal what its last entry said;
5. every carrier's row equals the fold of its entries: which copy it is, its state, its custodian.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC
from pathlib import Path
from typing import Any

import rfc8785
from sqlmodel import Session, col, select

from gateway.db.engine import Database
from gateway.db.tables import Checkpoint, LedgerEntry, LedgerHead, Permit, PrintRegisterRow
from gateway.domain.registers import PRINT_REGISTER, fold
from gateway.ledger.checkpoints import SignedHead, read_checkpoint_file
from gateway.ledger.custody import CARRIERS, carriers_as_told, fold_carriers
from gateway.ledger.entry import GENESIS_HASH, hash_body
from gateway.ledger.projection import as_told


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
    verdict.findings.sort(key=lambda finding: finding.seq)
    return verdict


def _entries(session: Session) -> Iterator[LedgerEntry]:
    yield from session.exec(select(LedgerEntry).order_by(col(LedgerEntry.seq)).execution_options(yield_per=1000))


def _check_chain(session: Session, verdict: Verdict, told: _Told) -> None:
    previous, expected = GENESIS_HASH, 1
    for entry in _entries(session):
        if entry.seq != expected:
            verdict.findings.append(Finding(expected, f"entry {expected} is missing"))
        fault = _fault_of(entry, previous)
        if fault:
            verdict.findings.append(Finding(entry.seq, fault))
        else:
            _listen(entry, told)
        previous, expected = entry.hash, entry.seq + 1
        told.hashes[entry.seq] = entry.hash
        verdict.entries += 1
        session.expunge(entry)
    verdict.head_hash = previous


def _fault_of(entry: LedgerEntry, previous: str) -> str | None:
    body_bytes = entry.body.encode()
    try:
        body = json.loads(body_bytes)
        canonical = rfc8785.dumps(body)
    except (ValueError, rfc8785.CanonicalizationError):
        return "the body is not JSON"
    if canonical != body_bytes or hash_body(body_bytes) != entry.hash:
        return "the body does not have the recorded hash: it was edited"
    columns = {
        "seq": entry.seq,
        "kind": entry.kind,
        "subject": entry.subject,
        "prev": entry.prev_hash,
        "at": entry.at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
    }
    if any(body.get(name) != value for name, value in columns.items()):
        return "the columns differ from the hashed body: the row was edited or moved"
    if entry.prev_hash != previous:
        return "it does not follow the entry before it: an entry was changed, removed, inserted or moved"
    return None


def _listen(entry: LedgerEntry, told: _Told) -> None:
    data = json.loads(entry.body)["data"]
    if change := data.get(PRINT_REGISTER):
        told.registers[entry.subject] = fold(told.registers.get(entry.subject), change, entry.seq)
    if allowance := data.get("allowance"):
        told.allowances[allowance["permit"]] = (entry.seq, allowance)
    if carriers := data.get(CARRIERS):
        fold_carriers(told.carriers, carriers, entry.seq)


def _check_head(session: Session, verdict: Verdict) -> None:
    head = session.get(LedgerHead, 1)
    if head is None or head.seq != verdict.entries or head.hash != verdict.head_hash:
        verdict.findings.append(Finding(min(verdict.entries, head.seq if head else 0) + 1, "the head does not match the last entry"))


def _check_checkpoints(session: Session, verdict: Verdict, told: _Told, public_key: bytes, file: Path | None) -> None:
    from_database = [
        SignedHead.of(row.seq, row.hash, row.at, row.key_id, row.signature)
        for row in session.exec(select(Checkpoint).order_by(col(Checkpoint.id))).all()
    ]
    for checkpoint in from_database + (read_checkpoint_file(file) if file else []):
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
    for row in session.exec(select(PrintRegisterRow)).all():
        seen.add(row.job_no)
        expected = told.registers.get(row.job_no)
        if expected is None or {**as_told(row), "ledger_seq": row.ledger_seq} != expected:
            differing = [] if expected is None else [name for name, value in as_told(row).items() if value != expected[name]]
            verdict.findings.append(
                Finding(
                    int(expected["ledger_seq"]) if expected else row.ledger_seq,
                    f"print register, job {row.job_no}: {', '.join(differing) or 'the row'} is not what the ledger says",
                )
            )
    for job_no in told.registers.keys() - seen:
        verdict.findings.append(Finding(int(told.registers[job_no]["ledger_seq"]), f"print register: the row of job {job_no} is missing"))


def _check_allowances(session: Session, verdict: Verdict, told: _Told) -> None:
    for permit in session.exec(select(Permit)).all():
        seq, allowance = told.allowances.get(permit.permit_no, (0, {}))
        counts = {
            "permit": permit.permit_no,
            "approved": permit.copies_approved,
            "reserved": permit.copies_reserved,
            "good": permit.copies_good,
        }
        if counts != allowance:
            verdict.findings.append(Finding(seq, f"permit {permit.permit_no}: its counts are not what the ledger says"))


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
