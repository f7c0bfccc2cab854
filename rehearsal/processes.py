"""The one door through which the rehearsal starts processes: in groups of their own, ended with all their children."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path


def free_port() -> int:
    """A TCP port nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until(condition: Callable[[], bool], what: str, seconds: float = 20.0) -> None:
    """Poll until the condition holds, more calmly the longer it takes. Raises TimeoutError that says what was waited for."""
    began = time.monotonic()
    while not condition():
        waited = time.monotonic() - began
        if waited > seconds:
            raise TimeoutError(f"{what} did not happen within {seconds:.0f} s")
        time.sleep(min(0.02 + waited / 20, 0.2))


class Process:
    """A child in its own session, its output in a file; `stop` ends the whole group."""

    def __init__(self, command: Sequence[str], log: Path, env: Mapping[str, str] | None = None) -> None:
        self.log = log
        with log.open("ab") as out:
            self._child = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                env={**os.environ, **(env or {})},
            )

    @property
    def pid(self) -> int:
        """The child's process id."""
        return self._child.pid

    def running(self) -> bool:
        """Whether the child lives."""
        return self._child.poll() is None

    def kill(self) -> None:
        """SIGKILL for the whole group: the power is cut."""
        self._signal(signal.SIGKILL)
        self._child.wait()

    def stop(self, seconds: float = 10.0) -> None:
        """SIGTERM, then SIGKILL for whatever is left of the group."""
        if self.running():
            self._child.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._child.wait(seconds)
        self._signal(signal.SIGKILL)
        self._child.wait()

    def _signal(self, number: int) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._child.pid, number)
