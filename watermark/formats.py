"""What kind of document arrived: told by its first bytes, never by a name or a declared type."""

from __future__ import annotations

from enum import StrEnum
from typing import BinaryIO

from watermark.errors import DocumentRefused

HEAD_BYTES = 1024


class Format(StrEnum):
    """What can be brought to a base."""

    PDF = "pdf"
    POSTSCRIPT = "postscript"
    TEXT = "text"
    PICTURE = "picture"
    PWG_RASTER = "pwg-raster"
    URF = "urf"


_BEGINNINGS = (
    (b"%!", Format.POSTSCRIPT),
    (b"\x04%!", Format.POSTSCRIPT),
    (b"\x89PNG\r\n\x1a\n", Format.PICTURE),
    (b"\xff\xd8\xff", Format.PICTURE),
    (b"II*\0", Format.PICTURE),
    (b"MM\0*", Format.PICTURE),
    (b"RaS2", Format.PWG_RASTER),
    (b"UNIRAST\0", Format.URF),
)
_UTF8_MARK = b"\xef\xbb\xbf"
_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")
_TEXT_CONTROLS = frozenset(b"\t\n\f\r\b")


def format_of(source: BinaryIO) -> Format:
    """The format of a document; its position is 0 afterwards. Raises DocumentRefused (E_FORMAT) for what cannot be counted.

    Printer languages (ESC, PJL) are refused: a printer would run them and no parser sees what comes out.
    """
    source.seek(0)
    head = source.read(HEAD_BYTES)
    source.seek(0)
    at = head.find(b"%PDF-")
    if at >= 0:
        if head[:at].removeprefix(_UTF8_MARK).strip():
            raise DocumentRefused("E_FORMAT", "something stands before the PDF, which another program might print")
        return Format.PDF
    found = next((kind for beginning, kind in _BEGINNINGS if head.startswith(beginning)), None)
    if found is None and head and (head.startswith(_UTF16_MARKS) or not any(byte < 32 and byte not in _TEXT_CONTROLS for byte in head)):
        found = Format.TEXT
    if found is None:
        raise DocumentRefused("E_FORMAT", "it is none of PDF, PostScript, text, PNG, JPEG, TIFF, PWG and URF raster")
    return found
