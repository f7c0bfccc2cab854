"""Reads every device's meter once a day at its time, in a thread of its own, since devices take their time (R100, SC-25)."""

from __future__ import annotations

import threading
import time

from sqlalchemy.exc import SQLAlchemyError

from gateway.errors import ConflictError, GatewayError
from gateway.logs import log
from gateway.meters import MeterError
from gateway.services import own_readings
from gateway.services.gate import Gate

LOOK_SECONDS = 5.0
RETRY_SECONDS = 300.0
"""A meter that was silent, or a device that was at work, is asked again after this time."""


class MeterWatch:
    """Looks whether a reading is due."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate
        self._not_before: dict[int, float] = {}

    def run(self, stop: threading.Event) -> None:
        """Until told to stop."""
        while not stop.is_set():
            try:
                self.round(stop)
            except (GatewayError, SQLAlchemyError) as error:
                log.error("meter_round_failed", error=type(error).__name__)
            stop.wait(LOOK_SECONDS)

    def round(self, stop: threading.Event) -> int:
        """Read what is due; returns how many were read."""
        read = 0
        for device in own_readings.devices_due(self._gate):
            if stop.is_set() or time.monotonic() < self._not_before.get(device.id or 0, 0.0):
                continue
            try:
                own_readings.read_device(self._gate, device)
                read += 1
            except MeterError as error:
                log.warning("meter_silent", device=device.code, error=error.fault.value)
                self._not_before[device.id or 0] = time.monotonic() + RETRY_SECONDS
            except ConflictError:  # at work: soon
                self._not_before[device.id or 0] = time.monotonic() + LOOK_SECONDS
        return read
