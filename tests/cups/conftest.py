"""A whole room on real parts for these tests: cupsd, printer, gateway, each a process of its own."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from rehearsal.house import House


@contextmanager
def opened_house() -> Iterator[House]:
    """A room of its own, for tests that would disturb others or be disturbed by them."""
    root = Path(tempfile.mkdtemp(prefix="imprimatur-test-", dir="/tmp"))  # CUPS' own user must reach it
    try:
        with House(root, spool_slots=2048) as opened:  # a campaign holds some hundred jobs
            yield opened
    finally:
        shutil.rmtree(root, ignore_errors=True)


@pytest.fixture(scope="package")
def house() -> Iterator[House]:
    """One room for all: a test looks at its own jobs only."""
    with opened_house() as opened:
        yield opened
