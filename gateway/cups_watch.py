"""Looks after CUPS' side of the gate: what CUPS kept is delivered again, what it lost is told (docs/intake-protocol.md).

A job whose backend or filter was killed stays `stopped` in CUPS, since the guard filter fails without a receipt. Restarting it is always
right: a job that was stored already is answered "have it". A job of several documents asks for it by a state reason of its queue, and is
held and let go again, which restarts it from its first document. A job CUPS calls completed and the gateway never saw is an alarm for a
person.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Container
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

import cups

from gateway.errors import GatewayError
from gateway.logs import log
from gateway.printers.cups_queue import values_of
from gateway.services import arrivals
from gateway.services.gate import Gate

HELD, PROCESSING, STOPPED, CANCELED, COMPLETED = 4, 5, 6, 7, 9
"""IPP job-state (RFC 8011 §5.3.7)."""

MOST_RESTARTS = 5
"""So often a stopped job is started again by itself; then a person must look (a document its filters cannot read, for instance)."""

RESTART_WANTED = "imprimatur-restart-wanted"
"""printer-state-reasons keyword our backend sets while it waits to be started again."""

_SCHEME = "imprimatur"
_LOOK_BACK_SECONDS = 24 * 3600
_YOUNGEST_RESTART_SECONDS = 2.0
"""A run is named by its second: two runs of a job never begin in one."""
_ON_HOLD = "job-hold-until-specified"
"""job-state-reasons keyword (RFC 8011 §5.3.8). Held without it: its sender still sends. `job-hold-until` itself may say `no-hold` of a job
that stays held, when it was let go while its filters were still ending (measured)."""

_ATTRIBUTES = ["job-id", "job-state", "job-printer-uri", "job-state-reasons", "time-at-creation", "time-at-processing", "time-at-completed"]


@dataclass(slots=True)
class CupsWatch:
    """One look after the other at one CUPS server."""

    gate: Gate
    _restarts: dict[str, int] = field(default_factory=dict)
    _told: set[str] = field(default_factory=set)
    _since: float = field(default_factory=lambda: time.time() - _LOOK_BACK_SECONDS)

    def run(self, stop: threading.Event) -> None:
        """Look at once and then every `cups_watch_seconds`, until told to stop."""
        while not stop.is_set():
            seconds = self.gate.settings.cups_watch_seconds
            try:
                if self.look():
                    seconds = min(seconds, _YOUNGEST_RESTART_SECONDS)
            except (cups.IPPError, RuntimeError, OSError) as error:  # no CUPS, or it restarts: nothing is lost by waiting
                log.info("cups_not_reached", error=type(error).__name__)
            except (GatewayError, KeyError) as error:
                log.warning("cups_watch_failed", error=type(error).__name__)
            stop.wait(seconds)

    def look(self) -> bool:
        """Restart what stopped, withdraw what was cancelled, tell of what was lost; whether another look is wanted soon."""
        began = time.time()
        server = self.gate.settings.cups_server
        connection = cups.Connection(host=server) if server else cups.Connection()
        queues = self._queues(connection)
        if not queues:
            return False
        soon = False
        for job in _jobs(connection, "not-completed", queues):
            if job["job-state"] == STOPPED:
                self._again(job, connection.restartJob)
            elif job["job-state"] == PROCESSING and RESTART_WANTED in queues[_queue_of(job)] and _is_settled(job):
                connection.setJobHoldUntil(job["job-id"], "indefinite")  # ends its backend; the next look lets it go
                soon = True
            elif job["job-state"] == HELD and _ON_HOLD in values_of(job.get("job-state-reasons")):
                # Held by its sender, by CUPS after a filter failed, or by us: papers do not wait readable in CUPS, the gate holds them.
                self._again(job, lambda number: connection.setJobHoldUntil(number, "no-hold"))
        for job in _jobs(connection, "completed", queues):
            if float(job.get("time-at-completed") or 0) >= self._since - 1:
                self._explain(job)
        self._since = began
        return soon

    def _queues(self, connection: Any) -> dict[str, list[str]]:
        """Public queues whose backend delivers here, and their printer-state-reasons."""
        ours = {}
        for name, found in connection.getPrinters().items():
            address = urlsplit(str(found.get("device-uri", "")))
            query = parse_qs(address.query)
            if (
                address.scheme == _SCHEME
                and query.get("server", ["cups"])[0] == self.gate.settings.server_id
                and query.get("sock", [str(self.gate.settings.intake_socket)])[0] == str(self.gate.settings.intake_socket)
            ):
                ours[str(name)] = values_of(found.get("printer-state-reasons"))
        return ours

    def _key(self, job: dict[str, Any]) -> str:
        return f"{self.gate.settings.server_id}:{job['job-id']}:{job['time-at-creation']}"

    def _again(self, job: dict[str, Any], act: Callable[[int], object]) -> None:
        """Let CUPS try once more, unless that was done often enough already."""
        if not _is_settled(job):
            return
        key = self._key(job)
        times = self._restarts.get(key, 0)
        if times >= MOST_RESTARTS:
            if key not in self._told:
                self._told.add(key)
                arrivals.report_stuck(self.gate, key)
            return
        self._restarts[key] = times + 1
        act(job["job-id"])
        log.info("cups_job_restarted", count=times + 1)

    def _explain(self, job: dict[str, Any]) -> None:
        key = self._key(job)
        if key in self._told:
            return
        if job["job-state"] == CANCELED:
            self._told.add(key)
            arrivals.withdraw_canceled(self.gate, key)
        elif job["job-state"] == COMPLETED and not arrivals.has_arrived(self.gate, key):
            self._told.add(key)
            arrivals.report_lost(self.gate, key)


def _is_settled(job: dict[str, Any]) -> bool:
    return time.time() - float(job.get("time-at-processing") or 0) >= _YOUNGEST_RESTART_SECONDS


def _queue_of(job: dict[str, Any]) -> str:
    return str(job.get("job-printer-uri", "")).rpartition("/")[2]


def _jobs(connection: Any, which: str, queues: Container[str]) -> list[dict[str, Any]]:
    found = connection.getJobs(which_jobs=which, my_jobs=False, requested_attributes=_ATTRIBUTES)
    jobs = [{**attributes, "job-id": number} for number, attributes in found.items()]
    return [_whole(connection, job) for job in jobs if _queue_of(job) in queues]


def _whole(connection: Any, job: dict[str, Any]) -> dict[str, Any]:
    """Get-Jobs leaves out times of jobs cupsd has not loaded (measured); asking for the one job brings them."""
    if any(job.get(name) is None for name in ("time-at-creation", "time-at-processing", "job-state-reasons")):
        job |= connection.getJobAttributes(job["job-id"], requested_attributes=_ATTRIBUTES)
    return job
