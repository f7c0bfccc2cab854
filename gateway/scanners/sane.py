"""SANE by its own program `scanimage`, in a child with time limits and a private configuration.

A child, because a driver that hangs or crashes takes its process with it. `scanimage --batch` writes `N.part` and renames it once the
page is whole. Here every `N.part` is a pipe: the pages stream through, no folder ever holds a byte of them (I7), and the rename is the
proof that one is whole.
"""

from __future__ import annotations

import os
import re
import select
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from gateway.errors import ConfigurationError
from gateway.memory import memory_file
from gateway.scanners.interface import Colours, Fault, ScannerError, ScanWish, Source

PROGRAM = "/usr/bin/scanimage"
PNG_BEGINS, PNG_ENDS = b"\x89PNG\r\n\x1a\n", b"IEND\xaeB`\x82"
LARGEST_PAGE = 256 << 20
"""Bytes; A3 in colour at 600 dpi is 209 MB before it is compressed."""
_CHUNK = 1 << 16
_TICK_SECONDS = 0.05
_ENDING_SECONDS = 5.0
_LEAVING_SECONDS = 1.0
_MODES = {Colours.GREY: "Gray", Colours.COLOUR: "Color", Colours.BLACK_AND_WHITE: "Lineart"}
_FAULTS = {2: Fault.CUT, 3: Fault.BUSY, 4: Fault.UNSUITABLE, 5: Fault.CUT, 6: Fault.JAM, 7: Fault.EMPTY, 8: Fault.COVER_OPEN, 9: Fault.CUT}
"""SANE_Status of sane.h, which scanimage exits with; 1 is its own word for a device it cannot open."""


