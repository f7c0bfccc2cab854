"""The worker: sends each device its released jobs, recovers interrupted ones, keeps house (≤ 200 lines by rule).

The job row is the workflow; the device's side of it is `gateway.press`, the counting is `gateway.counter`.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from gateway.brake import Brake
from gateway.counter import STEP_FAILURES, Counter, code_of, what_failed
from gateway.ledger.checkpoints import Signer, write_checkpoint
from gateway.logs import log
from gateway.press import Press
from gateway.printers import Printer, open_printer
from gateway.pulse import Part
from gateway.services import (
    clock_watch,
    closing,
    copying,
    fax_endings,
    fax_retention,
    idempotency,
    leases,
    matching,
    permits,
    printing_queue,
    release,
    reminders,
    retention,
    sessions,
    throttle,
)
from gateway.services.gate import Gate

HOUSEKEEPING_SECONDS = 5.0
_CLOSING_SECONDS = 60.0
_RETRY_SECONDS = 1.0


class Worker:
    """One loop that hands out work: each device has a thread while it has jobs, so that a slow one stops no other."""

    def __init__(self, gate: Gate, signer: Signer, printer_for: Callable[[str, str], Printer] = open_printer) -> None:
        self._gate = gate
        self._signer = signer
        self._wake = threading.Event()
        self._stop = threading.Event()
        self._at_work: dict[int, threading.Thread] = {}
        self._next: dict[str, float] = {}
        self._reconciled = False
        self._rematch_after = 0
        self.brake = Brake(gate, printer_for)
        self.press = Press(gate, printer_for, self._stop, self.brake.pulled)
        self.counter = Counter(gate)

    def wake(self) -> None:
        """Something may be to do."""
        self.brake.wake()
        self._wake.set()
        self.counter.wake()

    def stop(self) -> None:
        """Finish the present steps, then return from `run`. A job at a device is left as it stands, for recovery."""
        self._stop.set()
        self._wake.set()
        self.counter.stop()
        self.brake.stop()

    def run(self) -> None:
        """Work until told to stop."""
        while not self._stop.is_set():
            self._wake.clear()
            self._guarded(Part.WORKER, self._step)
            if self._is_time("chores", HOUSEKEEPING_SECONDS):
                self._guarded(Part.CHORES, self._chores)
            self._wake.wait(self._gate.settings.device_poll_seconds)
        for thread in self._at_work.values():
            thread.join(timeout=10)

    def _step(self) -> None:
        if not self._reconciled:
            self._gate.spool.refill()
            retention.reconcile_spool(self._gate)
            self._reconciled = True
        self._hand_out()

    def _guarded(self, part: Part, step: Callable[[], None], which: int = 0) -> None:
        """Nothing is half-done when a step fails: each is one transaction. It is told, and tried again."""
        try:
            step()
            self._gate.pulse.well(part, which)
        except STEP_FAILURES as error:
            log.error("worker_step_failed", **what_failed(error))
            self._gate.pulse.failed(part, code_of(error), which)
            self._stop.wait(_RETRY_SECONDS)

    def _hand_out(self) -> None:
        release.release_standing(self._gate)
        for device_id in printing_queue.devices_with_work(self._gate):
            thread = self._at_work.get(device_id)
            if (thread is None or not thread.is_alive()) and self.press.has_work(device_id):
                thread = threading.Thread(target=self._serve_device, args=(device_id,), name=f"device-{device_id}", daemon=True)
                self._at_work[device_id] = thread
                thread.start()

    def _serve_device(self, device_id: int) -> None:
        """All that is due at one device. Nothing is printed before it is known what an earlier run left there."""

        def serve() -> None:
            self.press.recover(device_id)
            while not self._stop.is_set() and (job_id := self.press.next_due(device_id)) is not None:
                self.press.print_job(job_id)

        self._guarded(Part.DEVICES, serve, device_id)

    def _chores(self) -> None:
        gate = self._gate
        gate.spool.refill()
        gate.database.tidy()
        clock_watch.watch_clock(gate)
        self.press.kit.refresh()
        fax_endings.end_faxes_of_ended_jobs(gate)
        fax_endings.end_faxes_past_approval(gate)
        fax_retention.destroy_pages_of_ended_faxes(gate)
        retention.destroy_finished_content(gate)
        retention.destroy_sources_of_counted_jobs(gate)
        retention.expire_held_jobs(gate)
        copying.expire_copies(gate)
        sessions.end_forgotten_sessions(gate)
        leases.end_stale_claims(gate)
        permits.expire_permits(gate)
        copying.end_forbidden(gate)
        matching.rematch_due(gate)
        # A round finds changes nobody told of; validity that begins or ends is found at once.
        if self._rematch_after or self._is_time("rematch", gate.settings.rounds_seconds):
            self._rematch_after = matching.rematch_some(gate, self._rematch_after)
            throttle.sweep(gate)
            idempotency.forget_old_answers(gate)
            reminders.tell_overdue(gate)
        closed = closing.close_past_months(gate) if self._is_time("closing", _CLOSING_SECONDS) else []
        if closed or self._is_time("checkpoint", gate.settings.checkpoint_minutes * 60):
            write_checkpoint(gate.database, self._signer, gate.settings.checkpoint_file, gate.clock.now())

    def _is_time(self, chore: str, seconds: float) -> bool:
        now = time.monotonic()
        if now < self._next.get(chore, 0.0):
            return False
        self._next[chore] = now + seconds
        return True
