"""Every page of the UI with 100,000 jobs and 1,000,000 register rows, and a look at 500 pages: `python -m benchmarks.pages`.

A whole room on real parts on a busy day (`rehearsal.busy_day`), then crowded (`benchmarks.crowded`); pages are asked for over TCP as a
browser does, by people who are logged in. Pages that need more than half of what is allowed are named. Prints Markdown.
"""

from __future__ import annotations

import argparse
import math
import os
import re
import tempfile
import time
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlencode

from sqlalchemy import insert

from benchmarks.crowded import furnish
from gateway.db.tables import PrintRegisterRow
from rehearsal.busy_day import BusyDay, make_busy
from rehearsal.house import House
from rehearsal.papers import write_pdf
from rehearsal.people import PASSWORD
from rehearsal.screens import SCREENS
from tests.room import Room

MOST_MS, FIRST_PAGE_MS = 200.0, 1000.0
LOOKS = 60
PAGES = 500
AFTER = 1000
"""More than a busy day has of anything."""
_AT_A_TIME = 50_000
_DAYS = 1500


def crowd(house: House, rows: int) -> None:
    """100,000 permits and jobs with their rows, and older register rows up to so many; no gateway may run."""
    room = Room.open(house.settings.data)
    room.clock.at = datetime.now(UTC)
    furnish(room, after=AFTER)
    begin, missing = room.clock.now() - timedelta(days=_DAYS), rows - 100_000
    for start in range(0, missing, _AT_A_TIME):
        with room.gate.database.writing() as session:
            session.execute(insert(PrintRegisterRow), [old_row(begin, n, missing) for n in range(start, min(start + _AT_A_TIME, missing))])
    room.close()


def old_row(begin: datetime, n: int, of: int) -> dict[str, object]:
    """The n-th of so many rows before the crowd's."""
    at = begin + timedelta(days=_DAYS) * (n / of)
    return {
        "job_no": f"A{n:07d}", "year": at.year, "seq": 1_000_000 + n, "received_at": at, "released_at": at, "completed_at": at,
        "status": "completed", "department": "D02", "requester": "zhao", "operator": "zheng", "level": "mimi", "term": "5年", "pages": 3,
        "copies_approved": 2, "copies_this": 2, "copies_total": 2, "copies_good": 2, "copy_from": "000001", "copy_to": "000002",
        "paper": "A4", "sheets_good": 6, "impressions": 6, "ledger_seq": 1 + n % 100,
    }  # fmt: skip


class Visitor:
    """A person at a browser, without the browser."""

    def __init__(self, house: House, account: str) -> None:
        self._port = house.web_port
        self._cookies: dict[str, str] = {}
        if account:
            found = re.search(r'name="csrf_token" value="([^"]+)"', self.get("login")[1].decode())
            form = urlencode({"csrf_token": found[1] if found else "", "username": account, "password": PASSWORD})
            assert self.ask("POST", "login", form)[0] == 302, account

    def get(self, path: str) -> tuple[int, bytes]:
        """A page: status and body."""
        return self.ask("GET", path)

    def ask(self, method: str, path: str, form: str = "") -> tuple[int, bytes]:
        """One request with the cookies so far."""
        connection = HTTPConnection("127.0.0.1", self._port, timeout=120)
        address = f"http://127.0.0.1:{self._port}/"
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self._cookies.items()), "Referer": address + path}
        if form:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        connection.request(method, "/" + path, form or None, headers)
        answer = connection.getresponse()
        body = answer.read()
        for cookie in answer.headers.get_all("Set-Cookie") or []:
            name, value = cookie.split(";")[0].split("=", 1)
            self._cookies[name] = value
        connection.close()
        return answer.status, body

    def takes(self, path: str, looks: int = LOOKS) -> list[float]:
        """Milliseconds of some looks, in order of length."""
        spent = []
        for _ in range(looks):
            began = time.perf_counter()
            status, _ = self.get(path)
            spent.append((time.perf_counter() - began) * 1000)
            assert status in (200, 404), (path, status)
        return sorted(spent)


def p95(spent: list[float]) -> float:
    return spent[math.ceil(len(spent) * 0.95) - 1]


def measure(house: House, day: BusyDay) -> None:
    """Print the table."""
    print(f"Load of the machine: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores.\n")
    print("| page | p50 ms | p95 ms | |\n|---|---|---|---|")
    worst = 0.0
    for account in dict.fromkeys(screen.account for screen in SCREENS):
        person = Visitor(house, account)
        for screen in (screen for screen in SCREENS if screen.account == account):
            spent = person.takes(screen.address(day))
            worst = max(worst, p95(spent))
            if p95(spent) > MOST_MS / 2:
                print(f"| {screen.name} | {spent[len(spent) // 2]:.0f} | {p95(spent):.0f} | {'slow' if p95(spent) > MOST_MS else ''} |")
    print(f"| slowest of {len(SCREENS)} | | {worst:.0f} | ≤ {MOST_MS:.0f} |\n")
    paper = write_pdf(house.root / "long.pdf", "长文件", PAGES)
    job = house.print_file(paper)["job"]
    (first,) = Visitor(house, "zhao").takes(f"jobs/{job}/pages/1.png", 1)
    (last,) = Visitor(house, "zhao").takes(f"jobs/{job}/pages/{PAGES}.png", 1)
    print(f"First page of a preview of {PAGES} pages: {first:.0f} ms (≤ {FIRST_PAGE_MS:.0f}); the last: {last:.0f} ms.")


def main() -> None:
    """Furnish, measure, print."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--rows", type=int, default=1_000_000, help="register rows")
    rows = asked.parse_args().rows
    with tempfile.TemporaryDirectory(prefix="imprimatur-pages-", dir="/tmp") as folder, House(Path(folder), passwords=True) as house:
        day = make_busy(house)
        house.stop_gateway()
        crowd(house, rows)
        house.start_gateway()
        measure(house, day)


if __name__ == "__main__":
    main()
