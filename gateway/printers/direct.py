"""Direct IPP/IPPS: Create-Job, Send-Document streamed, Get-Job-Attributes from the device itself (RFC 8011)."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any, BinaryIO

from gateway.printers import ipp
from gateway.printers.interface import DeviceJobStatus, PrinterProtocolError, PrinterRejectedError, PrinterStatus, Ticket
from gateway.printers.ipp import Answer, Attribute
from gateway.printers.ipp_transport import IppTransport

JOB_STATES = {
    3: "pending",
    4: "pending-held",
    5: "processing",
    6: "processing-stopped",
    7: "canceled",
    8: "aborted",
    9: "completed",
}
"""IPP job-state (RFC 8011 §5.3.7)."""

PRINTER_STATES = {3: "idle", 4: "processing", 5: "stopped"}
PDF = "application/pdf"
USER = "imprimatur"
_STATUS_ATTRIBUTES = (
    "printer-state",
    "printer-state-reasons",
    "printer-is-accepting-jobs",
    "document-format-supported",
    "printer-make-and-model",
    "printer-uuid",
    "printer-impressions-completed",
    "sides-supported",
    "media-supported",
    "print-color-mode-supported",
    "media-source-supported",
    "output-bin-supported",
    "finishings-supported",
    "job-creation-attributes-supported",
)
_JOB_ATTRIBUTES = ("job-state", "job-state-reasons", "job-impressions-completed", "job-media-sheets-completed", "job-printer-state-message")


class DirectPrinter:
    """One device by its printer URI."""

    sends_held = False

    def __init__(self, uri: str) -> None:
        self._transport = IppTransport(uri)
        self._ids = itertools.count(1)
        self._supported: dict[str, list[Any]] | None = None

    def status(self) -> PrinterStatus:
        """Get-Printer-Attributes."""
        answer = self._ask(ipp.GET_PRINTER_ATTRIBUTES, [_wanted(_STATUS_ATTRIBUTES)])
        found = dict(answer.first(ipp.PRINTER_GROUP))
        self._supported = found
        return PrinterStatus(
            state=PRINTER_STATES.get(_one(found, "printer-state", 5), "stopped"),
            reasons=tuple(str(reason) for reason in found.get("printer-state-reasons", []) if reason != "none"),
            accepting=bool(_one(found, "printer-is-accepting-jobs", True)),
            takes_pdf=PDF in found.get("document-format-supported", []),
            model=str(_one(found, "printer-make-and-model", "")),
            uuid=str(_one(found, "printer-uuid", "")),
            impressions_completed=_one(found, "printer-impressions-completed", None),
        )

    def create(self, ticket: Ticket) -> int:
        """Create-Job: a job without documents prints nothing."""
        if self._supported is None:
            self.status()
        answer = self._ask(ipp.CREATE_JOB, [Attribute(ipp.NAME, "job-name", (ticket.token,))], self._template(ticket))
        job_id = _one(dict(answer.first(ipp.JOB_GROUP)), "job-id", None)
        if not isinstance(job_id, int):
            raise PrinterProtocolError("The device made a job without a number.", "Look at the device.", in_doubt=False)
        return job_id

    def send(self, job: int, document: BinaryIO, length: int, progress: Callable[[int], None] | None) -> None:
        """Send-Document with last-document: the device may print from the first byte on."""
        operation = [
            Attribute(ipp.INTEGER, "job-id", (job,)),
            Attribute(ipp.NAME, "requesting-user-name", (USER,)),
            Attribute(ipp.MIME_TYPE, "document-format", (PDF,)),
            Attribute(ipp.BOOLEAN, "last-document", (True,)),
        ]
        head = self._head(ipp.SEND_DOCUMENT, operation, [], with_user=False)
        _accepted(self._transport.exchange(head, document, length, progress), in_doubt=True)

    def release(self, job: int) -> None:
        """Nothing to do: sending the last document lets the job go."""

    def poll(self, job: int) -> DeviceJobStatus:
        """Get-Job-Attributes."""
        head = self._head(ipp.GET_JOB_ATTRIBUTES, [Attribute(ipp.INTEGER, "job-id", (job,)), _wanted(_JOB_ATTRIBUTES)], [])
        answer = self._transport.exchange(head)
        if answer.status == ipp.NOT_FOUND:
            return DeviceJobStatus("unknown")
        found = dict(_accepted(answer, in_doubt=False).first(ipp.JOB_GROUP))
        return DeviceJobStatus(
            state=JOB_STATES.get(_one(found, "job-state", 0), "unknown"),
            reasons=tuple(str(reason) for reason in found.get("job-state-reasons", []) if reason != "none"),
            impressions=_one(found, "job-impressions-completed", None),
            sheets=_one(found, "job-media-sheets-completed", None),
            message=str(_one(found, "job-printer-state-message", "")),
        )

    def find(self, token: str) -> int | None:
        """Get-Jobs, those not finished and those finished."""
        for which in ("not-completed", "completed"):
            answer = self._ask(ipp.GET_JOBS, [Attribute(ipp.KEYWORD, "which-jobs", (which,)), _wanted(("job-id", "job-name"))])
            for found in answer.all(ipp.JOB_GROUP):
                if token in found.get("job-name", []) and isinstance(_one(found, "job-id", None), int):
                    return int(found["job-id"][0])
        return None

    def cancel(self, job: int) -> None:
        """Cancel-Job."""
        self._ask(ipp.CANCEL_JOB, [Attribute(ipp.INTEGER, "job-id", (job,))])

    def _ask(self, operation: int, attributes: list[Attribute], job: list[Attribute] | None = None) -> Answer:
        return _accepted(self._transport.exchange(self._head(operation, attributes, job or [])), in_doubt=False)

    def _head(self, operation: int, attributes: list[Attribute], job: list[Attribute], *, with_user: bool = True) -> bytes:
        first = [
            Attribute(ipp.CHARSET, "attributes-charset", ("utf-8",)),
            Attribute(ipp.LANGUAGE, "attributes-natural-language", ("en",)),
            Attribute(ipp.URI, "printer-uri", (self._transport.printer_uri,)),
        ]
        numbers = [attribute for attribute in attributes if attribute.name == "job-id"]
        rest = [attribute for attribute in attributes if attribute.name != "job-id"]
        user = [Attribute(ipp.NAME, "requesting-user-name", (USER,))] if with_user else []
        groups: list[tuple[int, list[Attribute]]] = [(ipp.OPERATION_GROUP, [*first, *numbers, *user, *rest])]
        return ipp.encode_request(operation, next(self._ids), groups + ([(ipp.JOB_GROUP, job)] if job else []))

    def _template(self, ticket: Ticket) -> list[Attribute]:
        """Only attributes and values the device says it supports; never copies."""
        wanted = [
            (ipp.KEYWORD, "sides", ticket.sides),
            (ipp.KEYWORD, "media", ticket.media),
            (ipp.KEYWORD, "print-color-mode", ticket.color_mode),
            (ipp.KEYWORD, "output-bin", ticket.output_bin),
        ]
        supported = self._supported or {}
        sent = [Attribute(tag, name, (value,)) for tag, name, value in wanted if value and value in supported.get(f"{name}-supported", [])]
        finishings = tuple(number for number in ticket.finishings if number in supported.get("finishings-supported", []))
        return [*sent, Attribute(ipp.ENUM, "finishings", finishings)] if finishings else sent


def _wanted(names: tuple[str, ...]) -> Attribute:
    return Attribute(ipp.KEYWORD, "requested-attributes", names)


def _one(found: dict[str, list[Any]], name: str, default: Any) -> Any:
    values = found.get(name)
    return values[0] if values and values[0] is not None else default


def _accepted(answer: Answer, *, in_doubt: bool) -> Answer:
    if not answer.ok:
        message = str(_one(dict(answer.first(ipp.OPERATION_GROUP)), "status-message", "")) or f"status 0x{answer.status:04x}"
        raise PrinterRejectedError(f"The device refused: {message}.", "Look at the device.", in_doubt=in_doubt, ipp_status=answer.status)
    return answer
