"""Group commit: one forced write for several commits, and nobody told of a commit that the power could still take (I8)."""

from __future__ import annotations

import os
import shutil
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from gateway.db.engine import Database
from gateway.errors import UnavailableError

WRITERS, ACTS = 8, 25
real = os.fdatasync


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    opened = Database(f"sqlite:///{tmp_path / 'acts.db'}")
    with opened.writing() as session:
        session.execute(text("CREATE TABLE act (who INTEGER, number INTEGER)"))
    yield opened
    opened.close()


@pytest.fixture
def disk(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[int], None]], None]:
    return lambda force: monkeypatch.setattr(os, "fdatasync", force)


def act(database: Database, who: int, number: int) -> None:
    with database.writing() as session:
        session.execute(text(f"INSERT INTO act VALUES ({who}, {number})"))


def acts_in(file: Path) -> set[tuple[int, int]]:
    with sqlite3.connect(file) as opened:
        return set(opened.execute("SELECT who, number FROM act").fetchall())


def test_the_power_takes_nothing_that_was_acknowledged(
    database: Database, disk: Callable[[Callable[[int], None]], None], tmp_path: Path
) -> None:
    """What the disk has for certain is what lay in the log when a force began: a machine that starts again from that has every act."""
    after_the_cut, acknowledged, forces = tmp_path / "after", set[tuple[int, int]](), 0
    after_the_cut.mkdir()

    def force(descriptor: int) -> None:
        nonlocal forces
        forces += 1
        known = set(acknowledged)
        certain = tmp_path / f"certain{forces}"
        certain.mkdir()
        shutil.copy(tmp_path / "acts.db", certain)
        shutil.copy(f"/proc/self/fd/{descriptor}", certain / "acts.db-wal")
        assert known <= acts_in(certain / "acts.db")
        shutil.rmtree(after_the_cut)
        certain.rename(after_the_cut)
        real(descriptor)
        time.sleep(0.002)

    def write(who: int) -> None:
        for number in range(ACTS):
            act(database, who, number)
            assert (who, number) in acts_in_the_cut(after_the_cut)
            acknowledged.add((who, number))

    lock = threading.Lock()

    def acts_in_the_cut(folder: Path) -> set[tuple[int, int]]:
        with lock:  # another force may just put a later state in its place
            for _ in range(100):
                try:
                    copied = tmp_path / "looked"
                    shutil.rmtree(copied, ignore_errors=True)
                    shutil.copytree(folder, copied)
                    return acts_in(copied / "acts.db")
                except (OSError, shutil.Error, sqlite3.DatabaseError):
                    time.sleep(0.001)
            raise AssertionError

    disk(force)
    writers = [threading.Thread(target=write, args=(who,)) for who in range(WRITERS)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert len(acknowledged) == WRITERS * ACTS
    assert acts_in(after_the_cut / "acts.db") == acknowledged
    assert forces < WRITERS * ACTS, "commits share a force"


def test_a_reader_is_not_told_of_a_commit_before_it_is_forced(database: Database, disk: Callable[[Callable[[int], None]], None]) -> None:
    at_the_disk, go_on, told = threading.Event(), threading.Event(), list[int]()

    def force(descriptor: int) -> None:
        at_the_disk.set()
        go_on.wait()
        real(descriptor)

    def read() -> None:
        with database.reading() as session:
            seen = len(session.execute(text("SELECT * FROM act")).all())
        told.append(seen)

    disk(force)
    writer, reader = threading.Thread(target=act, args=(database, 1, 1)), threading.Thread(target=read)
    writer.start()
    assert at_the_disk.wait(10)
    reader.start()
    reader.join(0.3)
    assert reader.is_alive()
    assert told == []
    go_on.set()
    reader.join(10)
    writer.join(10)
    assert told == [1]


def test_a_disk_that_refuses_stops_the_house(database: Database, disk: Callable[[Callable[[int], None]], None]) -> None:
    """After one failure a second try proves nothing: the kernel may have dropped the pages. Only a new start goes on."""

    def refuse(_: int) -> None:
        raise OSError(5, "Input/output error")

    disk(refuse)
    with pytest.raises(UnavailableError, match="did not take"):
        act(database, 1, 1)
    disk(real)
    with pytest.raises(UnavailableError, match="did not take"):
        act(database, 1, 2)
    with pytest.raises(UnavailableError, match="did not take"), database.reading():
        pass


def test_an_act_that_fails_is_not_waited_for(database: Database) -> None:
    with pytest.raises(ZeroDivisionError), database.writing():
        raise ZeroDivisionError
    with database.reading() as session:
        assert session.execute(text("SELECT * FROM act")).all() == []
    act(database, 1, 1)
    with database.reading() as session:
        assert len(session.execute(text("SELECT * FROM act")).all()) == 1
