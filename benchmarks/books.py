"""The books after ten years: `python -m benchmarks.books` (10,000,000 register rows; `--rows 1000000` to try). Prints Markdown.

Builds the archive (about 3 kB a row: 30 GB of disk for ten million; `--folder` says where), then measures each thing in a process of its
own: the month, a page of the register, `ledger verify`, a month's bundle and `verify_bundle.py`, closing a month, durable appends.
`entries as written` are eleven a job, as the services leave them; the archive's are two a job, each of which tells of the register.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

from admin_ui.application import create_application
from admin_ui.words import word
from benchmarks.archive import furnish
from benchmarks.lives import relive
from gateway.db.engine import Database
from gateway.domain.paper import Dimension
from gateway.ledger.append import append
from gateway.ledger.checkpoints import Signer, write_checkpoint
from gateway.services import registers
from gateway.services import statistics as paper
from gateway.services.closing import close_past_months
from gateway.services.evidence import write_bundle
from gateway.services.installation import LEDGER_KEY
from gateway.services.register_pages import Look, register_page
from tests.architecture.repository import ROOT
from tests.room import Room

ROWS, LIVES, WRITERS, APPENDS, ROUNDS = 10_000_000, 20_000, 8, 4000, 7
MONTH, OLD_MONTH = "2026-02", "2019-07"
Line = tuple[str, str, str]
"""What was measured, the figure, what is demanded."""


def quickest(act: Callable[[], object]) -> tuple[float, float]:
    """Median and worst milliseconds of some rounds."""
    spent = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        act()
        spent.append((time.perf_counter() - began) * 1000)
    return statistics.median(spent), max(spent)


def months(room: Room) -> Iterator[Line]:
    """The month's paper in every dimension, and how it stands."""
    lin = room.actor("lin")
    for month in (MONTH, OLD_MONTH):

        def whole(month: str = month) -> None:
            for by in Dimension:
                paper.paper_of_month(room.gate, lin, month, by)
            paper.month_state(room.gate, lin, month)

        middle, worst = quickest(whole)
        yield f"the month {month}, all {len(Dimension)} dimensions", f"{middle:.0f} ms (worst {worst:.0f})", "≤ 1 s"


def searches(room: Room) -> Iterator[Line]:
    """Pages of the register, over the API and on the screen."""
    client = create_application(room.gate, lambda: None, control=True).test_client()
    caller = {"X_REMOTE_USER": "lin", "X_REMOTE_UID": 1000}
    rows = registers.print_register(room.gate, room.actor("lin"), MONTH, limit=2)
    deep = f"2026-{int(str(rows[0]['seq'])) + 20_000}"
    wished = (MONTH, f"{MONTH}&after={deep}", OLD_MONTH, f"{MONTH}&department=D03", f"{MONTH}&status=refused")
    for query in wished:
        address = f"/api/v1/registers/print?month={query}"
        status = client.get(address, environ_overrides=caller).status_code
        assert status == 200, address
        middle, worst = quickest(lambda address=address: client.get(address, environ_overrides=caller))  # type: ignore[misc]
        yield f"register page, month={query}", f"{middle:.0f} ms (worst {worst:.0f})", "≤ 200 ms"
    for what, text in {"a job's number": str(rows[0]["job"]), "a department": "规划", "a title nobody wrote": "无此题名"}.items():
        look = Look("print", MONTH, text)
        middle, worst = quickest(lambda look=look: register_page(room.gate, room.actor("lin"), look, "zh_CN", word))  # type: ignore[misc]
        yield f"register page, looking for {what}", f"{middle:.0f} ms (worst {worst:.0f})", "≤ 200 ms"


def verified(room: Room, name: str) -> Iterator[Line]:
    """The whole ledger."""
    began, worked = time.perf_counter(), time.process_time()
    verdict = room.verify()
    spent, work = time.perf_counter() - began, time.process_time() - worked
    assert verdict.ok, verdict.findings[:3]
    speed = f"{verdict.entries / spent:,.0f} entries/s by the clock, {verdict.entries / work:,.0f} of processor"
    figure = f"{speed}; {verdict.entries:,} entries, {_peak()} MB"
    yield f"ledger verify, {name}", figure, "≥ 200,000/s"


