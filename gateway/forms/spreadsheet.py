"""Forms for machines: CSV, XLSX, JSON lines. Numbers stay numbers; no cell is one a spreadsheet takes for a formula."""

from __future__ import annotations

import csv
import io
import json
from datetime import datetime

from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from gateway.domain.plain_text import one_line
from gateway.domain.register_form import Column, Kind
from gateway.forms.filled import Filled

_FORMULA_STARTS = ("=", "+", "-", "@", "＝", "＋", "－", "＠")
_NARROWEST, _WIDEST = 8, 42
_TIME = "yyyy-mm-dd hh:mm"
_THIN = Side(style="thin", color="999999")


def _safe(value: object) -> object:
    """Text that begins like a formula gets an apostrophe, and holds nothing a sheet cannot hold; numbers stay numbers."""
    if not isinstance(value, str):
        return value
    text = one_line(value)
    return f"'{text}" if text.lstrip().startswith(_FORMULA_STARTS) else text


def _sheet_value(value: object, column: Column) -> object:
    """A time as the sheet's own date, at the local time it was told in; sheets know no zones."""
    if column.kind is Kind.TIME and isinstance(value, str) and value:
        try:
            return datetime.fromisoformat(value).replace(tzinfo=None)
        except ValueError:
            return _safe(value)
    return _safe(value)


def as_csv(filled: Filled) -> bytes:
    """CSV in UTF-8 with the mark by which spreadsheets know it."""
    columns = filled.form.columns
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(filled.headings(columns))
    writer.writerows([_safe(filled.told(row, column)) for column in columns] for row in filled.rows)
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def as_jsonl(filled: Filled) -> bytes:
    """A JSON object a row, codes as they are."""
    keys = [column.key for column in filled.form.columns]
    return "".join(json.dumps({key: row.get(key) for key in keys}, ensure_ascii=False) + "\n" for row in filled.rows).encode()


def as_xlsx(filled: Filled) -> bytes:
    """A workbook of one sheet: title, frozen head, widths by content, ready to be printed on one page's width."""
    columns = filled.form.columns
    book = Workbook()
    sheet = book.active or book.create_sheet()
    sheet.title = filled.form.number
    sheet.append([_safe(f"{filled.unit} {filled.title} {filled.month}")])
    sheet.append(filled.headings(columns))
    for row in filled.rows:
        sheet.append([_sheet_value(filled.told(row, column), column) for column in columns])
    if filled.head:
        sheet.append([])
        sheet.append([filled.head])
    _dress(sheet, filled, columns)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _dress(sheet: Worksheet, filled: Filled, columns: tuple[Column, ...]) -> None:
    sheet["A1"].font = Font(bold=True, size=14)
    for cell in sheet[2]:
        cell.font, cell.alignment = Font(bold=True), Alignment(wrap_text=True, vertical="center")
        cell.border = Border(bottom=_THIN)
    for at, column in enumerate(columns, start=1):
        told = [_TIME] if column.kind is Kind.TIME else [str(filled.told(row, column)) for row in filled.rows]
        widest = max(sum(2 if ord(sign) > 0x2E7F else 1 for sign in text) for text in (column.heading(filled.locale), *told))
        letter = get_column_letter(at)
        sheet.column_dimensions[letter].width = min(max(widest + 2, _NARROWEST), _WIDEST)
        for cell in sheet[letter][2:]:
            cell.alignment = Alignment(wrap_text=True, vertical="top", horizontal="right" if column.kind is Kind.NUMBER else None)
            if column.kind is Kind.TIME and isinstance(cell.value, datetime):
                cell.number_format = _TIME
    sheet.freeze_panes = "A3"
    sheet.print_title_rows = "1:2"
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", sheet.PAPERSIZE_A4
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
