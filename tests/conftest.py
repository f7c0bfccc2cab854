"""Fixtures everybody uses: a gateway's data folder in a temporary place, with the people of SCENARIOS' confidential room."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from argon2 import PasswordHasher

from gateway.services import credentials
from tests.room import Room


@pytest.fixture(scope="session", autouse=True)
def cheap_passwords() -> Iterator[None]:
    """A hash takes a tenth of a second on purpose; what the product chooses is looked at in tests/services/test_credentials.py."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(credentials, "_HASHER", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
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
