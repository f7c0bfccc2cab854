"""Invariant I9: any edit, deletion, insertion, reordering or truncation is found, and the first bad entry is named."""

from __future__ import annotations

import json
import shutil
import sqlite3
from pathlib import Path

import pytest
from sqlalchemy.exc import IntegrityError

from gateway.db.engine import Database
from gateway.ledger.append import append
from gateway.ledger.checkpoints import Signer, read_checkpoint_file, write_checkpoint
from gateway.ledger.entry import commitment, hash_body
from gateway.ledger.verify import Verdict, verify
from gateway.services import release
from tests.room import Room
from tests.watermark.papers import document


def copy_of(room: Room, to: Path) -> Path:
    """A copy of the database as an intruder has it: triggers gone, anything editable."""
    source = sqlite3.connect(room.gate.settings.data / "imprimatur.db")
    target = sqlite3.connect(to)
    source.backup(target)
    for (name,) in target.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
        target.execute(f"DROP TRIGGER {name}")
    target.commit()
    source.close()
    target.close()
    return to


def verify_copy(room: Room, file: Path, checkpoints: Path | None = None) -> Verdict:
    public = bytes.fromhex((room.gate.settings.keys / "ledger.pub").read_text())
    database = Database(f"sqlite:///{file}")
    try:
        return verify(database, public, checkpoints)
    finally:
        database.close()


def edit(file: Path, *statements: str) -> None:
    connection = sqlite3.connect(file)
    for statement in statements:
        connection.execute(statement)
    connection.commit()
    connection.close()


def test_a_whole_ledger_verifies(room: Room) -> None:
    room.permit()
    verdict = room.verify()
    assert verdict.ok, verdict.findings
    assert verdict.entries >= 20


@pytest.mark.parametrize(
    ("statement", "first_bad"),
    [
        ("UPDATE ledger_entry SET body = replace(body, 'D03', 'D02') WHERE seq = 9", 9),
        ("UPDATE ledger_entry SET kind = 'x' WHERE seq = 5", 5),
        ("UPDATE ledger_entry SET subject = 'x' WHERE seq = 5", 5),
        ("UPDATE ledger_entry SET at = '2026-03-12T01:00:00.000000Z' WHERE seq = 6", 6),
        ("UPDATE ledger_entry SET hash = prev_hash || 'x' WHERE seq = 7", 7),
        ("DELETE FROM ledger_entry WHERE seq = 8", 8),
        ("DELETE FROM ledger_entry WHERE seq = 1", 1),
    ],
)
def test_an_edited_or_deleted_entry_is_named(room: Room, tmp_path: Path, statement: str, first_bad: int) -> None:
    file = copy_of(room, tmp_path / "stolen.db")
    assert verify_copy(room, file).ok
    edit(file, statement)
    verdict = verify_copy(room, file)
    assert verdict.first_bad == first_bad, verdict.findings


def test_a_cut_tail_is_found_by_the_head_and_by_the_checkpoint(room: Room, tmp_path: Path) -> None:
    settings, signer = room.gate.settings, Signer(room.gate.settings.keys / "ledger.key")
    signed = write_checkpoint(room.gate.database, signer, settings.checkpoint_file, room.clock.now())
    assert signed is not None
    file = copy_of(room, tmp_path / "stolen.db")
    edit(file, f"DELETE FROM ledger_entry WHERE seq = {signed.seq}")
    assert verify_copy(room, file).first_bad == signed.seq
    edit(
        file,
        "UPDATE ledger_head SET seq = (SELECT max(seq) FROM ledger_entry), "
        "hash = (SELECT hash FROM ledger_entry ORDER BY seq DESC LIMIT 1)",
        "DELETE FROM checkpoint",
        "DELETE FROM device WHERE id = (SELECT max(id) FROM device)",  # which the last entry had told of
    )
    assert verify_copy(room, file).ok, "an insider who also moves the head and drops the checkpoint is only caught from outside"
    verdict = verify_copy(room, file, settings.checkpoint_file)
    assert verdict.first_bad == signed.seq, verdict.findings


def test_swapped_entries_are_found(room: Room, tmp_path: Path) -> None:
    file = copy_of(room, tmp_path / "stolen.db")
    edit(
        file,
        "UPDATE ledger_entry SET seq = -1 WHERE seq = 4",
        "UPDATE ledger_entry SET seq = 4 WHERE seq = 5",
        "UPDATE ledger_entry SET seq = 5 WHERE seq = -1",
    )
    assert verify_copy(room, file).first_bad == 4


def test_an_inserted_entry_is_found(room: Room, tmp_path: Path) -> None:
    file = copy_of(room, tmp_path / "stolen.db")
    edit(
        file,
        "INSERT INTO ledger_entry SELECT (SELECT max(seq) + 1 FROM ledger_entry), kind, at, subject, body, prev_hash, 'ff' "
        "FROM ledger_entry WHERE seq = 3",
    )
    verdict = verify_copy(room, file)
    assert not verdict.ok
    assert verdict.first_bad == verdict.entries


def test_a_forged_checkpoint_is_found(room: Room, tmp_path: Path) -> None:
    Signer.create(tmp_path / "forger.key")
    write_checkpoint(room.gate.database, Signer(tmp_path / "forger.key"), tmp_path / "checkpoints.jsonl", room.clock.now())
    assert any("not signed by this gateway's key" in finding.what for finding in room.verify().findings)


