"""Killing the gateway at any request to a device, and before or after any commit: what kill -9 may meet."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache

from sqlmodel import Session

from gateway.db.engine import Database


class Killed(BaseException):
    """The process is gone: nobody may catch this and go on."""


@dataclass
class Executioner:
    """Counts down the moments at which a process may die; None: it lives."""

    left: int | None = None

    def moment(self) -> None:
        """One such moment."""
        if self.left is not None:
            self.left -= 1
            if self.left < 0:
                self.left = None
                raise Killed


class MortalDatabase(Database):
    """The real database, with a moment to die before and after each commit.

    One for all days in the same place: closing it gives all connections back, and a fresh engine would compile every statement anew.
    """

    executioner: Executioner

    @classmethod
    @lru_cache
    def at(cls, url: str) -> MortalDatabase:
        """The database of this address."""
        return cls(url)

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """One write transaction."""
        with super().writing() as session:
            yield session
            self.executioner.moment()
        self.executioner.moment()
