"""From a device row to an adapter."""

from __future__ import annotations

from gateway.errors import InvalidInputError
from gateway.printers.interface import Printer


def open_printer(adapter: str, uri: str) -> Printer:
    """The adapter for a device; connects only when asked something. Raises InvalidInputError for an unknown adapter."""
    if adapter == "ipp":
        from gateway.printers.direct import DirectPrinter

        return DirectPrinter(uri)
    if adapter == "cups":
        from gateway.printers.cups_queue import CupsQueuePrinter

        return CupsQueuePrinter(uri)
    raise InvalidInputError(f"There is no adapter '{adapter}'.", "Use ipp or cups.")
