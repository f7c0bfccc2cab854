"""A file a device pushed: is it whole, and page by page what stands on it. The sender's end may be a cut: its word counts nothing."""

from __future__ import annotations

import os
from typing import BinaryIO

import pikepdf
import pypdfium2

from watermark.conversion import as_pdf
from watermark.errors import DocumentRefused, StampError
from watermark.formats import Format, format_of
from watermark.model import Limits, PushedPage
from watermark.scans import is_blank, qr_texts

_END_WITHIN = 1024
_JPEG_BEGINS, _JPEG_ENDS = b"\xff\xd8\xff", b"\xff\xd9"
_PNG_BEGINS, _PNG_ENDS = b"\x89PNG", b"IEND\xaeB`\x82"
_READ_DPI = 200
_LONGEST_SIDE = 5000


def take_page(source: BinaryIO, index: int, out: BinaryIO, limits: Limits) -> PushedPage:
    """Page `index` (from 0) of a pushed PDF or picture, written to `out` as a PDF of its own. Call it in the sandbox.

    Raises StampError unless the file is whole: its end mark is there, every part of it can be read, and no parser had to mend anything.
    """
    try:
        if format_of(source) not in (Format.PDF, Format.PICTURE):
            raise StampError("it is neither PDF nor a picture")
        _expect_end(source)
        with pikepdf.open(as_pdf(source, limits), attempt_recovery=False) as pdf:
            if faults := pdf.check_pdf_syntax():
                raise StampError(f"it is damaged ({len(faults)} faults)")
            pages = len(pdf.pages)
            if not 0 <= index < pages <= limits.max_pages:
                raise StampError(f"there is no page {index + 1}")
            with pikepdf.new() as one:
                one.pages.append(pdf.pages[index])
                out.seek(0)
                one.save(out)
                out.flush()
    except (DocumentRefused, pikepdf.PdfError, pikepdf.PasswordError, ValueError, OSError, RuntimeError) as error:
        raise StampError(f"it cannot be read ({type(error).__name__})") from error
    return _read(out, pages)


def _expect_end(source: BinaryIO) -> None:
    """The mark with which a whole file of its kind ends; TIFF has none, and is decoded to its end instead."""
    length = source.seek(0, os.SEEK_END)
    source.seek(0)
    begins = source.read(4)
    source.seek(max(0, length - _END_WITHIN))
    tail = source.read()
    source.seek(0)
    whole = {
        begins.startswith(_JPEG_BEGINS): tail.rstrip(b"\0\r\n").endswith(_JPEG_ENDS),
        begins.startswith(_PNG_BEGINS): tail.endswith(_PNG_ENDS),
        begins.startswith(b"%PDF"): b"%%EOF" in tail,
    }
    if not whole.get(True, True):
        raise StampError("its end is missing")


def _read(page_file: BinaryIO, pages: int) -> PushedPage:
    page_file.seek(0)
    try:
        document = pypdfium2.PdfDocument(page_file)
    except pypdfium2.PdfiumError as error:
        raise StampError("a page cannot be drawn") from error
    try:
        page = document[0]
        scale = min(_READ_DPI / 72, _LONGEST_SIDE / max(page.get_width(), page.get_height()))
        grey = page.render(scale=scale, grayscale=True).to_pil().convert("L")
    finally:
        document.close()
    return PushedPage(pages, qr_texts(grey), is_blank(grey))
