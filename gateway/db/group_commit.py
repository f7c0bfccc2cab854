"""Group commit: writers that commit at the same time share one forced write of SQLite's log (invariant I8).

SQLite with synchronous=FULL forces its log inside every commit while all other writers wait. With synchronous=NORMAL a commit is written
in order but not forced (https://www.sqlite.org/pragma.html#pragma_synchronous); the gateway then forces the log itself, once for all
commits that wait, and nobody is told of his commit, nor of what he read, before that. The promise is the same, and the disk's time is
spent once for several. A later commit's force covers every earlier one: they stand in the same file, in order.
"""

from __future__ import annotations

import os
import threading
from pathlib import Path

import structlog

_log = structlog.get_logger()


class LogNotForcedError(Exception):
    """The disk did not take the log: what the last commits wrote may be lost with the power. The process can write no more."""


class GroupCommit:
    """The commits of one process on one database file, and how many of them are on the disk for certain."""

    def __init__(self, database: Path) -> None:
        self._log = database.with_name(f"{database.name}-wal")
        self._changed = threading.Condition()
        self._begun = self._ended = self._forced = 0
        self._at_work = self._broken = False

    def begins(self) -> None:
        """A commit begins: from now on a reader may see it."""
        with self._changed:
            self._begun += 1

    def ended(self) -> None:
        """It was made, or did not come about. One commit is made at a time."""
        with self._changed:
            self._ended = self._begun
            self._changed.notify_all()

    def wait(self) -> None:
        """Return when every commit that had begun before this call is forced, or raise LogNotForcedError."""
        if self._forced == self._begun and not self._broken:
            return
        with self._changed:
            wanted = self._begun
            while self._forced < wanted and not self._broken:
                if self._at_work or self._ended == self._forced:
                    self._changed.wait()
                else:
                    self._force_what_ended()
            if self._broken:
                raise LogNotForcedError

    def _force_what_ended(self) -> None:
        """Called with the lock, which is given away while the disk works."""
        covered, self._at_work = self._ended, True
        self._changed.release()
        forced = False
        try:
            forced = self._force()
        finally:
            self._changed.acquire()
            self._at_work = False
            if forced:
                self._forced = covered
            else:
                self._broken = True  # for good: the kernel may call the same pages clean now, so that a second try would prove nothing
            self._changed.notify_all()

    def _force(self) -> bool:
        """Force the log; whether it worked. No log: SQLite carried it over into the file, forced, when the last connection ended."""
        try:
            descriptor = os.open(self._log, os.O_RDONLY | os.O_CLOEXEC)
            try:
                os.fdatasync(descriptor)
            finally:
                os.close(descriptor)
        except FileNotFoundError:
            return True
        except OSError as error:
            _log.exception("the database's log was not forced", errno=error.errno)
            return False
        return True
