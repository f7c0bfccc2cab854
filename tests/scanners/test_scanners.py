"""Every scanner keeps one contract: whole pages in order, nothing of them on disk, and a fault that says what to do."""

from __future__ import annotations

import io
import os
import random
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageDraw

from gateway.errors import ConfigurationError
from gateway.scanners import Colours, Fault, Scanner, ScannerError, ScanWish, Source, open_scanner
from gateway.scanners import sane as sane_adapter
from rehearsal.escl import EsclDevice, jpeg
from tests.scanners.fake import FakeScanner, picture

SMALL = ScanWish(resolution=75)
HELP = r"""case "$*" in *--help*) printf 'Options specific to device:\n --mode Gray [Gray]\n --source ADF [ADF]\n'; exit;; esac"""
LIKE_A4 = ScanWish(resolution=200)


def numbered(number: int) -> bytes:
    page = Image.new("L", (1654, 2339), 255)
    ImageDraw.Draw(page).rectangle((100 * number, 100, 100 * number + 60, 700), fill=0)
    return jpeg(page)


PAGES = [numbered(number) for number in range(1, 5)]


def place_of_bar(page: bytes) -> int:
    """Which of `numbered` a scanned page is."""
    dark = Image.open(io.BytesIO(page)).convert("L").point(lambda value: 255 if value < 128 else 0).getbbox()
    assert dark is not None
    return round(dark[0] / 100)


def contents(scanner: Scanner, wish: ScanWish = LIKE_A4) -> tuple[list[bytes], Fault | None]:
    pages: list[bytes] = []
    try:
        pages.extend(page.read() for page in scanner.scan(wish))
    except ScannerError as error:
        return pages, error.fault
    return pages, None


@pytest.fixture(params=["test", "escl", "fake"])
def scanner(request: pytest.FixtureRequest) -> Iterator[Scanner]:
    if request.param == "test":
        yield open_scanner("sane:test:0")
    elif request.param == "escl":
        with EsclDevice(PAGES) as device:
            yield open_scanner(device.address)
    else:
        yield FakeScanner([picture(str(number)) for number in range(3)])


def test_a_feeder_gives_whole_pages_until_it_is_empty(scanner: Scanner) -> None:
    pages, fault = contents(scanner)
    assert fault is None
    assert len(pages) >= 3
    for page in pages:
        Image.open(io.BytesIO(page)).load()


def test_no_more_pages_come_than_were_asked_for(scanner: Scanner) -> None:
    pages, fault = contents(scanner, ScanWish(resolution=200, pages=2))
    assert (len(pages), fault) == (2, None)


def test_a_flatbed_gives_one_page(scanner: Scanner) -> None:
    assert Source.FLATBED in scanner.sources()
    pages, fault = contents(scanner, ScanWish(source=Source.FLATBED, resolution=200))
    assert (len(pages), fault) == (1, None)


def test_a_scan_may_be_left_early_and_begun_anew(scanner: Scanner) -> None:
    running = scanner.scan(LIKE_A4)
    next(iter(running))
    running.close()  # type: ignore[attr-defined]  # it is a generator
    assert len(contents(scanner)[0]) >= 3


def test_a_source_the_device_has_not_is_refused() -> None:
    assert contents(open_scanner("sane:test:0"), ScanWish(source=Source.FEEDER_DUPLEX)) == ([], Fault.UNSUITABLE)


def test_colours_are_what_was_asked_for() -> None:
    modes = {}
    for colours in (Colours.GREY, Colours.COLOUR):
        (page,) = contents(open_scanner("sane:test:0"), ScanWish(Source.FLATBED, colours, 75))[0]
        modes[colours] = Image.open(io.BytesIO(page)).mode
    assert modes == {Colours.GREY: "L", Colours.COLOUR: "RGB"}
    assert contents(open_scanner("sane:test:0"), ScanWish(colours=Colours.BLACK_AND_WHITE)) == ([], Fault.UNSUITABLE)


def test_pages_come_in_order_and_with_their_resolution() -> None:
    with EsclDevice(PAGES) as device:
        pages, _ = contents(open_scanner(device.address))
    assert [place_of_bar(page) for page in pages] == [1, 2, 3, 4]
    assert {round(Image.open(io.BytesIO(page)).info["dpi"][0]) for page in pages} == {200}