def test_an_edited_permit_count_is_found(room: Room, tmp_path: Path) -> None:
    permit_no = room.permit()
    file = copy_of(room, tmp_path / "stolen.db")
    edit(file, "UPDATE permit SET copies_approved = 99")
    assert [finding.what for finding in verify_copy(room, file).findings] == [
        f"permit {permit_no}: its counts are not what the ledger says"
    ]


def _after(body: dict[str, object], *, data: object) -> tuple[str, str]:
    """The body of the next entry with other data, in canonical form, and its hash."""
    text = json.dumps({**body, "data": data}, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return text, hash_body(text.encode())


@pytest.mark.parametrize("data", [{"print_register": "x"}, {"allowance": []}, {"carriers": {"numbers": ["ZT"]}}, {"paper_used": [{}]}])
def test_an_entry_nobody_can_understand_is_a_finding_and_no_crash(room: Room, tmp_path: Path, data: object) -> None:
    file = copy_of(room, tmp_path / "stolen.db")
    connection = sqlite3.connect(file)
    seq, body = connection.execute("SELECT seq, body FROM ledger_entry ORDER BY seq DESC LIMIT 1").fetchone()
    text, made = _after(json.loads(body), data=data)
    connection.execute("UPDATE ledger_entry SET body = ?, hash = ? WHERE seq = ?", (text, made, seq))
    connection.execute("UPDATE ledger_head SET hash = ?", (made,))
    connection.commit()
    connection.close()
    verdict = verify_copy(room, file)
    first, *rest = [(finding.seq, finding.what) for finding in verdict.findings]
    assert first == (seq, "the entry cannot be understood, though its hash is right")
    assert rest == [(0, "row device/2: the ledger does not know it")], "which that entry had told of"


@pytest.mark.parametrize("column", ["ledger_seq = 1", "ledger_seq = 'x'", "ledger_seq = ledger_seq + 1000", "ledger_seq = -1"])
def test_a_register_row_that_names_another_entry_is_found(room: Room, tmp_path: Path, column: str) -> None:
    job_no = room.submit(document("page").getvalue())
    file = copy_of(room, tmp_path / "stolen.db")
    edit(file, f"UPDATE print_register SET {column}")
    assert [finding.what for finding in verify_copy(room, file).findings] == [
        f"print register, job {job_no}: ledger_seq is not what the ledger says"
    ]


def test_a_register_row_set_back_to_what_it_was_is_found(room: Room, tmp_path: Path) -> None:
    job_no = room.submit(document("page").getvalue())
    file = copy_of(room, tmp_path / "stolen.db")
    connection = sqlite3.connect(file)
    names = [column[1] for column in connection.execute("PRAGMA table_info(print_register)")]
    before = dict(zip(names, connection.execute("SELECT * FROM print_register").fetchone(), strict=True))
    connection.close()
    release.cancel_job(room.gate, room.actor("zhao"), job_no)
    file = copy_of(room, tmp_path / "later.db")
    edit(file, f"UPDATE print_register SET status = '{before['status']}', ledger_seq = {before['ledger_seq']}")
    assert [finding.what for finding in verify_copy(room, file).findings] == [
        f"print register: the row of job {job_no} is missing, or older than the ledger"
    ]


def test_the_database_itself_refuses_changes(room: Room) -> None:
    for statement in ("UPDATE ledger_entry SET kind = 'x'", "DELETE FROM ledger_entry", "DELETE FROM checkpoint WHERE 1"):
        if "checkpoint" in statement:
            write_checkpoint(
                room.gate.database, Signer(room.gate.settings.keys / "ledger.key"), room.gate.settings.checkpoint_file, room.clock.now()
            )
        with pytest.raises(IntegrityError, match="append-only"), room.gate.database.writing() as session:
            session.connection().exec_driver_sql(statement)


def test_a_failed_act_leaves_no_entry(room: Room) -> None:
    before = room.verify().entries

    def cut_off() -> None:
        with room.gate.database.writing() as session:
            append(session, kind="test", at=room.clock.now(), actor="x", subject="", data={})
            raise RuntimeError("power cut")

    with pytest.raises(RuntimeError, match="power cut"):
        cut_off()
    assert room.verify().entries == before


def test_a_checkpoint_file_with_a_cut_last_line_is_still_read(room: Room) -> None:
    file = room.gate.settings.checkpoint_file
    write_checkpoint(room.gate.database, Signer(room.gate.settings.keys / "ledger.key"), file, room.clock.now())
    with file.open("a") as out:
        out.write('{"seq": 1, "ha')
    assert len(read_checkpoint_file(file)) == 1


def test_titles_are_only_committed_to(room: Room, tmp_path: Path) -> None:
    room.permit()
    file = copy_of(room, tmp_path / "stolen.db")
    connection = sqlite3.connect(file)
    bodies = " ".join(body for (body,) in connection.execute("SELECT body FROM ledger_entry"))
    connection.close()
    assert "规划纲要" not in bodies
    assert commitment("00" * 16, "规划纲要") != commitment("01" * 16, "规划纲要")
    shutil.rmtree(tmp_path, ignore_errors=True)
