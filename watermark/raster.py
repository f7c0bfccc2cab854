"""PWG raster (PWG 5102.4) and URF (Apple raster) to PDF: every page walked to its last line, none believed from a header's count.

Both code lines alike: a byte says how often the line comes, then groups of equal or of different pixels. What a header says of
copies (NumCopies) does not multiply: the copies are the permit's.
"""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import BinaryIO

import pikepdf
from pikepdf import Array, Dictionary, Name

from watermark.errors import DocumentRefused
from watermark.geometry import number
from watermark.model import Limits
from watermark.watchdog import Heartbeat, unwatched

_PWG_HEADER, _URF_HEADER = 1796, 32
_LINE_LIMIT = 1 << 22
"""Bytes of one line: 100 inches at 1,200 dpi in RGBA with 16 bits would be 960,000."""

_HEIGHT_LIMIT = 1 << 20
_EQUAL_LINES_CODED_BY = 256

_GRAY, _RGB, _CMYK = Name.DeviceGray, Name.DeviceRGB, Name.DeviceCMYK
_PWG_SPACES = {0: (_GRAY, 1), 1: (_RGB, 3), 3: (_GRAY, 1), 6: (_CMYK, 4), 18: (_GRAY, 1), 19: (_RGB, 3), 20: (_RGB, 3)}
"""cupsColorSpace → what it is in PDF, components; 3 is black ink, 18 to 20 are sGray, sRGB, AdobeRGB."""

_PWG_BLACK_INK = 3
_URF_SPACES = {0: (_GRAY, 1), 1: (_RGB, 3), 3: (_RGB, 3), 4: (_GRAY, 1), 5: (_RGB, 3), 6: (_CMYK, 4)}


