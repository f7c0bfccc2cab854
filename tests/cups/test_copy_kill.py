"""The power is cut while pages are being scanned: those before stay, the scan goes on where it was (I7, I8)."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from rehearsal.house import House
from rehearsal.papers import write_pdf
from rehearsal.processes import wait_until
from rehearsal.scans import stack_of

pytestmark = [pytest.mark.cups, pytest.mark.long]
PAGES = 8


@pytest.fixture
def house() -> Iterator[House]:
    with tempfile.TemporaryDirectory(prefix="imprimatur-test-", dir="/tmp") as root, House(Path(root)) as opened:
        yield opened


def test_a_scan_that_was_killed_goes_on(house: House) -> None:
    house.scanner.pages = stack_of(write_pdf(house.root / "paper.pdf", "通知", PAGES).read_bytes(), 100)
    house.scanner.page_seconds = 0.8
    command = (
        sys.executable,
        "-m",
        "gateway",
        "--config",
        str(house.config),
        "--as",
        "zheng",
        "copy",
        "scan",
        "--more",
        "--resolution",
        "200",
    )
    with subprocess.Popen(
        [*command, "--for", "sun", "--device", "PRN-JY-01"], stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL
    ) as scan:
        wait_until(lambda: any(len(one["pages"]) >= 3 for one in house.ask("zheng", "copy", "list")), "three pages", 60)
        house.kill_gateway()
        scan.wait(60)
    house.start_gateway()
    wait_until(lambda: house.ask("zheng", "copy", "list")[0]["scan"] == "idle", "the end of the scan that was killed", 30)
    (left,) = house.ask("zheng", "copy", "list")
    assert left["fault"] == "interrupted"
    assert 3 <= len(left["pages"]) < PAGES
    house.scanner.page_seconds, house.scanner.pages = 0, house.scanner.pages[len(left["pages"]) :]
    done = house.ask("zheng", "copy", "scan", "--job", left["job"], "--resolution", "200")
    assert (done["stage"], len(done["pages"])) == ("held", PAGES)
    begins = (b"\x89PNG", b"\xff\xd8\xff\xe0")
    assert [file for file in house.settings.data.rglob("*") if file.is_file() and file.open("rb").read(4) in begins] == []
    assert house.run("ledger", "verify", account="lin").status == 0
