"""Where 'now' comes from. Domain code never asks; services get a clock handed in."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol


class Clock(Protocol):
    """Something that knows the time."""

    def now(self) -> datetime:
        """The present moment, aware, UTC."""


class SystemClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        """The present moment, aware, UTC."""
        return datetime.now(UTC)


class UnsafeClock:
    """Rehearsal only: the file holds an ISO time that stands for now, so that days pass in seconds."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def now(self) -> datetime:
        """The time written in the file; the machine's own while the file is empty or missing."""
        text = self._file.read_text().strip() if self._file.exists() else ""
        return datetime.fromisoformat(text).astimezone(UTC) if text else datetime.now(UTC)
