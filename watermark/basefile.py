"""What the fan-out must know of a base, read from the file `make_base` wrote and nobody else's."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import BinaryIO

import pikepdf

from watermark.errors import StampError

_TRAILER_SEARCH = 256


@dataclass(frozen=True, slots=True)
class BaseFile:
    """What the fan-out must know of a base: its pages' forms and sizes, and its cross-reference table."""

    pages: tuple[tuple[int, int], ...]
    """(object number of the page's form, index into `sizes`)."""
    sizes: tuple[tuple[float, float], ...]
    optional_content: int | None
    xref_at: int
    xref: bytes

    @property
    def objects(self) -> int:
        """Objects in the base, the free one included: the next free object number."""
        return len(self.xref) // 20

    @classmethod
    def read(cls, base: BinaryIO) -> BaseFile:
        """Read it from a file `make_base` wrote; raises StampError for any other."""
        base.seek(0)
        sizes: dict[tuple[float, float], int] = {}
        pages = []
        try:
            with open_own(base) as pdf:
                for page in pdf.pages:
                    size = float(page.obj.MediaBox[2]), float(page.obj.MediaBox[3])
                    pages.append((int(page.obj.Resources.XObject.W.objgen[0]), sizes.setdefault(size, len(sizes))))
                layers = pdf.Root.get("/OCProperties")
                layers_at = int(layers.objgen[0]) if layers is not None else None
        except (pikepdf.PdfError, AttributeError, KeyError, TypeError, ValueError) as error:
            raise StampError("this is not a base made by make_base") from error
        at, table = table_of(base)
        return cls(tuple(pages), tuple(sizes), layers_at, at, table)


def open_own(file: BinaryIO) -> pikepdf.Pdf:
    """Open a file this library wrote: mapped where it has a descriptor, which is five times as fast as reading through Python."""
    try:
        file.fileno()
    except OSError:
        return pikepdf.open(file, access_mode=pikepdf.AccessMode.stream, attempt_recovery=False)
    return pikepdf.open(file, access_mode=pikepdf.AccessMode.mmap, attempt_recovery=False)


def table_of(base: BinaryIO) -> tuple[int, bytes]:
    """Place and entries of the classic cross-reference table of a file this library wrote; raises StampError for any other."""
    length = base.seek(0, 2)
    base.seek(max(0, length - _TRAILER_SEARCH))
    found = re.findall(rb"startxref\s+(\d+)\s+%%EOF", base.read())
    if not found:
        raise StampError("the file has no cross-reference table")
    at = int(found[-1])
    base.seek(at)
    head = re.match(rb"xref\s+0 (\d+)\s*\n", base.read(64))
    if head is None:
        raise StampError("the file's cross-reference table is not a classic one")
    base.seek(at + head.end())
    table = base.read(20 * int(head[1]))
    if len(table) != 20 * int(head[1]):
        raise StampError("the file's cross-reference table is cut short")
    return at, table
