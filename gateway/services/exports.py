"""Registers as files: CSV, XLSX, JSON lines. Chinese headings as on the form; cells a spreadsheet cannot take for formulas."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from dataclasses import dataclass

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter

from gateway.errors import InvalidInputError
from gateway.services.gate import Actor, Gate
from gateway.services.months import parse_month
from gateway.services.registers import PRINT_COLUMNS, print_register

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
_TITLE = {"zh_CN": "打印涉密信息登记表", "en": "Print register"}


@dataclass(frozen=True, slots=True)
class Export:
    """A file to hand over."""

    file_name: str
    media_type: str
    content: bytes


def export_print_register(gate: Gate, actor: Actor, month_text: str, file_format: str, locale: str) -> Export:
    """The month's print register as a file. Raises InvalidInputError for an unknown format."""
    rows = print_register(gate, actor, month_text)
    name = f"print-register-{parse_month(gate, month_text).label}.{file_format}"
    headings = [zh if locale == "zh_CN" else en for _, zh, en in PRINT_COLUMNS]
    if file_format == "csv":
        return Export(name, "text/csv", _csv(headings, rows))
    if file_format == "xlsx":
        media_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
        return Export(name, media_type, _xlsx(f"{gate.settings.unit} {_TITLE[locale]} {month_text}".strip(), headings, rows))
    if file_format == "jsonl":
        return Export(name, "application/jsonl", "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode())
    raise InvalidInputError(f"'{file_format[:10]}' is not a format of registers.", "Use csv, xlsx or jsonl.")


def _safe(value: object) -> object:
    """Text that begins like a formula gets an apostrophe; numbers stay numbers."""
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA_STARTS) else value


def _csv(headings: Sequence[str], rows: Sequence[dict[str, object]]) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(headings)
    writer.writerows([_safe(row[key]) for key, _, _ in PRINT_COLUMNS] for row in rows)
    return b"\xef\xbb\xbf" + out.getvalue().encode()  # the mark tells spreadsheets that it is UTF-8


def _xlsx(title: str, headings: Sequence[str], rows: Sequence[dict[str, object]]) -> bytes:
    book = Workbook()
    sheet = book.active or book.create_sheet()
    sheet.title = "F3"
    sheet.append([title])
    sheet.append(list(headings))
    sheet["A1"].font = Font(bold=True, size=14)
    for cell in sheet[2]:
        cell.font, cell.alignment = Font(bold=True), Alignment(wrap_text=True, vertical="center")
    for row in rows:
        sheet.append([_safe(row[key]) for key, _, _ in PRINT_COLUMNS])
    for column, (key, zh, _) in enumerate(PRINT_COLUMNS, start=1):
        widest = max([len(zh) * 2, *(len(str(row[key])) for row in rows)], default=8)
        sheet.column_dimensions[get_column_letter(column)].width = min(max(widest + 2, 8), 42)
    sheet.freeze_panes = "A3"
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
