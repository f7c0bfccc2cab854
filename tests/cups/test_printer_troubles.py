"""Each trouble a device can have ends as docs/release.md says, and nothing prints twice by itself (I5, I6)."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from gateway.printers import open_printer
from rehearsal.device import IppEvePrinter
from rehearsal.house import House
from rehearsal.papers import write_pdf
from rehearsal.processes import wait_until
from tests.cups.paper import permit_for

pytestmark = pytest.mark.cups
_BODY = """#!/bin/sh
# What the device does with each document, as the file `mood` says.
mood() { cat "$ROOT/mood" 2>/dev/null; }
case "$(mood)" in
empty) echo "STATE: +media-empty-error" >&2; while [ "$(mood)" = empty ]; do sleep 0.05; done; echo "STATE: -media-empty-error" >&2 ;;
slow) while [ "$(mood)" = slow ]; do sleep 0.05; done ;;
broken) exit 1 ;;
esac
"""


@dataclass
class Device:
    """A device with moods, its queue, and the room it stands in."""

    house: House
    printer: IppEvePrinter
    root: Path

    def mood(self, word: str) -> None:
        (self.root / "mood").write_text(word)

    def released(self, title: str, queue: str = "moody") -> str:
        """A job of two copies that was released a moment ago."""
        house = self.house
        job = str(house.print_file(write_pdf(self.root / f"{title}.pdf", title, 2), "-n", "2", queue=queue)["job"])
        permit_for(house, job, copies=2)
        house.run("job", "claim", job, account="zheng")
        house.run("job", "release", job, account="zheng")
        return job

    def show(self, job: str) -> dict[str, object]:
        return dict(self.house.ask("zheng", "job", "show", job))

    def becomes(self, job: str, stage: str) -> None:
        wait_until(lambda: self.show(job)["stage"] == stage, f"{stage} (it is {self.show(job)['stage']})", 30)

    def documents(self) -> int:
        return len(self.printer.received())

    def settled(self, job: str, *outcome: str) -> None:
        self.house.run("job", "settle", job, *outcome, account="zheng")


@pytest.fixture(scope="module")
def device() -> Iterator[Device]:
    root = Path(tempfile.mkdtemp(prefix="imprimatur-test-", dir="/tmp"))
    try:
        with House(root, device_silence_seconds=3) as house:
            command = root / "moody"
            command.write_text(_BODY.replace("$ROOT", str(root)))
            command.chmod(0o755)
            printer = house.second_printer("moody-printer", command)
            house.cups.add_gate_queue("moody", house.settings.intake_socket)
            options = ("--queue", "moody", "--designated", "--max-level", "jimi")
            house.run("device", "add", "PRN-MOODY-01", "--uri", printer.uri, *options, account="feng")
            yield Device(house, printer, root)
    finally:
        shutil.rmtree(root, ignore_errors=True)


@pytest.fixture(autouse=True)
def good_mood(device: Device) -> Iterator[None]:
    device.mood("well")
    yield
    device.house.run("ledger", "verify")


def test_out_of_paper_is_waited_for_and_told(device: Device) -> None:
    before = device.documents()
    device.mood("empty")
    job = device.released("缺纸")
    wait_until(lambda: any(str(word).startswith("media-empty") for word in device.show(job)["device_says"]), "the device's complaint")  # type: ignore[attr-defined]
    assert device.show(job)["stage"] == "printing"
    device.mood("well")
    device.becomes(job, "completed")
    assert device.show(job)["device_says"] == []
    assert device.documents() == before + 1


@pytest.mark.parametrize("back", [pytest.param("later", marks=pytest.mark.long), "at once, knowing nothing"])
def test_a_plug_pulled_in_the_middle_is_a_doubt(device: Device, back: str) -> None:
    before = device.documents()
    device.mood("slow")
    job = device.released(f"拔电 {back}")
    device.becomes(job, "printing")
    wait_until(lambda: device.documents() == before + 1, "the document at the device")
    device.printer.kill()
    device.mood("well")
    if back == "later":
        device.becomes(job, "unresolved")
    device.printer.start()
    device.becomes(job, "unresolved")
    device.settled(job, "--good", "1", "--resume")
    device.becomes(job, "completed")
    assert device.documents() == before + 2, "the second number only, once"


def test_cancelled_at_its_panel_is_a_doubt(device: Device) -> None:
    before = device.documents()
    device.mood("slow")
    job = device.released("面板取消")
    device.becomes(job, "printing")
    wait_until(lambda: device.documents() == before + 1, "the document at the device")
    newest = max(
        int(line) for line in panel(device, "Get-Jobs", "ATTR keyword requested-attributes job-id DISPLAY job-id") if line.isdigit()
    )
    panel(device, "Cancel-Job", f"ATTR integer job-id {newest} STATUS successful-ok")
    device.mood("well")
    device.becomes(job, "unresolved")
    device.settled(job, "--close")
    assert device.show(job)["stage"] == "completed"
    assert device.documents() == before + 1


def panel(device: Device, operation: str, more: str) -> list[str]:
    """An operation from somebody else than the gate, as at the device's own panel; the lines it displays."""
    request = device.root / "panel.test"
    request.write_text(
        f"{{ OPERATION {operation} GROUP operation-attributes-tag ATTR charset attributes-charset utf-8 "
        f"ATTR language attributes-natural-language en ATTR uri printer-uri {device.printer.uri} {more} }}"
    )
    return subprocess.run(["ipptool", "-c", device.printer.uri, str(request)], capture_output=True, check=True, text=True).stdout.split()


