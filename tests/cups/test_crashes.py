"""The power is cut while copies go to the device: nothing prints twice by itself, nothing is lost (I5; docs/release.md)."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from rehearsal.house import House
from rehearsal.papers import write_pdf
from rehearsal.processes import wait_until
from tests.cups.paper import permit_for, sheets

pytestmark = pytest.mark.cups
SETTLED = {"completed", "unresolved"}


@pytest.mark.parametrize("delay", [*(pytest.param(delay, marks=pytest.mark.long) for delay in (0.0, 0.1)), 0.6])
def test_a_gateway_killed_after_the_release(house: House, tmp_path: Path, delay: float) -> None:
    job = house.print_file(write_pdf(tmp_path / "paper.pdf", "断电", 2), "-n", "2")["job"]
    permit_for(house, job, copies=2)
    before = len(house.printer.received())
    house.run("job", "claim", job, account="zheng")
    house.run("job", "release", job, account="zheng")
    time.sleep(delay)
    house.kill_gateway()
    house.start_gateway()
    wait_until(lambda: house.ask("zheng", "job", "show", job)["stage"] in SETTLED, "recovery", 30)
    time.sleep(0.5)
    came = house.printer.received()[before:]
    assert len(came) <= 1, "printed twice by itself"
    if house.ask("zheng", "job", "show", job)["stage"] == "unresolved":
        outcome = ["--good", "1-2", "--close"] if came else ["--resume"]
        house.run("job", "settle", job, *outcome, account="zheng")
        wait_until(lambda: house.ask("zheng", "job", "show", job)["stage"] == "completed", "the rest", 30)
    (received,) = house.printer.received()[before:]
    assert [page.number for page in sheets(received)] == ["000001", "000001", "000002", "000002"]
    assert house.ask("zheng", "job", "show", job)["copies_good"] == 2
    house.run("ledger", "verify")


def test_a_device_that_is_off_is_waited_for(house: House, tmp_path: Path) -> None:
    job = house.print_file(write_pdf(tmp_path / "paper.pdf", "等待", 1))["job"]
    permit_for(house, job, copies=1)
    before = len(house.printer.received())
    house.printer.stop()
    house.run("job", "claim", job, account="zheng")
    house.run("job", "release", job, account="zheng")
    time.sleep(1)
    assert house.ask("zheng", "job", "show", job)["stage"] in {"queued", "preparing"}
    house.printer.start()
    wait_until(lambda: house.ask("zheng", "job", "show", job)["stage"] == "completed", "the print", 30)
    assert len(house.printer.received()) == before + 1
