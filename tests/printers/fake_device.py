"""A device in memory for properties that need thousands of prints. It keeps the contract of the real ones (`test_printers.py`).

What happens to the next job is its `fate`; what came out lies in `tray`, and stays there whatever happens to gateway or device.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import BinaryIO

from gateway.printers import DeviceJobStatus, PrinterRejectedError, PrinterStatus, PrinterUnreachableError, Ticket

NOT_FOUND, NOT_POSSIBLE = 0x0406, 0x0404
ENDED = frozenset({"completed", "aborted", "canceled"})


@dataclass(frozen=True, slots=True)
class Fate:
    """What happens while the device is used; by default all goes well.

    `parts` is how many of the document's lines come out when the job does not end well, `says` the state it then tells.
    """

    off: bool = False
    create: str = "well"  # well, rejected, doubt
    send: str = "well"  # well, rejected, broken
    ends: str = "completed"  # completed, short (so it says, with fewer sides), aborted, canceled, unknown, stop (while it prints)
    parts: int = 0
    counts: bool = True


@dataclass(frozen=True, slots=True)
class Printed:
    """Something in the tray: the device job's name and the lines that came out."""

    name: str
    content: bytes

    def read_bytes(self) -> bytes:
        """What came out."""
        return self.content


@dataclass(slots=True)
class DeviceJob:
    """A device job as the device knows it; `sides` is what it told of itself when it came out."""

    ticket: Ticket
    state: str
    document: bytes = b""
    sides: int = 0


@dataclass
class FakeDevice:
    """The device. `before` and `after` are called around every request with its name: a test looks or kills there."""

    holds: bool = False
    fate: Fate = Fate()
    before: Callable[[str, Ticket | None], None] = lambda _request, _ticket: None
    after: Callable[[str, Ticket | None], None] = lambda _request, _ticket: None
    on_stop: Callable[[], None] = lambda: None
    tray: list[Printed] = field(default_factory=list)
    jobs: dict[int, DeviceJob] = field(default_factory=dict)
    numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def received(self) -> list[Printed]:
        """What came out, oldest first."""
        return self.tray

    def forget(self) -> None:
        """A power cut: its memory is gone, the paper is not."""
        self.jobs.clear()

    @contextmanager
    def request(self, name: str, ticket: Ticket | None = None) -> Iterator[None]:
        """One request at the device."""
        self.before(name, ticket)
        if self.fate.off:
            raise PrinterUnreachableError("The device is off.", "Switch it on.", in_doubt=False)
        yield
        self.after(name, ticket)

    def tells_short(self, job: DeviceJob) -> bool:
        """Whether it prints less than it has, and says so. One that says nothing, or 0, tells nothing (SC-24): none of ours lies."""
        return self.fate.ends == "short" and self.fate.counts and job.ticket.pages > 1

    def put_out(self, job: DeviceJob) -> None:
        """Print a job as its fate will have it."""
        lines = job.document.splitlines(keepends=True)
        well = self.fate.ends in ("completed", "stop") or (self.fate.ends == "short" and not self.tells_short(job))
        came = lines if well else lines[: self.fate.parts]
        if came:
            self.tray.append(Printed(job.ticket.token, b"".join(came)))
        job.sides = job.ticket.pages - self.tells_short(job)
        job.state = {"short": "completed", "stop": "completed", "unknown": "aborted"}.get(self.fate.ends, self.fate.ends)


class FakePrinter:
    """The way to a fake device: held until released like a CUPS queue, or printing at once like IPP."""

    def __init__(self, device: FakeDevice) -> None:
        self._device = device
        self.sends_held = device.holds

    def status(self) -> PrinterStatus:
        """Idle, unless it is off."""
        with self._device.request("status"):
            return PrinterStatus("idle", (), accepting=True, takes_pdf=True)

    def create(self, ticket: Ticket) -> int:
        """Make a job; nothing prints yet."""
        device = self._device
        with device.request("create", ticket):
            if device.fate.create == "rejected":
                raise PrinterRejectedError("Rejected.", "", in_doubt=False, ipp_status=NOT_POSSIBLE)
            number = next(device.numbers)
            device.jobs[number] = DeviceJob(ticket, "pending-held")
            if device.fate.create == "doubt":
                raise PrinterUnreachableError("No answer.", "", in_doubt=True)
            return number

    def send(self, job: int, document: BinaryIO, length: int, progress: Callable[[int], None] | None) -> None:
        """Take the document; print it at once unless jobs are held here."""
        device = self._device
        known = device.jobs.get(job)
        with device.request("send", known.ticket if known else None):
            if known is None or known.state != "pending-held" or device.fate.send == "rejected":
                raise PrinterRejectedError("Rejected.", "", in_doubt=True, ipp_status=NOT_POSSIBLE)
            content = document.read(length)
            if progress is not None:
                progress(len(content))
            known.document = content
            if device.fate.send == "broken" or len(content) < length:
                if not device.holds:
                    lines = content.splitlines(keepends=True)[: device.fate.parts]
                    known.state = "aborted"
                    if lines:
                        device.tray.append(Printed(known.ticket.token, b"".join(lines)))
                raise PrinterUnreachableError("The connection broke.", "", in_doubt=True)
            if not device.holds:
                device.put_out(known)

    def release(self, job: int) -> None:
        """Let a held job go."""
        device, known = self._device, self._device.jobs.get(job)
        with device.request("release", known.ticket if known else None):
            if device.holds and known is not None and known.state == "pending-held":
                device.put_out(known)

    def poll(self, job: int) -> DeviceJobStatus:
        """How a job is. A fate of `stop` tells the gateway to end while it watches."""
        device, known = self._device, self._device.jobs.get(job)
        with device.request("poll", known.ticket if known else None):
            if known is None:
                return DeviceJobStatus("unknown")
            if device.fate.ends == "stop" and known.state == "completed":
                device.on_stop()
                return DeviceJobStatus("processing")
            if device.fate.ends == "unknown" and known.state == "aborted":
                return DeviceJobStatus("unknown")
            return DeviceJobStatus(known.state, impressions=known.sides if device.fate.counts and known.state == "completed" else None)

    def find(self, token: str) -> int | None:
        """The job of this name."""
        with self._device.request("find"):
            return next((number for number, job in self._device.jobs.items() if job.ticket.token == token), None)

    def cancel(self, job: int) -> None:
        """Cancel what has not ended."""
        device, known = self._device, self._device.jobs.get(job)
        with device.request("cancel", known.ticket if known else None):
            if known is None:
                raise PrinterRejectedError("No such job.", "", in_doubt=False, ipp_status=NOT_FOUND)
            if known.state not in ENDED:
                known.state = "canceled"
