"""Fixtures everybody uses: a gateway's data folder in a temporary place, with the people of SCENARIOS' confidential room."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from argon2 import PasswordHasher
from sqlalchemy import Engine
from sqlmodel import create_engine

from gateway.db import engine as database_engine
from gateway.services import credentials
from tests.room import Room


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest test goes first, so that it is not the one everybody waits for at the end."""
    items.sort(key=lambda item: "tests/properties/" not in item.nodeid)


@pytest.fixture(scope="session", autouse=True)
def cheap_passwords() -> Iterator[None]:
    """A hash takes a tenth of a second on purpose; what the product chooses is looked at in tests/services/test_credentials.py."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(credentials, "_HASHER", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
        yield


@pytest.fixture(scope="session", autouse=True)
def statements_compiled_once() -> Iterator[None]:
    """A thousand rooms say the same statements: what one engine compiled serves the next (a fifth of the time of tests/services)."""
    first: list[Engine] = []

    def made(url: str, **options: Any) -> Engine:
        engine = create_engine(url, query_cache_size=4000, **options)
        if engine.dialect.name == "sqlite":
            first.append(engine)
            engine.dialect, engine._compiled_cache = first[0].dialect, first[0]._compiled_cache
            del first[1:]
        return engine

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(database_engine, "create_engine", made)
        yield


@pytest.fixture(scope="session")
def furnished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder made once; every test gets a copy of its own."""
    folder = tmp_path_factory.mktemp("furnished") / "room"
    Room.make(folder).close()
    return folder


@pytest.fixture
def room(furnished: Path, tmp_path: Path) -> Iterator[Room]:
    """A gateway with departments, people and devices; no daemon runs."""
    opened = Room.open(Path(shutil.copytree(furnished, tmp_path / "room")))
    yield opened
    opened.close()
