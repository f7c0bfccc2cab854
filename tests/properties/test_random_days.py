"""Random days in the room: people, devices, crashes and clocks in any order, over the real services and SQLite (I2-I5, I10).

Whatever happens, no number is twice on paper, the counts are those of the copies, and the ledger tells all of it. A verb may refuse
by one of our errors; any other exception is a fault. `python -m pytest tests/properties -m long` goes on for a million steps.
"""

from __future__ import annotations

import logging
import shutil
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any, ClassVar
from unittest.mock import MagicMock, patch

import pytest
import structlog
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from sqlmodel import col, select

from gateway import press
from gateway.db.tables import Job, Permit
from gateway.domain.vocabulary import JobStage, Level, PermitState, WasteReason
from gateway.errors import GatewayError
from gateway.services import accounts, counting, matching, permits, release, retention, settlement, waste
from gateway.services.gate import Gate
from gateway.services.settlement import Outcome, Settlement
from gateway.services.waste import Spoilage
from tests.printers.fake_device import Fate
from tests.properties.invariants import check
from tests.properties.world import Hurried, World, furnish, read_pages, stamp_lines
from watermark import sandbox

REQUESTERS = ("zhao", "zhao", "zhao", "qian", "qian", "sun", "wu")
APPROVERS = ("li", "zhou", "wu", "gu", "ma", "zhao", "zheng")
OPERATORS = ("zheng", "wang", "zhao")
LEVELS = {Level.NEIBU: "", Level.MIMI: "5年", Level.JIMI: "10年"}
DEEDS = 50
DAYS = 20
"""Lived between two looks at how many steps were done."""
LOOKS_AT_THE_LEDGER = 10

Draw = Callable[[st.SearchStrategy[Any]], Any]

index = st.integers(0, 30)
dies = st.one_of(st.none(), st.none(), st.none(), st.integers(0, 3))
dies_at_work = st.one_of(st.none(), st.integers(0, 24))
fates = st.one_of(
    st.just(Fate()),
    st.builds(
        Fate,
        off=st.sampled_from([False, False, False, True]),
        create=st.sampled_from(["well", "well", "well", "rejected", "doubt"]),
        send=st.sampled_from(["well", "well", "well", "rejected", "broken"]),
        ends=st.sampled_from(["completed", "completed", "short", "aborted", "canceled", "unknown", "stop"]),
        parts=st.integers(0, 4),
        counts=st.booleans(),
    ),
)


def one_of(*words: Any) -> st.SearchStrategy[Any]:
    """One of a few words."""
    return st.sampled_from(words)


