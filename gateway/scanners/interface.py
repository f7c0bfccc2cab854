"""What the gate asks of a scanner, and what can go wrong with one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import BinaryIO, Protocol

from gateway.errors import GatewayError


class Source(StrEnum):
    """Where the paper lies."""

    FEEDER = "feeder"
    FEEDER_DUPLEX = "feeder_duplex"
    FLATBED = "flatbed"


class Colours(StrEnum):
    """What of a page is kept."""

    GREY = "grey"
    COLOUR = "colour"
    BLACK_AND_WHITE = "black_and_white"


class Fault(StrEnum):
    """Why a scan ended before its end."""

    JAM = "jam"
    EMPTY = "empty"
    COVER_OPEN = "cover_open"
    BUSY = "busy"
    UNREACHABLE = "unreachable"
    SILENT = "silent"
    CUT = "cut"
    UNSUITABLE = "unsuitable"


_LETTERS: dict[Fault, tuple[str, str]] = {
    Fault.JAM: ("Paper is stuck in the scanner's feeder.", "Take it out, lay in the page that jammed and all after it, and scan on."),
    Fault.EMPTY: ("There is no paper in the scanner's feeder.", "Lay the original in, or finish if every page was scanned."),
    Fault.COVER_OPEN: ("The scanner's cover is open.", "Close it, lay in the pages that are missing, and scan on."),
    Fault.BUSY: ("The scanner is in use.", "Wait until it is free, then scan on."),
    Fault.UNREACHABLE: ("The scanner cannot be reached.", "See that it is switched on and connected, then scan on."),
    Fault.SILENT: ("The scanner was silent for too long.", "Look at it, lay in the pages that are missing, and scan on."),
    Fault.CUT: ("A page did not come through whole and was dropped.", "Look at the cable, lay in that page and all after it, and scan on."),
    Fault.UNSUITABLE: ("The scanner cannot scan in this way.", "Choose another source or other colours."),
}
_SAVED = " Whole pages scanned before are kept."


class ScannerError(GatewayError):
    """The scan ended before its end; the pages that were handed out before are whole. `fault` says why."""

    code = "E_SCANNER"
    status = 502

    def __init__(self, fault: Fault) -> None:
        happened, next_step = _LETTERS[fault]
        super().__init__(happened + _SAVED, next_step)
        self.fault = fault


@dataclass(frozen=True, slots=True)
class ScanWish:
    """How to scan. `resolution` in dots per inch, sides of the paper in millimetres, `pages` the most of one go."""

    source: Source = Source.FEEDER
    colours: Colours = Colours.GREY
    resolution: int = 300
    width_mm: int = 210
    height_mm: int = 297
    pages: int = 200


class Scanner(Protocol):
    """A scanner."""

    def sources(self) -> tuple[Source, ...]:
        """Where paper can lie, as the device says; raises ScannerError."""

    def scan(self, wish: ScanWish) -> Iterator[BinaryIO]:
        """The pages, one by one, each a memory file with a whole PNG at its start, valid until the next is asked for.

        Ends when the feeder is empty; a flatbed gives one page. Raises ScannerError after the last whole page, EMPTY when there was
        no page at all. A caller that stops early closes the iterator, which ends the device's work.
        """
