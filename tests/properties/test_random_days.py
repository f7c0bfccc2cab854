"""Random days in the room: people, devices, crashes and clocks in any order, over the real services and SQLite (I2-I5, I10).

Whatever happens, no number is twice on paper, the counts are those of the copies, and the ledger tells all of it. A verb may refuse
by one of our errors; any other exception is a fault. `python -m pytest tests/properties -m long` goes on for a million steps.
"""

from __future__ import annotations

import logging
import random
import shutil
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import ClassVar
from unittest.mock import MagicMock, patch

import pytest
import structlog
from hypothesis import HealthCheck, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from gateway import press
from tests.properties.day import Day, Draw
from tests.properties.invariants import check
from tests.properties.world import Hurried, World, furnish, read_pages, stamp_lines
from watermark import sandbox

DEEDS = 50
DAYS, FEW_DAYS = 20, 4
"""Lived between two looks at how many steps were done: the fewer the nearer the end is."""
STEPS_A_DAY = 180
LOOKS_AT_THE_LEDGER = 10

OFTEN = (Day.submit, Day.let_all_go, Day.work, Day.settle)
SOMETIMES = (Day.ask, Day.print_daily_paper, Day.spoil, Day.let_go, Day.match, Day.claim, Day.approve, Day.cancel)
NOW_AND_THEN = (Day.clock_jumps, Day.keep_house)
SELDOM = (Day.count, Day.refuse, Day.revoke, Day.extend, Day.crash, Day.account_is_closed, Day.device_loses_its_memory, Day.hold_the_room)


VERBS = (
    "ask",
    "approve",
    "refuse",
    "revoke",
    "extend",
    "submit",
    "count",
    "match",
    "claim",
    "release",
    "cancel",
    "work",
    "settle",
    "spoil",
    "ask for daily paper",
    "release daily paper",
    "hold the room",
    "open the room",
)


class RandomDays(RuleBasedStateMachine):
    """One example is one day of `DEEDS` deeds; after each of them everything must hold, the whole ledger included now and then."""

    furnished: Path
    got_through: ClassVar[Counter[str]]
    refused: ClassVar[Counter[str]]
    looks = 0

    def __init__(self) -> None:
        super().__init__()
        self._folder = self.furnished.parent / "day"
        self.day = Day(World.open(self.furnished, self._folder))

    @rule(deed=st.sampled_from([*OFTEN * 6, *SOMETIMES * 2, *NOW_AND_THEN * 2, *SELDOM]), data=st.data())
    def something_happens(self, deed: Callable[[Day, Draw], None], data: st.DataObject) -> None:
        deed(self.day, data.draw)

    @invariant()
    def everything_holds(self) -> None:
        type(self).looks += 1
        check(self.day.world)
        if self.looks % LOOKS_AT_THE_LEDGER == 0:
            self._books_verify()

    def _books_verify(self) -> None:
        verdict = self.day.world.room.verify()
        assert verdict.ok, verdict.findings

    def teardown(self) -> None:
        type(self).got_through += self.day.got_through
        type(self).refused += self.day.refused
        try:
            self._books_verify()
        finally:
            self.day.world.gate.close()
            shutil.rmtree(self._folder, ignore_errors=True)


@pytest.fixture(scope="module", autouse=True)
def stand_ins() -> Iterator[None]:
    """PDF reading and stamping are tested elsewhere, and would take nine tenths of the time."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    with (
        patch.object(sandbox, "make_base", read_pages),
        patch.object(sandbox, "fan_out", stamp_lines),
        patch.object(press, "time", Hurried()),
        patch.object(press, "StampKit", MagicMock()),
    ):
        yield
    structlog.reset_defaults()


@pytest.fixture
def days_folder() -> Iterator[Path]:
    """In memory where the machine has that: these processes die, but the power stays on."""
    memory = Path("/dev/shm")
    folder = Path(tempfile.mkdtemp(prefix="imprimatur-days-", dir=memory if memory.is_dir() else None))
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


def live(furnished: Path, folder: Path, wanted: int, record: Callable[[str, object], None], first_seed: int) -> int:
    """Days until so many steps were done: verbs somebody tried.

    Every verb must have got through, or nothing was shown of it: the days are drawn, so a rare verb may need a few more of them.
    Each round has a seed of its own: Hypothesis by itself would draw the same days again and again wherever CI is set.
    """
    RandomDays.furnished = furnish(furnished, folder / "furnished")
    RandomDays.got_through, RandomDays.refused = Counter(), Counter()
    chosen = settings(stateful_step_count=DEEDS, deadline=None, suppress_health_check=list(HealthCheck), print_blob=True)
    steps, rounds = 0, 0
    while steps < wanted or (set(VERBS) - set(RandomDays.got_through) and steps < 3 * wanted):
        days = DAYS if wanted - steps > DAYS * STEPS_A_DAY else FEW_DAYS
        run_state_machine_as_test(seed(first_seed + rounds)(RandomDays), settings=settings(chosen, max_examples=days))
        rounds += 1
        steps = RandomDays.got_through.total() + RandomDays.refused.total()
    record("seeds", f"{first_seed} and {rounds - 1} more")
    record("steps", steps)
    record("got through", dict(RandomDays.got_through))
    record("refused", dict(RandomDays.refused))
    assert set(VERBS) - set(RandomDays.got_through) == set()
    return steps


@pytest.mark.timeout(600)
def test_ten_thousand_steps(furnished: Path, days_folder: Path, record_property: Callable[[str, object], None]) -> None:
    """The same days every time: who changed nothing finds nothing new."""
    assert live(furnished, days_folder, 10_000, record_property, first_seed=1) >= 10_000


@pytest.mark.long
@pytest.mark.parametrize("part", range(10))
def test_a_million_steps(furnished: Path, days_folder: Path, record_property: Callable[[str, object], None], part: int) -> None:
    """In ten parts, so that two cores share them; every part draws its own days, other ones every time."""
    first_seed = random.SystemRandom().randrange(10**12)
    record_property("part", part)
    assert live(furnished, days_folder, 100_000, record_property, first_seed) >= 100_000, f"seed {first_seed}"
