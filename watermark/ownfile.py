"""A file this library wrote (a base, a stamped file), read back as strictly as it was written: another form is an error.

A general parser would be lenient where we want no leniency, keeps in memory whatever it has read (measured: 100 MB for 20,000 pages),
and takes ten times as long.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator, Sequence
from typing import BinaryIO

from watermark.errors import StampError

_ENTRY = 20
"""Bytes of an entry of the cross-reference table (ISO 32000-1 §7.5.4)."""

_LAST = 256
_BLOCK = 4096
_LONGEST_SMALL = 1024
_STREAM = re.compile(rb"<<[^\n]*?(/Filter/FlateDecode)?/Length (\d+)>>stream\n")
_KID = re.compile(rb"(\d+) 0 R")


class OwnFile:
    """Objects by number. Raises StampError for whatever is not in the form that is asked for."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.table_at, self.table = _table_of(file)
        self._offsets = [int(self.table[start : start + 10]) for start in range(0, len(self.table), _ENTRY)]

    @property
    def objects(self) -> int:
        """Objects in the file, the free one included."""
        return len(self._offsets)

    def end(self, form: re.Pattern[bytes]) -> re.Match[bytes]:
        """What follows the table, to the end of the file."""
        self._file.seek(self.table_at + len(b"xref\n0 %d\n" % self.objects) + len(self.table))
        found = form.fullmatch(self._file.read(_BLOCK))
        if found is None or int(found["size"]) != self.objects or int(found["at"]) != self.table_at:
            raise StampError("the file has another end")
        return found

    def matched(self, form: re.Pattern[bytes], number: int) -> re.Match[bytes]:
        """One object that is no stream."""
        length = _BLOCK
        while b"\nendobj\n" not in (body := self._from(number, length)) and len(body) >= length:
            length *= 8
        found = form.fullmatch(body.partition(b"\nendobj\n")[0])
        if found is None:
            raise StampError("an object of the file is not as it was written")
        return found

    def small_ones(self, form: re.Pattern[bytes], numbers: Sequence[int]) -> Iterator[re.Match[bytes]]:
        """Several objects of less than a kilobyte that lie together, read at once; `form` begins with the object's number."""
        offsets = [self._offset(number) for number in numbers]
        start, length = min(offsets), max(offsets) - min(offsets) + _LONGEST_SMALL
        if length > _LONGEST_SMALL * (len(numbers) + 1):
            raise StampError("pages of the file do not lie together")
        self._file.seek(start)
        data = self._file.read(length)
        for number, offset in zip(numbers, offsets, strict=True):
            found = form.match(data, offset - start)
            if found is None or int(found[1]) != number:
                raise StampError("a page of the file is not as it was written")
            yield found

    def stream(self, number: int) -> bytes:
        """A stream's bytes, unpacked."""
        body = self._from(number)
        head = _STREAM.match(body)
        if head is None:
            raise StampError("a stream of the file cannot be read")
        length = int(head[2])
        if len(body) < head.end() + length:
            body = self._from(number, head.end() + length)
        data = body[head.end() : head.end() + length]
        try:
            return zlib.decompress(data) if head[1] else data
        except zlib.error as error:
            raise StampError("a stream of the file cannot be read") from error

    def body(self, number: int) -> bytes:
        """An object's bytes, for one that is no stream."""
        return self._from(number).partition(b"\nendobj\n")[0]

    def _offset(self, number: int) -> int:
        if not 0 < number < self.objects:
            raise StampError("the file names an object it has not")
        return self._offsets[number]

    def _from(self, number: int, length: int = _BLOCK) -> bytes:
        head = b"%d 0 obj\n" % number
        self._file.seek(self._offset(number))
        if self._file.read(len(head)) != head:
            raise StampError("the file's table points elsewhere")
        return self._file.read(length)


def numbers_in(listed: bytes) -> list[int]:
    """The object numbers of an array of references."""
    return [int(number) for number in _KID.findall(listed)]


def _table_of(file: BinaryIO) -> tuple[int, bytes]:
    """Place and entries of the file's classic cross-reference table."""
    length = file.seek(0, 2)
    file.seek(max(0, length - _LAST))
    found = re.findall(rb"startxref\s+(\d+)\s+%%EOF", file.read())
    if not found:
        raise StampError("the file has no cross-reference table")
    at = int(found[-1])
    file.seek(at)
    head = re.match(rb"xref\n0 (\d+)\n", file.read(64))
    if head is None:
        raise StampError("the file's cross-reference table is not a classic one")
    file.seek(at + head.end())
    table = file.read(_ENTRY * int(head[1]))
    if len(table) != _ENTRY * int(head[1]):
        raise StampError("the file's cross-reference table is cut short")
    return at, table
