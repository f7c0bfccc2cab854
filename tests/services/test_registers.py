"""Every register as a file in both languages: what it must hold, who may have it, what a spreadsheet makes of it."""

from __future__ import annotations

import csv
import io
import json
import shutil
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pypdfium2 as pdfium
import pytest
from openpyxl import load_workbook

from admin_ui.words import word
from gateway.domain.register_form import Kind
from gateway.domain.register_forms import FORMS
from gateway.errors import ForbiddenError, InvalidInputError, NotFoundError
from gateway.forms import Filled
from gateway.services.exports import export_register, register_rows, rows_in
from gateway.services.register_pages import Look, register_page
from tests.room import Room
from tests.services.busy_month import MONTH, busy_month

ROWS = {
    "visitor": 1,
    "fax": 1,
    "print": 2,
    "copy": 0,  # tests/scenarios/test_sc18_upper_document.py has one
    "permit": 2,
    "waste": 1,
    "destruction": 3,
    "carrier": 10,
    "custody": 4,
    "inventory": 8,
    "paper": 6,
    "carry_out": 1,
    "handover": 1,
}


@pytest.fixture(scope="module")
def busy(furnished: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Room]:
    room = Room.open(Path(shutil.copytree(furnished, tmp_path_factory.mktemp("busy") / "room")))
    busy_month(room)
    yield room
    room.close()


def exported(room: Room, name: str, file_format: str, locale: str = "zh_CN", month: str = MONTH) -> bytes:
    return export_register(room.gate, room.actor("lin"), name, month, file_format, locale, word).content


@pytest.mark.parametrize("name", FORMS)
def test_every_register_has_its_rows_and_every_row_its_columns(busy: Room, name: str) -> None:
    rows = register_rows(busy.gate, busy.actor("lin"), name, MONTH)
    assert len(rows) == ROWS[name]
    keys = {column.key for column in FORMS[name].columns}
    assert all(keys <= set(row) for row in rows), [keys - set(row) for row in rows]
    assert register_rows(busy.gate, busy.actor("lin"), name, "2026-02") == [] or name == "paper"


def test_what_the_rows_say(busy: Room) -> None:
    def row(name: str, at: int = 0) -> dict[str, object]:
        return register_rows(busy.gate, busy.actor("lin"), name, MONTH)[at]

    assert [row("custody", at)["verb"] for at in range(4)] == ["issue", "issue", "return", "carry_out"]
    assert (row("custody")["given_by"], row("custody")["taken_by"], row("custody")["signed_by"]) == ("郑洁", "赵敏", "赵敏")
    assert [row("destruction")[key] for key in ("witnesses", "destroyed_by", "approver")] == ["孙丽 陈静", "王勇", "吴芳"]
    assert (row("waste")["sheets"], row("waste")["list_no"]) == (5, row("destruction")["list_no"])
    assert (row("carry_out")["carriers"], row("carry_out")["max_level"], row("carry_out")["status"]) == ("ZT-2026-000003", "mimi", "out")
    missing = [line for line in register_rows(busy.gate, busy.actor("lin"), "inventory", MONTH) if line["found"] == "missing"]
    assert [(line["carrier_no"], line["incident_no"]) for line in missing] == [("ZT-2026-000010", "SJ-2026-0001")]
    assert row("handover")["leaver_signed_at"]
    assert row("permit")["approvals"] == f"李强 {row('permit')['approvals'][3:19]}; 吴芳 {row('permit')['approvals'][-16:]}"  # type: ignore[index]


@pytest.mark.parametrize("locale", ["zh_CN", "en"])
@pytest.mark.parametrize("name", FORMS)
def test_spreadsheets_hold_the_same_and_numbers_are_numbers(busy: Room, name: str, locale: str) -> None:
    form, rows = FORMS[name], register_rows(busy.gate, busy.actor("lin"), name, MONTH)
    lines = list(csv.reader(io.StringIO(exported(busy, name, "csv", locale).decode("utf-8-sig"))))
    assert lines[0] == [column.heading(locale) for column in form.columns]
    assert len(lines) == len(rows) + 1
    sheet = load_workbook(io.BytesIO(exported(busy, name, "xlsx", locale))).worksheets[0]
    assert (sheet.title, sheet.freeze_panes, sheet.print_title_rows) == (form.number, "A3", "$1:$2")
    assert form.title(locale) in str(sheet["A1"].value)
    assert MONTH in str(sheet["A1"].value)
    for at, column in enumerate(form.columns, start=1):
        values = [sheet.cell(row, at).value for row in range(3, 3 + len(rows))]
        told = [line[at - 1] for line in lines[1:]]
        if column.kind is Kind.TIME:  # the sheet's own dates, which know no zone
            assert all(isinstance(value, datetime) for value in values if value is not None), column.key
            told = [f"{datetime.fromisoformat(text).replace(tzinfo=None)}" if text else "" for text in told]
        assert ["" if value is None else f"{value}" for value in values] == told
        if column.kind is Kind.NUMBER:
            assert all(value is None or isinstance(value, int | float) for value in values), column.key
    assert [json.loads(line) for line in exported(busy, name, "jsonl", locale).splitlines()] == [
        {key: row.get(key) for key in form.keys} for row in rows
    ]


