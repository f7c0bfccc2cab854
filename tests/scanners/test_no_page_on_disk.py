"""From the glass to the counted job no page lies on any disk as it was scanned: looked for by its bytes, everywhere, all the time (I7)."""

from __future__ import annotations

import io
import os
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from gateway.copy_desk import CopyDesk
from gateway.scanners import Colours, Source
from gateway.services import copy_scans, copy_views, copying
from rehearsal.escl import EsclDevice, jpeg
from tests.room import Room
from tests.services.copies import begun, counted, pages_of

SHARED = (Path("/tmp"), Path("/var/tmp"))
TELLING = 40
"""Bytes of a page that are enough to know it: of noise no two places have the same."""


def noise() -> Image.Image:
    """A page like no other."""
    return Image.frombytes("L", (827, 1169), os.urandom(827 * 1169))


def pieces(content: bytes) -> list[bytes]:
    """A few places of a page, none at its head."""
    return [content[len(content) * part // 9 :][:TELLING] for part in range(2, 8)]


class Search:
    """Reads every file that is younger than the search whenever it changed, and notes those that hold a piece of a page."""

    def __init__(self, *folders: Path) -> None:
        self._folders, self._since = folders, time.time()
        self.found: set[str] = set()
        self._read: set[tuple[str, int, int, int]] = set()
        self.wanted: list[bytes] = []
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._go_on, daemon=True)

    @property
    def read(self) -> int:
        """How many files it has read, each as often as it changed."""
        return len(self._read)

    def __enter__(self) -> Search:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()
        self.look()

    def _go_on(self) -> None:
        while not self._over.wait(0.02):
            self.look()

    def _young(self) -> Iterator[Path]:
        for top in self._folders:
            for folder, _, names in os.walk(top):
                yield from (Path(folder, name) for name in names)
        for shared in SHARED:  # not into other programs' folders there
            yield from shared.iterdir()

    def look(self) -> None:
        for file in self._young():
            try:
                status = file.stat()
                read = (str(file), status.st_mtime_ns, status.st_size, len(self.wanted))
                if status.st_mtime < self._since or read in self._read or not file.is_file():
                    continue
                content = file.read_bytes()
            except OSError:
                continue  # another program's, gone meanwhile
            self._read.add(read)
            if any(piece in content for piece in self.wanted):
                self.found.add(str(file))


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder for temporary files of this process and all it starts."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setenv("TMPDIR", str(folder))
    monkeypatch.setattr(tempfile, "tempdir", None)
    return folder


def scan(room: Room, device: EsclDevice, job: str) -> None:
    object.__setattr__(room.gate.settings, "scanners", {"counter": device.address})
    order = {"source": Source.FEEDER, "colours": Colours.GREY, "resolution": 100}
    copy_scans.order_scan(room.gate, room.actor("zheng"), job, "counter", **order)  # type: ignore[arg-type]
    taken = copy_scans.take_order(room.gate, [])
    assert taken is not None
    CopyDesk(room.gate).scan(taken)


def test_no_page_lies_on_a_disk(room: Room, temporary: Path) -> None:
    room.gate.spool.refill()
    sheets = [noise() for _ in range(2)]
    with (
        EsclDevice([jpeg(sheet, 100) for sheet in sheets]) as device,
        Search(room.gate.settings.data, temporary, Path("/dev/shm")) as search,
    ):
        job = begun(room)
        search.wanted += [piece for sheet in device.pages for piece in pieces(sheet)]
        scan(room, device, job)
        known = pages_of(room, job)
        for page in known:
            with room.gate.spool.fetched(page.spool_object) as clear:
                content = clear.read()
                search.wanted += pieces(content) + pieces(Image.open(io.BytesIO(content)).tobytes())
        scan(room, device, job)  # once more, now that the pages' own bytes are known to the search
        for number in range(1, 3):
            copy_views.small_page(room.gate, room.actor("zheng"), job, number)
        copying.finish_copy(room.gate, room.actor("zheng"), job)
        counted(room, job)
    assert (len(known), len(pages_of(room, job)), search.found) == (2, 4, set())
    assert search.read > 20, "it did look"


def test_the_search_would_find_one(tmp_path: Path) -> None:
    page = noise().tobytes()
    with Search(tmp_path) as search:
        search.wanted += pieces(page)
        (tmp_path / "left").write_bytes(b"before" + page)
    assert search.found == {str(tmp_path / "left")}
