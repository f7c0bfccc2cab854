"""Corrections of register rows (R56): beside the row in every form, by the right person, never an edit."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pypdfium2 as pdfium
import pytest

from admin_ui.words import word
from gateway.domain.deadlines import Duty
from gateway.domain.register_form import CORRECTIONS
from gateway.domain.register_forms import FORMS
from gateway.errors import ConflictError, ForbiddenError, InvalidInputError, NotFoundError
from gateway.services.corrections import Wish, acknowledge_correction, correct_row, list_corrections
from gateway.services.exports import export_register, register_rows
from gateway.services.reminders import list_overdue
from tests.room import Room
from tests.services.busy_month import busy_month

MONTH = "2026-03"
NO_ROW = {"copy"}
"""Nothing is copied in the busy month; its rows are the print register's."""


@pytest.fixture(scope="module")
def busy(furnished: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Room]:
    room = Room.open(Path(shutil.copytree(furnished, tmp_path_factory.mktemp("corrections") / "room")))
    busy_month(room)
    yield room
    room.close()


def rows(room: Room, name: str) -> list[dict[str, object]]:
    return register_rows(room.gate, room.actor("lin"), name, MONTH)


def exported(room: Room, name: str, file_format: str, locale: str = "zh_CN") -> bytes:
    return export_register(room.gate, room.actor("lin"), name, MONTH, file_format, locale, word).content


def value_for(kind: str) -> str:
    return {"number": "77", "time": "2026-03-12T17:30:00+08:00"}.get(kind, "更正后的内容")


@pytest.mark.parametrize("name", [name for name, form in FORMS.items() if form.key and name not in NO_ROW])
def test_every_register_shows_the_row_as_it_is_with_its_correction(busy: Room, name: str) -> None:
    form, before = FORMS[name], rows(busy, name)
    column, number = form.correctable[-1], form.row_no(before[-1])
    made = correct_row(busy.gate, busy.actor("wang"), Wish(name, number, column.key, value_for(column.kind.value), "登记有误"))
    after = rows(busy, name)
    assert [{**row, CORRECTIONS.key: None} for row in after] == [{**row, CORRECTIONS.key: None} for row in before]
    (note,) = (one for one in after[-1][CORRECTIONS.key] if one["number"] == made.number)  # type: ignore[attr-defined]
    assert (note["new"], note["reason"], note["waits"]) == (value_for(column.kind.value), "登记有误", column.kind.value == "number")
    assert "登记有误" in exported(busy, name, "csv").decode()
    told = json.loads(exported(busy, name, "jsonl").splitlines()[-1])
    assert told[CORRECTIONS.key][-1]["number"] == made.number
    with pdfium.PdfDocument(exported(busy, name, "pdf")) as document:
        text = "".join(page.get_textpage().get_text_bounded() for page in document)
    assert "登记有误" in "".join(text.split())
    assert busy.verify().ok


def test_numbers_wait_for_the_secrecy_office_and_text_does_not(busy: Room) -> None:
    job, zheng, wu = str(rows(busy, "print")[0]["job"]), busy.actor("wang"), busy.actor("wu")
    text = correct_row(busy.gate, zheng, Wish("print", job, "title", "规划纲要（送审稿）", "题名不全"))
    count = correct_row(busy.gate, zheng, Wish("print", job, "sheets_waste", "004", "漏记"))
    assert (text.waits, count.waits, count.new) == (False, True, "4")
    assert "待保密办确认" in exported(busy, "print", "csv").decode()
    assert count.number in [one.number for one in list_corrections(busy.gate, busy.actor("chu"), waiting=True)]
    with pytest.raises(ForbiddenError):
        acknowledge_correction(busy.gate, zheng, count.number)
    busy.clock.advance(hours=25)
    late = [item for item in list_overdue(busy.gate, busy.actor("wu")) if item.due.duty is Duty.CORRECTION]
    assert job in [item.due.subject for item in late], "a number nobody has acknowledged for a day is reminded of"
    assert acknowledge_correction(busy.gate, wu, count.number).acknowledged_by == "wu"
    for again in (count.number, text.number):
        with pytest.raises(ConflictError):
            acknowledge_correction(busy.gate, wu, again)
    once_more = correct_row(busy.gate, zheng, Wish("print", job, "sheets_waste", "5", "又查"))
    assert (once_more.old, once_more.new) == ("4", "5"), "what stands is the correction before"
    assert rows(busy, "print")[0]["sheets_waste"] != 5


def test_what_is_no_correction(busy: Room) -> None:
    job, wang = str(rows(busy, "print")[0]["job"]), busy.actor("wang")
    for stranger in ("feng", "chu", "li", "zhao"):
        with pytest.raises(ForbiddenError):
            correct_row(busy.gate, busy.actor(stranger), Wish("print", job, "title", "别的", "误"))
    for wrong in (
        Wish("print", job, "job", "H999999", "误"),
        Wish("print", job, "page_hash", "00", "误"),
        Wish("print", job, "ledger_seq", "1", "误"),
        Wish("print", job, "corrections", "x", "误"),
        Wish("print", job, "nothing", "x", "误"),
        Wish("print", job, "pages", "-1", "误"),
        Wish("print", job, "pages", "１", "误"),
        Wish("print", job, "released_at", "昨天", "误"),
        Wish("print", job, "title", "别的", " "),
        Wish("print", job, "title", "长" * 201, "误"),
        Wish("print", job, "pages", str(rows(busy, "print")[0]["pages"]), "误"),
        Wish("paper", "D02", "sheets_total", "3", "误"),
        Wish("print", job, "title", "别的", "误", "2026-13"),
    ):
        with pytest.raises(InvalidInputError):
            correct_row(busy.gate, wang, wrong)
    for missing in (
        Wish("secret", job, "title", "x", "误"),
        Wish("print", "H9", "title", "x", "误"),
        Wish("print", job, "title", "x", "误", "2026-02"),
    ):
        with pytest.raises(NotFoundError):
            correct_row(busy.gate, wang, missing)


def test_a_title_or_a_formula_in_a_correction_stays_text(busy: Room) -> None:
    job, wang = str(rows(busy, "print")[0]["job"]), busy.actor("wang")
    correct_row(busy.gate, wang, Wish("print", job, "device", "=1+1\nx", "=HYPERLINK(1)"))
    line = next(line for line in exported(busy, "print", "csv").decode().splitlines() if "HYPERLINK" in line)
    assert not any(cell.startswith("=") for cell in line.split(","))
    with busy.gate.database.reading() as session:
        bodies = session.connection().exec_driver_sql("SELECT body FROM ledger_entry WHERE kind = 'register.corrected'").scalars().all()
    assert bodies
    assert not any("HYPERLINK" in body or "送审稿" in body or "登记有误" in body for body in bodies)
