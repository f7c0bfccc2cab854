"""The tamper campaign: changes nobody can make unseen who lacks the signing key, while a checkpoint is kept outside (I9).

An intruder owns the database file: triggers dropped, any row edited, deleted, swapped, inserted, the tail cut off, the chain made anew
after it. Or he owns a bundle on its way to the inspector. 100 changes in `./check`, 2,000 in `./check --long`.
"""

from __future__ import annotations

import importlib.util
import json
import random
import shutil
import sqlite3
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from gateway.domain.paper import AMOUNTS, KEY
from gateway.domain.registers import COLUMNS
from gateway.domain.vocabulary import Channel
from gateway.ledger.entry import GENESIS_HASH, hash_body
from gateway.services.corrections import Wish, correct_row
from gateway.services.paper_months import PaperByHand, confirm_month, enter_paper
from gateway.services.registers import print_register
from tests.architecture.repository import ROOT
from tests.ledger.months import checkpoint, two_months
from tests.ledger.test_bundle import bundle_of, rechained, rewritten
from tests.ledger.test_ledger import copy_of, verify_copy
from tests.room import Room

EVIDENCE: dict[str, tuple[str, ...]] = {
    "ledger_entry": ("seq", "kind", "at", "subject", "body", "prev_hash", "hash"),
    "ledger_head": ("seq", "hash"),
    "print_register": (*(column for column in COLUMNS), "ledger_seq"),
    "permit": ("copies_approved", "copies_reserved", "copies_good"),
    "checkpoint": ("seq", "hash", "at", "key_id", "signature"),
    "month_balance": ("month", "seq", "body"),
    "paper_line": (*KEY, *AMOUNTS),
    "paper_correction": ("ledger_seq", "place", "late", *KEY, *AMOUNTS),
    "paper_month": ("month", "digest", "ledger_seq"),
    "register_correction": ("register_name", "month", "row", "field", "old", "new", "reason", "made_by_id", "made_at", "counts"),
    "waste": ("copy_id", "job_id", "sheets", "reason", "recorded_by_id", "recorded_at", "kept_in", "withdrawn_from", "destroyed_at"),
    "permit_step": ("permit_id", "step", "role", "person_id", "decision", "comment", "decided_at"),
    "carrier": ("carrier_no", "permit_id", "copy_number", "level", "term", "state", "custodian_id"),
}


@pytest.fixture(scope="module")
def lived_in(furnished: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Room]:
    room = Room.open(Path(shutil.copytree(furnished, tmp_path_factory.mktemp("tamper") / "room")))
    two_months(room)
    confirm_month(room.gate, room.actor("zheng"), "2026-03")
    for month, good in (("2026-03", 3), ("2026-03", -1), ("2026-04", 2)):
        enter_paper(room.gate, room.actor("zheng"), PaperByHand(month, Channel.FAX, "D01", "A4", "传真机", good=good))
    jobs = [str(row["job"]) for row in print_register(room.gate, room.actor("zheng"), "2026-03")]
    for job in jobs[:2]:
        correct_row(room.gate, room.actor("zheng"), Wish("print", job, "pages", "7", "漏计", "2026-03"))
    checkpoint(room)
    yield room
    room.close()


