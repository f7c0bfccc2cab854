"""How fast a program may call: a bucket of calls for each token that fills evenly. Kept in memory: a restart forgives."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from gateway.errors import TooManyError


@dataclass
class _Bucket:
    calls: float
    at: float


class Pace:
    """At most `per_minute` calls a minute for each name, all at once or spread out."""

    def __init__(self, per_minute: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._size = float(per_minute)
        self._clock = clock
        self._buckets: dict[str, _Bucket] = {}
        self._lock = threading.Lock()

    def step(self, name: str) -> None:
        """Count one call. Raises TooManyError with the seconds to wait."""
        with self._lock:
            now = self._clock()
            bucket = self._buckets.setdefault(name, _Bucket(self._size, now))
            bucket.calls = min(self._size, bucket.calls + (now - bucket.at) * self._size / 60)
            bucket.at = now
            if bucket.calls < 1:
                raise TooManyError((1 - bucket.calls) * 60 / self._size)
            bucket.calls -= 1
