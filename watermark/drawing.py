"""Content-stream operators for stamps: text with a white rim, the tiled watermark, seals, QR codes (PDF 32000-1 §8, §9).

Whatever is paint only (rims, watermarks) is drawn as paths inside an artifact: no reader of the page's text meets it.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any, Literal

import zxingcpp

from watermark.fonts import StampFont
from watermark.geometry import number, numbers

_QUIET_ZONE = 4
_DARK_IS_ONE = bytes.maketrans(b"\x00\xff", b"10")
_PAINT, _END = "/Artifact BMC q\n", "Q EMC\n"
_ROUND_JOINS = "1 J 1 j"
_RIM_WIDTH = 320
"""Width of the white rim's line in thousandths of the type size; half of it is seen."""

LARGE_WORDS_STATE = "GW"
"""Name of the graphics state that makes the words across a page translucent."""


def text(font: StampFont, name: str, words: str, x: float, y: float, size: float, ink: Literal["rimmed", "plain", "outline"]) -> str:
    """`words` in black at (x, y): on a white rim, so that they stay legible on black and on pictures, plain, or as outlines."""
    rim = ""
    if ink == "rimmed":
        rim = f"{_PAINT}{_scaled(size, x, y)} {_ROUND_JOINS} 1 G {_RIM_WIDTH} w\n{font.rimmed(words, rim_of(name))}{_END}"
    how = f"1 Tr 0 G {number(size / 28)} w" if ink == "outline" else "0 g"
    return f"{rim}q {how} BT /{name} {number(size)} Tf {numbers((x, y))} Td {font.encoded(words)} Tj ET Q\n"


def rim_of(name: str) -> str:
    """How the forms begin that are the rims of the font of this name."""
    return f"R{name}"


def _scaled(size: float, x: float, y: float, turn: float = 0.0) -> str:
    """To a space of a thousandth of the type size, its origin at (x, y), turned by `turn` radians."""
    cosine, sine = size / 1000 * math.cos(turn), size / 1000 * math.sin(turn)
    return f"{cosine:.6f} {sine:.6f} {-sine:.6f} {cosine:.6f} {numbers((x, y))} cm"


def tile(font: StampFont, words: str, tone: Literal["two-tone", "dark", "outline"], state: str) -> str:
    """One tile of a watermark, in thousandths of its type size: on a white outline it shows on any ground, and never on fax as grey."""
    if tone == "outline":
        return f"{_PAINT}0 G 11 w\n{font.outlined(words, 'S')}{_END}"
    rim = f"q {_ROUND_JOINS} 1 G 110 w\n{font.outlined(words, 'S')}Q\n" if tone == "two-tone" else ""
    return f"{_PAINT}/{state} gs\n{rim}0.25 g\n{font.outlined(words, 'f')}{_END}"


def tiled(form: str, places: Iterator[tuple[float, float]], size: float, angle: float) -> str:
    """The form painted at each place; `angle` in degrees."""
    turn = math.radians(angle)
    return "".join(f"q {_scaled(size, x, y, turn)} /{form} Do Q\n" for x, y in places)


def tile_places(length: float, size: float, angle: float, density: float, page: tuple[float, float]) -> Iterator[tuple[float, float]]:
    """Starting points of the tiles that touch the page: rows 7 sizes apart, every second one shifted by half a step."""
    (width, height), turn = page, math.radians(angle)
    cosine, sine = math.cos(turn), math.sin(turn)
    step, row_height, reach = length + size * 4 / density, size * 7 / density, math.hypot(width, height)
    for row in range(int(2 * reach / row_height) + 1):
        v = -reach + row * row_height
        u = -reach + (row % 2) * step / 2
        while u < reach:
            x, y = width / 2 + u * cosine - v * sine, height / 2 + u * sine + v * cosine
            end_x, end_y = x + length * cosine, y + length * sine
            if max(x, end_x) > -size and min(x, end_x) < width + size and max(y, end_y) > -size and min(y, end_y) < height + size:
                yield x, y
            u += step


def large_words(font: StampFont, words: str, width: float, height: float) -> str:
    """One translucent line across the middle of the page (样张)."""
    size = min(width, height) / 3.2
    x, y = (width - font.width(words, size)) / 2, height / 2 - size * 0.35
    return f"{_PAINT}/{LARGE_WORDS_STATE} gs 0.25 g {_scaled(size, x, y)}\n{font.outlined(words, 'f')}{_END}"


def frame(x: float, y: float, width: float, height: float) -> str:
    """A seal's double frame, black on a white rim; (x, y) is its lower left corner."""
    outer, inner = numbers((x + 0.6, y + 0.6, width - 1.2, height - 1.2)), numbers((x + 2.2, y + 2.2, width - 4.4, height - 4.4))
    return f"{_PAINT}1 j 1 G 3.2 w {outer} re S\n0 G 1.1 w {outer} re S 0.4 w {inner} re S\n{_END}"


def qr_bitmap(words: str) -> tuple[int, str]:
    """Modules per side and the bitmap as hexadecimal rows, 1 = dark; error correction Q (25 %)."""
    code = zxingcpp.create_barcode(words, zxingcpp.BarcodeFormat.QRCode, ec_level="Q")
    picture: Any = zxingcpp.write_barcode_to_image(code, scale=1, add_quiet_zones=False)
    side = int(picture.shape[0])
    bits = memoryview(picture).tobytes().translate(_DARK_IS_ONE).decode()
    width = (side + 7) // 8 * 8
    rows = (f"{int(bits[at : at + side].ljust(width, '0'), 2):0{width // 4}X}" for at in range(0, len(bits), side))
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


def qr_code(words: str, x: float, y: float, side: float) -> str:
    """`words` as a code with its quiet zone in a square of `side` points whose lower left corner is (x, y)."""
    return qr(qr_bitmap(words), x, y, side)
