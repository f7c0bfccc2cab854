"""SC-21 Jam after 3 of 10 (R11 R33 R34, D09): nothing prints by itself; five sheets are waste until they are destroyed."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from rehearsal.device import IppEvePrinter
from rehearsal.house import House
from rehearsal.papers import write_pdf
from rehearsal.processes import wait_until
from tests.cups.paper import sheets
from tests.scenarios.conftest import PLAN_PAGES, Scene

pytestmark = [pytest.mark.cups, pytest.mark.timeout(300)]
JAMS = "PRN-JY-02"
_BODY = """#!/bin/sh
# The fourth document jams while the operator has not cleared the device.
echo x >> "$ROOT/count"
[ "$(wc -l < "$ROOT/count")" -ne 4 ] || { echo "STATE: +media-jam-error" >&2; exit 1; }
"""


@dataclass
class Jamming:
    scene: Scene
    printer: IppEvePrinter


@pytest.fixture(scope="module")
def jamming() -> Iterator[Jamming]:
    """A room whose second device jams in its fourth document; each copy is a document of its own (it staples)."""
    root = Path(tempfile.mkdtemp(prefix="imprimatur-test-", dir="/tmp"))
    clock = root / "clock"
    clock.write_text("2026-03-09T09:00:00+08:00")
    try:
        with House(root, unsafe_clock=str(clock)) as house:
            command = root / "jams"
            command.write_text(_BODY.replace("$ROOT", str(root)))
            command.chmod(0o755)
            printer = house.second_printer("jamming", command)
            house.cups.add_gate_queue("jams", house.settings.intake_socket)
            options = ("--queue", "jams", "--designated", "--max-level", "jimi")
            house.run("device", "add", JAMS, "--uri", printer.uri, *options, account="feng")
            yield Jamming(Scene(house, clock, write_pdf(root / "plan.pdf", "规划纲要", PLAN_PAGES)), printer)
    finally:
        shutil.rmtree(root, ignore_errors=True)


def test_sc21_three_good_five_sheets_wasted_the_rest_printed(jamming: Jamming) -> None:
    scene, house = jamming.scene, jamming.scene.house
    permit = scene.p123(device=JAMS)
    options = ("-o", f"permit={permit}", "-n", "10", "-o", "sides=two-sided-long-edge", "-o", "finishings=4")
    job = house.print_file(scene.plan, *options, queue="jams")["job"]
    scene.at("03-12 09:14")
    house.run("job", "claim", job, account="zheng")
    house.run("job", "release", job, account="zheng")
    wait_until(lambda: show(house, job)["stage"] == "unresolved", "the jam", 60)
    assert (show(house, job)["copies_good"], show(house, job)["copies_reserved"]) == (3, 7)
    came_out = len(jamming.printer.received())
    house.kill_gateway()  # nobody resumes by himself, not even after a restart
    house.start_gateway()
    assert (show(house, job)["stage"], len(jamming.printer.received())) == ("unresolved", came_out)
    house.run("job", "settle", job, "--spoiled", "4=5", "--reason", "jam", "--resume", account="zheng")
    wait_until(lambda: show(house, job)["stage"] == "completed", "the rest", 60)
    again = jamming.printer.received()[came_out:]
    assert [sheets(document)[0].number for document in again] == [f"{number:06d}" for number in range(4, 11)]
    (row,) = house.ask("zheng", "register", "show", "print", "--month", "2026-03")
    assert (row["copies_good"], row["sheets_good"], row["sheets_waste"]) == (10, 120, 5)
    carriers = house.ask("zheng", "carrier", "list", "--permit", permit)
    assert sorted(carrier["copy_number"] for carrier in carriers) == list(range(1, 11))
    (waste,) = house.ask("zheng", "carrier", "waste")
    assert (waste["copy_number"], waste["sheets"], waste["reason"], waste["overdue"]) == (4, 5, "jam", False)
    scene.at("03-12 18:01")
    (waste,) = house.ask("zheng", "carrier", "waste")
    assert waste["overdue"]
    wait_until(lambda: told(house, waste["waste"]), "the alert at 18:00", 90)
    assert [item["subject"] for item in house.ask("zheng", "carrier", "overdue") if item["duty"] == "waste"] == [waste["waste"]]
    house.run("ledger", "verify")


def show(house: House, job: str) -> dict[str, object]:
    return dict(house.ask("zheng", "job", "show", job))


def told(house: House, waste_no: str) -> bool:
    return any(alert["kind"] == "overdue" and alert["subject"] == waste_no for alert in house.ask("lin", "alert", "list"))
