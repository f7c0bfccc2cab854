"""The gateway and CUPS are killed at many moments after a release: counted at the device against the books, nothing is lost, doubled, or
printed under a number twice (I3, I5). A sample runs in `./check`; `./check --long` takes twenty moments of each.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from rehearsal.house import House
from rehearsal.papers import write_pdf
from rehearsal.processes import wait_until
from tests.cups.conftest import opened_house
from tests.cups.paper import permit_for, sheets

pytestmark = pytest.mark.cups
COPIES = 2
SAMPLE = (0.05, 0.3)
MOMENTS = tuple(0.04 * moment for moment in range(20))
ENDS = {"completed", "unresolved"}
WAYS = [("worker", "jiyao"), ("worker", "archive"), ("cupsd", "archive")]
"""Who is killed (the worker is a thread of the gateway's process), and by which way the copies go: direct IPP or a hidden queue."""

Recorder = Callable[[str, object], None]


@pytest.fixture(scope="module")
def house() -> Iterator[House]:
    with opened_house() as opened:
        yield opened


@pytest.fixture(scope="module")
def papers(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder = tmp_path_factory.mktemp("papers")
    return [write_pdf(folder / f"{pages}.pdf", "断电", pages) for pages in (2, 3)]


@pytest.fixture(scope="module", autouse=True)
def hidden_queue(house: House) -> None:
    address = house.cups.add_hidden_queue("hidden", house.printer.uri)
    house.cups.add_gate_queue("archive", house.settings.intake_socket)
    options = ("--queue", "archive", "--adapter", "cups", "--designated", "--max-level", "jimi")
    house.run("device", "add", "PRN-OLD-01", "--uri", address, *options, account="feng")


def power_cut(house: House, part: str) -> None:
    if part == "worker":
        house.kill_gateway()
        house.start_gateway()
    else:
        house.cups.kill()
        time.sleep(0.2)
        house.cups.start()


def stage(house: House, job: str) -> str:
    return str(house.ask("zheng", "job", "show", job)["stage"])


def one_round(house: House, part: str, queue: str, files: list[Path], moment: float) -> bool:
    """Print, release, kill, wait, settle by what lies in the tray; whether a person had to count."""
    job = house.print_file(files[0], "-n", str(COPIES), *map(str, files[1:]), queue=queue)["job"]
    permit_for(house, job, copies=COPIES)
    before = set(house.printer.received())
    house.run("job", "claim", job, account="zheng")
    house.run("job", "release", job, account="zheng")
    time.sleep(moment)
    power_cut(house, part)
    wait_until(lambda: stage(house, job) in ENDS, "an end", 60)
    asked = stage(house, job) == "unresolved"
    if asked:
        time.sleep(2)  # the operator goes to the device
        came = [file for file in house.printer.received() if file not in before]
        house.run("job", "settle", job, *(["--good", f"1-{COPIES}", "--close"] if came else ["--resume"]), account="zheng")
        wait_until(lambda: stage(house, job) == "completed", "the rest", 60)
    time.sleep(0.3)
    came = [file for file in house.printer.received() if file not in before]
    pages = sum((2, 3)[: len(files)])
    if queue == "jiyao":  # through CUPS' filters text need not be readable any more
        numbers = Counter(page.number for file in came for page in sheets(file))
        assert numbers == {f"{number:06d}": pages for number in range(1, COPIES + 1)}, (part, queue, moment, numbers)
    assert len(came) == 1, (part, queue, moment, came)
    assert house.ask("zheng", "job", "show", job)["copies_good"] == COPIES
    return asked


def run(house: House, part: str, queue: str, files: list[Path], moments: tuple[float, ...], record: Recorder) -> None:
    asked = sum(one_round(house, part, queue, files, moment) for moment in moments)
    house.run("ledger", "verify")
    record("kills", len(moments))
    record("lost", 0)
    record("doubled", 0)
    record("unresolved", asked)


@pytest.mark.parametrize(("part", "queue"), [WAYS[0], *(pytest.param(*way, marks=pytest.mark.long) for way in WAYS[1:])])
def test_a_few_kills_on_the_way_out(house: House, papers: list[Path], part: str, queue: str, record_property: Recorder) -> None:
    run(house, part, queue, papers, SAMPLE, record_property)


@pytest.mark.long
@pytest.mark.parametrize("documents", [1, 2])
@pytest.mark.parametrize(("part", "queue"), WAYS)
def test_twenty_kills_on_the_way_out(
    house: House, papers: list[Path], part: str, queue: str, documents: int, record_property: Recorder
) -> None:
    run(house, part, queue, papers[:documents], MOMENTS, record_property)
