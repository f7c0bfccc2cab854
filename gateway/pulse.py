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
"""A part that works in rounds and neither got through nor failed for so long hangs: longer than any step that is well."""
TOLD_AFTER_SECONDS = 3.0
"""What mends itself sooner need not be told."""


class Part(StrEnum):
    """What works in the background of a gateway."""

    CHORES = "chores"
    COUNTER = "counter"
    DEVICES = "devices"
    WORKER = "worker"


IN_ROUNDS = frozenset({Part.CHORES, Part.COUNTER, Part.WORKER})
"""Parts that have a step every few seconds. Devices work when there is a job: their silence says nothing, and ends an old failure."""


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
        self._beats: dict[tuple[Part, int], _Beat] = {}

    def well(self, part: Part, which: int = 0) -> None:
        """The part's step got through; `which` tells devices apart, so that one that is well hides none that is not."""
        with self._lock:
            self._beats[part, which] = _Beat(self._monotonic())

    def failed(self, part: Part, code: str, which: int = 0) -> None:
        """The part's step failed; it will try again."""
        with self._lock:
            now, last = self._monotonic(), self._beats.get((part, which))
            since = last.failing_since if last and last.failing_since is not None else now
            self._beats[part, which] = _Beat(now, since, code)

    def troubles(self) -> list[Trouble]:
        """The parts that fail or hang now, each once, by what has lasted longest."""
        now = self._monotonic()
        with self._lock:
            beats = list(self._beats.items())
        found: dict[Part, Trouble] = {}
        for (part, _), beat in beats:
            trouble = _trouble(part, beat, now)
            if trouble is not None and (part not in found or found[part].seconds < trouble.seconds):
                found[part] = trouble
        return [found[part] for part in sorted(found)]


def _trouble(part: Part, beat: _Beat, now: float) -> Trouble | None:
    silent = now - beat.at > SILENT_SECONDS
    if silent and part not in IN_ROUNDS:
        return None
    if beat.failing_since is not None and now - beat.failing_since >= TOLD_AFTER_SECONDS:
        return Trouble(part, round(now - beat.failing_since), beat.code)
    return Trouble(part, round(now - beat.at), "") if silent else None
