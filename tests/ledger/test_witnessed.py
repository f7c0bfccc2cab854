"""Rows behind the registers are told by the ledger: any change of any column of any of them is found, and none is committed untold (I9)."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import SQLModel, col, select, update

from gateway.db.tables import HandoverItem, Setting, Visitor, Waste
from gateway.domain.devices import Care
from gateway.domain.fax import FaxOutcome, FaxResult
from gateway.domain.regular_tasks import Task
from gateway.domain.self_check_findings import FindingKind
from gateway.ledger.append import append
from gateway.ledger.witnessed import ROW_DIGESTS, SALT, WITNESSED, UntoldRowError, digest_of, rows_of, salt_of
from gateway.services.corrections import Wish, acknowledge_correction, correct_row
from gateway.services.device_register import record_care
from gateway.services.fax_peers import add_peer
from gateway.services.installation import migrate
from gateway.services.meters import enter_meter
from gateway.services.policies import propose_policy
from gateway.services.regular_tasks import TaskDone, record_task
from gateway.services.self_check_findings import Found, close_finding, open_findings
from tests.ledger.test_ledger import copy_of, verify_copy
from tests.room import Room
from tests.services.busy_month import busy_month
from tests.services.test_faxing import approved, attempt
from tests.services.test_policies import content

NOT_MET = {"carry_out_escort", "circulation", "circulation_reader", "day_close", "delegation", "technical_processing"}
"""Tables in which the busy month leaves no row."""
TABLES = sorted(str(model.__tablename__) for model in WITNESSED)


@pytest.fixture(scope="module")
def busy(furnished: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Room]:
    room = Room.open(Path(shutil.copytree(furnished, tmp_path_factory.mktemp("witnessed") / "room")))
    attempt(room, approved(room), FaxOutcome(FaxResult.WHOLE, 1))
    busy_month(room)
    for impressions in (1000, 1003):  # three that nobody printed here
        enter_meter(room.gate, room.actor("wang"), "PRN-JY-01", "S-1", impressions)
    propose_policy(room.gate, room.actor("feng"), content("office"))
    add_peer(room.gate, room.actor("wang"), "省财政厅", "0591 8712 0000", "李某")
    record_care(room.gate, room.actor("feng"), "PRN-JY-01", Care.MAINTENANCE, room.gate.today(), "厂家工程师")
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
    for (trigger,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
        database.execute(f"DROP TRIGGER {trigger}")
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


@pytest.mark.parametrize("model", WITNESSED)
def test_nothing_an_empty_text_and_zero_are_three_things(model: type[SQLModel]) -> None:
    row = dict.fromkeys(model.__table__.columns.keys())  # type: ignore[attr-defined]
    for name in row:
        digests = {digest_of(model, b"salt", {**row, name: value}) for value in (None, "", 0)}
        assert len(digests) == 3, name


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE waste SET withdrawn_from = 0 WHERE withdrawn_from = ''",
        "UPDATE visitor SET leave_at = '' WHERE leave_at IS NULL",
        "UPDATE visitor SET approver_id = 0 WHERE approver_id IS NULL",
        "UPDATE inventory_line SET found = '' WHERE found IS NULL",
        "UPDATE carry_out SET decided_at = 0 WHERE decided_at IS NULL",
    ],
)
def test_one_emptiness_for_another_is_found(busy: Room, stolen: Path, tmp_path: Path, statement: str) -> None:
    file = Path(shutil.copy(stolen, tmp_path / "seen.db"))
    with sqlite3.connect(file) as database:
        database.execute("PRAGMA ignore_check_constraints = ON")
        touched = database.execute(statement).rowcount
    assert bool(found(busy, stolen, tmp_path / "x.db", statement)) == (touched > 0)


def test_digests_of_before_are_compared_as_they_were_made(room: Room) -> None:
    busy_month(room)
    with room.gate.database.writing() as session:
        salt = salt_of(session) or b""
        old = {name: digest_of(model, salt, row, first=True) for model in WITNESSED for name, row in rows_of(session, model, None)}
        append(session, kind="test.before", at=room.clock.now(), actor="zheng", subject="x", data={ROW_DIGESTS: old})
    assert all(":" not in digest for digest in old.values())
    assert room.verify().ok
    edit = "UPDATE waste SET sheets = sheets + 1 WHERE id = 1"
    with sqlite3.connect(room.gate.settings.data / "imprimatur.db") as database:
        database.execute(edit)
    assert [finding.what for finding in room.verify().findings] == ["row waste/1: it is not what the ledger says"]


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
    whats = [finding.what for finding in again.verify().findings]
    assert whats, "here they were told before"
    assert all("told anew" in what for what in whats)
    again.close()


@pytest.mark.parametrize("setting", [SALT, "rows_begun"])
def test_telling_everything_anew_covers_nothing_up(room: Room, setting: str) -> None:
    """Who changes a row and takes away what says that rows were told makes the gateway tell them again as they are now."""
    busy_month(room)
    data = room.gate.settings.data
    room.close()
    with sqlite3.connect(data / "imprimatur.db") as database:
        database.execute("UPDATE waste SET sheets = sheets + 1 WHERE id = 1")
        database.execute("DELETE FROM setting WHERE key = ?", (setting,))
    opened = Room.open(data)
    record_task(opened.gate, opened.actor("wang"), TaskDone(Task.ALARM_TEST, opened.gate.today(), "保安公司", ""))
    assert any("waste were told anew" in finding.what for finding in opened.verify().findings)
    opened.close()


def test_a_database_of_before_tells_the_rows_of_newly_witnessed_tables_once(room: Room) -> None:
    """Migration 0047 writes down what was told until then: here neither a device's maintenance nor anything of a fax or a meter was."""
    data, new = room.gate.settings.data, {"device_maintenance", "fax", "fax_attempt", "meter_finding", "meter_reading"}
    with room.gate.database.reading() as session:
        (body,) = session.connection().exec_driver_sql("SELECT body FROM ledger_entry WHERE seq = 1").one()
    assert json.loads(body)["data"]["rows_begun"] == TABLES
    room.close()
    with sqlite3.connect(data / "imprimatur.db") as database:
        database.execute("DELETE FROM setting WHERE key = 'rows_begun'")
        database.execute("UPDATE alembic_version SET version_num = '0046'")
        database.execute(
            "INSERT INTO device_maintenance (device_id, kind, done_on, done_by, note, at, recorded_by_id) "
            "VALUES (1, 'maintenance', '2026-03-01', '厂家工程师', '', '2026-03-01 00:00:00.000000', 1)"
        )
    migrate(room.gate.settings)
    with sqlite3.connect(data / "imprimatur.db") as database:
        ((kept,),) = database.execute("SELECT value FROM setting WHERE key = 'rows_begun'").fetchall()
    assert new | set(json.loads(kept)) | {"device", "policy_version", "user_role"} == set(TABLES)
    with sqlite3.connect(data / "imprimatur.db") as database:  # the furnished room's own entries told of these three
        database.execute("UPDATE setting SET value = ? WHERE key = 'rows_begun'", (json.dumps(sorted(set(TABLES) - new)),))
    opened = Room.open(data)
    assert [finding.what for finding in opened.verify().findings] == ["row device_maintenance/1: the ledger does not know it"]
    for _ in range(2):
        record_task(opened.gate, opened.actor("wang"), TaskDone(Task.ALARM_TEST, opened.gate.today(), "保安公司", ""))
    with opened.gate.database.reading() as session:
        told = session.connection().exec_driver_sql("SELECT body FROM ledger_entry WHERE body LIKE '%\"rows_begun\"%' ORDER BY seq").all()
    assert [json.loads(body)["data"]["rows_begun"] for (body,) in told][1:] == [sorted(new)]
    opened.close()
