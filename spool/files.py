"""Files that are whole or not there: temp → fsync → rename → fsync of the folder."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def exclusive(lock: Path, *, shared: bool = False, wait: bool = True) -> Iterator[None]:
    """Hold a lock file, alone or with others who share it, across threads and processes. Raises BlockingIOError without `wait`."""
    descriptor = os.open(lock, os.O_RDONLY | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | (0 if wait else fcntl.LOCK_NB))
        yield
    finally:
        os.close(descriptor)


def sync_folder(folder: Path) -> None:
    """Make renames and removals in a folder survive power loss."""
    fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def write_whole(file: Path, content: bytes, mode: int = 0o600, *, sync_name: bool = True) -> None:
    """Create or replace a small file atomically and durably; with `sync_name=False` the caller syncs the folder after the last."""
    temporary = file.with_name(f".{file.name}.{os.getpid()}.tmp")
    with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode), "wb") as out:
        out.write(content)
        out.flush()
        os.fsync(out.fileno())
    temporary.replace(file)
    if sync_name:
        sync_folder(file.parent)
