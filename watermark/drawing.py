"""Content-stream operators for stamps: text with a white rim, the tiled watermark, QR codes (PDF 32000-1 §8, §9)."""

from __future__ import annotations

import math
from collections.abc import Iterator

import qrcode
from qrcode.constants import ERROR_CORRECT_Q

from watermark.fonts import StampFont
from watermark.geometry import number, numbers

_QR_MASK = 3
"""Fixed: the search for the best of eight masks takes four fifths of the encoder's time and readers need none of it."""

_QUIET_ZONE = 4
_SILENT = "/Span<</ActualText<FEFF>>>BDC "
"""Opens what is paint only: the white rim must not double the text when it is extracted."""

TILE_ANGLE = math.pi / 6


def text(font: StampFont, name: str, words: str, x: float, y: float, size: float, *, rim: float = 1.6) -> str:
    """`words` in black at (x, y), on a white rim so that they stay legible on black and on pictures."""
    place = f"/{name} {number(size)} Tf {numbers((x, y))} Td {font.encoded(words)} Tj ET"
    return f"{_SILENT}q 1 J 1 j 1 G {number(rim * size / 8)} w BT 1 Tr {place} Q EMC\nq 0 g BT {place} Q\n"


def watermark(font: StampFont, name: str, words: str, width: float, height: float) -> str:
    """`words` tiled slantwise over the page, translucent: white outline, then dark fill, so that it shows on any ground."""
    size = max(9.0, min(width, height) / 42)
    cosine, sine = math.cos(TILE_ANGLE), math.sin(TILE_ANGLE)
    shown = font.encoded(words)
    turn = numbers((cosine, sine, -sine, cosine))
    tiles = "".join(f"{turn} {numbers((x, y))} Tm {shown} Tj\n" for x, y in _tile_places(font.width(words, size), size, width, height))
    return f"{_SILENT}q /GS gs BT /{name} {number(size)} Tf\n1 Tr 1 G 1 j {number(size / 9)} w\n{tiles}0 Tr 0.25 g\n{tiles}ET Q EMC\n"


def _tile_places(length: float, size: float, width: float, height: float) -> Iterator[tuple[float, float]]:
    """Starting points of the tiles that touch the page: rows 7 sizes apart, every second one shifted by half a step."""
    cosine, sine = math.cos(TILE_ANGLE), math.sin(TILE_ANGLE)
    step, row_height, reach = length + size * 4, size * 7, math.hypot(width, height)
    for row in range(int(2 * reach / row_height) + 1):
        v = -reach + row * row_height
        u = -reach + (row % 2) * step / 2
        while u < reach:
            x, y = width / 2 + u * cosine - v * sine, height / 2 + u * sine + v * cosine
            end_x, end_y = x + length * cosine, y + length * sine
            if max(x, end_x) > -size and min(x, end_x) < width + size and max(y, end_y) > -size and min(y, end_y) < height + size:
                yield x, y
            u += step


def large_words(font: StampFont, name: str, words: str, width: float, height: float) -> str:
    """One translucent line across the middle of the page (样张)."""
    size = min(width, height) / 3.2
    x, y = (width - font.width(words, size)) / 2, height / 2 - size * 0.35
    return f"{_SILENT}q /GS gs 0.25 g BT /{name} {number(size)} Tf {numbers((x, y))} Td {font.encoded(words)} Tj ET Q EMC\n"


def qr_bitmap(words: str) -> tuple[int, str]:
    """Modules per side and the bitmap as hexadecimal rows, 1 = dark; error correction Q (25 %)."""
    code = qrcode.QRCode(error_correction=ERROR_CORRECT_Q, mask_pattern=_QR_MASK, border=0)
    code.add_data(words)
    code.make(fit=True)
    matrix = code.get_matrix()
    side = len(matrix)
    row_bytes = (side + 7) // 8
    rows = []
    for row in matrix:
        bits = "".join("1" if dark else "0" for dark in row).ljust(row_bytes * 8, "0")
        rows.append(f"{int(bits, 2):0{row_bytes * 2}X}")
    return side, "".join(rows)


def qr(bitmap: tuple[int, str], x: float, y: float, side: float) -> str:
    """The code with its quiet zone in a square of `side` points whose lower left corner is (x, y)."""
    modules, rows = bitmap
    inner = side * modules / (modules + 2 * _QUIET_ZONE)
    edge = (side - inner) / 2
    return (
        f"q 1 g {numbers((x, y, side, side))} re f 0 g {number(inner)} 0 0 {numbers((inner, x + edge, y + edge))} cm "
        f"BI /W {modules} /H {modules} /IM true /BPC 1 /D [1 0] /F /AHx ID {rows}> EI Q\n"
    )
