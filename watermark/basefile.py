"""What the fan-out must know of a base, read from the file `make_base` wrote and nobody else's."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import BinaryIO

from watermark.errors import StampError
from watermark.ownfile import OwnFile, numbers_in

_END = re.compile(rb"trailer << /Root (\d+) 0 R /Size (?P<size>\d+) /ID \[[^\]]*\] >>\nstartxref\n(?P<at>\d+)\n%%EOF\n")
_CATALOG = re.compile(rb"<< (?:/OCProperties (\d+) 0 R )?/Pages (\d+) 0 R /Type /Catalog >>")
_PAGES = re.compile(rb"<< /Count (\d+) /Kids \[ ((?:\d+ 0 R )+)\] /Type /Pages >>")
_PAGE = re.compile(
    rb"(\d+) 0 obj\n<< /Contents \d+ 0 R /MediaBox \[ 0 0 (\d+(?:\.\d+)?) (\d+(?:\.\d+)?) \] /Parent (\d+) 0 R"
    rb" /Resources << /XObject << /W (\d+) 0 R >> >> /Type /Page >>\nendobj\n"
)
"""Written by qpdf, keys in their order (`watermark.base._save`)."""


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
        try:
            return cls._read(OwnFile(base))
        except (StampError, ValueError) as error:
            raise StampError(f"this is not a base made by make_base: {error}") from error

    @classmethod
    def _read(cls, file: OwnFile) -> BaseFile:
        catalog = file.matched(_CATALOG, int(file.end(_END)[1]))
        tree = file.matched(_PAGES, root := int(catalog[2]))
        kids = numbers_in(tree[2])
        if int(tree[1]) != len(kids):
            raise StampError("its pages are not as many as it says")
        sizes: dict[tuple[float, float], int] = {}
        pages = []
        for page in file.small_ones(_PAGE, kids):
            if int(page[4]) != root:
                raise StampError("a page hangs elsewhere")
            pages.append((int(page[5]), sizes.setdefault((float(page[2]), float(page[3])), len(sizes))))
        return cls(tuple(pages), tuple(sizes), int(catalog[1]) if catalog[1] else None, file.table_at, file.table)
