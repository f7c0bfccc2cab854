"""A stamped file read back in the fan-out's own form (`watermark.ownfile`).

That a general parser sees the same pages is checked beside it, with pdfium (`watermark.verification`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from watermark.errors import StampError
from watermark.ownfile import OwnFile, numbers_in

_END = re.compile(rb"trailer\n<</Size (?P<size>\d+)/Root (\d+) 0 R>>\nstartxref\n(?P<at>\d+)\n%%EOF\n")
_CATALOG = re.compile(rb"<</Type/Catalog/Pages (\d+) 0 R(?:/OCProperties \d+ 0 R)?/ViewerPreferences<</PrintScaling/None>>>>")
_ROOT = re.compile(rb"<</Type/Pages/Count (\d+)/Kids\[((?:\d+ 0 R ?)+)\]>>")
_NODE = re.compile(rb"<</Type/Pages/Parent (\d+) 0 R/Count (\d+)/Kids\[((?:\d+ 0 R ?)+)\]>>")
_PAGE = re.compile(
    rb"(\d+) 0 obj\n<</Type/Page/Parent (\d+) 0 R/MediaBox\[0 0 ([\d.]+) ([\d.]+)\]/Contents (\d+) 0 R"
    rb"/Resources<</Font (\d+) 0 R/XObject<<((?:/[A-Z] \d+ 0 R)+)>>>>>>\nendobj\n"
)
_FORM = re.compile(rb"/([A-Z]) (\d+) 0 R")


@dataclass(frozen=True, slots=True)
class StampedPage:
    """One page: its size, the stream that draws it, its fonts, and the forms it shows, all as object numbers."""

    width: float
    height: float
    contents: int
    fonts: int
    forms: dict[str, int]


class StampedFile(OwnFile):
    """Raises StampError for whatever is not as the fan-out writes it."""

    def __init__(self, file: BinaryIO) -> None:
        super().__init__(file)
        catalog = self.matched(_CATALOG, int(self.end(_END)[2]))
        self.root = int(catalog[1])
        root = self.matched(_ROOT, self.root)
        self.count, self.nodes = int(root[1]), numbers_in(root[2])

    def copy_at(self, node: int) -> Iterator[StampedPage]:
        """The pages of one copy, in order; `node` is one of `nodes`."""
        found = self.matched(_NODE, node)
        kids = numbers_in(found[3])
        if int(found[1]) != self.root or int(found[2]) != len(kids):
            raise StampError("a copy is not hung up as it should be")
        for page in self.small_ones(_PAGE, kids):
            if int(page[2]) != node:
                raise StampError("a page of a copy hangs elsewhere")
            forms = {name.decode(): int(number) for name, number in _FORM.findall(page[7])}
            yield StampedPage(float(page[3]), float(page[4]), int(page[5]), int(page[6]), forms)
