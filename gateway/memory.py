"""Plaintext lives in anonymous memory files only, never in a folder (invariant I7)."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO, cast


@contextmanager
def memory_file(purpose: str) -> Iterator[BinaryIO]:
    """A readable and writable file in memory, gone when closed; `purpose` is what /proc shows, never a title."""
    with open_memory_file(purpose) as file:
        yield file


def open_memory_file(purpose: str) -> BinaryIO:
    """The same for whoever closes it himself."""
    return cast("BinaryIO", os.fdopen(os.memfd_create(f"imprimatur-{purpose}", os.MFD_CLOEXEC), "w+b"))
