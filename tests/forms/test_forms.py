"""Forms alone: many rows on many pages, strange words, formulas; each page is looked at as a reader and as a scanner does."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path

import pypdfium2 as pdfium
import pytest
import zxingcpp
from openpyxl import load_workbook

from gateway.domain.register_form import Column, Kind, RegisterForm
from gateway.forms import Filled, as_csv, as_pdf, as_xlsx
from watermark import FontFiles

FORM = RegisterForm(
    "trial",
    "F0",
    "试验登记表",
    "Trial register",
    (
        Column("number", "序号", "No.", Kind.NUMBER),
        Column("title", "文件名称", "Title"),
        Column("at", "时间", "Time", Kind.TIME),
        Column("hash", "哈希", "Hash", Kind.HASH),
        Column("secret", "不印", "Not on paper", on_paper=False),
    ),
)
CODE = "IK" + "0123456789ABCDEFGHJKMNPQRSTVWXYZ" * 5


@pytest.fixture(scope="module")
def font() -> bytes:
    return FontFiles().read()[0]


def filled(rows: list[dict[str, object]], locale: str = "zh_CN") -> Filled:
    return Filled(FORM, "示范单位", "2026-03", locale, rows, lambda _, __, code: code, "账本第 9 条 " + "ab" * 32, CODE)


def row(number: int, title: str = "关于若干事项的通知") -> dict[str, object]:
    return {"number": number, "title": title, "at": "2026-03-12T09:14:05+08:00", "hash": "4be1" + "0" * 56 + "ff77", "secret": "s"}


def texts(content: bytes) -> list[str]:
    with pdfium.PdfDocument(content) as document:
        return [page.get_textpage().get_text_bounded() for page in document]


def test_many_rows_take_many_pages_each_with_its_head(font: bytes) -> None:
    pages = texts(as_pdf(filled([row(number) for number in range(1, 201)]), font))
    assert len(pages) > 5
    for number, page in enumerate(pages, start=1):
        for wanted in ("试验登记表", "序号", "文件名称", "哈希", f"第 {number} / {len(pages)} 页", "机要管理员："):
            assert wanted in page, (number, wanted)
    numbers = [int(number) for page in pages for number in re.findall(r"(\d+) 关于", page)]
    assert numbers == list(range(1, 201))
    assert "2026-03-12 09:14" in pages[0]
    assert "4be1…ff77" in pages[0]
    assert "不印" not in pages[0]


def test_nothing_stands_outside_the_page_or_in_the_margin(font: bytes, tmp_path: Path) -> None:
    rows = [row(number, "很长的文件名称" * (number % 40)) for number in range(1, 60)]
    with pdfium.PdfDocument(as_pdf(filled(rows), font)) as document:
        for page in document:
            width, height = page.get_size()
            words = page.get_textpage()
            boxes = [words.get_charbox(at) for at in range(words.count_chars()) if words.get_text_range(at, 1).strip()]
            assert min(box[0] for box in boxes) > 30
            assert max(box[2] for box in boxes) < width - 30
            assert min(box[1] for box in boxes) > 24
            assert max(box[3] for box in boxes) < height - 20
            in_table = [box for box in boxes if box[1] > 92]
            assert in_table


def test_the_code_is_read_from_every_page(font: bytes) -> None:
    with pdfium.PdfDocument(as_pdf(filled([row(number) for number in range(1, 80)]), font)) as document:
        for page in document:
            picture = page.render(scale=300 / 72).to_pil()
            assert [found.text for found in zxingcpp.read_barcodes(picture)] == [CODE]


def test_an_empty_month_says_so_on_one_page(font: bytes) -> None:
    (page,) = texts(as_pdf(filled([]), font))
    assert "本月无登记" in page
    (english,) = texts(as_pdf(filled([], "en"), font))
    assert "Nothing was registered" in english
    assert "Page 1 of 1" in english


@pytest.mark.parametrize("title", ["\U0001f512 机密", "a\nb\tc\x00d", "\u202egnihton", ") Tj ET (", "ﷺ", "x" * 3000, " ", "é€ß"])
def test_strange_titles_neither_break_nor_empty_the_page(font: bytes, title: str) -> None:
    pages = texts(as_pdf(filled([row(1, title), row(2)]), font))
    assert "关于若干事项的通知" in "".join(pages).replace("\r\n", "")
    as_xlsx(filled([row(1, title)]))


@pytest.mark.parametrize("title", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", '=HYPERLINK("http://x")'])
def test_no_cell_is_a_formula(title: str) -> None:
    sheet = load_workbook(io.BytesIO(as_xlsx(filled([row(1, title)])))).worksheets[0]
    assert sheet["B3"].data_type == "s"
    assert str(sheet["B3"].value).startswith("'")
    assert list(csv.reader(io.StringIO(as_csv(filled([row(1, title)])).decode("utf-8-sig"))))[1][1].startswith("'")
