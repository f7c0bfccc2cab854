"""Finding and killing the parts of a running room, at a moment of one's choice."""

from __future__ import annotations

import os
import signal
import time
from dataclasses import dataclass
from pathlib import Path

from rehearsal.house import House
from rehearsal.processes import wait_until

PARTS = ("backend", "guard", "pdftopdf", "gateway", "cupsd")
_MARKS = {"backend": "backend/imprimatur", "guard": "filter/imprimatur-guard", "pdftopdf": "/filter/pdftopdf"}
_WAIT_FOR_PART = 1.5


def process_of(house: House, part: str) -> int | None:
    """The process id of a filter or backend that this room's cupsd has started, or None when it is not running now."""
    for pid in house.cups.children():
        try:
            process = Path("/proc") / str(pid)  # a filter's argv[0] is the queue's name, a script's program is Python
            words = [str((process / "exe").readlink()), *(process / "cmdline").read_bytes().decode(errors="replace").split("\0")[:3]]
        except OSError:
            continue
        if any(word.endswith(_MARKS[part]) for word in words):
            return pid
    return None


@dataclass
class Campaign:
    """Rounds of one room; what was hit, and whether CUPS' jobs and the gateway's agree after each."""

    house: House
    hits: int = 0

    def kill(self, part: str, delay: float) -> bool:
        """SIGKILL for a part, so long after it began; whether it was still there."""
        if part == "gateway":
            time.sleep(delay)
            self.house.kill_gateway()
            return True
        if part == "cupsd":
            time.sleep(delay)
            self.house.cups.kill()
            return True
        deadline = time.monotonic() + _WAIT_FOR_PART
        while (found := process_of(self.house, part)) is None and time.monotonic() < deadline:
            time.sleep(0.0005)
        time.sleep(delay)
        try:
            if found is not None and process_of(self.house, part) == found:
                os.kill(found, signal.SIGKILL)
                return True
        except ProcessLookupError:
            pass
        return False

    def mend(self, part: str) -> None:
        """What an operator or systemd would do: start again what does not run."""
        if part == "gateway":
            self.house.start_gateway()
        elif part == "cupsd":
            self.house.cups.start()

    def until_idle(self, title: str) -> None:
        """CUPS has nothing left to do, and the gateway has counted what has this title."""

        def idle() -> bool:
            waiting = self.house.cups.run("lpstat", "-W", "not-completed", "-o").stdout.strip()
            rows = self.house.ask("zheng", "job", "list")
            return not waiting and not any(
                row["title"] == title and (row["stage"] == "receiving" or "E_COUNTING" in row["codes"]) for row in rows
            )

        try:
            wait_until(idle, "the end of all deliveries", 60)
        except TimeoutError as error:
            raise TimeoutError(f"{error}\n{self._scene()}") from error

    def _scene(self) -> str:
        """What CUPS and the gateway say, for whoever must find out why it does not end."""
        jobs = self.house.cups.run("lpstat", "-W", "not-completed", "-l", "-o").stdout
        said = (self.house.cups.root / "log/error_log").read_text(errors="replace").splitlines()[-60:]
        rows = [(row["title"], row["stage"], row["codes"]) for row in self.house.ask("zheng", "job", "list")][-5:]
        return "\n".join([jobs, *said, *map(str, rows)])

    def round(self, part: str, delay: float, files: list[Path], title: str) -> list[dict[str, object]]:
        """Print, kill, mend, wait; the gateway's jobs with this title."""
        sending = self.house.cups.begin("lp", "-d", "jiyao", "-t", title, *map(str, files))
        if part in ("gateway", "cupsd"):
            sending.wait()  # what is killed is what CUPS has accepted
        hit = self.kill(part, delay)
        assert sending.wait() == 0
        self.hits += hit
        self.mend(part)
        self.until_idle(title)
        return [row for row in self.house.ask("zheng", "job", "list") if row["title"] == title]
