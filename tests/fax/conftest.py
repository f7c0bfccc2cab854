"""A private HylaFAX with a telephone line to nowhere, one for each module."""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from rehearsal.exchange import Exchange


@pytest.fixture(scope="module")
def fax_folder() -> Iterator[Path]:
    """A place HylaFAX' own user can reach, without an underscore in its name."""
    folder = Path(f"/tmp/imprimatur-fax-{secrets.token_hex(4)}")
    folder.mkdir(mode=0o755)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="module")
def exchange(fax_folder: Path) -> Iterator[Exchange]:
    """HylaFAX as Debian ships it, no gate before the line; it receives too."""
    with Exchange(fax_folder, receives=True) as made:
        yield made
