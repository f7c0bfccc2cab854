"""Watches that HylaFAX' settings and the gate's programs stay as `imprimatur fax install` made them: a difference is a finding (R47)."""

from __future__ import annotations

import threading

from gateway.counter import STEP_FAILURES, what_failed
from gateway.doctor.check import Verdict
from gateway.doctor.fax import checks
from gateway.fax_install import FaxPlaces
from gateway.logs import log
from gateway.services.fax_calls import note_settings
from gateway.services.gate import Gate

PAUSE_SECONDS = 60.0


class FaxWatch:
    """One thread's work: what the doctor would find, looked for every minute. What may not be read is the doctor's to say."""

    def __init__(self, gate: Gate, places: FaxPlaces | None = None) -> None:
        self._gate = gate
        self._places = places or FaxPlaces()
        self._told: list[str] = []

    def run(self, stop: threading.Event) -> None:
        """Look until told to stop."""
        while not stop.is_set():
            try:
                self.look()
            except STEP_FAILURES as error:
                log.warning("fax_watch_waits", **what_failed(error))
            stop.wait(PAUSE_SECONDS)

    def look(self) -> list[str]:
        """What is not as it was installed; an alert is raised, once for each difference."""
        found = checks(self._gate.settings, self._places)
        faults = [one.name for one in found if one.verdict is Verdict.FAULT and not one.found.startswith("cannot be read")]
        if faults and faults != self._told and note_settings(self._gate, faults):
            log.error("fax_settings_changed", count=len(faults))
        self._told = faults
        return faults
