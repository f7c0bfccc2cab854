"""The one door to the database: an engine chosen by URL, short write transactions, plain reads."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, event
from sqlalchemy.exc import DatabaseError, DataError, IntegrityError, NotSupportedError, ProgrammingError
from sqlmodel import Session, create_engine

from gateway.db.group_commit import GroupCommit, LogNotForcedError
from gateway.errors import UnavailableError

BUSY_SECONDS = 10
_NOT_NOW = ("The database cannot be used now.", "Nothing was changed; try again, and look at `imprimatur doctor`.")
_WAL_PAGES = 8000
"""So long may SQLite's log get before a writer must carry it over himself; `Database.tidy` does it long before."""


class _Joined(threading.local):
    """The transaction in which a thread's acts are together, if they are."""

    session: Session | None = None


class Database:
    """Sessions on one engine. Several processes and threads may use the same database.

    What `writing` committed, and what `reading` saw, survives power loss (invariant I8): SQLite's log is forced for each commit, once
    for all that wait at the same time (`gateway.db.group_commit`).
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self._joined = _Joined()
        self._turn = threading.Lock()
        self.engine: Engine = create_engine(
            url,
            connect_args={"timeout": BUSY_SECONDS} if url.startswith("sqlite") else {},
            hide_parameters=True,  # an error's text may reach a log, a title must not (I12)
        )
        if self.engine.dialect.name == "sqlite":
            event.listen(self.engine, "connect", _configure_sqlite)
            event.listen(self.engine, "begin", _begin_as_the_session_says)
        self._writer = self.engine.execution_options(imprimatur_writes=True)
        file = self.engine.url.database if self.engine.dialect.name == "sqlite" else None
        self._commits = GroupCommit(Path(file)) if file else None

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """One write transaction: commits at the end, rolls back on any error.

        Takes SQLite's write lock at once, so that what was read inside stays true until the commit. Returns when it is on the disk.
        Raises UnavailableError when the database stays locked or cannot be written.
        """
        if self._joined.session is not None:
            with self._translated(), self._joined.session.begin_nested():
                yield self._joined.session
            return
        with self._translated():
            with self._its_turn(), Session(self._writer, expire_on_commit=False) as session, self._commit_noted(), session.begin():
                yield session
                self._commit_begins()
            self._until_forced()

    def _until_forced(self) -> None:
        """Wait until all that was committed so far is on the disk for certain."""
        if self._commits:
            self._commits.wait()

    def _commit_begins(self) -> None:
        if self._commits:
            self._commits.begins()

    @contextmanager
    def _commit_noted(self) -> Iterator[None]:
        """Around a transaction: whatever became of its commit, it has ended."""
        try:
            yield
        finally:
            if self._commits:
                self._commits.ended()

    @contextmanager
    def _its_turn(self) -> Iterator[None]:
        """Writers of one process queue here: SQLite would let them poll its lock with longer and longer sleeps, some for seconds."""
        if not self._turn.acquire(timeout=BUSY_SECONDS):
            raise UnavailableError(*_NOT_NOW)
        try:
            yield
        finally:
            self._turn.release()

    @contextmanager
    def together(self) -> Iterator[Session]:
        """Several acts as one write transaction: until the end every `writing` and `reading` of this thread is part of it.

        An act that raises is undone alone; whether the others are kept is up to the caller: they are if he catches it.
        """
        with self.writing() as session:
            self._joined.session = session
            try:
                yield session
            finally:
                self._joined.session = None

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A read-only look at one consistent state; nothing is committed. Returns when all it may have seen is on the disk."""
        if self._joined.session is not None:
            yield self._joined.session
            return
        with self._translated():
            with Session(self.engine, expire_on_commit=False) as session:
                yield session
            self._until_forced()

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except LogNotForcedError as error:
            raise UnavailableError("The disk did not take what was written.", "Look at the disk, then start the gateway again.") from error
        except DatabaseError as error:
            if isinstance(error, IntegrityError | ProgrammingError | DataError | NotSupportedError):
                raise  # of what was asked, not of the database
            raise UnavailableError(*_NOT_NOW) from error

    def tidy(self) -> None:
        """Carry what SQLite keeps in its write-ahead log over into the file, so that no writer has to stop and do it; waits for nobody."""
        if self.engine.dialect.name == "sqlite":
            with self._translated(), self.engine.connect() as connection:
                connection.exec_driver_sql("COMMIT")  # our connections begin by themselves; a checkpoint is not possible inside
                connection.exec_driver_sql("PRAGMA wal_checkpoint(PASSIVE)")

    def close(self) -> None:
        """Give all connections back to the system."""
        self.engine.dispose()


def _configure_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    connection.isolation_level = None  # we say BEGIN ourselves
    for pragma in (
        "journal_mode=WAL",
        "synchronous=NORMAL",  # in order; forced by `GroupCommit`
        "foreign_keys=ON",
        "secure_delete=ON",
        f"busy_timeout={BUSY_SECONDS * 1000}",
        f"wal_autocheckpoint={_WAL_PAGES}",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _begin_as_the_session_says(connection: Any) -> None:
    writes = connection.get_execution_options().get("imprimatur_writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
