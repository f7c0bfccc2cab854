"""One room and one Chromium for all stories; its clock is a file, so that half an hour passes at once."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from rehearsal.house import House
from rehearsal.screenshots import chromium


@pytest.fixture(scope="package")
def root() -> Iterator[Path]:
    made = Path(tempfile.mkdtemp(prefix="imprimatur-test-", dir="/tmp"))
    yield made
    shutil.rmtree(made, ignore_errors=True)


@pytest.fixture(scope="package")
def clock(root: Path) -> Path:
    """The room's clock; while it is empty the machine's own counts."""
    return root / "clock"


@pytest.fixture(scope="package")
def house(root: Path, clock: Path) -> Iterator[House]:
    with House(root, passwords=True, unsafe_clock=str(clock)) as opened:
        yield opened


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    with chromium() as opened:
        yield opened
