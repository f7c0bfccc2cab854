"""Slips 凭条: drawn as pictures, printed by ESC/POS. One way to draw, three ways to a printer."""

from gateway.slips.drawing import draw, png
from gateway.slips.interface import SlipPrinter, SlipPrinterError
from gateway.slips.opening import open_slip_printer

__all__ = ["SlipPrinter", "SlipPrinterError", "draw", "open_slip_printer", "png"]
