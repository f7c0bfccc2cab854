"""Fax TIFF: pages in T.6 (Group 4) code, white is zero, one strip a page (TIFF 6.0 §11, RFC 2306).

Fax programs send the code of a strip as it stands, whatever the tag of its colours says, and Pillow 13 spoils a picture it is asked to
write with white as zero (measured): so the negative is coded, and the tag set afterwards.
"""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator, Sequence
from typing import Any, BinaryIO

from PIL import Image, ImageChops

from watermark.errors import StampError

WIDTH = 1728
"""Dots of a line: 215 mm (T.4)."""
DOTS_PER_INCH = 204
COARSE, FINE = 98, 196
"""Lines an inch."""
_PHOTOMETRIC, _WHITE_IS_ZERO, _LINES = 262, 0, 283
_LITTLE_ENDIAN = b"II*\0"
_MOST_PAGES = 10_000


def write_fax_tiff(pages: Sequence[Image.Image], out: BinaryIO, *, lines_per_inch: int, code: str = "group4") -> None:
    """Write black and white pages (mode `1`) as one TIFF from the beginning of `out`. The same pages give the same bytes."""
    # Inverted as `L`, since Pillow 13 inverts `1` wrongly (measured).
    negatives = [ImageChops.invert(page.convert("L")).convert("1", dither=Image.Dither.NONE) for page in pages]
    written = io.BytesIO()
    options: dict[str, Any] = {"compression": code, "dpi": (DOTS_PER_INCH, lines_per_inch), "strip_size": 1 << 28}
    negatives[0].save(written, "TIFF", save_all=True, append_images=negatives[1:], **options)
    content = bytearray(written.getvalue())
    for at, tag in _entries(content):
        if tag == _PHOTOMETRIC:
            struct.pack_into("<H", content, at + 8, _WHITE_IS_ZERO)
    out.seek(0)
    out.write(content)
    out.truncate()
    out.flush()


def count_directories(content: bytes) -> int:
    """Pages of a TIFF by its chain of directories. Raises StampError when it is none, or the chain is broken."""
    return sum(1 for _ in _directories(content))


def lines_per_inch(content: bytes) -> int:
    """Lines an inch of a fax file's first page (tag 283). Raises StampError when it does not say."""
    entry = next((at for at, tag in _entries(bytearray(content)) if tag == _LINES), None)
    if entry is None:
        raise StampError("the fax does not say how fine it is")
    try:
        lines, inches = struct.unpack_from("<II", content, *struct.unpack_from("<I", content, entry + 8))
    except struct.error as error:
        raise StampError("the fax is cut") from error
    return round(lines / inches) if inches else 0


def _directories(content: bytes | bytearray) -> Iterator[tuple[int, int]]:
    """Offset and number of entries of each directory."""
    try:
        if content[:4] != _LITTLE_ENDIAN:
            raise StampError("the fax is no TIFF")
        (at,), seen = struct.unpack_from("<I", content, 4), 0
        while at:
            (entries,) = struct.unpack_from("<H", content, at)
            yield at, entries
            (at,) = struct.unpack_from("<I", content, at + 2 + 12 * entries)
            if (seen := seen + 1) > _MOST_PAGES:
                raise StampError("the fax's pages lead in a circle")
    except struct.error as error:
        raise StampError("the fax is cut") from error


def _entries(content: bytearray) -> Iterator[tuple[int, int]]:
    """Offset and tag of every entry."""
    for at, count in list(_directories(content)):
        for entry in range(at + 2, at + 2 + 12 * count, 12):
            yield entry, struct.unpack_from("<H", content, entry)[0]
