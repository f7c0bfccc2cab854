"""What people, devices and fate may do in a day of random days: each deed draws its particulars, and goes as far as the services let it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from hypothesis import strategies as st
from sqlmodel import col, select

from gateway.db.tables import Job, Permit
from gateway.domain.permit_form import Monthly
from gateway.domain.settlement import Outcome, Settlement
from gateway.domain.vocabulary import AllowanceUnit, JobStage, Level, PermitKind, PermitState, RoomMode, WasteReason
from gateway.errors import GatewayError
from gateway.services import accounts, counting, matching, permits, release, retention, room, settlement, waste
from gateway.services.gate import Gate
from gateway.services.waste import Spoilage
from tests.printers.fake_device import Fate
from tests.properties.world import HELD_QUEUE_DEVICE, World

REQUESTERS = ("zhao", "zhao", "zhao", "qian", "qian", "sun", "wu")
APPROVERS = ("li", "zhou", "wu", "gu", "ma", "zhao", "zheng")
OPERATORS = ("zheng", "wang", "zhao")
ROOM_PEOPLE = ("zheng", "wang", "lin", "chen", "wu", "zhao")
HOLDS = (RoomMode.CLOSED, RoomMode.SEALED, RoomMode.EMERGENCY)
LEVELS = {Level.NEIBU: "", Level.MIMI: "5年", Level.JIMI: "10年"}
ROOM_DEVICES = ("PRN-JY-01", HELD_QUEUE_DEVICE)

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

    def ask_for_daily_paper(self, draw: Draw) -> None:
        """A department's standing permit 常年 for 公开 or 内部, granted by its head; its papers then release themselves."""
        by, level, unit = draw(one_of("zhao", "qian")), draw(one_of(Level.GONGKAI, Level.NEIBU)), draw(one_of(*AllowanceUnit))
        allowance = Monthly(draw(st.integers(1, 12)), unit)
        asked = {"level": level, "term": "", "days": draw(one_of(3, 40)), "kind": PermitKind.STANDING, "monthly": allowance}
        self.act("ask for daily paper", lambda _: self.world.room.request(**asked, by=by, devices=ROOM_DEVICES))
        self.approve_all(draw)

    def print_daily_paper(self, draw: Draw) -> None:
        """Papers nobody is asked for: sent without a permit number, released by the standing one as long as the month's allowance lasts."""
        if not self.world.standing():
            self.ask_for_daily_paper(draw)
        for _ in range(draw(st.integers(1, 3))):
            level = draw(one_of(*(self.world.standing() or ("neibu",))))
            self._send(draw, draw(one_of("zhao", "qian", "sun")), None, {"level": level})
        before = self.world.standing_releases()
        self.act("look for daily paper", release.release_standing, draw(dies))
        self.got_through["release daily paper"] += self.world.standing_releases() - before

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
        permit = self.permit(draw, PermitState.ACTIVE, PermitState.EXPIRED)
        until = self.world.room.clock.now() + timedelta(days=draw(st.integers(1, 20)))
        if permit:
            who = self.world.requester_of(permit) if draw(index) % 6 else draw(one_of(*REQUESTERS))
            self.act("extend", lambda gate: permits.extend_permit(gate, self.actor(who), permit, until), draw(dies))

    # --- jobs

    def submit(self, draw: Draw) -> None:
        if not self.world.permits(PermitState.ACTIVE):
            self.ask(draw)
        claim = self.permit(draw, PermitState.ACTIVE) if draw(index) % 6 else None
        user = self.world.requester_of(claim) if claim and draw(index) % 6 else draw(one_of(*REQUESTERS))
        self._send(draw, user, claim, {"finishings": "4"} if draw(st.booleans()) else {})

    def _send(self, draw: Draw, user: str, claim: str | None, options: dict[str, str]) -> None:
        """A job arrives, twice, and is counted, mostly at once."""
        here, self._serial = self.world.room, self._serial + 1
        copies, queue = draw(one_of(1, 1, 2, 3)), draw(one_of("jiyao", "jiyao2"))
        sent = here.envelope(user=user, copies=copies, queue=queue, permit=claim or "", key=f"cups:{self._serial}:1", **options)
        content = b"1 " + draw(one_of(*[b"A"] * 7, b"B"))
        self.act("submit", lambda _: here.deliver(sent, content), draw(dies))
        self.act("submit again", lambda _: here.deliver(sent, content))
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
        if self.world.room_holds() and draw(index) % 3:
            self.open_the_room(draw)
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

    def hold_the_room(self, draw: Draw) -> None:
        """Somebody closes or seals the room, or locks it in an emergency; work that goes on regardless must bring nothing out."""
        who, mode = draw(one_of(*ROOM_PEOPLE)), draw(one_of(*HOLDS))
        self.act("hold the room", lambda gate: room.enter_mode(gate, self.actor(who), mode, "a random day"), draw(dies))
        self.work(draw)

    def open_the_room(self, draw: Draw) -> None:
        """A few people, perhaps one of them twice, speak for the end of what holds."""
        for who in draw(st.lists(one_of(*ROOM_PEOPLE), min_size=2, max_size=4)):
            for mode in self.world.room_holds():
                self.act("open the room", lambda gate, who=who, mode=mode: room.leave_mode(gate, self.actor(who), mode), draw(dies))

    def keep_house(self, draw: Draw) -> None:
        verbs = (retention.expire_held_jobs, permits.expire_permits, matching.rematch_due, release.release_standing)
        for verb in (*verbs, retention.destroy_finished_content):
            self.act(verb.__name__, verb, draw(dies))
        self.act("destroy sources", retention.destroy_sources_of_counted_jobs, draw(dies))
        self.act("checkpoint", self.world.checkpoint, draw(dies))
        self.world.gate.spool.refill()
