"""What a reader of the pages would see: classification marks, permit numbers, words that make a person look."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

import pypdfium2
import zxingcpp
from PIL import ImageChops

from watermark.watchdog import Heartbeat, unwatched

_STARS = str.maketrans({"☆": "★", "*": "★", "＊": "★", "⋆": "★", "✩": "★", "✭": "★"})
LEVELS = "绝密|机密|秘密|内部"
_MARK = re.compile(rf"({LEVELS})★(\d{{1,2}}年|\d{{1,2}}个?月|长期|\d{{4}}年\d{{1,2}}月(?:\d{{1,2}}日)?|[^★\s，。；,;]{{2,20}})")
_BARE_MARK = re.compile(rf"({LEVELS})")
_PERMIT = re.compile(r"ZYZ-?\d{4}-?\d{6}-?[0-9A-Z*]", re.IGNORECASE)
_HEADER_WORDS = ("密码电报", "密电", "核心密码", "普通密码")
_TOP_OF_PAGE = 0.3
_LEFT_OF_PAGE = 0.6
_QR_DPI = 150
_LONGEST_QR_SIDE = 2400
_GREY_TOLERANCE = 5
"""Of 255: scans and JPEG pictures of grey things are never quite grey."""


@dataclass(frozen=True, slots=True)
class Findings:
    """Marks by page (pages counted from 1), pages with colour; of page 1 permit claims, header words, whether its head bears no mark."""

    marks_by_page: tuple[tuple[int, tuple[str, ...]], ...]
    colour_pages: tuple[int, ...]
    permit_claims: tuple[str, ...]
    header_words: tuple[str, ...]
    head_bare: bool

    @property
    def marks(self) -> tuple[str, ...]:
        """All different marks, in the order of their first appearance."""
        return tuple(dict.fromkeys(mark for _, marks in self.marks_by_page for mark in marks))


def read_pages(base: pypdfium2.PdfDocument, heartbeat: Heartbeat = unwatched, *, probe_scale: float = 0.12) -> Findings:
    """Read every page's text and paint every page once, small: a page that hangs a renderer hangs here, under limits."""
    marks_by_page = []
    colour_pages = []
    first_text = ""
    claims: list[str] = []
    head_bare = False
    for index in range(len(base)):
        heartbeat(1)
        page = base[index]
        if _is_coloured(page.render(scale=probe_scale)):
            colour_pages.append(index + 1)
        text, top = _text_of(page)
        if marks := tuple(dict.fromkeys(_marks_in(text, top))):
            marks_by_page.append((index + 1, marks))
        if index == 0:
            first_text = text
            head_bare = not any(_BARE_MARK.match(line) for line in lines_at_head(page))
            claims = [*_PERMIT.findall(first_text), *_codes_of(page)]
        page.close()
    unspaced = normalised(first_text)
    words = tuple(word for word in _HEADER_WORDS if word in unspaced)
    permit_claims = tuple(dict.fromkeys(claim.upper() for claim in claims))
    return Findings(tuple(marks_by_page), tuple(colour_pages), permit_claims, words, head_bare)


def _is_coloured(picture: pypdfium2.PdfBitmap) -> bool:
    """Whether any point of the small picture is visibly not grey; a thin coloured line comes out pale, so little is enough."""
    try:
        red, green, blue = picture.to_pil().convert("RGB").split()
        spread = ImageChops.lighter(ImageChops.difference(red, green), ImageChops.difference(green, blue))
        return any(spread.histogram()[_GREY_TOLERANCE + 1 :])
    finally:
        picture.close()


def _text_of(page: pypdfium2.PdfPage) -> tuple[str, str]:
    """All of a page's text, and that of its top, where a mark may stand without its term."""
    text = page.get_textpage()
    try:
        return str(text.get_text_bounded()), str(text.get_text_bounded(bottom=page.get_height() * (1 - _TOP_OF_PAGE)))
    finally:
        text.close()


def lines_at_head(page: pypdfium2.PdfPage) -> tuple[str, ...]:
    """The lines, normalised, in the upper left of a page, where the standard wants the mark."""
    width, height = page.get_size()
    text = page.get_textpage()
    try:
        head = text.get_text_bounded(left=0, right=width * _LEFT_OF_PAGE, bottom=height * (1 - _TOP_OF_PAGE), top=height)
    finally:
        text.close()
    return tuple(normalised(line) for line in str(head).splitlines())


def normalised(text: str) -> str:
    """Full-width forms, spaces and other stars folded, so that 秘 密 ☆ ５ 年 reads 秘密★5年."""
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", text).translate(_STARS))


def _marks_in(text: str, top: str) -> Iterable[str]:
    for line in text.splitlines():
        for level, term in _MARK.findall(normalised(line)):
            yield f"{level}★{term}"
    for line in top.splitlines():
        if match := _BARE_MARK.fullmatch(normalised(line)):
            yield match[1]


def _codes_of(page: pypdfium2.PdfPage) -> list[str]:
    scale = min(_QR_DPI / 72, _LONGEST_QR_SIDE / max(page.get_width(), page.get_height()))
    picture = page.render(scale=scale, grayscale=True)
    # its bytes where they lie, a byte a point: a copy as a PIL picture would take as long as the search
    points = memoryview(picture.buffer).cast("B").cast("B", shape=[picture.height, picture.stride])
    try:
        codes = zxingcpp.read_barcodes(points, formats=zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode))
        return [claim for code in codes for claim in _PERMIT.findall(code.text)]
    finally:
        points.release()
        picture.close()