@dataclass(frozen=True, slots=True)
class _Page:
    """One page's header, whichever format it came in."""

    width: int
    height: int
    dpi: tuple[int, int]
    bits_per_component: int
    bits_per_pixel: int
    space: pikepdf.Name
    components: int
    is_ink: bool = False

    @property
    def sides(self) -> tuple[float, float]:
        """Width and height in points."""
        return self.width * 72 / self.dpi[0], self.height * 72 / self.dpi[1]

    @property
    def bytes_per_line(self) -> int:
        return (self.width * self.bits_per_pixel + 7) // 8

    @property
    def bytes_per_group(self) -> int:
        """What one code of a line repeats: a pixel, or eight of them where a pixel is one bit."""
        return max(1, self.bits_per_pixel // 8)

    @property
    def white(self) -> bytes:
        """A group of white pixels."""
        is_white_zero = self.is_ink or self.components == 4
        return (b"\0" if is_white_zero else b"\xff") * self.bytes_per_group

    def check(self) -> _Page:
        """Itself, when it can be a page; raises DocumentRefused."""
        if self.bits_per_component not in (1, 8, 16) or self.bits_per_pixel != self.bits_per_component * self.components:
            raise DocumentRefused("E_FORMAT", "the raster page has an unusual number of bits")
        if self.width < 1 or self.height < 1 or min(self.dpi) < 1:
            raise DocumentRefused("E_DAMAGED", "the raster page measures nothing")
        if self.bytes_per_line > _LINE_LIMIT or self.height > _HEIGHT_LIMIT:
            raise DocumentRefused("E_LIMIT", "the raster page is too large")
        return self


def pwg_to_pdf(source: BinaryIO, limits: Limits, heartbeat: Heartbeat = unwatched) -> BinaryIO:
    """A PDF with one picture a page. Raises DocumentRefused, also when the header's TotalPageCount is not what is there."""
    source.read(4)
    declared: set[int] = set()

    def next_page() -> _Page | None:
        header = source.read(_PWG_HEADER)
        if not header:
            return None
        if len(header) != _PWG_HEADER:
            raise DocumentRefused("E_DAMAGED", "the raster ends in the middle of a page's header")
        if total := struct.unpack_from(">I", header, 452)[0]:
            declared.add(total)
        return _pwg_page(header)

    return _to_pdf(source, limits, next_page, declared, heartbeat)


def _pwg_page(header: bytes) -> _Page:
    horizontal, vertical, width, height = (struct.unpack_from(">I", header, at)[0] for at in (276, 280, 372, 376))
    per_component, per_pixel, per_line, order, space = struct.unpack_from(">5I", header, 384)
    if space not in _PWG_SPACES or order:
        raise DocumentRefused("E_FORMAT", "the raster page's colours are of a kind not read here")
    page = _Page(width, height, (horizontal, vertical), per_component, per_pixel, *_PWG_SPACES[space], is_ink=space == _PWG_BLACK_INK)
    if page.check().bytes_per_line != per_line:
        raise DocumentRefused("E_DAMAGED", "the raster page's lines do not have the length its width asks for")
    return page


def urf_to_pdf(source: BinaryIO, limits: Limits, heartbeat: Heartbeat = unwatched) -> BinaryIO:
    """A PDF with one picture a page. Raises DocumentRefused, also when the file's page count is not what is there."""
    head = source.read(12)
    if len(head) != 12:
        raise DocumentRefused("E_DAMAGED", "the raster has no header")
    (total,) = struct.unpack_from(">I", head, 8)

    def next_page() -> _Page | None:
        header = source.read(_URF_HEADER)
        if not header:
            return None
        if len(header) != _URF_HEADER:
            raise DocumentRefused("E_DAMAGED", "the raster ends in the middle of a page's header")
        per_pixel, space = header[0], header[1]
        width, height, dpi = struct.unpack_from(">3I", header, 12)
        if space not in _URF_SPACES or per_pixel < 8:  # a single bit is not in the format: whether 1 is ink, programs disagree
            raise DocumentRefused("E_FORMAT", "the raster page's colours are of a kind not read here")
        _, components = _URF_SPACES[space]
        return _Page(width, height, (dpi, dpi), per_pixel // components, per_pixel, *_URF_SPACES[space]).check()

    return _to_pdf(source, limits, next_page, {total} if total else set(), heartbeat)


def _to_pdf(source: BinaryIO, limits: Limits, next_page: Callable[[], _Page | None], declared: set[int], heartbeat: Heartbeat) -> BinaryIO:
    out = io.BytesIO()
    with pikepdf.new() as pdf:
        while (page := next_page()) is not None:
            if len(pdf.pages) == limits.max_pages:
                raise DocumentRefused("E_LIMIT", f"more than {limits.max_pages} pages")
            if any(side > limits.max_side for side in page.sides):
                raise DocumentRefused("E_LIMIT", f"a page measures {page.sides[0]:.0f} × {page.sides[1]:.0f} pt")
            heartbeat(1)
            _add_page(pdf, page, source)
        if declared and declared != {len(pdf.pages)}:
            told = ", ".join(map(str, sorted(declared)))
            raise DocumentRefused("E_COUNT_DISAGREES", f"the raster declares {told} pages and has {len(pdf.pages)}")
        pdf.save(out)
    out.seek(0)
    return out


def _add_page(pdf: pikepdf.Pdf, page: _Page, source: BinaryIO) -> None:
    packer = zlib.compressobj(3)
    packed = b"".join(packer.compress(lines) for lines in _lines(page, source)) + packer.flush()
    picture = pikepdf.Stream(pdf, b"")
    picture.write(packed, filter=Name.FlateDecode)
    picture.Type, picture.Subtype, picture.Width, picture.Height = Name.XObject, Name.Image, page.width, page.height
    picture.BitsPerComponent, picture.ColorSpace = page.bits_per_component, page.space
    if page.is_ink:
        picture.Decode = Array([1, 0])
    width, height = map(number, page.sides)
    pdf.pages.append(
        pikepdf.Page(
            Dictionary(
                Type=Name.Page,
                MediaBox=Array([0, 0, Decimal(width), Decimal(height)]),
                Resources=Dictionary(XObject=Dictionary(P=pdf.make_indirect(picture))),
                Contents=pdf.make_stream(f"{width} 0 0 {height} 0 0 cm /P Do".encode()),
            )
        )
    )


def _lines(page: _Page, source: BinaryIO) -> Iterator[bytes]:
    """All lines of a page, in runs of equal ones; raises DocumentRefused when they are not exactly as many as declared."""
    left = page.height
    while left:
        times = _byte(source) + 1
        if times > left:
            raise DocumentRefused("E_DAMAGED", "the raster page has more lines than declared")
        yield _line(page, source) * times
        left -= times


def _line(page: _Page, source: BinaryIO) -> bytes:
    size, group = page.bytes_per_line, page.bytes_per_group
    line = bytearray()
    while len(line) < size:
        code = _byte(source)
        if code == 128:  # white to the end of the line
            line += page.white * ((size - len(line)) // group)
            break
        length = group * (code + 1) if code < 128 else group * (257 - code)
        pixels = source.read(group if code < 128 else length)
        line += pixels * (code + 1) if code < 128 else pixels
        if len(pixels) != (group if code < 128 else length) or len(line) > size:
            raise DocumentRefused("E_DAMAGED", "a line of the raster page is longer or shorter than declared")
    if len(line) != size:
        raise DocumentRefused("E_DAMAGED", "a line of the raster page is shorter than declared")
    return bytes(line)


def _byte(source: BinaryIO) -> int:
    read = source.read(1)
    if not read:
        raise DocumentRefused("E_DAMAGED", "the raster ends in the middle of a page")
    return read[0]
