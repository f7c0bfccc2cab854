"""The whole path to a device that needs CUPS' filters: public queue, gate, hidden queue by pycups, printer."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import pytest

from rehearsal.house import House
from rehearsal.papers import write_pdf
from rehearsal.processes import wait_until
from tests.cups.paper import permit_for

pytestmark = pytest.mark.cups


def test_copies_go_through_the_hidden_queue(house: House, tmp_path: Path) -> None:
    cups = house.cups
    address = cups.add_hidden_queue("hidden", house.printer.uri)
    cups.add_gate_queue("archive", house.settings.intake_socket)
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


def hidden_job(house: House, folder: Path, title: str) -> str:
    """A job for the hidden queue's device, released a moment ago; its number."""
    job = str(house.print_file(write_pdf(folder / f"{title}.pdf", title, 2), queue="archive")["job"])
    permit_for(house, job, copies=1)
    house.run("job", "claim", job, account="zheng")
    house.run("job", "release", job, account="zheng")
    return job


def ended(house: House, job: str) -> str:
    def stage() -> str:
        return str(house.ask("zheng", "job", "show", job)["stage"])

    wait_until(lambda: stage() in {"completed", "unresolved"}, "the print", 60)
    return stage()


def test_nobody_prints_past_the_gate(house: House, tmp_path: Path) -> None:
    before = house.printer.received()
    file = write_pdf(tmp_path / "past.pdf", "绕过", 1)
    file.chmod(0o644)
    tmp_path.chmod(0o755)
    with pytest.raises(RuntimeError):
        house.cups.lp("hidden", file, user="nobody")
    assert house.printer.received() == before


@pytest.mark.parametrize("delay", [*(pytest.param(delay, marks=pytest.mark.long) for delay in (0.3, 0.7)), 0.5])
def test_a_killed_cupsd_prints_nothing_twice(house: House, tmp_path: Path, delay: float) -> None:
    before = len(house.printer.received())
    job = hidden_job(house, tmp_path, f"断电{int(delay * 10)}")
    time.sleep(delay)
    house.cups.kill()
    time.sleep(0.5)
    house.cups.start()
    stage = ended(house, job)
    time.sleep(2)
    came = len(house.printer.received()) - before
    assert came <= 1, "the device got the job twice"
    assert stage == "unresolved" or came == 1
    outcome = [] if stage == "completed" else ["--good", "1", "--close"] if came else ["--close"]
    if outcome:
        house.run("job", "settle", job, *outcome, account="zheng")
    house.run("ledger", "verify")


def test_a_killed_backend_is_no_proof_of_paper(house: House, tmp_path: Path) -> None:
    """CUPS calls a job completed when its backend is killed; we do not."""
    house.printer.stop()
    job = hidden_job(house, tmp_path, "无证据")
    wait_until(lambda: once_backend(house) is not None, "the backend", 30)
    os.kill(once_backend(house) or 0, signal.SIGKILL)
    assert ended(house, job) == "unresolved"
    before = len(house.printer.received())
    house.printer.start()
    time.sleep(3)
    assert len(house.printer.received()) == before, "the device's backend went on alone"


def once_backend(house: House) -> int | None:
    for process in Path("/proc").iterdir():
        if process.name.isdigit():
            try:
                command = (process / "cmdline").read_bytes().split(b"\0")
                environment = (process / "environ").read_bytes()
            except OSError:
                continue
            if any(word.endswith(b"backend/imprimatur-once") for word in command[:3]) and str(house.cups.socket).encode() in environment:
                return int(process.name)
    return None
