"""A private HylaFAX with a telephone line to nowhere, one for each module."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from rehearsal.exchange import Exchange
from tests.fax.office import reachable_folder


@pytest.fixture(scope="module")
def fax_folder() -> Iterator[Path]:
    """A place HylaFAX' own user can reach, without an underscore in its name."""
    with reachable_folder() as folder:
        yield folder


@pytest.fixture(scope="module")
def exchange(fax_folder: Path) -> Iterator[Exchange]:
    """HylaFAX as Debian ships it, no gate before the line; it receives too."""
    with Exchange(fax_folder, receives=True) as made:
        yield made