def bundled(room: Room) -> Iterator[Line]:
    """A month's bundle, and the verifier on it."""
    file, began = room.gate.settings.data / "bundle.zip", time.perf_counter()
    with file.open("wb") as out:
        write_bundle(room.gate, MONTH, out, titles=True)
    spent = time.perf_counter() - began
    yield "month bundle, streamed", f"{spent:.1f} s, {_peak()} MB RSS, file {file.stat().st_size / 1e6:.0f} MB", "≤ 200 MB RSS"
    keys, kept = room.gate.settings.keys / "ledger.pub", room.gate.settings.checkpoint_file
    began = time.perf_counter()
    command = [sys.executable, "-I", "-S", str(ROOT / "verify_bundle.py"), str(file), "--trusted-key", str(keys), "--checkpoint", str(kept)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    yield "verify_bundle.py on it", f"{time.perf_counter() - began:.1f} s, nothing wrong", ""


def closed(room: Room) -> Iterator[Line]:
    """Closing the month that runs, at its end."""
    room.clock.at = datetime(2026, 3, 31, 16, 5, tzinfo=UTC)
    began = time.perf_counter()
    assert close_past_months(room.gate) == ["2026-03"]
    spent = time.perf_counter() - began
    write_checkpoint(room.gate.database, Signer(room.gate.settings.keys / LEDGER_KEY), room.gate.settings.checkpoint_file, room.clock.now())
    yield "closing a month", f"{1000 * spent:.0f} ms", ""


def _append(database: Database, count: int) -> None:
    for _ in range(count):
        with database.writing() as session:
            append(session, kind="bench", at=datetime.now(UTC), actor="bench", subject="H000001", data={"pages": 24})


def _append_in_process(url: str, count: int) -> None:
    database = Database(url)
    _append(database, count)
    database.close()


def appended(room: Room) -> Iterator[Line]:
    """One entry, one durable transaction, from eight writers: threads as in the daemon, and processes."""
    url = room.gate.settings.url
    _append(room.gate.database, 100)
    began = time.perf_counter()
    threads = [threading.Thread(target=_append, args=(room.gate.database, APPENDS // WRITERS)) for _ in range(WRITERS)]
    _run(threads)
    yield f"durable appends, {WRITERS} threads", f"{APPENDS / (time.perf_counter() - began):,.0f} /s", "≥ 1,500 /s"
    processes = [multiprocessing.Process(target=_append_in_process, args=(url, APPENDS // WRITERS)) for _ in range(WRITERS)]
    began = time.perf_counter()
    _run(processes)
    yield (
        f"durable appends, {WRITERS} processes",
        f"{APPENDS / (time.perf_counter() - began):,.0f} /s with their start",
        "",
    )
    yield "one forced write of this disk", f"{_forced_write(room.gate.settings.data / 'forced') * 1000:.2f} ms", ""


def _run(workers: list[threading.Thread] | list[multiprocessing.Process]) -> None:
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()


def _forced_write(file: Path) -> float:
    """Seconds."""
    descriptor = os.open(file, os.O_RDWR | os.O_CREAT, 0o600)
    began = time.perf_counter()
    for _ in range(200):
        os.pwrite(descriptor, b"x" * 4096, 0)
        os.fdatasync(descriptor)
    os.close(descriptor)
    return (time.perf_counter() - began) / 200


def _peak() -> int:
    """Megabytes this process held at most; `getrusage` would tell of the parent's too."""
    told = Path("/proc/self/status").read_text()
    return int(told.split("VmHWM:")[1].split()[0]) // 1024


PARTS: dict[str, Callable[[Room], Iterator[Line]]] = {
    "months": months,
    "searches": searches,
    "verify": lambda room: verified(room, "archive"),
    "bundle": bundled,
    "close": closed,
    "append": appended,
}


def part(name: str, folder: Path) -> None:
    """One part, in this process; its lines as JSON."""
    room = Room.open(folder / ("lives" if name == "lives" else "room"))
    for line in verified(room, "entries as written") if name == "lives" else PARTS[name](room):
        print(json.dumps(line), flush=True)
    room.close()


def main() -> None:
    """Build, measure, print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=ROWS)
    parser.add_argument("--folder", type=Path, help="Where the room may stand; default the system's temporary folder.")
    parser.add_argument("--part", help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.part:
        part(chosen.part, chosen.folder)
        return
    with tempfile.TemporaryDirectory(dir=chosen.folder) as made:
        folder = Path(made)
        began = time.perf_counter()
        for name, fill in (("room", lambda room: furnish(room, chosen.rows)), ("lives", lambda room: relive(room, LIVES))):
            room = Room.make(folder / name)
            fill(room)
            room.close()
        size = (folder / "room" / "imprimatur.db").stat().st_size / 1e9
        print(f"{chosen.rows:,} register rows, database {size:.1f} GB, built in {time.perf_counter() - began:.0f} s\n")
        print("| What | Figure | Demanded |\n|---|---|---|", flush=True)
        for name in (*PARTS, "lives"):
            command = [sys.executable, "-m", "benchmarks.books", "--part", name, "--folder", str(folder)]
            for told in subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout.splitlines():
                print("| " + " | ".join(json.loads(told)) + " |", flush=True)
    print(f"\n{os.cpu_count()} cores, {platform.machine()}, Linux {platform.release()}, Python {platform.python_version()}")


if __name__ == "__main__":
    main()
