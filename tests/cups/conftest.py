"""A whole room on real parts for these tests: cupsd, printer, gateway, each a process of its own."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from rehearsal.house import House


@pytest.fixture(scope="module")
def house() -> Iterator[House]:
    root = Path(tempfile.mkdtemp(prefix="imprimatur-test-", dir="/tmp"))  # CUPS' own user must reach it
    try:
        with House(root, spool_slots=2048) as opened:  # a campaign holds some hundred jobs
            yield opened
    finally:
        shutil.rmtree(root, ignore_errors=True)
