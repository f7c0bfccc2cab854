"""A hidden CUPS queue by pycups, for devices that need CUPS' filters: created held, written, finished, then let go.

A job in `pending-held` prints nothing, so every failure before the release leaves no doubt (facts: killed at every step, 0 or 1 prints).
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any, BinaryIO
from urllib.parse import urlsplit

import cups

from gateway.printers.direct import JOB_STATES, PDF, PRINTER_STATES
from gateway.printers.interface import DeviceJobStatus, PrinterRejectedError, PrinterStatus, PrinterUnreachableError, Ticket

ENDED_WELL = "imprimatur: the device's backend ended well"
"""What `cups-backend/imprimatur-once` says last of a job that was printed."""

_CONTINUE = 100
_CHUNK = 1 << 16
_NOT_FOUND = 0x0406
_one_at_a_time = threading.Lock()
"""pycups keeps server and user for the whole process."""


def values_of(attribute: object) -> list[str]:
    """An attribute's values: pycups gives one as itself, several as a list, none as None."""
    if attribute is None:
        return []
    return [str(value) for value in attribute] if isinstance(attribute, list | tuple) else [str(attribute)]


class CupsQueuePrinter:
    """`cups://QUEUE` on the machine's own CUPS, `cups:///path/to/cups.sock?queue=QUEUE` on another."""

    sends_held = True

    def __init__(self, uri: str) -> None:
        parts = urlsplit(uri)
        self._server = parts.path if parts.query else None
        self._queue = parts.query.removeprefix("queue=") or parts.netloc

    def _connection(self) -> Any:
        if self._server:
            cups.setServer(self._server)
        return cups.Connection()

    def _do(self, act: Callable[[Any], Any], *, in_doubt: bool) -> Any:
        with _one_at_a_time:
            try:
                return act(self._connection())
            except cups.IPPError as error:
                raise PrinterRejectedError(
                    f"CUPS refused: {error.args[1]}.", "Look at the hidden queue.", in_doubt=in_doubt, ipp_status=int(error.args[0])
                ) from error
            except (RuntimeError, cups.HTTPError) as error:
                raise PrinterUnreachableError("CUPS does not answer.", "Is cupsd running?", in_doubt=in_doubt) from error

    def status(self) -> PrinterStatus:
        """The queue's attributes."""
        found = self._do(lambda connection: connection.getPrinterAttributes(self._queue), in_doubt=False)
        return PrinterStatus(
            PRINTER_STATES.get(found.get("printer-state", 5), "stopped"),
            tuple(reason for reason in values_of(found.get("printer-state-reasons")) if reason != "none"),
            bool(found.get("printer-is-accepting-jobs", True)),
            True,
            str(found.get("printer-make-and-model", "")),
        )

    def create(self, ticket: Ticket) -> int:
        """Create a held job."""
        wanted = {
            "sides": ticket.sides,
            "media": ticket.media,
            "print-color-mode": ticket.color_mode,
            "media-source": ticket.tray,
            "output-bin": ticket.output_bin,
            "finishings": ",".join(str(number) for number in ticket.finishings),
        }
        options = {name: value for name, value in wanted.items() if value}
        options |= {"job-hold-until": "indefinite", "job-sheets": "none,none", "copies": "1"}
        return int(self._do(lambda connection: connection.createJob(self._queue, ticket.token, options), in_doubt=False))

    def send(self, job: int, document: BinaryIO, length: int, progress: Callable[[int], None] | None) -> None:
        """Write the one document; the job stays held."""

        def write(connection: Any) -> None:
            connection.getJobAttributes(job, ["job-state"])  # shows CUPS who we are; a streamed request could not be repeated with it
            connection.startDocument(self._queue, job, "imprimatur", PDF, 1)
            left = length
            while left:
                chunk = document.read(min(_CHUNK, left))
                if not chunk or connection.writeRequestData(chunk, len(chunk)) != _CONTINUE:
                    raise PrinterUnreachableError("CUPS stopped taking the document.", "Look at the hidden queue.", in_doubt=True)
                left -= len(chunk)
                if progress is not None:
                    progress(len(chunk))
            if connection.finishDocument(self._queue) != 0:
                raise PrinterUnreachableError("CUPS did not take the document.", "Look at the hidden queue.", in_doubt=True)

        self._do(write, in_doubt=True)

    def release(self, job: int) -> None:
        """Let the held job go."""
        self._do(lambda connection: connection.setJobHoldUntil(job, "no-hold"), in_doubt=True)

    def poll(self, job: int) -> DeviceJobStatus:
        """The job's attributes as CUPS tells them; impressions are CUPS' own count, not the device's."""
        names = ["job-state", "job-state-reasons", "job-impressions-completed", "job-media-sheets-completed", "job-printer-state-message"]
        try:
            found = self._do(lambda connection: connection.getJobAttributes(job, names), in_doubt=False)
        except PrinterRejectedError as error:
            if error.ipp_status == _NOT_FOUND:
                return DeviceJobStatus("unknown")
            raise
        reasons = values_of(found.get("job-state-reasons"))
        state, message = JOB_STATES.get(found.get("job-state", 0), "unknown"), str(found.get("job-printer-state-message", ""))
        if state == "completed" and ENDED_WELL not in message:
            # CUPS calls a job completed when its backend is killed (measured): only the once-backend's own word is proof.
            state, reasons = "unknown", ["no word from the device's backend"]
        return DeviceJobStatus(
            state,
            tuple(r for r in reasons if r != "none"),
            found.get("job-impressions-completed"),
            found.get("job-media-sheets-completed"),
            message,
        )

    def find(self, token: str) -> int | None:
        """The job with this name, finished or not."""

        def names(connection: Any) -> Any:
            # Shows CUPS who we are: the list of all jobs is open to everybody, but without names (measured on Debian's default policy).
            connection.getPrinterAttributes(self._queue, requested_attributes=["printer-state"])
            return connection.getJobs(which_jobs="all", requested_attributes=["job-id", "job-name"])

        jobs = self._do(names, in_doubt=False)
        return next((int(number) for number, found in jobs.items() if found.get("job-name") == token), None)

    def cancel(self, job: int) -> None:
        """Cancel a job."""
        self._do(lambda connection: connection.cancelJob(job), in_doubt=False)
