"""A stamped PDF as the fax that leaves: 1728 dots a line, black or white, 98 or 196 lines an inch (T.4, T.30, RFC 2306).

What is hashed, approved and sent is this file: nothing is drawn on it afterwards.
"""

from __future__ import annotations

import hashlib
import io
from typing import BinaryIO

import pypdfium2
from PIL import Image

from watermark.errors import StampError
from watermark.faxtiff import COARSE, DOTS_PER_INCH, FINE, WIDTH, count_directories, write_fax_tiff
from watermark.model import FaxReport
from watermark.watchdog import Heartbeat, unwatched

_FINER = 2
"""Pages are drawn so many times finer and averaged, so that thin strokes keep their weight at 98 lines an inch."""
_LONGEST_INCHES = 14.0
_BLACK_BELOW, _WHITE_ABOVE = 96, 232
"""Grey in between is a picture's, and becomes dots; strokes and their edges become black or white."""


def make_facsimile(stamped: BinaryIO, out: BinaryIO, *, lines_per_inch: int, heartbeat: Heartbeat = unwatched) -> FaxReport:
    """Write the fax TIFF of a PDF. Raises StampError when it cannot be read, or two ways of counting its pages disagree.

    A page keeps its size when it fits 215 mm × 14 inches, is turned when it is wider than long, and is made smaller when it is too large.
    """
    if lines_per_inch not in (COARSE, FINE):
        raise StampError(f"a fax has {COARSE} or {FINE} lines an inch")
    stamped.seek(0)
    try:
        document = pypdfium2.PdfDocument(stamped)
    except pypdfium2.PdfiumError as error:
        raise StampError("the stamped file cannot be read") from error
    pages = []
    try:
        for page in document:
            heartbeat(1)
            pages.append(_drawn(page, lines_per_inch))
        expected = len(document)
    finally:
        document.close()
    if not pages:
        raise StampError("the stamped file has no pages")
    write_fax_tiff(pages, out, lines_per_inch=lines_per_inch)
    return _report(out, expected)


def _drawn(page: pypdfium2.PdfPage, lines_per_inch: int) -> Image.Image:
    width, height = (side / 72 for side in page.get_size())
    turned = width > height
    if turned:
        width, height = height, width
    shrunk = min(1.0, WIDTH / DOTS_PER_INCH / width, _LONGEST_INCHES / height)
    picture = page.render(scale=DOTS_PER_INCH * _FINER * shrunk / 72, rotation=90 if turned else 0, grayscale=True).to_pil().convert("L")
    size = (min(WIDTH, round(width * shrunk * DOTS_PER_INCH)), max(1, round(height * shrunk * lines_per_inch)))
    small = picture.resize(size, Image.Resampling.BOX)
    span = _WHITE_ABOVE - _BLACK_BELOW
    crisp = small.point([min(255, max(0, round((value - _BLACK_BELOW) * 255 / span))) for value in range(256)])
    sheet = Image.new("1", (WIDTH, size[1]), 1)
    sheet.paste(crisp.convert("1"), ((WIDTH - size[0]) // 2, 0))
    return sheet


def _report(out: BinaryIO, expected: int) -> FaxReport:
    out.seek(0)
    content = out.read()
    with Image.open(io.BytesIO(content)) as written:
        by_pillow = getattr(written, "n_frames", 1)
    by_chain = count_directories(content)
    if not expected == by_pillow == by_chain:
        raise StampError(f"the fax's pages are counted as {expected}, {by_pillow} and {by_chain}")
    return FaxReport(pages=expected, sha256=hashlib.sha256(content).hexdigest(), bytes=len(content))
