"""Plain text to PDF: A4, 80 columns of 5 号 (10.5 pt) in a fixed-width CJK font, form feeds kept."""

from __future__ import annotations

import codecs
import io
import re
import unicodedata
from collections.abc import Iterator, Mapping
from typing import BinaryIO

from watermark.errors import DocumentRefused, MissingGlyphError
from watermark.fonts import StampFont
from watermark.geometry import number, numbers
from watermark.model import Limits
from watermark.textpages import A4, FONT, text_document
from watermark.watchdog import Heartbeat, unwatched

FACE = "Mono CJK SC"
_SIZE, _LEADING = 10.5, 14.0
_COLUMN = _SIZE / 2
_COLUMNS = 80
_TAB = 8
_LEFT = (A4[0] - _COLUMNS * _COLUMN) / 2
_TOP = A4[1] - 72
_LINES = 50
_LAYOUT = frozenset("\n\f\t")
_OVERSTRUCK = re.compile(".\b", re.DOTALL)
_LONGEST = 64 << 20
_UTF16, _OTHERS = ("utf-16",), ("utf-8-sig", "gb18030")

for _encoding in _UTF16 + _OTHERS:  # Python loads a codec at first use, and a child that has closed its doors cannot
    codecs.lookup(_encoding)


def to_pdf(source: BinaryIO, limits: Limits, font: bytes, heartbeat: Heartbeat = unwatched) -> BinaryIO:
    """The text on pages; `font` is a font file's bytes (Debian's Noto Sans CJK has a fixed-width face).

    Text is UTF-8, UTF-16 with a byte order mark, or GB 18030. Raises DocumentRefused: E_FORMAT for control characters and for
    characters the font has no shape for (an empty box would be a silent loss), E_LIMIT for too much.
    """
    raw = source.read(_LONGEST + 1)
    if len(raw) > _LONGEST:
        raise DocumentRefused("E_LIMIT", "the text is too long")
    text = _cleaned(_decoded(raw))
    try:
        face = StampFont(font, "".join(sorted(set(text) - _LAYOUT)) or " ", "Text", FACE)
    except MissingGlyphError as missing:
        raise DocumentRefused("E_FORMAT", "the text has characters that no font here can show") from missing
    contents: list[str] = []
    for lines in _pages(text, face):
        if len(contents) == limits.max_pages:
            raise DocumentRefused("E_LIMIT", f"more than {limits.max_pages} pages")
        heartbeat(1)
        contents.append(_operators(lines, face))
    return io.BytesIO(text_document(contents, face))


def _decoded(raw: bytes) -> str:
    for encoding in _UTF16 if raw.startswith((b"\xff\xfe", b"\xfe\xff")) else _OTHERS:
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise DocumentRefused("E_FORMAT", "the text is neither UTF-8 nor GB 18030")


def _cleaned(text: str) -> str:
    """Line ends and overstriking resolved, invisible marks dropped; raises DocumentRefused when control characters remain."""
    text = _OVERSTRUCK.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    text = text.translate({ord(character): None for character in set(text) if _is_invisible(character)})
    if any(unicodedata.category(character) == "Cc" for character in set(text) - _LAYOUT):
        raise DocumentRefused("E_FORMAT", "the text has control characters, as printer languages do")
    return text


def _is_invisible(character: str) -> bool:
    return unicodedata.category(character) == "Cf" or "\ufe00" <= character <= "\ufe0f"


def _pages(text: str, face: StampFont) -> Iterator[list[str]]:
    """Lines of each page; a form feed at the very end begins no page."""
    columns = {character: face.width(character, _SIZE) / _COLUMN for character in set(text) - _LAYOUT}
    uneven = frozenset(character for character, width in columns.items() if width != 1) | {"\t"}
    for part in text.removesuffix("\n").removesuffix("\f").split("\f"):
        page: list[str] = []
        for written in part.split("\n"):
            for line in _wrapped(written, columns) if uneven.intersection(written) else _cut(written):
                if len(page) == _LINES:
                    yield page
                    page = []
                page.append(line)
        yield page


def _cut(line: str) -> Iterator[str]:
    """Lines of at most 80 characters, where each takes one column."""
    for start in range(0, max(len(line), 1), _COLUMNS):
        yield line[start : start + _COLUMNS]


def _wrapped(line: str, columns: Mapping[str, float]) -> Iterator[str]:
    """Lines of at most 80 columns, tabs as spaces."""
    done: list[str] = []
    column = 0.0
    for character in line:
        piece = " " * (_TAB - int(column) % _TAB) if character == "\t" else character
        width = len(piece) if character == "\t" else columns[character]
        if column + width > _COLUMNS:
            yield "".join(done)
            done, column = [], 0.0
        done.append(piece)
        column += width
    yield "".join(done)


def _operators(lines: list[str], face: StampFont) -> str:
    shown = "".join(f"{face.encoded(line)} Tj T*\n" if line else "T*\n" for line in lines)
    return f"BT /{FONT} {number(_SIZE)} Tf {number(_LEADING)} TL {numbers((_LEFT, _TOP))} Td\n{shown}ET"
