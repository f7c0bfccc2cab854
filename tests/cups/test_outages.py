"""Disk full, keys used up, database locked: nothing prints, nothing is half-written, everything arrives afterwards (I5, I7, I8)."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from rehearsal.house import House
from rehearsal.papers import write_pdf
from rehearsal.processes import wait_until
from tests.cups.paper import permit_for, release

pytestmark = pytest.mark.cups
MEGABYTE = 1 << 20


@contextmanager
def small_disk(folder: Path, megabytes: int) -> Iterator[None]:
    folder.mkdir(parents=True)
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "imprimatur-test", str(folder)], capture_output=True, check=False
    )
    if done.returncode != 0:
        pytest.skip("this machine lets us mount no small disk")
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


@contextmanager
def room(**settings: object) -> Iterator[House]:
    root = Path(tempfile.mkdtemp(prefix="imprimatur-test-", dir="/tmp"))
    try:
        with small_disk(root / "data", 48), House(root, spool_free_floor_bytes=8 * MEGABYTE, **settings) as house:
            yield house
    finally:
        shutil.rmtree(root, ignore_errors=True)


def titles(house: House) -> list[tuple[str, str, object]]:
    return sorted((row["title"], row["stage"], row["pages"]) for row in house.ask("zheng", "job", "list"))


def waiting_in_cups(house: House) -> int:
    return len(house.cups.run("lpstat", "-W", "not-completed", "-o").stdout.splitlines())


def everything_came(house: House, expected: list[str]) -> None:
    wait_until(lambda: titles(house) == [(title, "held", 1) for title in sorted(expected)], "all jobs, counted", 60)
    wait_until(lambda: waiting_in_cups(house) == 0, "CUPS' end")
    assert house.printer.received() == []
    house.run("ledger", "verify")


def test_a_full_disk_stops_the_intake_and_nothing_else(tmp_path: Path) -> None:
    with room() as house:
        paper = write_pdf(tmp_path / "paper.pdf", "满", 1)
        house.print_file(paper, "-t", "before")
        filler = house.root / "data" / "filler"
        with suppress(OSError), filler.open("wb", buffering=0) as file:
            while file.write(bytes(MEGABYTE // 4)):
                pass
        assert shutil.disk_usage(filler).free < MEGABYTE
        for number in range(3):
            house.cups.lp("jiyao", paper, "-t", f"while full {number}")
        time.sleep(4)
        assert waiting_in_cups(house) == 3
        assert "imprimatur-gateway-down" in house.cups.run("lpstat", "-l", "-p", "jiyao").stdout
        filler.unlink()
        everything_came(house, ["before", *(f"while full {number}" for number in range(3))])


@pytest.mark.long
@pytest.mark.timeout(240)
def test_used_up_keys_keep_jobs_in_cups_until_one_is_free(tmp_path: Path) -> None:
    with room(spool_slots=16) as house:
        paper = write_pdf(tmp_path / "paper.pdf", "钥", 1)
        sent = [f"job {number:02}" for number in range(20)]
        for title in sent:
            house.cups.lp("jiyao", paper, "-t", title)
        wait_until(lambda: "E_KEY_POOL_EMPTY" in house.cups.run("lpstat", "-l", "-o").stdout, "the end of the keys", 60)
        wait_until(lambda: all(pages == 1 for _, _, pages in titles(house)), "counting what came: keys for that were kept back", 100)
        assert 4 <= len(titles(house)) < 20, "some came, and not all"
        came: set[str] = set()
        while len(came) < 20:  # withdrawing makes room, and the rest comes in the order in which it was sent
            for row in house.ask("zheng", "job", "list"):
                if row["stage"] == "held":
                    came.add(row["title"])
                    house.run("job", "cancel", row["job"], "--reason", "试", account="zhao")
            time.sleep(0.5)
        assert came == set(sent)
        assert len(house.ask("zheng", "job", "list")) == 20, "none came twice"
        house.run("ledger", "verify")


@pytest.mark.long
def test_a_locked_database_is_waited_for(tmp_path: Path) -> None:
    with room() as house:
        paper = write_pdf(tmp_path / "paper.pdf", "锁", 1)
        job = house.print_file(paper, "-t", "before")["job"]
        other = sqlite3.connect(house.settings.data / "imprimatur.db", isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        house.cups.lp("jiyao", paper, "-t", "while locked")
        time.sleep(12)
        assert titles(house) == [("before", "held", 1)]
        other.execute("ROLLBACK")
        everything_came(house, ["before", "while locked"])
        permit_for(house, job)
        assert len(release(house, job)) == 1
