"""The print path in figures, run by hand: `python -m benchmarks.print_path [--jobs N] [--megabytes N]`. Prints a Markdown table.

Ratios are against a peer in the same run: a Python backend behind the same filters that only writes and fsyncs.
"""

from __future__ import annotations

import argparse
import hashlib
import http.client
import io
import json
import os
import platform
import shutil
import socket
import sqlite3
import statistics
import struct
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import cups

from gateway.db.engine import Database
from gateway.ledger.append import append
from rehearsal.house import House
from rehearsal.papers import write_pdf
from rehearsal.processes import wait_until

PLAIN_BACKEND = """#!/usr/bin/python3 -IS
import os, struct, sys
if len(sys.argv) == 1:
    sys.exit(0)
data, at = b"", 8
def want(count):
    global data
    while len(data) < at + count:
        piece = os.read(0, 65536)
        if not piece:
            sys.exit(1)
        data += piece
while True:
    want(4)
    size = struct.unpack(">I", data[at:at + 4])[0]
    want(4 + (size or 56))
    at += 4 + (size or 56)
    if not size:
        break
folder = os.environ["DEVICE_URI"].partition(":")[2]
out = os.open(os.path.join(folder, sys.argv[1]), os.O_WRONLY | os.O_CREAT)
os.write(out, data)
os.fsync(out)
os.write(3, data[at - 16:at])
"""


def submit(house: House, queue: str, file: Path, count: int) -> float:
    """Send `count` jobs as fast as one client can; seconds until CUPS is done with all."""
    connection = cups.Connection(host=str(house.cups.socket))
    began = time.perf_counter()
    for number in range(count):
        connection.printFile(queue, str(file), f"job {number}", {})
    wait_until(lambda: not connection.getJobs(which_jobs="not-completed"), "the end of all jobs", 600)
    return time.perf_counter() - began


def plain_queue(house: House) -> str:
    """The peer: same PPD, same filters, a backend that only writes."""
    folder, places = house.root / "plain", house.cups.places
    folder.mkdir()
    folder.chmod(0o777)
    backend = places.server_bin / "backend" / "plain"
    backend.write_text(PLAIN_BACKEND)
    backend.chmod(0o755)
    ppd = Path(__file__).parents[1] / "cups-backend" / "imprimatur.ppd"
    house.cups.run("lpadmin", "-p", "plain", "-E", "-v", f"plain:{folder}", "-P", str(ppd), check=True)
    return "plain"


def submit_to_held(house: House, file: Path, count: int) -> list[float]:
    """Seconds from the client's request to the durable held row, one job at a time."""
    connection, taken = cups.Connection(host=str(house.cups.socket)), []
    with sqlite3.connect(house.settings.data / "imprimatur.db") as database:
        for number in range(count):
            began = time.perf_counter()
            connection.printFile("jiyao", str(file), f"one {number}", {})
            while not database.execute("SELECT 1 FROM job WHERE title = ? AND stage = 'held'", (f"one {number}",)).fetchone():
                time.sleep(0.001)
            taken.append(time.perf_counter() - began)
    return taken


class _Unix(http.client.HTTPConnection):
    def __init__(self, path: Path) -> None:
        super().__init__("localhost", timeout=600)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.connect(str(self._path))


def _framed(megabytes: int) -> Iterator[bytes]:
    block, digest = os.urandom(1 << 20), hashlib.sha256()
    yield b"IMPRFRM1"
    for _ in range(megabytes):
        digest.update(block)
        yield struct.pack(">I", len(block)) + block
    yield struct.pack(">IQ", 0, megabytes << 20) + digest.digest() + bytes(16)


def intake(house: House, megabytes: int) -> tuple[float, int]:
    """MB/s of one large body into the spool, and the gateway's peak memory in MB afterwards."""
    told = {"v": 1, "attempt": "1", "delivery": "bench", "queue": "jiyao", "user": "root", "title": "large", "copies": 1}
    connection = _Unix(house.settings.intake_socket)
    began = time.perf_counter()
    headers = {"Content-Type": "application/vnd.imprimatur.framed", "Imprimatur-Metadata": json.dumps(told)}
    connection.request("PUT", "/v1/jobs/bench:1:1", _framed(megabytes), headers, encode_chunked=True)
    assert connection.getresponse().status == 201
    seconds = time.perf_counter() - began
    pid = house.gateway_pid
    peak = next(int(line.split()[1]) for line in Path(f"/proc/{pid}/status").read_text().splitlines() if line.startswith("VmHWM"))
    return megabytes / seconds, peak // 1024


