"""Counts what has arrived and files what shall be a fax, in threads of its own: no slow document or printer keeps the others waiting.

Taking in goes first: while jobs come in quick succession, few are counted, and nobody's `lp` waits for somebody else's pages.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from sqlalchemy.exc import SQLAlchemyError

from gateway.errors import GatewayError
from gateway.logs import log
from gateway.pulse import Part
from gateway.services import counting, fax_orders
from gateway.services.gate import Gate
from spool import SpoolError
from watermark import WatermarkError

THREADS = 2
"""One slow document of up to `count_seconds` does not stop the others."""
_WORK = ((counting.jobs_to_count, counting.count_job), (fax_orders.orders_to_file, fax_orders.file_order))
"""Counting first; what was counted and shall be a fax is made one then."""
_QUIET_SECONDS = 0.1
_LONGEST_WAIT_SECONDS = 0.5
_RETRY_SECONDS = 1.0
STEP_FAILURES = (GatewayError, SpoolError, WatermarkError, OSError, SQLAlchemyError, LookupError, ValueError)
"""What may go wrong in one step of background work without the gateway being at an end."""


def what_failed(error: Exception) -> dict[str, str]:
    """For the log: our own code, or the kind of a foreign error; never its text, which may hold a title (I12)."""
    known = isinstance(getattr(error, "code", None), str)
    return {"code" if known else "error": code_of(error)}


def code_of(error: Exception) -> str:
    """Our own code, or the kind of a foreign error."""
    code = getattr(error, "code", None)
    return code if isinstance(code, str) else type(error).__name__


class Counter:
    """Counts waiting jobs, oldest first; `run` is the body of each of its threads."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate
        self._changed = threading.Condition()
        self._stopped = False
        self._hints = 0
        self._busy: set[int] = set()
        self._last_arrival = self._last_start = float("-inf")

    def arrived(self) -> None:
        """A job has just come in."""
        self._last_arrival = time.monotonic()
        self.wake()

    def wake(self) -> None:
        """Something may be to count."""
        with self._changed:
            self._hints += 1
            self._changed.notify_all()

    def stop(self) -> None:
        """Finish what is being counted, then return from `run`."""
        with self._changed:
            self._stopped = True
            self._changed.notify_all()

    def run(self) -> None:
        """Count until told to stop."""
        while not self._stopped:
            hints = self._hints
            try:
                worked = any(self._one_of(waiting, act) for waiting, act in _WORK)
                self._gate.pulse.well(Part.COUNTER)
                if worked:
                    continue
            except STEP_FAILURES as error:  # nothing half-done: each step is one transaction; try again
                log.error("counting_waits", **what_failed(error))
                self._gate.pulse.failed(Part.COUNTER, code_of(error))
                self._pause(_RETRY_SECONDS)
            with self._changed:
                self._changed.wait_for(lambda: self._stopped or self._hints != hints, self._gate.settings.device_poll_seconds)  # noqa: B023

    def _one_of(self, waiting: Callable[[Gate], list[int]], act: Callable[[Gate, int], None]) -> bool:
        """Do this to the oldest waiting job no other thread has; whether there was one."""
        self._give_way()
        with self._changed:
            job_id = next((job for job in waiting(self._gate) if job not in self._busy), None)
            if job_id is None or self._stopped:
                return False
            self._busy.add(job_id)
            self._last_start = time.monotonic()
        try:
            act(self._gate, job_id)
        finally:
            with self._changed:
                self._busy.discard(job_id)
        return True

    def _give_way(self) -> None:
        while not self._stopped:
            now = time.monotonic()
            if now - self._last_arrival >= _QUIET_SECONDS or now - self._last_start >= _LONGEST_WAIT_SECONDS:
                return
            time.sleep(_QUIET_SECONDS / 4)

    def _pause(self, seconds: float) -> None:
        with self._changed:
            self._changed.wait_for(lambda: self._stopped, seconds)
