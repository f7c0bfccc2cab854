"""SC-38 Emergency lock (R102): one press stops what is at a device and holds everything; two people unlock; the paper is counted."""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from gateway.printers import open_printer
from gateway.services import sessions
from gateway.services.credentials import Proof
from gateway.wiring import open_gate
from rehearsal.device import IppEvePrinter
from rehearsal.house import House
from rehearsal.papers import write_pdf
from rehearsal.people import PASSWORD
from rehearsal.processes import wait_until
from tests.cups.paper import permit_for

pytestmark = pytest.mark.cups
_SLOW_FROM_THE_SECOND = """#!/bin/sh
# Each copy is a document of its own; from the second on they take as long as the file `slow` is there.
[ "$(ls "$DOCUMENTS"/*.pdf | wc -l)" -ge 2 ] && while [ -e "$SLOW" ]; do sleep 0.05; done
exit 0
"""


@dataclass
class Emergency:
    house: House
    printer: IppEvePrinter
    root: Path
    slow: Path

    def held(self, title: str, *options: str) -> str:
        job = str(self.house.print_file(write_pdf(self.root / f"{title}.pdf", title, 2), *options, queue="slow")["job"])
        permit_for(self.house, job, copies=9)
        return job

    def show(self, job: str) -> dict[str, object]:
        return dict(self.house.ask("zheng", "job", "show", job))

    def becomes(self, job: str, stage: str, seconds: float = 30) -> None:
        wait_until(lambda: self.show(job)["stage"] == stage, f"{stage} (it is {self.show(job)['stage']})", seconds)


@pytest.fixture(scope="module", params=[0.2, pytest.param(8, marks=pytest.mark.long)], ids=["asked often", "asked seldom"])
def emergency(request: pytest.FixtureRequest) -> Iterator[Emergency]:
    root = Path(tempfile.mkdtemp(prefix="imprimatur-test-", dir="/tmp"))
    try:
        with House(root, passwords=True, device_poll_seconds=request.param) as house:
            slow, command = root / "slow", root / "slow-from-the-second"
            documents = root / "slow-printer" / "documents"
            command.write_text(_SLOW_FROM_THE_SECOND.replace("$DOCUMENTS", str(documents)).replace("$SLOW", str(slow)))
            command.chmod(0o755)
            printer = house.second_printer("slow-printer", command)
            house.cups.add_gate_queue("slow", house.settings.intake_socket)
            device = ("--queue", "slow", "--designated", "--max-level", "jimi")
            house.run("device", "add", "PRN-SLOW-01", "--uri", printer.uri, *device, account="feng")
            yield Emergency(house, printer, root, slow)
    finally:
        shutil.rmtree(root, ignore_errors=True)


def test_one_press_while_copy_two_of_three_prints(emergency: Emergency) -> None:
    house, slow = emergency.house, emergency.slow
    gate = open_gate(house.settings)
    token, _ = sessions.open_session(gate, "zheng", Proof(PASSWORD))
    job = emergency.held("应急", "-n", "3", "-o", "finishings=4")
    waiting, next_one = emergency.held("排队"), emergency.held("下一件")
    slow.touch()
    for one in (job, waiting):
        house.run("job", "claim", one, account="zheng")
        house.run("job", "release", one, account="zheng")
    wait_until(lambda: len(emergency.printer.received()) == 2, f"copy 2 at the device ({emergency.show(job)})", 60)
    assert emergency.show(job)["stage"] == "printing"

    pressed = time.monotonic()
    locked = house.ask("chen", "room", "emergency", "--reason", "演练")
    assert (locked["mode"], locked["waiting"]) == ("emergency", 1)
    emergency.becomes(job, "unresolved", 5)
    assert time.monotonic() - pressed < 5
    assert sessions.find_session(gate, token, active=True) is None

    assert emergency.show(waiting)["stage"] == "queued"
    refused = house.run("job", "release", next_one, account="zheng", check=False)
    assert (refused.status, "E_EMERGENCY" in refused.text) == (1, True)
    assert [alert["kind"] for alert in house.ask("lin", "alert", "list")] == ["emergency"]
    slow.unlink()
    wait_until(lambda: device_state(emergency, 2) == "canceled", "the device's answer to the cancel it was sent")  # it finishes its step
    time.sleep(3)
    assert len(emergency.printer.received()) == 2, "nothing goes on by itself"

    assert house.ask("chen", "room", "unlock")["mode"] == "emergency"
    assert house.run("room", "unlock", account="chen", check=False).status == 1, "one person is not two"
    assert house.ask("lin", "room", "unlock")["mode"] == "open"
    emergency.becomes(waiting, "completed", 60)
    assert emergency.show(job)["stage"] == "unresolved", "its paper is counted by hand"
    house.run("job", "settle", job, "--spoiled", "2=1", "--resume", account="zheng")
    emergency.becomes(job, "completed", 60)
    assert emergency.show(job)["copies_good"] == 3
    house.run("ledger", "verify")
    gate.close()


def device_state(emergency: Emergency, device_job: int) -> str:
    return open_printer("ipp", emergency.printer.uri).poll(device_job).state


def test_a_lock_outlives_the_gateway(emergency: Emergency) -> None:
    house = emergency.house
    house.run("room", "emergency", account="chen")
    house.kill_gateway()
    house.start_gateway()
    assert house.ask("zheng", "room", "show")["mode"] == "emergency"
    for account in ("wu", "lin"):
        house.run("room", "unlock", account=account)
    assert house.ask("zheng", "room", "show")["mode"] == "open"
