"""Lists out of spreadsheets: any usual encoding, headings in two languages, all lines or none, every fault named."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from sqlmodel import func, select

from gateway.cli.spreadsheets import read_roster
from gateway.db.tables import LedgerEntry
from gateway.domain.rosters import Kind, read_day
from gateway.domain.vocabulary import Level, Role
from gateway.errors import ForbiddenError, InvalidInputError
from gateway.services import devices, people, roll
from gateway.services.rosters import Line, import_roster
from tests.room import Room

USERS = """\
帐号,姓名,部门代码,角色,涉密等级,承诺书签订日期,承诺书到期日,培训日期,系统用户
zhang,张伟,D02,承办人,秘密,2026/1/5,2026年12月31日,20260201,zhang
wei,"魏来",D01,机要管理员,机密,2026-01-05,,2026.2.1,
han,韩雪,D03,承办人、部门负责人,,,,,
"""


def lines_of(file: Path, content: bytes, kind: Kind = Kind.USERS) -> list[Line]:
    file.write_bytes(content)
    return [Line(row["line"], row["cells"]) for row in read_roster(file, kind)]


def entries(room: Room) -> int:
    with room.gate.database.reading() as session:
        return session.exec(select(func.count()).select_from(LedgerEntry)).one()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_a_list_as_a_spreadsheet_saves_it(room: Room, tmp_path: Path, encoding: str, separator: str, newline: str) -> None:
    content = USERS.replace(",", separator).replace("\n", newline).encode(encoding)
    made = import_roster(room.gate, room.actor("feng"), Kind.USERS, lines_of(tmp_path / "people.csv", content))
    assert made == ["zhang", "wei", "han"]
    zhang = roll.show_user(room.gate, room.actor("chen"), "zhang")
    assert (zhang.display_name, zhang.clearance, zhang.unix_user) == ("张伟", "mimi", "zhang")
    assert (zhang.undertaking_date, zhang.undertaking_until, zhang.training_date) == (
        date(2026, 1, 5),
        date(2026, 12, 31),
        date(2026, 2, 1),
    )
    assert room.actor("wei").roles == {Role.OPERATOR}
    assert room.actor("wei").clearance is Level.JIMI
    assert room.actor("han").roles == {Role.REQUESTER, Role.DEPARTMENT_HEAD}
    assert room.verify().ok


def test_english_headings_in_another_order_with_empty_lines_and_cells(room: Room, tmp_path: Path) -> None:
    content = "\n\nDepartment,USERNAME,display_name,,\n\nD02,zhang,Zhang Wei,,\n,,,,\nD02,wei,Wei Lai,,\n"
    assert import_roster(room.gate, room.actor("feng"), Kind.USERS, lines_of(tmp_path / "people.csv", content.encode())) == ["zhang", "wei"]


def test_one_faulty_line_and_nothing_is_made_and_all_faulty_lines_are_named(room: Room, tmp_path: Path) -> None:
    content = """\