class SaneScanner:
    """A scanner SANE has a driver for. `files` are the private configuration: drivers that are not named in it are not loaded."""

    def __init__(self, device: str, files: Mapping[str, str], silence_seconds: float) -> None:
        self._device, self._files, self._silence = device, files, silence_seconds

    def sources(self) -> tuple[Source, ...]:
        """What `scanimage --help` lists for the device; raises ScannerError."""
        return tuple(_sources_in(self._says()))

    def scan(self, wish: ScanWish) -> Iterator[BinaryIO]:
        """See `Scanner.scan`."""
        said = self._says()
        names = _sources_in(said)
        if wish.source not in names or _MODES[wish.colours] not in _choices(said, "mode"):
            raise ScannerError(Fault.UNSUITABLE)
        most = 1 if wish.source is Source.FLATBED else wish.pages
        with self._folder() as folder:
            pages = folder / "pages"
            pages.mkdir()
            for number in range(1, most + 1):
                os.mkfifo(pages / f"{number}.part", 0o600)
            with self._running(folder, _options(wish, names[wish.source], most)) as child:
                yield from _Batch(pages, child, self._silence).pages(most)

    def _says(self) -> str:
        """What the driver says of its options; raises ScannerError."""
        with self._folder() as folder, self._running(folder, ["--help"], subprocess.PIPE) as child:
            try:
                said = child.communicate(timeout=self._silence)[0].decode(errors="replace")
            except subprocess.TimeoutExpired as late:
                raise ScannerError(Fault.SILENT) from late
        if "Options specific to device" not in said:
            raise ScannerError(Fault.UNREACHABLE)
        return said

    @contextmanager
    def _folder(self) -> Iterator[Path]:
        with tempfile.TemporaryDirectory(prefix="imprimatur-scan-") as name:
            folder = Path(name)
            for file, content in self._files.items():
                (folder / file).write_text(content)
            yield folder

    @contextmanager
    def _running(self, folder: Path, options: list[str], out: int = subprocess.DEVNULL) -> Iterator[subprocess.Popen[bytes]]:
        environment = {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "HOME": str(folder), "SANE_CONFIG_DIR": str(folder)}
        command = [PROGRAM, f"--device-name={self._device}", *options]
        try:
            child = subprocess.Popen(
                command,
                cwd=folder,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
        except FileNotFoundError as error:
            raise ConfigurationError("scanimage is not installed.", "Install the Debian packages sane-utils and sane-airscan.") from error
        try:
            yield child
        finally:
            _end(child)


class _Batch:
    """The pages of one running `scanimage --batch`."""

    def __init__(self, folder: Path, child: subprocess.Popen[bytes], silence_seconds: float) -> None:
        self._folder, self._child, self._silence = folder, child, silence_seconds

    def pages(self, most: int) -> Iterator[BinaryIO]:
        for number in range(1, most + 1):
            pipe = os.open(self._folder / f"{number}.part", os.O_RDONLY | os.O_NONBLOCK)
            try:
                with memory_file("scan") as page:
                    came = self._read(pipe, page)
                    if not came:
                        return self._say_why(number)
                    if not self._is_whole(number, page):
                        self._say_why(number)
                        raise ScannerError(Fault.CUT)
                    page.seek(0)
                    yield page
            finally:
                os.close(pipe)
        return None

    def _read(self, pipe: int, page: BinaryIO) -> bool:
        """One page into memory; whether anything came before the child ended. Raises ScannerError SILENT, or CUT for an endless page."""
        silent_since, length = time.monotonic(), 0
        poller = select.poll()
        poller.register(pipe, select.POLLIN)
        while True:
            ended = self._child.poll() is not None  # asked first: what it wrote before its end is still read below
            events = poller.poll(_TICK_SECONDS * 1000)
            piece = os.read(pipe, _CHUNK) if events and events[0][1] & select.POLLIN else b""
            if piece:
                length, silent_since = length + len(piece), time.monotonic()
                page.write(piece)
                if length > LARGEST_PAGE:
                    raise ScannerError(Fault.CUT)
            elif (events and events[0][1] & select.POLLHUP) or ended:
                return length > 0
            elif time.monotonic() - silent_since > self._silence:
                raise ScannerError(Fault.SILENT)

    def _is_whole(self, number: int, page: BinaryIO) -> bool:
        """The picture is a whole PNG, and scanimage gave it its final name, which it does for whole pages only."""
        page.seek(0)
        begins = page.read(len(PNG_BEGINS))
        page.seek(-len(PNG_ENDS), os.SEEK_END) if page.seek(0, os.SEEK_END) > len(PNG_ENDS) else None
        if begins != PNG_BEGINS or page.read() != PNG_ENDS:
            return False
        deadline = time.monotonic() + _ENDING_SECONDS
        while not (named := (self._folder / str(number)).exists()) and self._child.poll() is None and time.monotonic() < deadline:
            time.sleep(_TICK_SECONDS / 10)
        return named or (self._folder / str(number)).exists()

    def _say_why(self, number: int) -> None:
        """Nothing more comes: an empty feeder after some pages is the end, everything else a fault."""
        try:
            status = self._child.wait(_ENDING_SECONDS)
        except subprocess.TimeoutExpired as late:
            raise ScannerError(Fault.SILENT) from late
        fault = _FAULTS.get(status, Fault.CUT if number > 1 else Fault.UNREACHABLE)
        if status in (0, 7) and number > 1:
            return
        raise ScannerError(Fault.EMPTY if status == 0 else fault)


def _options(wish: ScanWish, source: str, most: int) -> list[str]:
    return [
        f"--source={source}",
        f"--mode={_MODES[wish.colours]}",
        f"--resolution={wish.resolution}",
        "-x",
        str(wish.width_mm),
        "-y",
        str(wish.height_mm),
        "--format=png",
        "--batch=pages/%d",
        f"--batch-count={most}",
    ]


def _choices(said: str, option: str) -> list[str]:
    """The words an option takes, from a line such as `--mode Gray|Color [Gray]`; none where the driver has no such option."""
    listed = re.search(rf"^\s*--{option} (\S.*?)(?: \[|$)", said, re.MULTILINE)
    return listed[1].split("|") if listed else []


def _sources_in(said: str) -> dict[Source, str]:
    """The device's own words for where paper lies."""
    return {source: word for word in _choices(said, "source") if (source := _source_of(word)) is not None}


def _source_of(word: str) -> Source | None:
    """What a driver means; SANE leaves the words to the drivers."""
    low = word.lower()
    if "flatbed" in low or "platen" in low:
        return Source.FLATBED
    if "duplex" in low:
        return Source.FEEDER_DUPLEX
    return Source.FEEDER if "adf" in low or "feeder" in low else None


def _end(child: subprocess.Popen[bytes]) -> None:
    """SIGTERM lets scanimage stop the device; then the whole group goes."""
    if child.poll() is None:
        child.terminate()
        with suppress(subprocess.TimeoutExpired):
            child.wait(_LEAVING_SECONDS)
    with suppress(ProcessLookupError):
        os.killpg(child.pid, 9)
    child.wait()
    if child.stdout is not None:
        child.stdout.close()
