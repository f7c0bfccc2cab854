"""The whole path to a device that needs CUPS' filters: public queue, gate, hidden queue by pycups, printer."""

from __future__ import annotations

from pathlib import Path

import pytest

from rehearsal.house import House
from rehearsal.papers import write_pdf
from rehearsal.processes import wait_until
from tests.cups.paper import permit_for

pytestmark = pytest.mark.cups


def test_copies_go_through_the_hidden_queue(house: House, tmp_path: Path) -> None:
    cups = house.cups
    cups.run("lpadmin", "-p", "hidden", "-E", "-v", house.printer.uri, "-m", "everywhere", "-o", "printer-is-shared=false", check=True)
    cups.add_gate_queue("archive", house.settings.intake_socket)
    address = f"cups://{cups.socket}?queue=hidden"
    options = ("--queue", "archive", "--adapter", "cups", "--designated", "--max-level", "jimi")
    house.run("device", "add", "PRN-OLD-01", "--uri", address, *options, account="feng")
    before = len(house.printer.received())
    job = house.print_file(write_pdf(tmp_path / "old.pdf", "老打印机", 2), "-n", "3", queue="archive")
    assert job["device"] == "PRN-OLD-01"
    permit_for(house, job["job"], copies=3)
    house.run("job", "claim", job["job"], account="zheng")
    house.run("job", "release", job["job"], account="zheng")
    wait_until(
        lambda: house.ask("zheng", "job", "show", job["job"])["stage"] not in {"queued", "preparing", "submitting", "printing"},
        "the print",
        60,
    )
    assert house.ask("zheng", "job", "show", job["job"])["stage"] == "completed"
    (received,) = house.printer.received()[before:]
    assert received.stat().st_size > 1000
    assert "老打印机" not in received.name
    house.run("ledger", "verify")
