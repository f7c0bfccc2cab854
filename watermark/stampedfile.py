"""A stamped file read back as strictly as it was written: what is not exactly in the fan-out's own form is an error.

A general parser would be lenient where we want no leniency, and keeps in memory whatever it has read (measured: 100 MB for
20,000 pages); that a general parser sees the same pages is checked beside it, with pdfium (`watermark.verification`).
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import BinaryIO

from watermark.basefile import table_of
from watermark.errors import StampError

_TRAILER = re.compile(rb"trailer\n<</Size (\d+)/Root (\d+) 0 R>>\nstartxref\n(\d+)\n%%EOF\n")
_CATALOG = re.compile(rb"<</Type/Catalog/Pages (\d+) 0 R(?:/OCProperties \d+ 0 R)?/ViewerPreferences<</PrintScaling/None>>>>")
_ROOT = re.compile(rb"<</Type/Pages/Count (\d+)/Kids\[((?:\d+ 0 R ?)+)\]>>")
_NODE = re.compile(rb"<</Type/Pages/Parent (\d+) 0 R/Count (\d+)/Kids\[((?:\d+ 0 R ?)+)\]>>")
_PAGE = re.compile(
    rb"(\d+) 0 obj\n<</Type/Page/Parent (\d+) 0 R/MediaBox\[0 0 ([\d.]+) ([\d.]+)\]/Contents (\d+) 0 R"
    rb"/Resources<</Font (\d+) 0 R/XObject<<((?:/[A-Z] \d+ 0 R)+)>>>>>>\nendobj\n"
)
_FORM = re.compile(rb"/([A-Z]) (\d+) 0 R")
_STREAM = re.compile(rb"<<[^\n]*/Length (\d+)>>stream\n")
_KID = re.compile(rb"(\d+) 0 R")
_BLOCK = 4096
_LONGEST_PAGE = 1024


@dataclass(frozen=True, slots=True)
class StampedPage:
    """One page: its size, the stream that draws it, its fonts, and the forms it shows, all as object numbers."""

    width: float
    height: float
    contents: int
    fonts: int
    forms: dict[str, int]


class StampedFile:
    """Raises StampError for whatever is not as the fan-out writes it."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        at, self.table = table_of(file)
        file.seek(at + len(b"xref\n0 %d\n" % (len(self.table) // 20)) + len(self.table))
        end = _TRAILER.fullmatch(file.read(_BLOCK))
        if end is None or int(end[1]) != len(self.table) // 20 or int(end[3]) != at:
            raise StampError("the stamped file has another end")
        self._offsets = [int(self.table[start : start + 10]) for start in range(0, len(self.table), 20)]
        catalog = self._matched(_CATALOG, int(end[2]))
        self.root = int(catalog[1])
        root = self._matched(_ROOT, self.root)
        self.count, self.nodes = int(root[1]), _kids(root[2])

    def copy_at(self, node: int) -> Iterator[StampedPage]:
        """The pages of one copy, in order; `node` is one of `nodes`."""
        found = self._matched(_NODE, node)
        kids = _kids(found[3])
        if int(found[1]) != self.root or int(found[2]) != len(kids):
            raise StampError("a copy is not hung up as it should be")
        offsets = [self._offset(kid) for kid in kids]
        start, length = min(offsets), max(offsets) - min(offsets) + _LONGEST_PAGE
        if length > _LONGEST_PAGE * (len(kids) + 1):
            raise StampError("a copy's pages do not lie together")
        self._file.seek(start)
        data = self._file.read(length)
        for kid, offset in zip(kids, offsets, strict=True):
            page = _PAGE.match(data, offset - start)
            if page is None or int(page[1]) != kid or int(page[2]) != node:
                raise StampError("a page of a copy is not as it should be")
            forms = {name.decode(): int(number) for name, number in _FORM.findall(page[7])}
            yield StampedPage(float(page[3]), float(page[4]), int(page[5]), int(page[6]), forms)

    def stream(self, number: int) -> bytes:
        """A stream's bytes, unpacked."""
        body = self._from(number)
        head = _STREAM.match(body)
        if head is None:
            raise StampError("a stream of the stamped file cannot be read")
        length = int(head[1])
        if len(body) < head.end() + length:
            body = self._from(number, head.end() + length)
        try:
            return zlib.decompress(body[head.end() : head.end() + length])
        except zlib.error as error:
            raise StampError("a stream of the stamped file cannot be read") from error

    def body(self, number: int) -> bytes:
        """An object's bytes, for one that is no stream."""
        return self._from(number).partition(b"\nendobj\n")[0]

    def _matched(self, form: re.Pattern[bytes], number: int) -> re.Match[bytes]:
        length = _BLOCK
        while b"\nendobj\n" not in (body := self._from(number, length)) and len(body) >= length:
            length *= 8
        found = form.fullmatch(body.partition(b"\nendobj\n")[0])
        if found is None:
            raise StampError("the stamped file is not as the fan-out writes it")
        return found

    def _offset(self, number: int) -> int:
        if not 0 < number < len(self._offsets):
            raise StampError("the stamped file names an object it has not")
        return self._offsets[number]

    def _from(self, number: int, length: int = _BLOCK) -> bytes:
        head = b"%d 0 obj\n" % number
        self._file.seek(self._offset(number))
        if self._file.read(len(head)) != head:
            raise StampError("the stamped file's table points elsewhere")
        return self._file.read(length)


def _kids(listed: bytes) -> Sequence[int]:
    return [int(kid) for kid in _KID.findall(listed)]
