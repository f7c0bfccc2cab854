"""Every way to a slip printer keeps one contract: the paper shows what was drawn, and a printer that fails says so in time."""

from __future__ import annotations

import os
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import zxingcpp
from PIL import Image, ImageChops

from gateway.errors import ConfigurationError
from gateway.slips import SlipPrinter, SlipPrinterError, devices, draw, open_slip_printer
from gateway.slips.commands import commands
from gateway.slips.paper import read_commands
from rehearsal.processes import free_port
from tests.slips.test_drawing import FONTS, PERMIT

_PAPER = b"\x10\x04\x04"


@dataclass
class Way:
    """An adapter, and what came out at its other end."""

    printer: SlipPrinter
    output: Callable[[], Image.Image]


class ListeningPrinter:
    """A TCP printer that answers the question for paper with `status`, or not at all, and keeps what it gets."""

    def __init__(self, status: bytes = b"\x12", *, reads: bool = True) -> None:
        self._status, self._reads = status, reads
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        self.content = bytearray()
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        connection, _ = self._socket.accept()
        with connection:
            assert connection.recv(len(_PAPER)) == _PAPER
            if self._status:
                connection.sendall(self._status)
            while self._reads and (chunk := connection.recv(65536)):
                self.content += chunk
            while not self._reads and self._socket.fileno() >= 0:
                time.sleep(0.05)

    def finish(self) -> bytes:
        self._thread.join(5)
        return bytes(self.content)

    def close(self) -> None:
        self._socket.close()


@pytest.fixture
def listening() -> Iterator[Callable[..., ListeningPrinter]]:
    opened: list[ListeningPrinter] = []

    def make(*arguments: bytes, **more: bool) -> ListeningPrinter:
        opened.append(ListeningPrinter(*arguments, **more))
        return opened[-1]

    yield make
    for one in opened:
        one.close()


def read_pipe(pipe: Path) -> Callable[[], bytes]:
    """Something that reads a named pipe, as a printer's driver does; the result waits for its end."""
    content = bytearray()
    ready = threading.Event()

    def read() -> None:
        with os.fdopen(os.open(pipe, os.O_RDONLY | os.O_NONBLOCK), "rb", buffering=0) as end:
            ready.set()
            deadline, begun = time.monotonic() + 10, False
            while time.monotonic() < deadline:
                chunk = end.read(4096)
                begun = begun or bool(chunk)
                content.extend(chunk or b"")
                if not chunk and begun and chunk is not None:
                    return
                if not chunk:
                    time.sleep(0.01)

    thread = threading.Thread(target=read, daemon=True)
    thread.start()
    ready.wait(5)

    def finished() -> bytes:
        thread.join(12)
        return bytes(content)

    return finished


@pytest.fixture(params=["tcp", "tcp, silent", "file", "pipe", "virtual"])
def way(request: pytest.FixtureRequest, tmp_path: Path, listening: Callable[..., ListeningPrinter]) -> Way:
    def paper(content: bytes) -> Image.Image:
        out = read_commands(content, 512)
        assert out.cuts == 1
        return out.picture()

    if request.param.startswith("tcp"):
        device = listening(b"" if "silent" in request.param else b"\x12")
        return Way(open_slip_printer(f"tcp://127.0.0.1:{device.port}"), lambda: paper(device.finish()))
    if request.param == "virtual":
        return Way(open_slip_printer(f"virtual:{tmp_path}"), lambda: Image.open(tmp_path / "slip-000001.png"))
    file = tmp_path / "lp0"
    if request.param == "pipe":
        os.mkfifo(file)
        finished = read_pipe(file)
        return Way(open_slip_printer(f"file:{file}"), lambda: paper(finished()))
    file.touch()
    return Way(open_slip_printer(f"file:{file}"), lambda: paper(file.read_bytes()))


def test_the_paper_shows_what_was_drawn(way: Way) -> None:
    drawn = draw(PERMIT, way.printer.width, FONTS)
    way.printer.print(drawn, "slip-000001")
    out = way.output().convert("L")
    assert not ImageChops.difference(out.crop((0, 0, *drawn.size)), drawn.convert("L")).getbbox()
    assert [code.text for code in zxingcpp.read_barcodes(out)] == [PERMIT.code]


def test_a_picture_of_another_width_is_refused(way: Way) -> None:
    with pytest.raises(ValueError, match="does not fit"):
        way.printer.print(draw(PERMIT, 384, FONTS), "slip-000001")


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(devices, "SEND_SECONDS", 0.5)


def slip(length: int = 0) -> Image.Image:
    drawn = draw(PERMIT, 512, FONTS)
    return drawn if not length else Image.new("1", (512, length), 0)


@pytest.mark.usefixtures("hurried")
def test_a_printer_that_fails_is_told(tmp_path: Path, listening: Callable[..., ListeningPrinter]) -> None:
    pipe = tmp_path / "nobody-reads"
    os.mkfifo(pipe)
    (tmp_path / "no-folder").touch()
    for address in (
        f"tcp://127.0.0.1:{free_port()}",
        f"tcp://127.0.0.1:{listening(bytes([0x72])).port}",  # out of paper
        f"file:{tmp_path / 'is-not-there'}",
        f"file:{pipe}",
        f"virtual:{tmp_path / 'no-folder'}",
    ):
        with pytest.raises(SlipPrinterError) as caught:
            open_slip_printer(address).print(slip(), "slip-000001")
        assert caught.value.next_step


@pytest.mark.usefixtures("hurried")
def test_a_printer_that_stops_taking_bytes_is_given_up(tmp_path: Path, listening: Callable[..., ListeningPrinter]) -> None:
    pipe = tmp_path / "jammed"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    for address in (f"tcp://127.0.0.1:{listening(reads=False).port}", f"file:{pipe}"):
        began = time.monotonic()
        with pytest.raises(SlipPrinterError):
            open_slip_printer(address).print(slip(length=200_000), "slip-000001")
        assert time.monotonic() - began < 20
    os.close(reader)


@pytest.mark.parametrize(
    "address",
    [
        "lpt1",
        "tcp://",
        "tcp://host:nine",
        "tcp://host:99999",
        "file:",
        "virtual:",
        "ftp://host/x",
        "tcp://host?profile=none",
        "file:/dev/null?profile=AF-240",
    ],
)
def test_an_address_that_is_none_is_found_out(address: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        open_slip_printer(address)
    assert caught.value.next_step.startswith("Use ")


@pytest.mark.parametrize(("profile", "width"), [("TM-T88V", 512), ("TM-T20II", 576), ("POS-5890", 384)])
def test_the_width_is_the_profiles(profile: str, width: int) -> None:
    assert open_slip_printer(f"tcp://host?profile={profile}").width == width


def test_every_byte_of_a_slip_is_a_command_we_know() -> None:
    content = commands(slip(), "TM-T88V")
    assert read_commands(content, 512).picture().height > slip().height
    for broken in (content[:-1], content[:40], b"\x1bq" + content, content + b"text"):
        with pytest.raises(ValueError, match=r"command|raster"):
            read_commands(broken, 512)
    with pytest.raises(ValueError, match="wider"):
        read_commands(content, 384)
