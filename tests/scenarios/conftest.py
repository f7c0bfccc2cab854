"""The room of docs/scenarios.md on Thursday 2026-03-12, on real parts; permit P123 as written there."""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from rehearsal.exchange import Exchange
from rehearsal.house import House
from rehearsal.papers import write_pdf
from rehearsal.processes import wait_until
from tests.cups.paper import release
from tests.fax.office import guarded_line

SHANGHAI = ZoneInfo("Asia/Shanghai")
PLAN_PAGES, PLAN_COPIES = 24, 10


@dataclass
class Scene:
    house: House
    clock: Path
    plan: Path

    def at(self, moment: str) -> None:
        """Move the room's clock: `03-12 09:10` or with seconds, of 2026. An earlier test of this room may have been later."""
        before, now = self.clock.read_text(), datetime.fromisoformat(f"2026-{moment}").replace(tzinfo=SHANGHAI)
        self.clock.write_text(now.isoformat())
        if datetime.fromisoformat(before) > now:
            self.house.run("room", "confirm-clock", account="chen")

    def counter(self) -> int:
        """Sides the device has printed: pages of all it got."""
        import pikepdf

        total = 0
        for file in self.house.printer.received():
            with pikepdf.open(file) as document:
                total += len(document.pages)
        return total

    def p123(self, device: str = "PRN-JY-01") -> str:
        """A fresh P123 for this device: 24 pages, 10 copies, 秘密★5年, 03-10 09:00 to 03-17 18:00, approved by li and wu. Its number."""
        scope = ("--scope", "D01=3", "--scope", "D02=4", "--scope", "D03=2", "--archive", "1", "--device", device)
        valid = ("--valid-from", "2026-03-10T09:00", "--valid-to", "2026-03-17T18:00")
        self.at("03-10 09:00")
        amounts = ("--title", "规划纲要", "--level", "mimi", "--term", "5年", "--pages", str(PLAN_PAGES), "--copies", str(PLAN_COPIES))
        number = str(self.house.ask("zhao", "permit", "request", *amounts, *scope, *valid, "--purpose", "征求意见")["permit"])
        for account, moment in (("li", "03-10 16:20"), ("wu", "03-11 09:05")):
            self.at(moment)
            self.house.run("permit", "approve", number, account=account)
        self.at("03-12 09:10")
        return number

    def seat(self, account: str, unix_user: str) -> None:
        """Let a Unix user this machine has stand for an account of the story."""
        with sqlite3.connect(self.house.settings.data / "imprimatur.db") as database:
            database.execute("UPDATE user SET unix_user = ? WHERE username = ?", (unix_user, account))

    def lp(self, permit: str, *options: str, file: Path | None = None) -> dict[str, Any]:
        """zhao prints; what becomes of the job."""
        return self.house.print_file(file or self.plan, "-o", f"permit={permit}", *options)

    def wait_counted(self, job_no: str) -> None:
        """Until the pages of a held job are counted."""
        wait_until(lambda: "E_COUNTING" not in self.house.ask("zheng", "job", "show", job_no)["codes"], "the counting", 60)

    def release(self, job: dict[str, Any]) -> list[Path]:
        """zheng claims and releases; what came out."""
        return release(self.house, job["job"])


@contextmanager
def opened(*, passwords: bool = False, **settings: object) -> Iterator[Scene]:
    """A room of its own, with settings of its own."""
    root = Path(tempfile.mkdtemp(prefix="imprimatur-test-", dir="/tmp"))
    clock = root / "clock"
    clock.write_text("2026-03-09T09:00:00+08:00")
    try:
        with House(root, passwords=passwords, unsafe_clock=str(clock), **settings) as house:
            with sqlite3.connect(house.settings.data / "imprimatur.db") as database:  # 122 permits of this year came before
                database.execute("INSERT INTO permit_year (year, last_serial) VALUES (2026, 122)")
            yield Scene(house, clock, write_pdf(root / "plan.pdf", "规划纲要", PLAN_PAGES))
    finally:
        shutil.rmtree(root, ignore_errors=True)


@pytest.fixture(scope="package")
def scene() -> Iterator[Scene]:
    with opened() as room:
        yield room


@pytest.fixture(scope="module")
def telephone() -> Iterator[Exchange]:
    """A HylaFAX with the gate before its one line, which leads nowhere and counts dials."""
    with guarded_line() as line:
        yield line
