"""Both ways to a device keep one contract, tried on a real IPP printer and a real hidden CUPS queue (I5, I6, I12).

The fake that stands in where a property needs thousands of prints keeps it too, in both ways.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from gateway.printers import PrinterError, PrinterRejectedError, PrinterUnreachableError, Ticket, open_printer
from gateway.printers.interface import Printer
from rehearsal.cupsd import PrivateCups
from rehearsal.device import IppEvePrinter, PrivateBus
from rehearsal.papers import write_pdf
from rehearsal.processes import free_port, wait_until
from tests.printers.fake_device import FakeDevice, FakePrinter, Fate

pytestmark = pytest.mark.cups


@dataclass
class Way:
    name: str
    printer: Printer
    device: IppEvePrinter | FakeDevice


@pytest.fixture(scope="module")
def device() -> Iterator[IppEvePrinter]:
    root = Path(tempfile.mkdtemp(prefix="imprimatur-test-", dir="/tmp"))
    with PrivateBus(root / "bus") as bus, IppEvePrinter(root / "printer", bus) as opened:
        yield opened
    shutil.rmtree(root, ignore_errors=True)


@pytest.fixture(scope="module")
def hidden_queue(device: IppEvePrinter) -> Iterator[str]:
    root = Path(tempfile.mkdtemp(prefix="imprimatur-test-", dir="/tmp"))
    with PrivateCups(root) as cups:
        yield cups.add_hidden_queue("hidden", device.uri)
    shutil.rmtree(root, ignore_errors=True)


@pytest.fixture(params=["ipp", "cups", "fake", "fake-held"])
def way(request: pytest.FixtureRequest) -> Way:
    if request.param.startswith("fake"):
        fake = FakeDevice(holds=request.param == "fake-held")
        return Way(request.param, FakePrinter(fake), fake)
    device: IppEvePrinter = request.getfixturevalue("device")
    uri = device.uri if request.param == "ipp" else request.getfixturevalue("hidden_queue")
    return Way(request.param, open_printer(request.param, uri), device)


@pytest.fixture
def paper(tmp_path: Path) -> Path:
    return write_pdf(tmp_path / "paper.pdf", "测试", 3)


def print_all(printer: Printer, paper: Path, ticket: Ticket) -> int:
    job = printer.create(ticket)
    sent: list[int] = []
    with paper.open("rb") as document:
        printer.send(job, document, paper.stat().st_size, sent.append)
    assert sum(sent) == paper.stat().st_size
    printer.release(job)
    wait_until(lambda: printer.poll(job).state == "completed", "the device's job")
    return job


def test_the_device_tells_how_it_is(way: Way) -> None:
    status = way.printer.status()
    assert (status.state, status.accepting, status.takes_pdf) == ("idle", True, True)


def test_a_document_comes_out_once(way: Way, paper: Path) -> None:
    before = len(way.device.received())
    job = print_all(way.printer, paper, Ticket(token=f"imprimatur-{way.name}-once", pages=3))
    wait_until(lambda: len(way.device.received()) == before + 1, "the document")
    assert way.printer.find(f"imprimatur-{way.name}-once") == job
    if way.name != "cups":  # CUPS' filters may rewrite what they pass on
        assert way.device.received()[-1].read_bytes() == paper.read_bytes()


def test_the_name_at_the_device_is_the_neutral_token(way: Way, paper: Path) -> None:
    print_all(
        way.printer, paper, Ticket(token=f"imprimatur-{way.name}-neutral", pages=3, sides="two-sided-long-edge", media="iso_a4_210x297mm")
    )
    wait_until(lambda: f"imprimatur-{way.name}-neutral" in way.device.received()[-1].name, "the document's name")


def test_nothing_prints_before_the_document_and_a_cancel_leaves_nothing(way: Way) -> None:
    before = len(way.device.received())
    job = way.printer.create(Ticket(token=f"imprimatur-{way.name}-cancel", pages=1))
    way.printer.cancel(job)
    wait_until(lambda: way.printer.poll(job).state in {"canceled", "aborted", "unknown"}, "the cancel")
    assert len(way.device.received()) == before


def test_a_job_nobody_made_is_unknown(way: Way) -> None:
    assert way.printer.poll(999_999).state == "unknown"
    assert way.printer.find("imprimatur-nobody") is None


def test_a_document_shorter_than_announced_is_in_doubt(way: Way, paper: Path) -> None:
    job = way.printer.create(Ticket(token=f"imprimatur-{way.name}-short", pages=3))
    with paper.open("rb") as document, pytest.raises(PrinterError) as caught:
        way.printer.send(job, document, paper.stat().st_size + 10, None)
    assert caught.value.in_doubt
    with suppress(PrinterRejectedError):  # the device may have ended the broken job already: then there is nothing to cancel
        way.printer.cancel(job)


@pytest.mark.parametrize("fake", [False, True], ids=["ipp", "fake"])
def test_a_device_that_is_off_is_no_doubt(fake: bool) -> None:
    off = FakePrinter(FakeDevice(fate=Fate(off=True)))
    printer: Printer = off if fake else open_printer("ipp", f"ipp://127.0.0.1:{free_port()}/ipp/print")
    for act in (printer.status, lambda: printer.create(Ticket(token="t", pages=1)), lambda: printer.poll(1)):
        with pytest.raises(PrinterUnreachableError) as caught:
            act()
        assert not caught.value.in_doubt
