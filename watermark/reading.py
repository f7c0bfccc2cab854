"""Stamps read back from a written file by other means than they were written with: the font's own table, a QR reader."""

from __future__ import annotations

import re
from collections.abc import Callable

import zxingcpp

from watermark.errors import StampError
from watermark.stampedfile import StampedFile

_PAIR = re.compile(rb"<([0-9A-F]{4})> <([0-9A-F]+)>")
_NAMED = re.compile(rb"/(\w+) (\d+) 0 R")
_TO_UNICODE = re.compile(rb"/ToUnicode (\d+) 0 R")
_SHOWN = re.compile(rb"/(\w+) [\d.]+ Tf [-\d.]+ [-\d.]+ Td <([0-9A-F]*)> Tj")
_CODE = re.compile(rb"BI /W (\d+) /H \1 /IM true /BPC 1 /D \[1 0\] /F /AHx ID ([0-9A-F]+)> EI")
_QUIET, _PIXELS = 4, 3


def reader_of(stamped: StampedFile, fonts: int) -> Callable[[bytes], str]:
    """Reads the words a stamp shows, line by line, with the tables of these fonts (PDF 32000-1 §9.10.3)."""
    tables = {name: _table(stamped, int(font)) for name, font in _NAMED.findall(stamped.body(fonts))}

    def read(operators: bytes) -> str:
        return "\n".join(_words(tables[name], codes) for name, codes in _SHOWN.findall(operators))

    return read


def _table(stamped: StampedFile, font: int) -> dict[bytes, str]:
    found = _TO_UNICODE.search(stamped.body(font))
    if found is None:
        raise StampError("a font of the stamps has no table")
    return {code: bytes.fromhex(text.decode()).decode("utf-16-be") for code, text in _PAIR.findall(stamped.stream(int(found[1])))}


def _words(table: dict[bytes, str], codes: bytes) -> str:
    return "".join(table[codes[at : at + 4]] for at in range(0, len(codes), 4))


def codes_in(operators: bytes) -> list[str]:
    """What each QR code of a stamp says to a reader; raises StampError for one that cannot be read."""
    found = _CODE.findall(operators)
    said = {bitmap: _decoded(int(bitmap[0]), bitmap[1].decode()) for bitmap in set(found)}
    return [said[bitmap] for bitmap in found]


def _decoded(modules: int, rows: str) -> str:
    side, row_digits = (modules + 2 * _QUIET) * _PIXELS, (modules + 7) // 8 * 2
    white = b"\xff" * side
    picture = [white * (_QUIET * _PIXELS)]
    for at in range(0, len(rows), row_digits):
        bits = f"{int(rows[at : at + row_digits], 16):0{row_digits * 4}b}"[:modules]
        row = "".join(bit * _PIXELS for bit in "0" * _QUIET + bits + "0" * _QUIET)
        picture.append(row.encode().translate(_TO_GREY) * _PIXELS)
    picture.append(white * (_QUIET * _PIXELS))
    image = memoryview(b"".join(picture)).cast("B", shape=[side, side])
    read = zxingcpp.read_barcodes(image, formats=zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode), is_pure=True, try_rotate=False)
    if len(read) != 1:
        raise StampError("a QR code cannot be read")
    return str(read[0].text)


_TO_GREY = bytes.maketrans(b"01", b"\xff\x00")
