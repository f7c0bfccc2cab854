"""What the gate asks of a device, and what it may be told (invariants I1, I5, I6, I12)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import BinaryIO, Protocol

from gateway.errors import GatewayError


class PrinterError(GatewayError):
    """The device did not do what was asked. `in_doubt` is False only when it is certain that nothing of the job can print."""

    code = "E_PRINTER"
    status = 502

    def __init__(self, happened: str, next_step: str = "", *, in_doubt: bool) -> None:
        super().__init__(happened, next_step)
        self.in_doubt = in_doubt


class PrinterUnreachableError(PrinterError):
    """No answer: switched off, cut off, or wrong address."""

    code = "E_PRINTER_UNREACHABLE"


class PrinterRejectedError(PrinterError):
    """The device answered with an error; `ipp_status` is its IPP status code (RFC 8011 appendix B)."""

    code = "E_PRINTER_REJECTED"

    def __init__(self, happened: str, next_step: str = "", *, in_doubt: bool, ipp_status: int) -> None:
        super().__init__(happened, next_step, in_doubt=in_doubt)
        self.ipp_status = ipp_status


class PrinterProtocolError(PrinterError):
    """The device answered something that is not IPP."""

    code = "E_PRINTER_PROTOCOL"


@dataclass(frozen=True, slots=True)
class Ticket:
    """A device job to be made. The copies are in the document, so IPP `copies` is always 1; the name is the neutral token."""

    token: str
    pages: int
    media: str | None = None
    sides: str | None = None
    color_mode: str | None = None
    tray: str | None = None
    output_bin: str | None = None
    finishings: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class PrinterStatus:
    """The device now. `state` is idle, processing, stopped or unreachable."""

    state: str
    reasons: tuple[str, ...]
    accepting: bool
    takes_pdf: bool
    model: str = ""
    uuid: str = ""
    impressions_completed: int | None = None


@dataclass(frozen=True, slots=True)
class DeviceJobStatus:
    """A device job now. `state` is an IPP job-state keyword, or `unknown` when the device does not know the job."""

    state: str
    reasons: tuple[str, ...] = ()
    impressions: int | None = None
    sheets: int | None = None
    message: str = ""


class Printer(Protocol):
    """A device. Every method may raise PrinterError."""

    sends_held: bool
    """Whether a job prints nothing until `release`, so that one still held is proof that no paper came."""

    def status(self) -> PrinterStatus:
        """Ask the device how it is."""

    def create(self, ticket: Ticket) -> int:
        """Make a device job; nothing can print yet. Returns its id."""

    def send(self, job: int, document: BinaryIO, length: int, progress: Callable[[int], None] | None) -> None:
        """Stream the document; returns when the device has all `length` bytes of it. A failure is always in doubt."""

    def release(self, job: int) -> None:
        """Let a job that was made held go; nothing to do where sending starts it."""

    def poll(self, job: int) -> DeviceJobStatus:
        """Ask how a device job is."""

    def find(self, token: str) -> int | None:
        """The device job with this token, for recovery after a crash."""

    def cancel(self, job: int) -> None:
        """Cancel a device job; what is on paper stays on paper."""
