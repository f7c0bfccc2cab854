"""SC-23 Power cut while printing (R11, R85): six copies are proved, nothing prints by itself; the paper is counted, the rest follows."""

from __future__ import annotations

import json
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from rehearsal.device import IppEvePrinter
from rehearsal.house import House
from rehearsal.papers import write_pdf
from rehearsal.processes import wait_until
from tests.cups.paper import sheets
from tests.scenarios.conftest import PLAN_PAGES, Scene

pytestmark = [pytest.mark.cups, pytest.mark.timeout(300)]
SLOW = "PRN-JY-03"
_BODY = """#!/bin/sh
# The seventh document takes its time, so that the power can go while it is at the device; it never comes out whole.
echo x >> "$ROOT/count"
[ "$(wc -l < "$ROOT/count")" -ne 7 ] || { touch "$ROOT/seventh"; sleep 20; exit 1; }
"""


@pytest.fixture(scope="module")
def cut() -> Iterator[tuple[Scene, Path, IppEvePrinter]]:
    root = Path(tempfile.mkdtemp(prefix="imprimatur-test-", dir="/tmp"))
    clock = root / "clock"
    clock.write_text("2026-03-09T09:00:00+08:00")
    try:
        with House(root, unsafe_clock=str(clock)) as house:
            command = root / "cut"
            command.write_text(_BODY.replace("$ROOT", str(root)))
            command.chmod(0o755)
            printer = house.second_printer("slow", command)
            house.cups.add_gate_queue("slow", house.settings.intake_socket)
            options = ("--queue", "slow", "--designated", "--max-level", "jimi")
            house.run("device", "add", SLOW, "--uri", printer.uri, *options, account="feng")
            yield Scene(house, clock, write_pdf(root / "plan.pdf", "规划纲要", PLAN_PAGES)), root, printer
    finally:
        shutil.rmtree(root, ignore_errors=True)


def test_sc23_six_good_two_sheets_of_the_seventh(cut: tuple[Scene, Path, IppEvePrinter]) -> None:
    scene, root, printer = cut
    house = scene.house
    permit = scene.p123(device=SLOW)
    options = ("-o", f"permit={permit}", "-n", "10", "-o", "sides=two-sided-long-edge", "-o", "finishings=4")
    job = house.print_file(scene.plan, *options, queue="slow")["job"]
    scene.at("03-12 09:14")
    house.run("job", "claim", job, account="zheng")
    house.run("job", "release", job, account="zheng")
    wait_until((root / "seventh").exists, "the seventh copy", 90)
    house.kill_gateway()
    came_out = len(printer.received())
    house.start_gateway()
    wait_until(lambda: show(house, job)["stage"] == "unresolved", "the doubt", 60)
    assert (show(house, job)["copies_good"], show(house, job)["copies_reserved"]) == (6, 4)
    (row,) = house.ask("zheng", "register", "show", "print", "--month", "2026-03")
    assert row["status"] == "unresolved"
    kinds = [entry["kind"] for entry in entries(house)]
    assert kinds.count("gateway.unclean_stop") == 1
    assert kinds.index("gateway.unclean_stop") < len(kinds) - 1 - kinds[::-1].index("job.unresolved")
    assert len(printer.received()) <= came_out + 1  # nothing prints by itself
    house.run("job", "settle", job, "--spoiled", "7=2", "--reason", "power_cut", "--resume", account="zheng")
    wait_until(lambda: show(house, job)["stage"] == "completed", "the rest", 90)
    again = printer.received()[-4:]
    assert [sheets(document)[0].number for document in again] == [f"{number:06d}" for number in range(7, 11)]
    (row,) = house.ask("zheng", "register", "show", "print", "--month", "2026-03")
    assert (row["copies_good"], row["sheets_good"], row["sheets_waste"]) == (10, 120, 2)
    month = house.ask("zheng", "stats", "month", "--month", "2026-03")
    assert (month["sheets_total"], month["sheets_waste"]) == (122, 2)
    house.run("ledger", "verify")
    house.run("stats", "verify")


def show(house: House, job: str) -> dict[str, object]:
    return dict(house.ask("zheng", "job", "show", job))


def entries(house: House) -> list[dict[str, object]]:
    with sqlite3.connect(house.settings.data / "imprimatur.db") as database:
        return [json.loads(body) for (body,) in database.execute("SELECT body FROM ledger_entry ORDER BY seq")]
