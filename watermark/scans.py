"""A scanned page as it comes: read to its end, searched for QR codes, drawn small. The page itself is not changed."""

from __future__ import annotations

from typing import Any, BinaryIO

import zxingcpp
from PIL import Image

from watermark.errors import StampError
from watermark.model import ScanReport
from watermark.pictures import FORMATS, UNREADABLE

_QR = zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode)
_DARK = 160
_INK_OF_A_BLANK = 0.0002
"""A page is blank when fewer of its points are dark: a mark of 密级 alone has ten times as many."""
_SKEWED_POINTS = 1.3
"""Fax in coarse lines has points twice as high as wide; codes are searched on square ones."""
_DEFAULT_DPI = 200.0


def read_scan(page: BinaryIO, small: BinaryIO, longest_side: int) -> ScanReport:
    """Search one page (PNG, JPEG or TIFF, its first picture) for codes; write it, at most `longest_side` points, to `small` as PNG.

    Raises StampError for what is no picture or not whole. Call it in the sandbox.
    """
    try:
        with Image.open(page, formats=FORMATS) as picture:
            picture.load()
            grey = picture.convert("L")
    except (*UNREADABLE, Image.DecompressionBombError, ValueError) as error:
        raise StampError(f"the scanned page cannot be read ({type(error).__name__})") from error
    width, height = grey.size
    across, down = _resolution(picture.info.get("dpi"))
    thumb = picture if picture.mode in ("L", "RGB") else grey.copy()
    thumb.thumbnail((longest_side, longest_side))  # the colours are let go before the search takes its share of memory
    thumb.save(small, "PNG", compress_level=1)
    small.flush()
    return ScanReport(width, height, round(across), qr_texts(_squared(grey, across, down)), is_blank(grey))


def _resolution(said: Any) -> tuple[float, float]:
    try:
        across, down = (float(part) for part in said)
    except (TypeError, ValueError):
        return _DEFAULT_DPI, _DEFAULT_DPI
    return (across, down) if across > 1 and down > 1 else (_DEFAULT_DPI, _DEFAULT_DPI)


def _squared(grey: Image.Image, across: float, down: float) -> Image.Image:
    ratio = across / down
    if 1 / _SKEWED_POINTS < ratio < _SKEWED_POINTS:
        return grey
    size = (grey.width, round(grey.height * ratio)) if ratio > 1 else (round(grey.width / ratio), grey.height)
    return grey.resize(size, Image.Resampling.NEAREST)


def is_blank(grey: Image.Image) -> bool:
    """Whether nothing stands on a page."""
    return sum(grey.histogram()[:_DARK]) < _INK_OF_A_BLANK * grey.width * grey.height


def qr_texts(grey: Image.Image) -> tuple[str, ...]:
    """The texts of all QR codes, each once, in alphabetical order."""
    return tuple(sorted({code.text for code in zxingcpp.read_barcodes(grey, formats=_QR) if code.text}))
