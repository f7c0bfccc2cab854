"""Forms on paper: A4 across, title, unit and month, the head on every page, lines to sign on, page k of N, the ledger's head as a QR code.

A character the font does not have is shown as 〓, as printers do: a register is whole or it is none, so nothing is left out.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from gateway.domain.register_form import Column, Kind
from gateway.forms.filled import Filled
from watermark import StampFont, cut_font, qr_code, text_document

PAGE = (841.89, 595.28)
"""A4 across, in points."""
_MARGIN = 34.0
_BOTTOM = 92.0
"""Where the table ends: below stand signatures, page number and code."""
_SIZE, _SMALLEST = 7.2, 5.6
"""Type size of the table in points: smaller only where the columns would have to break their numbers."""
_LEADING, _PAD = 1.28, 2.6
_CODE_SIDE = 54.0
_MOST_LINES = 24
_ROOM = PAGE[0] - 2 * _MARGIN
"""Width of the table."""
_NARROWEST, _WIDEST, _LONGEST_WORD = 16.0, 150.0, 72.0
_UNBROKEN = re.compile(r"[!-~]+")
"""What is better not broken in two: numbers, codes, accounts."""
_MISSING = "〓"
_WORDS = {
    "zh_CN": ("单位：{unit}", "{month}", "第 {page} / {pages} 页", "本月无登记。", "{who}：", "年  月  日"),
    "en": ("Unit: {unit}", "{month}", "Page {page} of {pages}", "Nothing was registered in this month.", "{who}:", "Date:"),
}


def as_pdf(filled: Filled, font_file: bytes) -> bytes:
    """The form as a PDF; `font_file` is the font its words are written in."""
    columns = filled.on_paper
    table = [[_on_paper(filled, row, column) for column in columns] for row in filled.rows]
    headings = filled.headings(columns)
    font, clean = _font_for(filled, [headings, *table], font_file)
    sheet = _Sheet(filled, font, clean, columns)
    return text_document(list(sheet.pages(headings, table)), font, PAGE)


def _on_paper(filled: Filled, row: Mapping[str, object], column: Column) -> str:
    """The cell as the paper has it: times without zone and seconds, a hash by its first and last digits."""
    text = str(filled.told(row, column))
    if column.kind is Kind.TIME:
        return text[:16].replace("T", " ")
    if column.kind is Kind.HASH and len(text) > 12:
        return f"{text[:4]}…{text[-4:]}"
    return text


def _font_for(filled: Filled, table: Sequence[Sequence[str]], file: bytes) -> tuple[StampFont, Callable[[str], str]]:
    """A font with every character of the form, and what makes a text one it can show."""
    fixed = [*_WORDS[filled.locale], filled.title, filled.unit, filled.month, filled.head, filled.note, filled.form.number]
    signers = [word for pair in filled.form.signatures for word in pair]
    wanted = frozenset("".join([*fixed, *signers, *(cell for row in table for cell in row)])) | frozenset(f"0123456789 /…{_MISSING}")
    small, present = cut_font(file, frozenset(sign for sign in wanted if unicodedata.category(sign)[0] != "C"))
    font = StampFont(small, "".join(sorted(present)), "Register")
    gap = _MISSING if _MISSING in present else "?"

    def clean(text: str) -> str:
        return "".join(sign if sign in present else gap for sign in " ".join(text.split()))

    return font, clean


@dataclass(frozen=True)
class _Sheet:
    """Draws the pages."""

    filled: Filled
    font: StampFont
    clean: Callable[[str], str]
    columns: Sequence[Column]
    size: float = _SIZE

    def pages(self, headings: Sequence[str], table: Sequence[Sequence[str]]) -> Iterator[str]:
        """Content streams, one a page: rows are never split, the head is repeated."""
        widths = self._widths(headings, table)
        if (least := sum(self._least(headings, table))) > _ROOM and self.size > _SMALLEST:
            yield from replace(self, size=max(_SMALLEST, self.size * (_ROOM / least) ** 1.2)).pages(headings, table)
            return
        head = self._wrapped(headings, widths)
        rows = [self._wrapped(row, widths) for row in table]
        parts = self._parted(rows, self._height(head))
        for number, part in enumerate(parts, start=1):
            yield "\n".join([*self._around(number, len(parts)), *self._table(head, part, widths)])

    def _widths(self, headings: Sequence[str], table: Sequence[Sequence[str]]) -> list[float]:
        """As wide as the longest cell asks for, within limits; what is too much is taken from columns that can break their lines."""
        least = self._least(headings, table)
        longest = (max((self._width(row[at]) for row in table), default=0.0) for at in range(len(headings)))
        asked = [max(min(width, _WIDEST) + 2 * _PAD, floor) for width, floor in zip(longest, least, strict=True)]
        if sum(asked) > _ROOM > sum(least):
            kept = (_ROOM - sum(least)) / (sum(asked) - sum(least))
            asked = [floor + (wish - floor) * kept for wish, floor in zip(asked, least, strict=True)]
        return [width * _ROOM / sum(asked) for width in asked]

    def _least(self, headings: Sequence[str], table: Sequence[Sequence[str]]) -> list[float]:
        """What each column needs so that no number is broken in two; a heading may take two lines."""
        found = []
        for at, heading in enumerate(headings):
            word = max((self._width(word) for row in table for word in _UNBROKEN.findall(row[at])), default=0.0)
            found.append(max(min(word, _LONGEST_WORD), self._width(heading) / 2 + self.size, _NARROWEST) + 2 * _PAD + 0.1)
        return found

    def _width(self, text: str) -> float:
        return self.font.width(self.clean(text), self.size)

    def _wrapped(self, row: Sequence[str], widths: Sequence[float]) -> list[list[str]]:
        return [self._lines(self.clean(cell), width - 2 * _PAD) for cell, width in zip(row, widths, strict=True)]

    def _lines(self, text: str, width: float) -> list[str]:
        """Broken at blanks where there are some in the second half of a line, else anywhere, as Chinese is."""
        lines: list[str] = []
        rest = text
        while rest and len(lines) < _MOST_LINES:
            fits = max(1, next((n - 1 for n in range(1, len(rest) + 1) if self.font.width(rest[:n], self.size) > width), len(rest)))
            if fits < len(rest) and (blank := rest.rfind(" ", fits // 2, fits + 1)) > 0:
                fits = blank
            lines.append(rest[:fits].strip())
            rest = rest[fits:].lstrip()
        if rest:
            lines[-1] = lines[-1][:-1] + "…"
        return lines or [""]

    def _parted(self, rows: Sequence[list[list[str]]], head: float) -> list[list[list[list[str]]]]:
        room = PAGE[1] - _MARGIN - 52 - head - _BOTTOM
        parts: list[list[list[list[str]]]] = [[]]
        used = 0.0
        for row in rows:
            if parts[-1] and used + self._height(row) > room:
                parts.append([])
                used = 0.0
            parts[-1].append(row)
            used += self._height(row)
        return parts

    def _table(self, head: list[list[str]], rows: Sequence[list[list[str]]], widths: Sequence[float]) -> Iterator[str]:
        top = PAGE[1] - _MARGIN - 52
        yield f"0.93 g {_MARGIN:.2f} {top - self._height(head):.2f} {sum(widths):.2f} {self._height(head):.2f} re f 0 g"
        bottom = top
        yield "0.5 w 0.35 G"
        for row in [head, *rows]:
            yield _rule(_MARGIN, bottom, PAGE[0] - _MARGIN, bottom)
            yield from self._row(row, widths, bottom, bold=row is head)
            bottom -= self._height(row)
        yield _rule(_MARGIN, bottom, PAGE[0] - _MARGIN, bottom)
        x = _MARGIN
        for width in [0.0, *widths]:
            x += width
            yield _rule(x, top, x, bottom)
        if not rows:
            yield self._text(_WORDS[self.filled.locale][3], _MARGIN + _PAD, bottom - 14, 9)

    def _row(self, row: list[list[str]], widths: Sequence[float], top: float, *, bold: bool) -> Iterator[str]:
        x = _MARGIN
        for column, lines, width in zip(self.columns, row, widths, strict=True):
            for number, line in enumerate(lines):
                right = column.kind is Kind.NUMBER and not bold
                at = x + width - _PAD - self.font.width(line, self.size) if right else x + _PAD
                yield self._text(line, at, top - _PAD - self.size - number * self.size * _LEADING + 0.8, self.size, bold=bold)
            x += width

    def _around(self, page: int, pages: int) -> Iterator[str]:
        """Title, unit and month above; signatures, page number, head and code below."""
        unit, month, numbered, _, signer, day = _WORDS[self.filled.locale]
        top, right = PAGE[1] - _MARGIN, PAGE[0] - _MARGIN
        yield self._centred(self.filled.title, top - 14, 15)
        yield self._text(unit.format(unit=self.filled.unit), _MARGIN, top - 40, 9)
        yield self._centred(month.format(month=self.filled.month) + (f"  {self.filled.note}" if self.filled.note else ""), top - 40, 9)
        yield self._right(f"{self.filled.form.number}  {numbered.format(page=page, pages=pages)}", right, top - 40, 9)
        x, step = _MARGIN, (right - _CODE_SIDE - 24 - _MARGIN) / len(self.filled.form.signatures)
        for zh, en in self.filled.form.signatures:
            words = signer.format(who=zh if self.filled.locale == "zh_CN" else en)
            yield self._text(words, x, 62, 9)
            begin = x + self.font.width(self.clean(words), 9) + 4
            yield f"0.5 w 0 G {_rule(begin, 59, x + step - 74, 59)}"
            yield self._text(day, x + step - 70, 62, 8)
            x += step
        yield self._text(self.filled.head, _MARGIN, 36, 6.5)
        if self.filled.code:
            yield qr_code(self.filled.code, right - _CODE_SIDE, 28, _CODE_SIDE)

    def _height(self, row: Sequence[Sequence[str]]) -> float:
        return max(len(lines) for lines in row) * self.size * _LEADING + 2 * _PAD

    def _text(self, text: str, x: float, y: float, size: float, *, bold: bool = False) -> str:
        shown = self.clean(text)
        weight = "2 Tr 0.25 w 0 G" if bold else "0 Tr"
        return f"BT {weight} /F {size} Tf {x:.2f} {y:.2f} Td {self.font.encoded(shown)} Tj ET" if shown else ""

    def _centred(self, text: str, y: float, size: float) -> str:
        return self._text(text, (PAGE[0] - self.font.width(self.clean(text), size)) / 2, y, size, bold=size > 12)

    def _right(self, text: str, right: float, y: float, size: float) -> str:
        return self._text(text, right - self.font.width(self.clean(text), size), y, size)


def _rule(x0: float, y0: float, x1: float, y1: float) -> str:
    return f"{x0:.2f} {y0:.2f} m {x1:.2f} {y1:.2f} l S"
