"""The copy station in figures, run by hand: `python -m benchmarks.scanning [--pages N]`. Prints a Markdown table.

SANE's own test device gives ten colour pages of 200 × 200 mm a go, at 300 dpi; no time of a real scanner's head is in it. The pages come
through the whole house: scanimage, pipe, keyless child, spool, database.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks.memory import Peak
from rehearsal.house import House
from rehearsal.people import ROOM_PRINTER

_PAGES_A_GO = 10
_SCANNER = "test"
_PNG = b"\x89PNG\r\n\x1a\n"
_HEADS = (_PNG, b"P4\n", b"P5\n", b"P6\n", b"II*\0", b"MM\0*", b"\xff\xd8\xff")


def session(house: House, pages: int) -> tuple[str, list[float], list[float]]:
    """Scan so many pages into one session; its job, seconds of each go, seconds from the last page to its small picture."""
    wish = ("--for", "sun", "--device", ROOM_PRINTER, "--copies", "1")
    how = ("--scanner", _SCANNER, "--colours", "colour", "--resolution", "300", "--more")
    job, goes, looks = "", [], []
    for _ in range(pages // _PAGES_A_GO):
        started = time.perf_counter()
        found: dict[str, Any] = house.ask("zheng", "copy", "scan", *(("--job", job) if job else wish), *how)
        goes.append(time.perf_counter() - started)
        job = str(found["job"])
        looks.append(_look(house, job, len(found["pages"])))
    return job, goes, looks


def _look(house: House, job: str, page: int) -> float:
    from gateway.cli.client import Caller

    caller = Caller(house.config, None, "zheng")
    started = time.perf_counter()
    picture = caller.raw("GET", f"/copies/{job}/pages/{page}")
    if not picture.startswith(_PNG):
        raise SystemExit("the small picture did not come")
    return time.perf_counter() - started


def plaintext_in(folder: Path) -> int:
    """Files that begin like a scanned page: PNG, PNM, TIFF or JPEG. (tests/scanners looks for the bytes of pages, everywhere.)"""
    files = [file for file in folder.rglob("*") if file.is_file() and not file.is_symlink()]
    return sum(file.open("rb").read(len(_PNG)).startswith(_HEADS) for file in files if file.stat().st_size)


def _peak_megabytes(pid: int) -> int:
    told = Path(f"/proc/{pid}/status").read_text()
    return int(told.split("VmHWM:")[1].split()[0]) // 1024


def main() -> None:
    """Measure, print."""
    reader = argparse.ArgumentParser()
    reader.add_argument("--pages", type=int, default=100)
    chosen = reader.parse_args()
    root = Path(tempfile.mkdtemp(prefix="imprimatur-scanning-", dir="/tmp"))
    (root / "tmp").mkdir()
    os.environ["TMPDIR"] = str(root / "tmp")  # of all programs the house starts
    try:
        with House(root, **{f"scanners.{_SCANNER}": "sane:test:0"}) as house:
            before = _peak_megabytes(house.gateway_pid)
            with Peak(house.gateway_pid) as peak:
                _, goes, looks = session(house, chosen.pages)
            found = str(plaintext_in(root))
            rows = (
                (f"{chosen.pages} colour pages at 300 dpi, gateway's peak memory", "≤ 250 MB", f"{_peak_megabytes(house.gateway_pid)} MB"),
                ("the same before the first page", "", f"{before} MB"),
                ("gateway, keyless children and scanimage together, peak", "", f"{peak.bytes / 1e6:.0f} MB"),
                ("a page, from scanimage to durable", "", f"{statistics.median(goes) / _PAGES_A_GO:.2f} s"),
                ("small picture of a page that has just come, median", "≤ 1 s", f"{statistics.median(looks):.2f} s"),
                ("the same, longest", "≤ 1 s", f"{max(looks):.2f} s"),
                ("files in the house and its temporary folder that begin like a page", "0", found),
            )
    finally:
        shutil.rmtree(root, ignore_errors=True)
    print("| What | Demanded | Figure |\n|---|---|---|")
    for row in rows:
        print("| " + " | ".join(row) + " |")


if __name__ == "__main__":
    main()
