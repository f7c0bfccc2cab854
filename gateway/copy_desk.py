"""The copy desk: makes the scans operators ordered, one thread a scanner, and puts each page away before the next is asked for.

A page goes from the scanner's pipe into memory, is read by the keyless child, and is encrypted and durable before it counts (I7, I8).
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Generator, Iterable
from contextlib import closing
from typing import BinaryIO, cast

from gateway.counter import STEP_FAILURES, what_failed
from gateway.logs import log
from gateway.memory import memory_file
from gateway.scanners import Scanner, ScannerError, ScanWish, open_scanner
from gateway.services import copy_scans
from gateway.services.copying import MOST_PAGES, add_page
from gateway.services.counting import limits_of
from gateway.services.gate import Gate
from spool import KeyPoolEmptyError, SpoolFullError
from watermark import WatermarkError, sandbox

_LOOK_SECONDS = 5.0
"""Who orders a scan wakes the desk; it looks by itself only in case that was lost."""
_SMALL_SIDE = 32
"""The small picture is only looked at when somebody asks for it; here the page is searched."""


def scanner_of(gate: Gate, name: str) -> Scanner:
    """The adapter of a scanner the settings name. Raises ConfigurationError for an address that is none."""
    return open_scanner(gate.settings.scanners.get(name, ""), silence_seconds=gate.settings.scanner_silence_seconds)


class CopyDesk:
    """Takes orders until told to stop; `scanner_for` opens a scanner by its name."""

    def __init__(self, gate: Gate, scanner_for: Callable[[Gate, str], Scanner] = scanner_of) -> None:
        self._gate = gate
        self._scanner_for = scanner_for
        self._at_work: dict[str, threading.Thread] = {}
        self._wake = threading.Event()

    def wake(self) -> None:
        """Something may be ordered."""
        self._wake.set()

    def run(self, stop: threading.Event) -> None:
        """Work until told to stop. What an earlier run left half scanned is over; its pages are kept."""
        begun = False
        while not stop.is_set():
            self._wake.clear()
            try:
                if not begun:
                    copy_scans.end_interrupted_scans(self._gate)
                    begun = True
                self.step()
            except STEP_FAILURES as error:
                log.error("copy_desk_waits", **what_failed(error))
            self._wake.wait(_LOOK_SECONDS)

    def step(self) -> None:
        """Begin every scan that is ordered and whose scanner is free."""
        while True:
            busy = [name for name, thread in self._at_work.items() if thread.is_alive()]
            order = copy_scans.take_order(self._gate, busy)
            if order is None:
                return
            thread = threading.Thread(target=self.scan, args=(order,), name=f"scanner {order.scanner}", daemon=True)
            self._at_work[order.scanner] = thread
            thread.start()

    def scan(self, order: copy_scans.ScanOrder) -> None:
        """Make one scan. However it ends, the session is told; what came before is kept."""
        fault = ""
        try:
            wish = ScanWish(order.source, order.colours, order.resolution, pages=1 if order.replace else MOST_PAGES)
            scan = cast("Generator[BinaryIO]", self._scanner_for(self._gate, order.scanner).scan(wish))
            with closing(scan) as pages:
                fault = self._keep_all(order, pages)
        except ScannerError as error:
            fault = error.fault.value
        except WatermarkError:
            fault = copy_scans.UNREADABLE
        except (SpoolFullError, KeyPoolEmptyError):
            fault = copy_scans.SPOOL_FULL
        except STEP_FAILURES as error:
            log.error("scan_failed", job=order.job_no, **what_failed(error))
            fault = copy_scans.INTERRUPTED
        log.info("scanned", job=order.job_no, code=fault)
        copy_scans.end_scan(self._gate, order.job_id, fault)

    def _keep_all(self, order: copy_scans.ScanOrder, pages: Iterable[BinaryIO]) -> str:
        """Keep page after page; why no more are asked for, or '' at their end or the job's."""
        room = copy_scans.most_bytes(self._gate) - order.length
        for page in pages:
            room -= page.seek(0, os.SEEK_END)
            if room < 0:
                return copy_scans.TOO_LARGE
            if not self._keep(order, page):
                break
        return ""

    def _keep(self, order: copy_scans.ScanOrder, page: BinaryIO) -> bool:
        with memory_file("small") as small:
            report = sandbox.read_scan(page, small, _SMALL_SIDE, limits_of(self._gate))
        page.seek(0)
        return add_page(self._gate, order.job_id, self._gate.spool.put(page), report, replace=order.replace)
