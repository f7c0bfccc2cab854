"""A child that gets no further dies: what hangs one parser or one printer must not take the whole minute a long document may take.

The time is the processor's, not the clock's, so that a busy machine refuses nothing.
"""

from __future__ import annotations

import signal
from collections.abc import Callable

Heartbeat = Callable[[int], None]
"""Called before each piece of work; the number says how large it is: pages to go through, or megabytes."""

_SECONDS_PER_UNIT = 0.02


def unwatched(_work: int) -> None:
    """For callers who can wait, or be interrupted by hand."""


def watchdog(page_seconds: float) -> Heartbeat:
    """A heartbeat that ends this process by SIGPROF when a piece takes longer than `page_seconds` and 20 ms for each unit of work."""

    def heartbeat(work: int) -> None:
        signal.setitimer(signal.ITIMER_PROF, page_seconds + _SECONDS_PER_UNIT * work)

    return heartbeat