def verifier() -> ModuleType:
    spec = importlib.util.spec_from_file_location("verify_bundle", ROOT / "verify_bundle.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def other(value: Any, dice: random.Random) -> Any:
    if isinstance(value, int):
        return value + dice.choice((-1, 1, 7))
    if value is None:
        return "2026-03-01T00:00:00.000000Z"
    text = str(value)
    if not text:
        return "x"
    at = dice.randrange(len(text))
    swapped = chr(ord(text[at]) ^ 1)
    return text[:at] + swapped + text[at + 1 :]


def tampered(file: Path, dice: random.Random) -> str:
    """Change a copy of the database; what was done."""
    database = sqlite3.connect(file)
    try:
        return tamper_database(database, dice)
    finally:
        database.close()


def tamper_database(database: sqlite3.Connection, dice: random.Random) -> str:
    """One change; what was done."""
    database.execute("PRAGMA ignore_check_constraints = ON")
    table = dice.choice(list(EVIDENCE))
    rows = [row[0] for row in database.execute(f"SELECT rowid FROM {table}")]
    act = dice.choice(("edit", "edit", "delete", "swap", "insert", "truncate", "rechain"))
    one = dice.choice(rows)
    column = dice.choice(EVIDENCE[table])
    if act == "delete":
        database.execute(f"DELETE FROM {table} WHERE rowid = ?", (one,))
    elif act == "swap" and (values := _two_unlike(database, table, column, rows, dice)):
        (first, a), (second, b) = values
        database.execute(f"UPDATE OR REPLACE {table} SET {column} = ? WHERE rowid = ?", (b, first))
        database.execute(f"UPDATE OR REPLACE {table} SET {column} = ? WHERE rowid = ?", (a, second))
    elif act == "insert" and table == "ledger_entry":
        _insert_entry(database, dice)
    elif act == "truncate":
        table, column = "ledger_entry", ""
        _cut_tail(database, dice)
    elif act == "rechain":
        table, column = "ledger_entry", ""
        _make_anew(database, dice)
    else:
        act = "edit"
        (value,) = database.execute(f"SELECT {column} FROM {table} WHERE rowid = ?", (one,)).fetchone()
        database.execute(f"UPDATE OR REPLACE {table} SET {column} = ? WHERE rowid = ?", (other(value, dice), one))
    database.commit()
    return f"{act} {table}.{column} row {one}"


def _two_unlike(database: sqlite3.Connection, table: str, column: str, rows: list[int], dice: random.Random) -> list[tuple[int, Any]]:
    values = [(row, database.execute(f"SELECT {column} FROM {table} WHERE rowid = ?", (row,)).fetchone()[0]) for row in rows]
    first = dice.choice(values)
    second = next((pair for pair in dice.sample(values, len(values)) if pair[1] != first[1]), None)
    return [first, second] if second else []


def _bodies(database: sqlite3.Connection) -> list[tuple[int, bytes]]:
    return [(seq, body.encode()) for seq, body in database.execute("SELECT seq, body FROM ledger_entry ORDER BY seq")]


def _write_chain(database: sqlite3.Connection, bodies: list[bytes]) -> None:
    """Everything as the writer would have it: columns, hashes, head."""
    database.execute("DELETE FROM ledger_entry")
    previous = GENESIS_HASH
    for body in bodies:
        entry = json.loads(body)
        row = (entry["seq"], entry["kind"], entry["at"], entry["subject"], body.decode(), entry["prev"], hash_body(body))
        database.execute("INSERT INTO ledger_entry (seq, kind, at, subject, body, prev_hash, hash) VALUES (?, ?, ?, ?, ?, ?, ?)", row)
        previous = row[-1]
    database.execute("UPDATE ledger_head SET seq = ?, hash = ?", (len(bodies), previous))


def _insert_entry(database: sqlite3.Connection, dice: random.Random) -> None:
    """A made-up act somewhere in the chain, everything behind it linked and numbered anew."""
    bodies = [body for _, body in _bodies(database)]
    at = dice.randrange(1, len(bodies))
    made_up = {**json.loads(bodies[at]), "kind": "job.viewed", "data": {}}
    numbered = [*map(json.loads, bodies[:at]), made_up, *map(json.loads, bodies[at:])]
    texts = [
        json.dumps({**entry, "seq": seq}, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
        for seq, entry in enumerate(numbered, start=1)
    ]
    _write_chain(database, rechained(texts, at))


def _cut_tail(database: sqlite3.Connection, dice: random.Random) -> None:
    """The end forgotten, head and registers made to fit as well as an intruder can."""
    bodies = [body for _, body in _bodies(database)]
    _write_chain(database, bodies[: dice.randrange(1, len(bodies) - 1)])
    (last,) = database.execute("SELECT seq FROM ledger_head").fetchone()
    for table in ("print_register", "checkpoint", "month_balance"):
        column = "ledger_seq" if table == "print_register" else "seq"
        database.execute(f"DELETE FROM {table} WHERE {column} > ?", (last,))


def _make_anew(database: sqlite3.Connection, dice: random.Random) -> None:
    """One fact changed, and the whole chain behind it made anew with right hashes."""
    bodies = [body for _, body in _bodies(database)]
    signed = database.execute("SELECT max(seq) FROM checkpoint").fetchone()[0]
    at = dice.randrange(signed)
    entry = json.loads(bodies[at])
    entry["actor"] = f"{entry['actor']}x"
    bodies[at] = json.dumps(entry, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
    _write_chain(database, rechained(bodies, at))


def tamper_bundle(file: Path, to: Path, dice: random.Random) -> str:
    """One change in a bundle, whose manifest is made to fit."""
    with zipfile.ZipFile(file) as bundle:
        filled = [one.filename for one in bundle.infolist() if one.file_size]
        names = [name for name in filled if name not in ("manifest.json", "checkpoints.jsonl")]
        name = dice.choice(names)
        lines = bundle.read(name).splitlines()
    at = dice.randrange(len(lines))
    acts = ("edit",) if name == "titles.jsonl" else ("edit", "edit", "delete", "swap", "insert", "truncate", "rechain")
    act = dice.choice(acts)  # what a title was is disclosed by choice: leaving it out is no change of the books
    if act == "delete" or (act == "truncate" and at == 0):
        del lines[at]
    elif act == "truncate":
        lines = lines[:at]
    elif act == "swap" and name == "entries.jsonl" and at:
        lines[at], lines[at - 1] = lines[at - 1], lines[at]
    elif act == "insert":
        lines.insert(at, lines[at])
    elif act == "rechain" and name == "entries.jsonl":
        lines[at] = _other_fact(lines[at], dice)
        lines = rechained(lines, at + 1)
    else:
        act = "edit"
        lines[at] = _other_fact(lines[at], dice)
    rewritten(file, to, {name: b"".join(line + b"\n" for line in lines)})
    return f"{act} {name} line {at}"


def _other_fact(line: bytes, dice: random.Random) -> bytes:
    """The same JSON with one value changed somewhere inside."""
    told = json.loads(line)
    places: list[tuple[Any, Any]] = []

    def walk(node: Any) -> None:
        for key in node if isinstance(node, dict) else range(len(node)):
            if isinstance(node[key], dict | list):
                walk(node[key])
            else:
                places.append((node, key))

    walk(told if isinstance(told, dict | list) else [told])
    if not places:
        return b'["x"]'
    node, key = dice.choice(places)
    node[key] = not node[key] if isinstance(node[key], bool) else other(node[key], dice)
    return json.dumps(told, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def campaign(room: Room, folder: Path, rounds: int, seed: int) -> dict[str, int]:
    """Every change is found; a clean copy in each tenth round is found clean. Raises AssertionError naming what was missed."""
    dice, module = random.Random(seed), verifier()
    kept = Path(shutil.copy(room.gate.settings.checkpoint_file, folder / "kept.jsonl"))
    outside = [json.loads(line) for line in kept.read_text().splitlines()]
    key = bytes.fromhex((room.gate.settings.keys / "ledger.pub").read_text())
    months = {month: folder / f"{month}.zip" for month in ("2026-03", "2026-04", "2026-05")}
    for month, file in months.items():
        bundle_of(room, month, file, titles=True)
    clean = copy_of(room, folder / "clean.db")
    missed: list[str] = []
    for number in range(rounds):
        if number % 2:
            file = Path(shutil.copy(clean, folder / f"stolen-{number}.db"))  # a name of its own: SQLite keeps a log beside it
            done = tampered(file, dice)
            found = not verify_copy(room, file, kept).ok
            file.unlink()
        else:
            done = tamper_bundle(dice.choice(list(months.values())), folder / "stolen.zip", dice)
            found = _wrong(module, folder / "stolen.zip", key, outside)
        if not found:
            missed.append(done)
        if number % 10 == 0:
            assert verify_copy(room, clean, kept).ok
            assert not _wrong(module, dice.choice(list(months.values())), key, outside), "a clean bundle was called wrong"
    assert not missed, missed
    return {"changes": rounds, "missed": 0, "false alarms": 0}


def _wrong(module: ModuleType, file: Path, key: bytes, kept: list[dict[str, Any]]) -> bool:
    try:
        with zipfile.ZipFile(file) as bundle:
            one = module.Verifier(bundle, key, kept)
            one.run()
    except (ValueError, KeyError, TypeError, AttributeError):
        return True  # the command ends with 2: it cannot be read
    return bool(one.findings)


def test_a_hundred_changes_are_found(lived_in: Room, tmp_path: Path) -> None:
    campaign(lived_in, tmp_path, 100, seed=20260312)


@pytest.mark.long
def test_two_thousand_changes_are_found(lived_in: Room, tmp_path: Path, record_property: Callable[[str, object], None]) -> None:
    for name, number in campaign(lived_in, tmp_path, 2000, seed=7).items():
        record_property(name, number)