class Day:
    """What people, devices and fate may do in a day: each deed draws its particulars, and is done as far as the services let it."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.got_through: Counter[str] = Counter()
        self.refused: Counter[str] = Counter()
        self._serial = 0
        self._closed_an_account = False

    # --- choosing

    def job(self, draw: Draw, *stages: JobStage) -> str | None:
        """A job in one of these stages; any job while there is none."""
        wanted = select(Job.job_no).where(col(Job.stage).in_([stage.value for stage in stages])).order_by(col(Job.id).desc())
        return self._one(draw, wanted, select(Job.job_no).order_by(col(Job.id).desc()))

    def permit(self, draw: Draw, *states: PermitState) -> str | None:
        """A permit in one of these states; any permit while there is none."""
        wanted = select(Permit.permit_no).where(col(Permit.state).in_([state.value for state in states])).order_by(col(Permit.id).desc())
        return self._one(draw, wanted, select(Permit.permit_no).order_by(col(Permit.id).desc()))

    def _one(self, draw: Draw, *queries: Any) -> str | None:
        with self.world.gate.database.reading() as session:
            found = next((rows for query in queries if (rows := session.exec(query.limit(8)).all())), [])
        return str(found[draw(index) % len(found)]) if found else None

    def act(self, name: str, verb: Callable[[Gate], Any], dies_after: int | None = None) -> None:
        """Do it; note whether it got through."""
        done = self.world.act(lambda: verb(self.world.gate), dies_after=dies_after)
        why = f"{name} {done.code}" if isinstance(done, GatewayError) else name
        (self.refused if isinstance(done, GatewayError) else self.got_through)[why] += 1

    def actor(self, who: str) -> Any:
        """An account as it is now; a closed one may not act."""
        return self.world.room.actor(who)

    # --- permits

    def ask(self, draw: Draw) -> None:
        by, level, days, job = draw(one_of(*REQUESTERS)), draw(one_of(*LEVELS)), draw(st.integers(1, 7)), None
        if draw(st.booleans()):
            job = self.job(draw, JobStage.HELD)
        asked = {"pages": 1, "copies": draw(one_of(1, 2, 4, 6, 9, 12)), "level": level, "term": LEVELS[level], "days": days}
        self.act("ask", lambda _: self.world.room.request(**asked, by=by, job=job), draw(dies))
        if days > 2:
            self.approve_all(draw)

    def approve(self, draw: Draw) -> None:
        who, permit = draw(one_of(*APPROVERS)), self.permit(draw, PermitState.REQUESTED)
        if permit:
            self.act("look", lambda _: self.world.room.review(who, permit))
            self.act("approve", lambda gate: permits.approve_permit(gate, self.actor(who), permit), draw(dies))

    def approve_all(self, draw: Draw) -> None:
        if permit := self.permit(draw, PermitState.REQUESTED):
            for who in ("gu", "ma", "li", "wu"):
                self.act("look", lambda _, who=who: self.world.room.review(who, permit))
                self.act("approve", lambda gate, who=who: permits.approve_permit(gate, self.actor(who), permit))

    def refuse(self, draw: Draw) -> None:
        if permit := self.permit(draw, PermitState.REQUESTED):
            for who in draw(st.permutations(("gu", "ma", "li", "wu"))):
                self.act("refuse", lambda gate, who=who: permits.refuse_permit(gate, self.actor(who), permit, "no"), draw(dies))

    def revoke(self, draw: Draw) -> None:
        who, permit = draw(one_of(*REQUESTERS, "li")), self.permit(draw, PermitState.ACTIVE, PermitState.USED_UP)
        if permit:
            self.act("revoke", lambda gate: permits.revoke_permit(gate, self.actor(who), permit, "not needed"), draw(dies))

    def extend(self, draw: Draw) -> None:
        who, permit = draw(one_of(*REQUESTERS)), self.permit(draw, PermitState.ACTIVE, PermitState.EXPIRED)
        until = self.world.room.clock.now() + timedelta(days=draw(st.integers(1, 20)))
        if permit:
            self.act("extend", lambda gate: permits.extend_permit(gate, self.actor(who), permit, until), draw(dies))

    # --- jobs

    def submit(self, draw: Draw) -> None:
        room, self._serial = self.world.room, self._serial + 1
        if not self.world.permits(PermitState.ACTIVE):
            self.ask(draw)
        claim = self.permit(draw, PermitState.ACTIVE) if draw(index) % 6 else None
        sent = room.envelope(
            user=self.world.requester_of(claim) if claim and draw(index) % 6 else draw(one_of(*REQUESTERS)),
            copies=draw(one_of(1, 1, 2, 3)),
            queue=draw(one_of("jiyao", "jiyao2")),
            permit=claim or "",
            key=f"cups:{self._serial}:1",
            **({"finishings": "4"} if draw(st.booleans()) else {}),
        )
        content = b"1 " + draw(one_of(*[b"A"] * 7, b"B"))
        self.act("submit", lambda _: room.deliver(sent, content), draw(dies))
        self.act("submit again", lambda _: room.deliver(sent, content))
        if draw(index) % 5:
            self.count(draw)

    def count(self, draw: Draw) -> None:
        for job_id in counting.jobs_to_count(self.world.gate):
            self.act("count", lambda gate, job_id=job_id: counting.count_job(gate, job_id), draw(dies))

    def match(self, draw: Draw) -> None:
        job, permit, who = self.job(draw, JobStage.HELD), self.permit(draw, PermitState.ACTIVE), draw(one_of(*REQUESTERS, "zheng"))
        if job and permit:
            self.act("match", lambda gate: matching.match_job(gate, self.actor(who), job, permit), draw(dies))

    def claim(self, draw: Draw) -> None:
        who, job = draw(one_of(*OPERATORS)), self.job(draw, JobStage.HELD)
        if job:
            self.act("claim", lambda gate: release.claim_job(gate, self.actor(who), job), draw(dies))

    def let_go(self, draw: Draw) -> None:
        who, job = draw(one_of(*OPERATORS)), self.job(draw, JobStage.HELD)
        if job:
            self.act("release", lambda gate: release.release_job(gate, self.actor(who), job), draw(dies))

    def let_all_go(self, draw: Draw) -> None:
        """All that is known to fit; what is needed for that comes first."""
        who = draw(one_of("zheng", "zheng", "wang"))
        if not self.world.releasable():
            self.submit(draw)
        for job in self.world.releasable():
            self.act("release", lambda gate, job=job: release.release_job(gate, self.actor(who), job))

    def cancel(self, draw: Draw) -> None:
        who, job = draw(one_of(*REQUESTERS, "zheng")), self.job(draw, JobStage.QUEUED, JobStage.HELD)
        if job:
            self.act("cancel", lambda gate: release.cancel_job(gate, self.actor(who), job), draw(dies))

    # --- paper

    def work(self, draw: Draw) -> None:
        """At a device with work, if there is one; else there soon will be."""
        if not self.world.busy():
            self.let_all_go(draw)
        adapter, fate = draw(one_of(*(self.world.busy() or ("ipp", "cups")))), draw(fates)
        self.act("work", lambda _: self.world.work(adapter, fate), draw(dies_at_work))

    def device_loses_its_memory(self, draw: Draw) -> None:
        self.world.devices[draw(one_of("ipp", "cups"))].forget()

    def settle(self, draw: Draw) -> None:
        """By what lies in the room; a strict operator throws whole copies away as well. While there is nothing to settle, work goes on."""
        if not self.world.jobs(JobStage.UNRESOLVED):
            self.work(draw)
        job, who, resume, strict = self.job(draw, JobStage.UNRESOLVED), draw(one_of(*OPERATORS)), draw(st.booleans()), draw(st.booleans())
        if job is None:
            return
        open_copies = settlement.open_copies(self.world.gate, self.actor("zheng"), job)
        permit_no, whole = self.world.lying_there(job)
        thrown = {copy.number for copy in open_copies if strict and copy.number in whole}
        outcomes = {copy.number: Outcome.GOOD if copy.number in whole else Outcome.UNPRINTED for copy in open_copies}
        count = Settlement(outcomes | dict.fromkeys(thrown, Outcome.SPOILED), resume, dict.fromkeys(thrown, 1))
        before = self.world.entries("job.settled")
        self.act("settle", lambda gate: settlement.settle(gate, self.actor(who), job, count), draw(dies))
        if self.world.entries("job.settled") > before:
            self.world.withdrawn.update((permit_no, number) for number in thrown)

    def spoil(self, draw: Draw) -> None:
        """A good copy turns out spoiled after all, and is withdrawn: printed again under its number, or void."""
        who, again = draw(one_of(*OPERATORS)), draw(one_of(True, True, False))
        if not (good := self.world.good_copies()):
            return
        job, permit_no, number = good[draw(index) % len(good)]
        spoilage = Spoilage(sheets=1, reason=WasteReason.SOILED, withdrawn_from="赵敏", again=again)
        before = self.world.entries("copies.spoiled")
        self.act("spoil", lambda gate: waste.withdraw_copy(gate, self.actor(who), job, number, spoilage), draw(dies))
        if self.world.entries("copies.spoiled") > before:
            self.world.withdrawn[permit_no, number] += 1

    # --- time, people, housekeeping

    def clock_jumps(self, draw: Draw) -> None:
        self.world.room.clock.advance(minutes=draw(one_of(*[1, 31, 600] * 7, 4400, 15_000, -1, -90, -3000)))

    def crash(self, _: Draw) -> None:
        self.world.start()

    def account_is_closed(self, draw: Draw) -> None:
        who = draw(one_of("li", "gu", "qian", "wang"))
        if not self._closed_an_account and self._serial > 4:
            self.act("close an account", lambda gate: accounts.disable_user(gate, self.actor("feng"), who), draw(dies))
            self._closed_an_account = True

    def keep_house(self, draw: Draw) -> None:
        for verb in (retention.expire_held_jobs, permits.expire_permits, matching.rematch_due, retention.destroy_finished_content):
            self.act(verb.__name__, verb, draw(dies))
        self.act("destroy sources", retention.destroy_sources_of_counted_jobs, draw(dies))
        self.act("checkpoint", self.world.checkpoint, draw(dies))
        self.world.gate.spool.refill()


OFTEN = (Day.submit, Day.let_all_go, Day.work, Day.settle)
SOMETIMES = (Day.ask, Day.spoil, Day.let_go, Day.match, Day.claim, Day.approve, Day.cancel, Day.clock_jumps, Day.keep_house)
SELDOM = (Day.count, Day.refuse, Day.revoke, Day.extend, Day.crash, Day.account_is_closed, Day.device_loses_its_memory)


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

    @rule(deed=st.sampled_from([*OFTEN * 6, *SOMETIMES * 2, *SELDOM]), data=st.data())
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


def live(furnished: Path, folder: Path, wanted: int, record: Callable[[str, object], None]) -> int:
    """Days until so many steps were done: verbs somebody tried. Every verb must have got through, or nothing was shown of it."""
    RandomDays.furnished = furnish(furnished, folder / "furnished")
    RandomDays.got_through, RandomDays.refused = Counter(), Counter()
    chosen = settings(max_examples=DAYS, stateful_step_count=DEEDS, deadline=None, suppress_health_check=list(HealthCheck), print_blob=True)
    steps = 0
    while steps < wanted:
        run_state_machine_as_test(RandomDays, settings=chosen)
        steps = RandomDays.got_through.total() + RandomDays.refused.total()
    record("steps", steps)
    record("got through", dict(RandomDays.got_through))
    record("refused", dict(RandomDays.refused))
    assert set(VERBS) - set(RandomDays.got_through) == set()
    return steps


@pytest.mark.timeout(600)
def test_ten_thousand_steps(furnished: Path, days_folder: Path, record_property: Callable[[str, object], None]) -> None:
    assert live(furnished, days_folder, 10_000, record_property) >= 10_000


@pytest.mark.long
@pytest.mark.parametrize("part", range(10))
def test_a_million_steps(furnished: Path, days_folder: Path, record_property: Callable[[str, object], None], part: int) -> None:
    """In ten parts, so that two cores share them; every part draws its own days."""
    assert live(furnished, days_folder, 100_000, record_property) >= 100_000, part
