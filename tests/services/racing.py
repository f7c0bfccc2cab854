"""Two processes on one room that do the same at the same moment."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.room import Room

ROOT = Path(__file__).parents[2]


class Racer:
    """One of them, acting as `account`."""

    def __init__(self, room: Room, account: str) -> None:
        command = [sys.executable, "-m", "tests.services.racer", str(room.gate.settings.data), account]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT)
        assert self.hear() == "ready"

    def say(self, line: str) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()

    def hear(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()

    def stop(self) -> None:
        self.process.kill()
        self.process.wait()


def race(racers: list[Racer], lines: list[str]) -> list[str]:
    for racer, line in zip(racers, lines, strict=True):
        racer.say(line)
    return sorted(racer.hear() for racer in racers)
