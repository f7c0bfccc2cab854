"""A slip as a black-and-white picture of the paper's width, at 203 dots an inch: drawn from top to bottom, then cut to length."""

from __future__ import annotations

import io
import re
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

import qrcode
from PIL import Image, ImageDraw, ImageFont
from qrcode.constants import ERROR_CORRECT_M, ERROR_CORRECT_Q

from gateway.domain.slips import HEADINGS, Slip, SlipTable, grouped

_TALLEST = 6000
_EDGE = 16
_LABEL, _BODY, _SMALL, _NUMBER, _HEADING, _MARK = 22, 26, 20, 46, 50, 34
_SMALLEST = 8
_INK_FROM = 150
"""Grey below this becomes ink: strokes of small hanzi stay whole."""

_SHORT_CODE = 60
"""Characters up to which a code may take the stronger correction and still have dots a hand scanner reads."""

_CHINESE_FACE = 2
"""The simplified-Chinese face of Debian's Noto Sans CJK collection."""


_PIECES = re.compile(r"[\w:./+-]+[，。；：）、,;)]*|.[，。；：）、,;)]*", re.ASCII)
"""What a line is not broken inside of: a Latin word or number, a hanzi, each with the closing punctuation after it."""


@lru_cache(maxsize=32)
def _font(file: Path, size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(file, size, index=_CHINESE_FACE if file.suffix == ".ttc" else 0, layout_engine=ImageFont.Layout.BASIC)


@dataclass(slots=True)
class _Pen:
    """A cursor that goes down a long strip of paper."""

    width: int
    regular: Path
    bold: Path
    y: int = _EDGE
    canvas: Image.Image = field(init=False)
    ink: ImageDraw.ImageDraw = field(init=False)

    def __post_init__(self) -> None:
        self.canvas = Image.new("L", (self.width, _TALLEST), 255)
        self.ink = ImageDraw.Draw(self.canvas)

    @property
    def room(self) -> int:
        """Dots between the edges."""
        return self.width - 2 * _EDGE

    def font(self, size: int, *, bold: bool = False) -> ImageFont.FreeTypeFont:
        """One of the two faces."""
        return _font(self.bold if bold else self.regular, size)

    def fitting(self, words: str, size: int, *, bold: bool = True) -> ImageFont.FreeTypeFont:
        """The face in `size`, or as large as `words` fit between the edges."""
        while size > _SMALLEST and self.font(size, bold=bold).getlength(words) > self.room:
            size -= 1
        return self.font(size, bold=bold)

    def centred(self, words: str, font: ImageFont.FreeTypeFont, *, below: int = 6, colour: int = 0) -> None:
        """One line in the middle."""
        self.ink.text((self.width / 2, self.y), words, font=font, fill=colour, anchor="ma")
        self.y += int(font.size * 1.3) + below

    def rule(self, thickness: int = 2, *, above: int = 8, below: int = 12) -> None:
        """A line from edge to edge."""
        self.y += above
        self.ink.rectangle((_EDGE, self.y, self.width - _EDGE - 1, self.y + thickness - 1), fill=0)
        self.y += thickness + below

    def lines_of(self, words: str, font: ImageFont.FreeTypeFont, room: int) -> list[str]:
        """Broken where the room ends: between hanzi or Latin words, never before closing punctuation."""
        lines = []
        for paragraph in words.split("\n"):
            lines.append("")
            for piece in _PIECES.findall(paragraph):
                for part in [piece] if font.getlength(piece) <= room else list(piece):
                    if font.getlength((lines[-1] + part).rstrip()) > room:
                        lines.append("")
                    lines[-1] = (lines[-1] + part).lstrip()
        return lines

    def row(self, label: str, value: str) -> None:
        """A label and, in a column of its own, its value."""
        font, column = self.font(_BODY), _EDGE + 5 * _LABEL + 12
        self.ink.text((_EDGE, self.y + 3), label, font=self.font(_LABEL), fill=0)
        for line in self.lines_of(value, font, self.width - _EDGE - column):
            self.ink.text((column, self.y), line, font=font, fill=0)
            self.y += int(_BODY * 1.32)
        self.y += 5


def draw(slip: Slip, width: int, fonts: tuple[Path, Path]) -> Image.Image:
    """The slip, `width` dots wide, in mode '1'; `fonts` are the regular and the bold font file. Raises ValueError when it is too long."""
    pen = _Pen(width, *fonts)
    _draw_heading(pen, slip)
    for label, value in slip.rows:
        pen.row(label, value)
    if slip.table is not None:
        _draw_table(pen, slip.table)
    if slip.code:
        _draw_code(pen, slip.code, slip.code_words)
    for label in slip.signatures:
        pen.y += 34
        pen.ink.text((_EDGE, pen.y), label, font=pen.font(_LABEL), fill=0)
        pen.ink.line((_EDGE + 6 * _LABEL, pen.y + 30, width - _EDGE, pen.y + 30), fill=0, width=2)
        pen.y += 30
    _draw_foot(pen, slip)
    if pen.y > _TALLEST:
        raise ValueError(f"a slip of {pen.y} dots is longer than {_TALLEST}")
    return pen.canvas.crop((0, 0, width, pen.y)).point(lambda grey: 255 if grey >= _INK_FROM else 0).convert("1")


def _draw_heading(pen: _Pen, slip: Slip) -> None:
    chinese, english = HEADINGS[slip.kind]
    pen.centred(slip.unit, pen.fitting(slip.unit, _LABEL, bold=False), below=2)
    pen.centred(chinese, pen.font(_HEADING, bold=True), below=-4)
    pen.centred(english, pen.font(_SMALL), below=0)
    pen.rule(4, above=2, below=3)
    pen.rule(1, above=0, below=10)
    if slip.banner:
        font = pen.fitting(slip.banner, _MARK)
        pen.ink.rectangle((_EDGE, pen.y, pen.width - _EDGE - 1, pen.y + int(font.size * 1.5)), fill=0)
        pen.y += int(font.size * 0.04)
        pen.centred(slip.banner, font, below=int(font.size * 0.2) + 12, colour=255)
    pen.centred(slip.number, pen.fitting(slip.number, _NUMBER))
    if slip.mark:
        font = pen.fitting(slip.mark + "国", _MARK)
        half = font.getlength(slip.mark) / 2 + 18
        pen.y += 4
        pen.ink.rectangle((pen.width / 2 - half, pen.y, pen.width / 2 + half, pen.y + 54), outline=0, width=3)
        pen.centred(slip.mark, font, below=12)
    pen.rule(1, above=8)


def _draw_table(pen: _Pen, table: SlipTable) -> None:
    pen.rule(1, above=4, below=6)
    step = pen.room / len(table.headings)
    for cells, bold in [(table.headings, True), *((row, False) for row in table.rows)]:
        for column, cell in enumerate(cells):
            pen.ink.text((_EDGE + step * column, pen.y), cell, font=pen.font(_LABEL, bold=bold), fill=0)
        pen.y += int(_LABEL * 1.5)
    pen.rule(1, above=4, below=4)


def _draw_code(pen: _Pen, code: str, words: str) -> None:
    drawn = qrcode.QRCode(error_correction=ERROR_CORRECT_Q if len(code) <= _SHORT_CODE else ERROR_CORRECT_M, border=4)
    drawn.add_data(code)
    drawn.make(fit=True)
    matrix = drawn.get_matrix()
    dots = max(3, min(8, pen.room // len(matrix)))  # three dots are 0.375 mm: what hand scanners still read
    size = dots * len(matrix)
    picture = Image.frombytes("L", (len(matrix), len(matrix)), bytes(0 if dark else 255 for row in matrix for dark in row))
    pen.canvas.paste(picture.resize((size, size), Image.Resampling.NEAREST), ((pen.width - size) // 2, pen.y))
    pen.y += size - 2 * dots
    if words:
        pen.centred(words, pen.fitting(words, _SMALL, bold=False), below=4)


def _draw_foot(pen: _Pen, slip: Slip) -> None:
    pen.rule(1, above=14, below=8)
    if slip.issue is None:
        pen.centred("未登记，不作凭据。", pen.font(_SMALL), below=0)
        pen.centred("Not registered, no evidence.", pen.font(_SMALL), below=_EDGE)
        return
    told = slip.issue
    words = f"{told.at}  {told.by}  第{told.serial}张"
    pen.centred(words, pen.fitting(words, _SMALL, bold=False), below=0)
    tag = f"账本 {told.ledger_seq}: {grouped(told.tag, 4)}"
    pen.centred(tag, pen.fitting(tag, _LABEL), below=_EDGE)


def png(picture: Image.Image) -> bytes:
    """A PNG of it."""
    out = io.BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()
