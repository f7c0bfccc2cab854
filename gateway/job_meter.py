"""The device's own counter around one job: what it grew must be what the job has (SC-24); what was printed before is found first."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress

from gateway.db.tables import Device
from gateway.domain.meters import Reading, Sides, Verdict, compare
from gateway.errors import ConflictError
from gateway.meters import Counted, MeterError
from gateway.services import own_readings
from gateway.services.gate import Gate
from gateway.services.meter_settings import reads_itself

SILENT, AT_WORK, DISAGREES = "meter-silent", "meter-at-work", "meter-disagrees"
"""Why a job waits, beside IPP's own keywords."""
_LOOK_SECONDS = 0.5


class JobMeter:
    """For one job at one device, in the press's thread; `pause` waits, and not longer than the gateway lives."""

    def __init__(self, gate: Gate, device: Device, job_id: int, pause: Callable[[float], None]) -> None:
        self._gate, self._device, self._job_id, self._pause = gate, device, job_id, pause
        self._before: Counted | None = None
        self._watched = reads_itself(device)

    def hindrance(self) -> str:
        """Before the first byte: why this job must wait, empty when it need not. Papers that are no state secret never wait for a meter."""
        if not self._watched:
            return ""
        secret = own_readings.is_state_secret(self._gate, self._job_id)
        try:
            self._before, found = own_readings.read_device(self._gate, self._device, besides=self._job_id, only_news=True)
        except MeterError:
            return SILENT if secret else ""
        except ConflictError:
            return AT_WORK if secret else ""
        return DISAGREES if secret and found is not None and found.finding is not None else ""

    def objection(self, sides: Sides) -> str:
        """After the device said that it has put out `sides`: what its counter says against it; empty when nothing, or it says nothing.

        Counters are a little behind the paper, so one that is short is asked again for a while.
        """
        until = time.monotonic() + self._gate.settings.meter_settle_seconds
        while self._before is not None:
            try:
                now = own_readings.ask(self._gate, self._device)
            except MeterError:
                self._before = None
                return ""
            found = compare(_reading(self._before), _reading(now), sides)
            if not found.verdict.is_finding:
                self._before = now
                return ""
            if found.verdict is not Verdict.LOST or time.monotonic() >= until:
                self._before = now
                told = f"{found.grown} of {sides.least}" if found.grown is not None else found.verdict.value
                return f"the device's meter counted {told} sides" if found.grown is not None else f"the device's meter says {told}"
            self._pause(_LOOK_SECONDS)
        return ""

    def done(self) -> None:
        """After the job: the reading goes into the books, unless the device is silent or at work again."""
        if self._watched:
            with suppress(MeterError, ConflictError):
                own_readings.read_device(self._gate, self._device)


def _reading(told: Counted) -> Reading:
    return Reading(told.serial, told.impressions)
