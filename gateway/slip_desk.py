"""The slip desk: issues a slip, draws it, hands it to the printer, and notes what became of it. The books come first."""

from __future__ import annotations

import threading

from gateway.domain.vocabulary import SlipKind
from gateway.errors import ConflictError
from gateway.logs import log
from gateway.services import slips
from gateway.services.gate import Actor, Gate
from gateway.services.slips import SlipView
from gateway.slips import SlipPrinterError, draw, open_slip_printer, png
from gateway.slips.commands import DEFAULT_PROFILE, width_of
from gateway.slips.virtual import VirtualSlipPrinter
from watermark import FontFiles, WatermarkError

_one_at_a_time = threading.Lock()
"""There is one slip printer, and two slips at once would end on one piece of paper."""


class SlipDesk:
    """Prints slips on the printer of the setting `slip_printer`. Thread-safe."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate
        self._fonts = FontFiles(gate.settings.font_regular, gate.settings.font_bold)

    @property
    def has_printer(self) -> bool:
        """Whether slips can be printed at all."""
        return bool(self._gate.settings.slip_printer)

    def preview(self, actor: Actor, kind: SlipKind, subject: str) -> bytes:
        """A PNG of what would be printed, with 预览 across it; nothing is recorded. Raises as `gateway.services.slips.issue` does."""
        _, slip = slips.preview(self._gate, actor, kind, subject)
        address = self._gate.settings.slip_printer
        width = open_slip_printer(address).width if address else width_of(DEFAULT_PROFILE) or 0
        return png(draw(slip, width, self._fonts.paths()))

    def print(self, actor: Actor, kind: SlipKind, subject: str) -> SlipView:
        """Issue a slip and print it. A printer that fails is told in the result's state: the slip stays issued, and may be printed again.

        Raises ConflictError without a printer, ConfigurationError for a wrong address; and as `gateway.services.slips.issue` does.
        """
        if not self.has_printer:
            raise ConflictError("No slip printer is set.", "Set slip_printer, or print the preview.")
        printer = open_slip_printer(self._gate.settings.slip_printer)
        with _one_at_a_time:
            view, slip = slips.issue(self._gate, actor, kind, subject)
            try:
                printer.print(draw(slip, printer.width, self._fonts.paths()), view.name)
            except (SlipPrinterError, WatermarkError) as error:
                log.warning("slip_not_printed", code=error.code)
                return slips.record_outcome(self._gate, view.slip_id, error.code)
            return slips.record_outcome(self._gate, view.slip_id)

    def issued(self, actor: Actor, kind: SlipKind, subject: str) -> list[SlipView]:
        """Every slip of this thing, newest first."""
        return slips.issued(self._gate, actor, kind, subject)

    def shown(self, actor: Actor, kind: SlipKind, subject: str, serial: int) -> bytes | None:
        """What the virtual printer put out for one issue of a slip; None with a real printer, or when there is no such issue."""
        address = self._gate.settings.slip_printer
        printer = open_slip_printer(address) if address else None
        found = next((view for view in self.issued(actor, kind, subject) if view.serial == serial), None)
        if not isinstance(printer, VirtualSlipPrinter) or found is None or not printer.output(found.name).is_file():
            return None
        return printer.output(found.name).read_bytes()
