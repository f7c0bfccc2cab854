"""Whatever arrives becomes PDF: pictures, raster and text by our own code, PostScript by Ghostscript.

Two steps, because the child closes its doors before it reads a document: `made_ready` does what needs other files or another
process, `as_pdf` the rest.
"""

from __future__ import annotations

import io
from functools import cache
from os import SEEK_END
from typing import BinaryIO

from watermark import pictures, plaintext, postscript, raster
from watermark.fonts import FontFiles
from watermark.formats import Format, format_of
from watermark.model import Limits
from watermark.watchdog import Heartbeat, unwatched


def made_ready(source: BinaryIO, limits: Limits) -> BinaryIO:
    """Run a PostScript program (its PDF is returned), read the font a text needs; any other document is returned untouched.

    Raises DocumentRefused, and StampError when the font is not installed.
    """
    match format_of(source):
        case Format.POSTSCRIPT:
            return postscript.distilled(source, limits)
        case Format.TEXT:
            plaintext.to_pdf(io.BytesIO(b"1"), limits, _text_font())  # loads what cannot be loaded later
    return source


def as_pdf(source: BinaryIO, limits: Limits, heartbeat: Heartbeat = unwatched) -> BinaryIO:
    """The document as PDF; a PDF is returned untouched. Raises DocumentRefused."""
    heartbeat(source.seek(0, SEEK_END) >> 20)
    match format_of(source):
        case Format.PICTURE:
            return pictures.to_pdf(source, limits, heartbeat)
        case Format.PWG_RASTER:
            return raster.pwg_to_pdf(source, limits, heartbeat)
        case Format.URF:
            return raster.urf_to_pdf(source, limits, heartbeat)
        case Format.TEXT:
            return plaintext.to_pdf(source, limits, _text_font(), heartbeat)
        case Format.POSTSCRIPT:
            return postscript.distilled(source, limits)
    return source


@cache
def _text_font() -> bytes:
    return FontFiles().read()[0]
