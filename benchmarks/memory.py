"""What a process and all it started hold in memory: their own share of every page of memory, and what lies in memory files."""

from __future__ import annotations

import threading
from pathlib import Path
from types import TracebackType

_PROC = Path("/proc")
_EVERY_SECONDS = 0.05


class Peak:
    """While it is open: the most the process and its descendants held together, in bytes."""

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look, name="memory", daemon=True)
        self.bytes = 0

    def __enter__(self) -> Peak:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._over.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._over.wait(_EVERY_SECONDS):
            self.bytes = max(self.bytes, held(self._pid))


def held(pid: int) -> int:
    """Bytes now; a process that ends meanwhile counts nothing."""
    files: dict[int, int] = {}
    total = 0
    for one in family(pid):
        total += _share(one)
        files |= _memory_files(one)
    return total + sum(files.values())


def family(pid: int) -> list[int]:
    """The process and its descendants."""
    parents: dict[int, int] = {}
    for place in _PROC.glob("[0-9]*/stat"):
        try:
            parents[int(place.parent.name)] = int(place.read_text().rpartition(")")[2].split()[1])
        except OSError:
            continue
    found = [pid]
    for one in found:
        found += [child for child, parent in parents.items() if parent == one]
    return found


def _share(pid: int) -> int:
    """Proportional share: what several map counts once."""
    try:
        lines = (_PROC / str(pid) / "smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:"))


def _memory_files(pid: int) -> dict[int, int]:
    """Of its open memory files, by inode, the bytes they take."""
    found: dict[int, int] = {}
    try:
        handles = list((_PROC / str(pid) / "fd").iterdir())
    except OSError:
        return found
    for handle in handles:
        try:
            if str(handle.readlink()).startswith("/memfd:"):
                status = handle.stat()
                found[status.st_ino] = status.st_blocks * 512
        except OSError:
            continue
    return found
