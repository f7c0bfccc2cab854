"""What is done once a calendar day, in a thread of its own, since the books of years take their time."""

from __future__ import annotations

import threading

from sqlalchemy.exc import SQLAlchemyError

from gateway.errors import GatewayError
from gateway.logs import log
from gateway.services import bookkeeping, denials, self_check
from gateway.services.gate import Gate

LOOK_SECONDS = 5.0


class Daily:
    """Looks whether a new day has come."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate

    def run(self, stop: threading.Event) -> None:
        """Until told to stop."""
        while not stop.is_set():
            try:
                if bookkeeping.verify_daily(self._gate):
                    denials.forget_old_denials(self._gate)
                    self_check.check_last_month(self._gate)
            except (GatewayError, SQLAlchemyError) as error:
                log.error("daily_work_failed", error=type(error).__name__)
            stop.wait(LOOK_SECONDS)
