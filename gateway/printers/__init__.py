"""Ways to a device: one small Protocol, direct IPP by default, a hidden CUPS queue where a device needs CUPS' filters."""

from gateway.printers.interface import (
    DeviceJobStatus,
    Printer,
    PrinterError,
    PrinterProtocolError,
    PrinterRejectedError,
    PrinterStatus,
    PrinterUnreachableError,
    Ticket,
)
from gateway.printers.opening import open_printer

__all__ = [
    "DeviceJobStatus",
    "Printer",
    "PrinterError",
    "PrinterProtocolError",
    "PrinterRejectedError",
    "PrinterStatus",
    "PrinterUnreachableError",
    "Ticket",
    "open_printer",
]
