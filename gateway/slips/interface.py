"""What the gate asks of a slip printer."""

from __future__ import annotations

from typing import Protocol

from PIL import Image

from gateway.errors import GatewayError


class SlipPrinterError(GatewayError):
    """The slip printer did not take the slip, or not all of it. The act the slip tells of stands all the same."""

    code = "E_SLIP_PRINTER"
    status = 502


class SlipPrinter(Protocol):
    """A printer of narrow paper."""

    width: int
    """Dots across its paper; a picture of another width is refused by ValueError."""

    def print(self, picture: Image.Image, name: str) -> None:
        """Print a black-and-white picture and cut. `name` is opaque. Raises SlipPrinterError.

        Returning means the printer took every byte. That paper came out only a person can see: such printers do not tell.
        """