def test_codes_are_told_in_words_of_the_language(busy: Room) -> None:
    told = {"custody": ("分发", "issue"), "destruction": ("粉碎", "shredded"), "print": ("完成", "completed"), "waste": ("卡纸", "jam")}
    for name, (zh, en) in told.items():
        assert zh in exported(busy, name, "csv").decode()
        assert en in exported(busy, name, "csv", "en").decode()


@pytest.mark.parametrize("locale", ["zh_CN", "en"])
@pytest.mark.parametrize("name", FORMS)
def test_the_printed_form_bears_title_unit_month_and_every_row(busy: Room, name: str, locale: str) -> None:
    form, rows = FORMS[name], register_rows(busy.gate, busy.actor("lin"), name, MONTH)
    with pdfium.PdfDocument(exported(busy, name, "pdf", locale)) as document:
        texts = [page.get_textpage().get_text_bounded().replace("\r\n", "") for page in document]
    together = "".join(texts).replace(" ", "")
    for wanted in (form.title(locale), busy.gate.settings.unit, MONTH, form.number):
        assert all(wanted.replace(" ", "") in text.replace(" ", "") for text in texts), wanted
    first = next(column for column in form.columns if column.on_paper and column.kind is Kind.TEXT)
    for row in rows:
        assert str(row[first.key]).replace(" ", "") in together


def test_only_readers_of_the_books_get_one_and_only_of_what_there_is(busy: Room) -> None:
    with pytest.raises(ForbiddenError):
        export_register(busy.gate, busy.actor("zhao"), "print", MONTH, "pdf", "zh_CN", word)
    for name, month, file_format in (("secret", MONTH, "csv"), ("print", "2026-13", "csv"), ("print", MONTH, "docx")):
        with pytest.raises((NotFoundError, InvalidInputError)):
            export_register(busy.gate, busy.actor("lin"), name, month, file_format, "en", word)


def test_what_registers_are_folded_from_is_never_told_deeper_down(busy: Room) -> None:
    """`verify` reads these members of an entry's data by their names alone."""

    def keys(value: object) -> Iterator[str]:
        for name, inner in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
            if isinstance(name, str):
                yield name
            yield from keys(inner)

    with busy.gate.database.reading() as session:
        bodies = [json.loads(body) for (body,) in session.connection().exec_driver_sql("SELECT body FROM ledger_entry")]
    assert len(bodies) > 80
    deeper = {key for body in bodies for value in body["data"].values() for key in keys(value)}
    assert not deeper & {"print_register", "allowance", "carriers", "paper_used"}


@pytest.mark.parametrize("name", ["carrier", "custody", "permit", "waste", "destruction", "inventory", "carry_out", "handover"])
def test_a_number_is_found_by_the_database_as_by_the_eye(busy: Room, name: str) -> None:
    form, rows = FORMS[name], register_rows(busy.gate, busy.actor("lin"), name, MONTH)
    filled = Filled(form, "", MONTH, "zh_CN", (), word)
    for wanted in ("ZT-2026-000001", "zt-2026-00000", "ZT-2026-000010", "ZYZ-2026-000001", "zyz-2", "ZT-9", "ZYZ-2026-9", "赵敏", "000001"):
        seen = [row for row in rows if any(wanted.casefold() in str(filled.told(row, one)).casefold() for one in form.columns)]
        page = register_page(busy.gate, busy.actor("lin"), Look(name, MONTH, wanted), "zh_CN", word)
        assert list(page) == seen, wanted


def test_the_database_leaves_out_what_cannot_name_the_number(busy: Room) -> None:
    with busy.gate.database.reading() as session:
        counts = {
            (name, number): len(list(rows_in(busy.gate, session, busy.actor("lin"), name, MONTH, number=number)))
            for name in ("carrier", "custody", "permit")
            for number in ("", "ZT-2026-000001", "ZYZ-9")
        }
    assert counts["carrier", "ZT-2026-000001"] == 1 < counts["carrier", ""]
    assert counts["custody", "ZT-2026-000001"] < counts["custody", ""]
    assert [counts[name, "ZYZ-9"] for name in ("carrier", "custody", "permit")] == [0, 0, 0]