帐号,姓名,部门代码,角色,涉密等级,承诺书签订日期,系统用户
good,好人,D02,,,,
zheng,重名,D02,,,,
a b,空格,D02,,,,
third,无部门,D77,,,,
fourth,密级,D02,皇帝,绝绝密,31.12.2026,
,无帐号,D02,,,,
fifth,兼任,D02,系统管理员 承办人,,,
sixth,系统用户,D02,,,,zhao
good,又来,D02,,,,
"""
    before = entries(room)
    with pytest.raises(InvalidInputError) as caught:
        import_roster(room.gate, room.actor("feng"), Kind.USERS, lines_of(tmp_path / "people.csv", content.encode()))
    told = caught.value.happened.splitlines()
    assert told[0] == "8 of 9 lines are faulty:"
    assert [line.partition(":")[0] for line in told[1:]] == [f"line {number}" for number in (3, 4, 5, 6, 7, 8, 9, 10)]
    assert all(word in told[4] for word in ("皇帝", "绝绝密", "31.12.2026")), "a line names all its faults"
    assert entries(room) == before
    assert "good" not in {line.username for line in roll.list_users(room.gate, room.actor("chen"))}
    assert room.verify().ok


def test_a_dry_run_makes_nothing_but_finds_everything(room: Room, tmp_path: Path) -> None:
    lines, before = lines_of(tmp_path / "people.csv", USERS.encode()), entries(room)
    assert import_roster(room.gate, room.actor("feng"), Kind.USERS, lines, dry_run=True) == ["zhang", "wei", "han"]
    assert entries(room) == before
    assert import_roster(room.gate, room.actor("feng"), Kind.USERS, lines) == ["zhang", "wei", "han"]
    with pytest.raises(InvalidInputError, match="3 of 3"):
        import_roster(room.gate, room.actor("feng"), Kind.USERS, lines, dry_run=True)


def test_departments_and_devices(room: Room, tmp_path: Path) -> None:
    feng = room.actor("feng")
    departments = lines_of(tmp_path / "d.csv", "部门代码,部门名称\nD10,档案室\nD11,研究室\n".encode("gb18030"), Kind.DEPARTMENTS)
    assert import_roster(room.gate, feng, Kind.DEPARTMENTS, departments) == ["D10", "D11"]
    assert {"D10", "D11"} <= {department.code for department in people.list_departments(room.gate)}
    heading = "设备编号,地址,设备名称,位置,指定地点,最高密级,接口,队列\n"
    rows = "PRN-JY-02,ipp://127.0.0.1:1/ipp/print,二号机,机要室,是,机密,ipp,jiyao2\nPRN-02,ipps://host/ipp/print,,,否,,,\n"
    made = import_roster(room.gate, feng, Kind.DEVICES, lines_of(tmp_path / "p.csv", (heading + rows).encode(), Kind.DEVICES))
    assert made == ["PRN-JY-02", "PRN-02"]
    found = {device.code: device for device in devices.list_devices(room.gate)}
    assert (found["PRN-JY-02"].designated, found["PRN-JY-02"].max_level, found["PRN-02"].max_level) == (True, "jimi", "gongkai")
    bad = "PRN-03,ftp://host/,,,也许,,,\nPRN-04,cups://q,,,,,,\nPRN-05,ipp://host/ipp/print,,,,,,jiyao\n"
    with pytest.raises(InvalidInputError, match="3 of 3"):
        import_roster(room.gate, feng, Kind.DEVICES, lines_of(tmp_path / "p.csv", (heading + bad).encode(), Kind.DEVICES))


def test_only_administrators_import(room: Room) -> None:
    line = [Line(2, {"username": "x", "display_name": "X", "department": "D02"})]
    for account in ("chen", "chu", "zheng", "zhao"):
        with pytest.raises(ForbiddenError):
            import_roster(room.gate, room.actor(account), Kind.USERS, line)
    with pytest.raises(ForbiddenError):
        import_roster(room.gate, None, Kind.USERS, line)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "empty"),
        ("帐号,姓名\nx,y\n".encode(), "department"),
        ("帐号,姓名,部门,帐号\n".encode(), "twice"),
        ("帐号,姓名,部门,生日\n".encode(), "生日"),
        ("帐号,姓名,部门\nx,y,D02,1,2\n".encode(), "Line 2 has 5 cells"),
        ('帐号,姓名,部门\nx,"y,D02\n'.encode(), "Line 2"),
        (b"username,display_name,department\nx,\x00,D02\n", "no text"),
        (b"username,display_name,department\nx,\xff\xff\xff,D02\n", "neither"),
    ],
)
def test_what_is_no_list_is_refused(tmp_path: Path, content: bytes, told: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        lines_of(tmp_path / "people.csv", content)
    assert told in caught.value.happened


@pytest.mark.parametrize(
    "text", ["2026-02-30", "26-1-1", "2026-1", "1/2/2026", "yesterday", "２０２６-01-01", "2026-01-01T00:00", "2026013"]
)
def test_what_is_no_day_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not a day"):
        read_day(text)


@pytest.mark.parametrize("text", ["2026-01-05", "2026/1/5", "2026.1.5", "2026年1月5日", "20260105", "2026/1/5 0:00", "2026-01-05 00:00:00"])
def test_days_as_spreadsheets_write_them(text: str) -> None:
    assert read_day(text) == date(2026, 1, 5)