def test_a_device_that_gives_up_is_a_doubt(device: Device) -> None:
    before = device.documents()
    device.mood("broken")
    job = device.released("设备出错")
    device.becomes(job, "unresolved")
    device.mood("well")
    device.settled(job, "--resume")
    device.becomes(job, "completed")
    assert device.documents() == before + 2


def test_a_device_switched_off_is_waited_for_and_told(device: Device) -> None:
    before = device.documents()
    device.printer.stop()
    job = device.released("关机")
    wait_until(lambda: device.show(job)["device_says"] == ["unreachable"], "the complaint")
    assert device.show(job)["stage"] == "queued"
    device.printer.start()
    device.becomes(job, "completed")
    assert device.documents() == before + 1


def test_a_slow_device_keeps_no_other_one_waiting(device: Device) -> None:
    device.mood("slow")
    slow = device.released("慢")
    device.becomes(slow, "printing")
    quick = device.released("快", queue="jiyao")
    device.becomes(quick, "completed")
    assert device.show(slow)["stage"] == "printing"
    device.mood("well")
    device.becomes(slow, "completed")


@pytest.fixture(scope="module")
def hidden(device: Device) -> str:
    """A device of the same moods behind a hidden queue; the queue's name."""
    cups = device.house.cups
    address = cups.add_hidden_queue("hidden", device.printer.uri)
    cups.add_gate_queue("archive", device.house.settings.intake_socket)
    options = ("--queue", "archive", "--adapter", "cups", "--designated", "--max-level", "jimi")
    device.house.run("device", "add", "PRN-OLD-01", "--uri", address, *options, account="feng")
    return "hidden"


@pytest.mark.parametrize(("stop", "go", "says"), [("cupsreject", "cupsaccept", "rejecting-jobs"), ("cupsdisable", "cupsenable", "stopped")])
def test_a_hidden_queue_that_is_stopped_is_waited_for(device: Device, hidden: str, stop: str, go: str, says: str) -> None:
    before = device.documents()
    device.house.cups.run(stop, hidden, check=True)
    job = device.released(stop, queue="archive")
    wait_until(lambda: says in device.show(job)["device_says"], f"the complaint, not {device.show(job)['device_says']}")  # type: ignore[operator]
    assert device.documents() == before
    device.house.cups.run(go, hidden, check=True)
    device.becomes(job, "completed")
    assert device.documents() == before + 1


def test_a_crash_while_the_hidden_queue_holds_the_job_leaves_no_doubt(device: Device, hidden: str) -> None:
    """Created held, written, not let go yet: certainly unprinted, so nobody is asked to count paper."""
    cups, before = device.house.cups, device.documents()
    cups.run("cupsdisable", hidden, check=True)
    job = device.released("中断", queue="archive")
    device.becomes(job, "printing")
    device.house.kill_gateway()
    numbers = [line.split()[0] for line in cups.run("lpstat", "-o", hidden).stdout.splitlines()]
    cups.run("lp", "-i", numbers[-1], "-H", "hold", check=True)
    device.house.start_gateway()
    cups.run("cupsenable", hidden, check=True)
    device.becomes(job, "completed")
    assert device.documents() == before + 1


def test_devices_own_words_stay_ordinary(device: Device) -> None:
    """The rehearsal device is a real IPP printer: what we ask it, it answers."""
    status = open_printer("ipp", device.printer.uri).status()
    assert (status.state, status.accepting, status.takes_pdf) == ("idle", True, True)
