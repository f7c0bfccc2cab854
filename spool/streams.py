"""Streams that measure what passes and remember why they broke: the encrypting library tells neither."""

from __future__ import annotations

import hashlib
from typing import BinaryIO

from spool.errors import SpoolError, SpoolFullError

CHUNK = 1 << 20


class MeasuredSource:
    """Reads a stream once, measuring and checking as it goes; the encrypting library pulls from it."""

    def __init__(self, stream: BinaryIO, room: int) -> None:
        self._stream = stream
        self._room = room
        self._sha = hashlib.sha256()
        self.length = 0
        self.fault: Exception | None = None

    def read(self, size: int = -1) -> bytes:
        """The next bytes, b"" at the end. Raises SpoolFullError when more comes than there is room for."""
        try:
            chunk = self._stream.read(CHUNK if size < 0 else size)
        except (SpoolError, OSError, ValueError) as error:
            self.fault = error
            raise
        self.length += len(chunk)
        if self.length > self._room:
            self.fault = SpoolFullError("The spool has no room for this object; release or withdraw jobs, or raise the quota.")
            raise self.fault
        self._sha.update(chunk)
        return chunk

    @property
    def sha256(self) -> str:
        """Hexadecimal digest of what was read."""
        return self._sha.hexdigest()


class RememberingSink:
    """A file that remembers why it could not be written."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.fault: OSError | None = None

    def write(self, content: bytes) -> int:
        """Write, or remember and raise."""
        try:
            return self._file.write(content)
        except OSError as error:
            self.fault = error
            raise

    def flush(self) -> None:
        """Nothing to do: the file is flushed once, at the end."""
