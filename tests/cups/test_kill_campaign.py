"""Every part on the way into the gate is killed at many moments: what CUPS accepted is held once, whole, whatever died (I8).

A sample runs in `./check`; `./check --long` takes twenty moments of each.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from rehearsal.house import House
from rehearsal.papers import write_pdf
from tests.cups.conftest import opened_house
from tests.cups.kills import PARTS, Campaign

pytestmark = pytest.mark.cups
SAMPLED = ("backend", "gateway")
SAMPLE = (0.0, 0.02)
"""Seconds after the part's beginning; for gateway and cupsd, after CUPS accepted the job."""
MOMENTS = tuple(0.003 * moment for moment in range(20))
_TRIES = 6


@pytest.fixture(scope="module")
def house() -> Iterator[House]:
    with opened_house() as opened:
        yield opened


@pytest.fixture(scope="module")
def papers(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder = tmp_path_factory.mktemp("papers")
    return [write_pdf(folder / f"{pages}.pdf", "断电", pages) for pages in (2, 3)]


def run(
    house: House, papers: list[Path], part: str, documents: int, moments: tuple[float, ...], record: Callable[[str, object], None]
) -> None:
    campaign, pages = Campaign(house), sum((2, 3)[:documents])
    for number, moment in enumerate(moments):
        for attempt in range(_TRIES):  # a part that had ended by then is hit earlier: every moment is a kill
            title = f"{part}-{documents}-{number}-{attempt} of {len(moments)}"
            before = campaign.hits
            found = campaign.round(part, moment / 2**attempt, papers[:documents], title)
            assert [(row["stage"], row["pages"]) for row in found] == [("held", pages)], (title, found)
            if campaign.hits > before:
                break
    assert house.printer.received() == [], "nothing may print without a permit"
    house.run("ledger", "verify")
    assert campaign.hits == len(moments)
    record("kills", campaign.hits)
    record("lost", 0)
    record("doubled", 0)


@pytest.mark.parametrize("documents", [pytest.param(1, marks=pytest.mark.long), 2])
@pytest.mark.parametrize("part", [part if part in SAMPLED else pytest.param(part, marks=pytest.mark.long) for part in PARTS])
def test_a_few_kills_on_the_way_in(
    house: House, papers: list[Path], part: str, documents: int, record_property: Callable[[str, object], None]
) -> None:
    run(house, papers, part, documents, SAMPLE, record_property)


@pytest.mark.long
@pytest.mark.parametrize("documents", [1, 2])
@pytest.mark.parametrize("part", PARTS)
def test_twenty_kills_on_the_way_in(
    house: House, papers: list[Path], part: str, documents: int, record_property: Callable[[str, object], None]
) -> None:
    run(house, papers, part, documents, MOMENTS, record_property)
