"""Which parts of the running gateway get on with their work, for whoever looks at a page: in memory, one for each process.

A part that ended altogether ends the gateway (`gateway.wiring`); this tells of one that lives and does not get through.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

SILENT_SECONDS = 90.0
"""A part that neither got through nor failed for so long hangs: longer than any step that is well."""
TOLD_AFTER_SECONDS = 3.0
"""What mends itself sooner need not be told."""


class Part(StrEnum):
    """What works in the background of a gateway."""

    CHORES = "chores"
    COUNTER = "counter"
    DEVICES = "devices"
    WORKER = "worker"


@dataclass(frozen=True, slots=True)
class Trouble:
    """A part that has not got through for so many seconds; `code` is ours or the kind of a foreign error, empty when the part hangs."""

    part: Part
    seconds: int
    code: str


@dataclass(frozen=True, slots=True)
class _Beat:
    at: float
    failing_since: float | None = None
    code: str = ""


class Pulse:
    """Parts say here how their last step went. Thread-safe; a part that never said anything is not missed."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._beats: dict[Part, _Beat] = {}

    def well(self, part: Part) -> None:
        """The part's step got through."""
        with self._lock:
            self._beats[part] = _Beat(self._monotonic())

    def failed(self, part: Part, code: str) -> None:
        """The part's step failed; it will try again."""
        with self._lock:
            now, last = self._monotonic(), self._beats.get(part)
            since = last.failing_since if last and last.failing_since is not None else now
            self._beats[part] = _Beat(now, since, code)

    def troubles(self) -> list[Trouble]:
        """The parts that fail or hang now."""
        now = self._monotonic()
        with self._lock:
            beats = sorted(self._beats.items())
        found = []
        for part, beat in beats:
            if beat.failing_since is not None and now - beat.failing_since >= TOLD_AFTER_SECONDS:
                found.append(Trouble(part, round(now - beat.failing_since), beat.code))
            elif now - beat.at > SILENT_SECONDS:
                found.append(Trouble(part, round(now - beat.at), ""))
        return found
