"""The emergency brake: while the room is locked, whatever is at a device is cancelled there, within seconds (R102, SC-38).

It runs in a thread of its own, since the device's own thread may be waiting for an answer, and asks the database, so that it also heeds
a lock another process has set.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress

from gateway.counter import STEP_FAILURES, what_failed
from gateway.logs import log
from gateway.printers import Printer, PrinterError
from gateway.services import printing_queue, room
from gateway.services.gate import Gate

LOOK_SECONDS = 1.0


class Brake:
    """`pulled` tells the press to stop; `run` looks whether the room is locked."""

    def __init__(self, gate: Gate, printer_for: Callable[[str, str], Printer]) -> None:
        self._gate = gate
        self._printer_for = printer_for
        self._stop = threading.Event()
        self._wake = threading.Event()
        self._cancelling: dict[int, threading.Thread] = {}
        self.pulled = threading.Event()

    def wake(self) -> None:
        """Look now."""
        self._wake.set()

    def stop(self) -> None:
        """Return from `run`."""
        self._stop.set()
        self._wake.set()

    def run(self) -> None:
        """Look every second until told to stop."""
        while not self._stop.is_set():
            self._wake.clear()
            try:
                self.look()
            except STEP_FAILURES as error:
                log.error("brake_failed", **what_failed(error))
            self._wake.wait(LOOK_SECONDS)

    def look(self) -> None:
        """Heed the lock: tell the press, and cancel each device job that is under way, each in a thread so that none waits for another."""
        if not room.is_locked(self._gate):
            self.pulled.clear()
            self._cancelling.clear()
            return
        for number, adapter, uri, device_job in printing_queue.device_jobs_under_way(self._gate):
            thread = self._cancelling.get(number)
            if thread is None or not thread.is_alive():
                thread = threading.Thread(target=self._cancel, args=(adapter, uri, device_job), name=f"brake-{number}", daemon=True)
                self._cancelling[number] = thread
                thread.start()
        self.pulled.set()

    def _cancel(self, adapter: str, uri: str, device_job: int) -> None:
        with suppress(PrinterError):  # the press finds out, and the job becomes unresolved either way
            self._printer_for(adapter, uri).cancel(device_job)
        log.warning("emergency_cancel_sent", address=uri, count=device_job)
