"""Reading a CSV file as spreadsheets save it: UTF-8 with or without mark, GB18030 or UTF-16, separated by comma, semicolon or tab."""

from __future__ import annotations

import codecs
import csv
import io
from pathlib import Path
from typing import Any

from gateway.domain.rosters import Kind, read_headings
from gateway.errors import InvalidInputError

_NEXT = "Correct the file; nothing was imported."
_SEPARATORS = ",;\t，"


def read_roster(file: Path, kind: Kind) -> list[dict[str, Any]]:
    """The lines of the file in the API's form. Raises InvalidInputError with the line at fault."""
    text = _decode(file.read_bytes())
    if "\0" in text:
        raise InvalidInputError("The file holds bytes that are no text.", "Save it as CSV.")
    first = text.lstrip("\r\n").partition("\n")[0]
    separator = max(_SEPARATORS, key=first.count)
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    names: list[str] = []
    lines: list[dict[str, Any]] = []
    begins = 1
    try:
        for row in rows:
            number, begins = begins, rows.line_num + 1
            if not any(cell.strip() for cell in row):
                continue
            if not names:
                names = read_headings(kind, _without_empty_end(row))
            else:
                lines.append({"line": number, "cells": _cells(names, row, number)})
    except (csv.Error, ValueError) as error:
        raise InvalidInputError(f"Line {rows.line_num}: {error}.", _NEXT) from error
    if not names:
        raise InvalidInputError("The file is empty.", "Its first line names the columns.")
    return lines


def _cells(names: list[str], row: list[str], number: int) -> dict[str, str]:
    kept = _without_empty_end(row)
    if len(kept) > len(names):
        raise InvalidInputError(f"Line {number} has {len(kept)} cells, the heading {len(names)}.", _NEXT)
    return dict(zip(names, kept, strict=False))


def _without_empty_end(row: list[str]) -> list[str]:
    """Spreadsheets add empty cells at the end of lines."""
    kept = list(row)
    while kept and not kept[-1].strip():
        kept.pop()
    return kept


def _decode(content: bytes) -> str:
    for mark, encoding in ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16")):
        if content.startswith(mark):
            return _decoded(content, encoding)
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        return _decoded(content, "gb18030")


def _decoded(content: bytes, encoding: str) -> str:
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        raise InvalidInputError("The file is neither UTF-8 nor GB18030.", "Save it as CSV UTF-8.") from error
