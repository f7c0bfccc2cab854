"""Rows behind the registers are told by the ledger: any change of any column of any of them is found, and none is committed untold (I9)."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import col, select, update

from gateway.db.tables import HandoverItem, Setting, Visitor, Waste
from gateway.domain.regular_tasks import Task
from gateway.domain.self_check_findings import FindingKind
from gateway.ledger.append import append
from gateway.ledger.witnessed import SALT, WITNESSED, UntoldRowError
from gateway.services.corrections import Wish, acknowledge_correction, correct_row
from gateway.services.fax_peers import add_peer
from gateway.services.regular_tasks import TaskDone, record_task
from gateway.services.self_check_findings import Found, close_finding, open_findings
from tests.ledger.test_ledger import copy_of, verify_copy
from tests.room import Room
from tests.services.busy_month import busy_month

NOT_MET = {"carry_out_escort", "circulation", "circulation_reader", "day_close", "delegation", "technical_processing"}
"""Tables in which the busy month leaves no row."""
TABLES = sorted(str(model.__tablename__) for model in WITNESSED)


@pytest.fixture(scope="module")
def busy(furnished: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Room]:
    room = Room.open(Path(shutil.copytree(furnished, tmp_path_factory.mktemp("witnessed") / "room")))
    busy_month(room)
    add_peer(room.gate, room.actor("wang"), "省财政厅", "0591 8712 0000", "李某")
    record_task(room.gate, room.actor("wang"), TaskDone(Task.ALARM_TEST, room.gate.today(), "保安公司", "三号探头失灵"))
    with room.gate.database.writing() as session:
        open_findings(room.gate, session, "2026-02", [Found(FindingKind.OVERDUE, "waste", 2)], room.clock.now())
        append(session, kind="test.told", at=room.clock.now(), actor="gateway", subject="2026-02", data={})
    close_finding(room.gate, room.actor("lin"), "ZC-2026-0001", "已销毁")
    acknowledge_correction(
        room.gate, room.actor("wu"), correct_row(room.gate, room.actor("wang"), Wish("waste", "W-0001", "sheets", "9", "误记")).number
    )
    assert room.verify().ok
    yield room
    room.close()


@pytest.fixture(scope="module")
def stolen(busy: Room, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copy_of(busy, tmp_path_factory.mktemp("stolen") / "stolen.db")


def changed(value: Any) -> Any:
    return value + 1 if isinstance(value, int) else f"{value or ''}x"


def found(busy: Room, stolen: Path, to: Path, statement: str, *values: Any) -> list[str]:
    """What verification says of a copy with one statement more."""
    file = Path(shutil.copy(stolen, to))
    database = sqlite3.connect(file)
    database.execute("PRAGMA ignore_check_constraints = ON")
    database.execute(statement, values)
    database.commit()
    database.close()
    findings = [finding.what for finding in verify_copy(busy, file).findings]
    file.unlink()
    return findings


@pytest.mark.parametrize("table", sorted(set(TABLES) - NOT_MET))
def test_every_column_of_every_row_is_told(busy: Room, stolen: Path, tmp_path: Path, table: str) -> None:
    database = sqlite3.connect(stolen)
    database.row_factory = sqlite3.Row
    rows = database.execute(f"SELECT rowid AS place, * FROM {table}").fetchall()
    database.close()
    row = rows[-1]
    for column in row.keys()[1:]:
        statement = f'UPDATE OR REPLACE {table} SET "{column}" = ? WHERE rowid = ?'
        assert found(busy, stolen, tmp_path / "x.db", statement, changed(row[column]), row["place"]), column
    assert any("missing" in what for what in found(busy, stolen, tmp_path / "x.db", f"DELETE FROM {table} WHERE rowid = ?", row["place"]))


def test_a_row_nobody_told_of_is_found(busy: Room, stolen: Path, tmp_path: Path) -> None:
    columns = "copy_id, job_id, sheets, reason, recorded_by_id, recorded_at"
    statement = f"INSERT INTO waste ({columns}) SELECT {columns} FROM waste LIMIT 1"
    assert any("the ledger does not know it" in what for what in found(busy, stolen, tmp_path / "x.db", statement))


def test_without_its_salt_or_with_another_nothing_agrees(busy: Room, stolen: Path, tmp_path: Path) -> None:
    for statement in (
        f"DELETE FROM setting WHERE key = '{SALT}'",
        f"UPDATE setting SET value = '{'00' * 16}' WHERE key = '{SALT}'",
        f"UPDATE setting SET value = 'no hex' WHERE key = '{SALT}'",
    ):
        assert found(busy, stolen, tmp_path / "x.db", statement), statement


def test_a_change_without_an_entry_cannot_be_committed(room: Room) -> None:
    busy_month(room)
    before = room.verify().entries
    with pytest.raises(UntoldRowError, match="waste/1"), room.gate.database.writing() as session:
        session.get_one(Waste, 1).sheets = 99
    with pytest.raises(UntoldRowError, match="visitor/1"), room.gate.database.writing() as session:
        session.execute(update(Visitor).where(col(Visitor.id) == 1).values(visitor_org="别的单位"))
    with pytest.raises(UntoldRowError, match="handover_item/"):
        _deleted_after_its_entry(room)
    verdict = room.verify()
    assert (verdict.ok, verdict.entries) == (True, before)
    with room.gate.database.writing() as session:
        session.get_one(Waste, 1).sheets = 99
        session.execute(update(Visitor).where(col(Visitor.id) == 1).values(visitor_org="别的单位"))
        append(session, kind="test.told", at=room.clock.now(), actor="zheng", subject="x", data={})
    assert room.verify().ok


def _deleted_after_its_entry(room: Room) -> None:
    with room.gate.database.writing() as session:
        append(session, kind="test.before", at=room.clock.now(), actor="zheng", subject="x", data={})
        session.delete(session.exec(select(HandoverItem)).first())


def test_books_of_before_tell_all_their_rows_with_the_next_entry(room: Room) -> None:
    busy_month(room)
    with room.gate.database.writing() as session:
        session.delete(session.get_one(Setting, SALT))
    room.gate.database.close()
    again = Room.open(room.gate.settings.data)
    with again.gate.database.writing() as session:
        entry = append(session, kind="test.first", at=again.clock.now(), actor="zheng", subject="x", data={})
        waste = len(session.exec(select(Waste)).all())
    told = entry.data["row_digests"]
    assert sum(name.startswith("waste/") for name in told) == waste > 0
    assert again.verify().ok
    again.close()
