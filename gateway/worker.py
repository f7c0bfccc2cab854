"""The worker: counts held jobs, prints released ones, recovers interrupted ones, keeps house (≤ 200 lines by rule).

The job row is the workflow; the device's side of it is `gateway.press`.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from sqlalchemy.exc import SQLAlchemyError

from gateway.errors import GatewayError
from gateway.ledger.checkpoints import Signer, write_checkpoint
from gateway.logs import log
from gateway.press import Press
from gateway.printers import Printer, open_printer
from gateway.services import counting, matching, retention
from gateway.services.gate import Gate
from spool import SpoolError
from watermark import WatermarkError

HOUSEKEEPING_SECONDS = 5.0


class Worker:
    """One claim loop in a thread. Several may run: every claim is a guarded update."""

    def __init__(self, gate: Gate, signer: Signer, printer_for: Callable[[str, str], Printer] = open_printer) -> None:
        self._gate = gate
        self._signer = signer
        self._wake = threading.Event()
        self._stop = threading.Event()
        self.press = Press(gate, printer_for, self._stop)

    def wake(self) -> None:
        """Something may be to do."""
        self._wake.set()

    def stop(self) -> None:
        """Finish the present step, then return from `run`. A job at a device is left as it stands, for recovery."""
        self._stop.set()
        self._wake.set()

    def run(self) -> None:
        """Work until told to stop."""
        recovered, next_chores = False, 0.0
        while not self._stop.is_set():
            self._wake.clear()
            try:
                if not recovered:  # nothing is printed before it is known what a former run left
                    self._gate.spool.refill()
                    self.press.recover()
                    recovered = True
                self._work_once()
                if time.monotonic() >= next_chores:
                    self._chores()
                    next_chores = time.monotonic() + HOUSEKEEPING_SECONDS
            except (GatewayError, SpoolError, WatermarkError) as error:  # nothing half-done: each step is one transaction; try again
                log.error("worker_step_failed", code=error.code)
                self._stop.wait(1)
            except (OSError, SQLAlchemyError, LookupError, ValueError) as error:
                log.error("worker_step_failed", error=type(error).__name__)
                self._stop.wait(5)
            self._wake.wait(self._gate.settings.device_poll_seconds)

    def _work_once(self) -> None:
        for job_id in counting.jobs_to_count(self._gate):
            if self._stop.is_set():
                return
            counting.count_job(self._gate, job_id)
        for job_id in self.press.due():
            if self._stop.is_set():
                return
            self.press.print_job(job_id)

    def _chores(self) -> None:
        gate = self._gate
        gate.spool.refill()
        self.press.fonts.refresh()
        retention.destroy_finished_content(gate)
        retention.destroy_sources_of_counted_jobs(gate)
        retention.expire_held_jobs(gate)
        matching.rematch_all_held(gate)
        newest = getattr(self, "_last_checkpoint", 0.0)
        if time.monotonic() - newest >= gate.settings.checkpoint_minutes * 60:
            write_checkpoint(gate.database, self._signer, gate.settings.checkpoint_file, gate.clock.now())
            self._last_checkpoint = time.monotonic()
