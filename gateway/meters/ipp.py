"""The counter a device tells over IPP: printer-impressions-completed, under the name of its printer-uuid (PWG 5100.13, 5100.22)."""

from __future__ import annotations

from gateway.meters.interface import Counted, Fault, MeterError, counted
from gateway.printers import PrinterError, PrinterProtocolError, open_printer


class IppMeter:
    """One printer by its URI."""

    def __init__(self, uri: str) -> None:
        self._uri = uri

    def read(self) -> Counted:
        """Get-Printer-Attributes. Raises MeterError."""
        try:
            status = open_printer("ipp", self._uri).status()
        except PrinterProtocolError as error:
            raise MeterError(Fault.GARBLED) from error
        except PrinterError as error:
            raise MeterError(Fault.SILENT) from error
        return counted(status.uuid, status.impressions_completed, idle=status.state != "processing")