def test_both_sides_are_asked_of_the_device() -> None:
    with EsclDevice(PAGES) as device:
        contents(open_scanner(device.address), ScanWish(source=Source.FEEDER_DUPLEX, resolution=200))
        contents(open_scanner(device.address))
    assert device.duplex_asked == [True, False]


@pytest.mark.parametrize(("trouble", "whole"), [({"jam_at": 3}, 2), ({"cut_at": 3}, 2), ({"cut_at": 1}, 0)])
def test_what_was_scanned_before_a_fault_is_whole_and_no_more_is_handed_out(trouble: dict[str, Any], whole: int) -> None:
    with EsclDevice(PAGES, page_seconds=0.3, **trouble) as device:
        pages, fault = contents(open_scanner(device.address))
    assert [place_of_bar(page) for page in pages] == list(range(1, whole + 1))
    assert fault in {Fault.JAM, Fault.CUT}


def test_a_device_that_is_busy_for_a_moment_is_waited_for() -> None:
    with EsclDevice(PAGES, busy_times=1) as device:
        assert len(contents(open_scanner(device.address))[0]) == 4


def test_an_empty_feeder_says_so() -> None:
    with EsclDevice([]) as device, pytest.raises(ScannerError, match="no paper") as told:
        list(open_scanner(device.address).scan(LIKE_A4))
    assert (told.value.code, told.value.fault) == ("E_SCANNER", Fault.EMPTY)
    assert "Lay the original in" in told.value.letter()


def test_a_device_that_is_not_there_says_so() -> None:
    for address in ("escl:http://127.0.0.1:9/eSCL", "sane:nosuch:0", "sane:test:9"):
        assert contents(open_scanner(address)) == ([], Fault.UNREACHABLE)


def test_a_driver_that_hangs_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "scanimage"
    program.write_text(f"#!/bin/sh\n{HELP}\nsleep 600\n")
    program.chmod(0o755)
    monkeypatch.setattr(sane_adapter, "PROGRAM", str(program))
    began = time.monotonic()
    assert contents(open_scanner("sane:test:0", silence_seconds=0.3)) == ([], Fault.SILENT)
    assert time.monotonic() - began < 5


@pytest.mark.parametrize("points", [6, pytest.param(50, marks=pytest.mark.long)])
def test_a_program_that_dies_inside_a_page_gives_no_half_page(points: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = tmp_path / "whole.png"
    whole.write_bytes(picture("whole"))
    program = tmp_path / "scanimage"
    monkeypatch.setattr(sane_adapter, "PROGRAM", str(program))
    length = len(whole.read_bytes())
    for cut in [*random.Random(9).sample(range(length), points), length - 1, length]:  # even all bytes prove nothing without the rename
        script = f"cat {whole} >pages/1.part; mv pages/1.part pages/1; head -c {cut} {whole} >pages/2.part; kill -9 $$"
        program.write_text(f"#!/bin/sh\n{HELP}\n{script}\n")
        program.chmod(0o755)
        pages, fault = contents(open_scanner("sane:test:0", silence_seconds=5))
        assert ([len(page) for page in pages], fault) == ([length], Fault.CUT), cut


def test_no_page_is_ever_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    seen: set[str] = set()
    done = threading.Event()

    def watch() -> None:
        while not done.is_set():
            for folder, _, files in os.walk(tmp_path):
                for name in files:
                    path = Path(folder, name)
                    with suppress(FileNotFoundError):
                        if path.is_file():  # a pipe is none
                            seen.add(path.name)

    watcher = threading.Thread(target=watch)
    watcher.start()
    pages, _ = contents(open_scanner("sane:test:0"), SMALL)
    done.set()
    watcher.join()
    assert len(pages) == 10
    assert seen <= {"dll.conf"}
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "address", ["", "test:0", "sane:test", "sane:../x:0", "escl:ftp://h/eSCL", "escl:http://h/e\nSCL", 'escl:http://h/"x']
)
def test_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(ConfigurationError, match="scanners"):
        open_scanner(address)