def _counting(house: House) -> bool:
    with sqlite3.connect(house.settings.data / "imprimatur.db") as database:
        return bool(database.execute("SELECT 1 FROM job WHERE stage = 'held' AND pages IS NULL LIMIT 1").fetchone())


def counted_a_minute(house: House) -> float:
    """How fast the waiting jobs are counted while nothing else happens."""
    with sqlite3.connect(house.settings.data / "imprimatur.db") as database:
        waiting = database.execute("SELECT count(*) FROM job WHERE stage = 'held' AND pages IS NULL").fetchone()[0]
    began = time.perf_counter()
    wait_until(lambda: not _counting(house), "the end of all counting", 900)
    return 60 * waiting / (time.perf_counter() - began)


def release_to_paper(house: House, file: Path) -> tuple[float, float]:
    """Seconds from the release to the first document byte at the device, and to `completed`."""
    wait_until(lambda: not _counting(house), "the end of all counting", 900)
    job = house.print_file(file, "-n", "3")["job"]
    asked = house.ask("zhao", "permit", "request", "--job", job, "--level", "mimi", "--term", "5年", "--purpose", "x")
    house.approve(asked["permit"], "li", "wu")
    house.run("job", "claim", job, account="zheng")
    before, began = len(list(house.printer.documents.iterdir())), time.perf_counter()
    house.run("job", "release", job, account="zheng")
    wait_until(lambda: len(list(house.printer.documents.iterdir())) > before, "the first byte", 30)
    first = time.perf_counter() - began
    with sqlite3.connect(house.settings.data / "imprimatur.db") as database:
        while not database.execute("SELECT 1 FROM job WHERE job_no = ? AND stage = 'completed'", (job,)).fetchone():
            time.sleep(0.005)
    return first, time.perf_counter() - began


def ledger_appends(house: House, count: int) -> float:
    """Durable one-entry transactions per second beside the running gateway."""
    database = Database(house.settings.url)
    began = time.perf_counter()
    for _ in range(count):
        with database.writing() as session:
            append(session, kind="bench", at=datetime.now(UTC), actor="bench", subject="", data={})
    return count / (time.perf_counter() - began)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--jobs", type=int, default=200)
    parser.add_argument("--megabytes", type=int, default=500)
    chosen = parser.parse_args()
    root = Path(tempfile.mkdtemp(prefix="imprimatur-bench-", dir="/tmp"))
    out = io.StringIO()
    try:
        with House(root, spool_slots=4096, cups_watch_seconds=60, spool_free_floor_bytes=0) as house:
            file = write_pdf(root / "one.pdf", "一页", 1)
            plain = submit(house, plain_queue(house), file, chosen.jobs)
            ours = submit(house, "jiyao", file, chosen.jobs)
            taken = sorted(submit_to_held(house, file, 100))
            counted = counted_a_minute(house)
            speed, peak = intake(house, chosen.megabytes)
            first, whole = release_to_paper(house, write_pdf(root / "three.pdf", "三页", 3))
            appends = ledger_appends(house, 500)
        rows = [
            ("jobs a minute through one queue, one page", f"{60 * chosen.jobs / ours:.0f}"),
            ("the same, plain backend", f"{60 * chosen.jobs / plain:.0f} (ratio {plain / ours:.2f})"),
            ("submit → held, p50 / p99", f"{1000 * statistics.median(taken):.0f} / {1000 * taken[98]:.0f} ms"),
            ("jobs counted a minute, one page", f"{counted:.0f}"),
            (f"intake of {chosen.megabytes} MB", f"{speed:.0f} MB/s, gateway's peak memory {peak} MB"),
            ("release → first document byte at the device", f"{first:.2f} s"),
            ("release → completion known", f"{whole:.2f} s"),
            ("ledger appends, one transaction each", f"{appends:.0f} /s"),
        ]
        out.write("| What | Figure |\n|---|---|\n" + "".join(f"| {what} | {figure} |\n" for what, figure in rows))
        out.write(f"\n{os.cpu_count()} cores, {platform.machine()}, Linux {platform.release()}, Python {platform.python_version()}\n")
        print(out.getvalue())
    finally:
        shutil.rmtree(root, ignore_errors=True)


if __name__ == "__main__":
    main()
