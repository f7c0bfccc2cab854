"""All stages × verbs × roles through the real services: what gets through is exactly what the tables of moves say (I1, I2, I10)."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, nullcontext, suppress
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import col, select

from gateway.db.tables import Job, LedgerEntry, Permit
from gateway.domain.codes import Code
from gateway.domain.moves import JOB_MOVES, PERMIT_MOVES, By, Move
from gateway.domain.settlement import Outcome, Settlement
from gateway.domain.vocabulary import JobStage, PermitState, Role, WasteReason
from gateway.errors import GatewayError, RefusedError
from gateway.services import (
    accounts,
    arrivals,
    counting,
    permit_closing,
    permits,
    printing,
    release,
    reopening,
    retention,
    settlement,
    waste,
)
from gateway.services.accounts import NewUser
from gateway.services.gate import Gate
from gateway.services.receiving import Delivery, Receiving
from gateway.services.waste import Spoilage
from rehearsal.people import CHARACTERS
from spool import StoredObject
from tests.room import Room, SetClock
from tests.services.ended_fax import fax_has_ended
from tests.watermark.papers import document

S = JobStage
OWNER, OPERATOR = "zhao", "zheng"
INSPECTOR = "jian"
APPROVED_BY = ("li", "wu")
PEOPLE = [*(one.username for one in CHARACTERS), INSPECTOR]
JOB_ROWS = {move.verb: move for move in JOB_MOVES}
PERMIT_ROWS = {move.verb: move for move in PERMIT_MOVES}
Verb = Callable[[Gate, str], Any]


class Shelf:
    """States of one room, each a copy of its database: taken down for every try."""

    def __init__(self, room: Room, folder: Path) -> None:
        self.room, self._folder = room, folder
        self.job, self.permit, self.job_id, self.submission = "", "", 0, 0

    def keep(self, name: str) -> None:
        """Put the present state on the shelf."""
        self.room.gate.database.close()
        with closing(sqlite3.connect(self._live)) as database, closing(sqlite3.connect(self._folder / name)) as kept:
            database.backup(kept)

    def take(self, name: str) -> Gate:
        """A gateway in this state."""
        self.room.gate.database.close()
        self.room.clock.at += timedelta(seconds=1)
        with closing(sqlite3.connect(self._folder / name)) as kept, closing(sqlite3.connect(self._live)) as database:
            kept.backup(database)
        return self.room.gate

    @property
    def _live(self) -> Path:
        return self.room.gate.settings.data / "imprimatur.db"

    def job_row(self, gate: Gate) -> Job:
        with gate.database.reading() as session:
            return session.exec(select(Job).where(Job.job_no == self.job)).one()

    def permit_row(self, gate: Gate) -> Permit:
        with gate.database.reading() as session:
            return session.exec(select(Permit).where(Permit.permit_no == self.permit)).one()


@pytest.fixture(scope="module")
def shelf(furnished: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shelf]:
    """One job and its permit, led by the services through every stage there is; each stage kept."""
    import shutil

    folder = tmp_path_factory.mktemp("moves")
    room = Room.open(Path(shutil.copytree(furnished, folder / "room")))
    accounts.add_user(room.gate, room.actor("feng"), NewUser(INSPECTOR, "简明", "D05", frozenset({Role.INSPECTOR})))
    room.gate.spool.refill()
    shelf = Shelf(room, folder)
    lead_through_all_stages(shelf)
    yield shelf
    room.close()


def lead_through_all_stages(shelf: Shelf) -> None:
    room, gate = shelf.room, shelf.room.gate
    shelf.permit = room.request(copies=2).permit_no
    permits.approve_permit(gate, room.actor("li"), shelf.permit)
    envelope = room.envelope(copies=2, permit=shelf.permit, key="cups:1:1")
    receiving = Receiving(gate)
    delivery = receiving.begin(envelope)
    shelf.keep("receiving")
    permits.approve_permit(gate, room.actor("wu"), shelf.permit)
    receiving.store(delivery, room.gate.spool.put(document("page")))  # type: ignore[arg-type]
    with gate.database.reading() as session:
        job = session.exec(select(Job)).one()
    shelf.job, shelf.job_id = job.job_no, job.id or 0
    counting.count_job(gate, shelf.job_id)
    shelf.keep("held")
    release.cancel_job(gate, room.actor(OWNER), shelf.job)
    shelf.keep("canceled")
    gate = shelf.take("held")
    release.release_job(gate, room.actor(OPERATOR), shelf.job)
    shelf.keep("queued")
    printing.begin_preparing(gate, shelf.job_id)
    shelf.keep("preparing")
    (sheaf,) = printing.plan_run(gate, shelf.job_id).sheaves
    shelf.submission = sheaf.submission_id
    shelf.keep("submitting")
    printing.begin_printing(gate, shelf.job_id)
    shelf.keep("printing")
    printing.unresolve(gate, shelf.job_id, "jam")
    shelf.keep("unresolved")
    gate = shelf.take("printing")
    printing.finish_submission(gate, shelf.submission, impressions=None, result="completed")
    printing.complete_job(gate, shelf.job_id)
    shelf.keep("completed")
    gate = shelf.take("held")
    _edit(shelf, "UPDATE job SET stage = 'held', verdict = NULL, options = json_set(options, '$.\"doc-type\"', 'cipher_telegram')")
    shelf.keep("held, a cipher telegram")
    counting.count_job(gate, shelf.job_id)
    shelf.keep("refused")


def _edit(shelf: Shelf, statement: str) -> None:
    """What no verb does in this order: a cipher telegram that is counted now, a permit whose time is over."""
    with closing(sqlite3.connect(shelf.room.gate.settings.data / "imprimatur.db")) as database:
        database.execute(statement)
        database.commit()


STAGES = ["receiving", "held", "queued", "preparing", "submitting", "printing", "unresolved", "completed", "canceled", "refused"]


def settle(shelf: Shelf, gate: Gate, who: str, *, resume: bool) -> None:
    outcomes = {1: Outcome.GOOD, 2: Outcome.UNPRINTED}
    settlement.settle(gate, shelf.room.actor(who), shelf.job, Settlement(outcomes, resume))


def by_people(shelf: Shelf) -> dict[str, Verb]:
    """What people may try with a job."""
    return {
        "release": lambda gate, who: release.release_job(gate, shelf.room.actor(who), shelf.job),
        "withdraw": lambda gate, who: release.cancel_job(gate, shelf.room.actor(who), shelf.job),
        "resume": lambda gate, who: settle(shelf, gate, who, resume=True),
        "settle": lambda gate, who: settle(shelf, gate, who, resume=False),
    }


def may(row: Move[JobStage], who: str) -> bool:
    """By the strict policy and a permit of 秘密: its approvers and the gateway release nothing."""
    return (By.OPERATOR in row.by and may_release(who)) or (By.OWNER in row.by and who == OWNER)


def may_release(who: str) -> bool:
    return any(one.role is Role.OPERATOR for one in CHARACTERS if one.username == who)


def moved(gate: Gate, before: int, tag: str) -> None:
    """The move is told in the ledger, and the ledger is whole."""
    with gate.database.reading() as session:
        kinds = session.exec(select(LedgerEntry.kind).where(LedgerEntry.seq > before).order_by(col(LedgerEntry.seq))).all()
    assert not tag or tag in kinds, (tag, kinds)


def head(gate: Gate) -> int:
    with gate.database.reading() as session:
        return session.exec(select(LedgerEntry.seq).order_by(col(LedgerEntry.seq).desc()).limit(1)).one()


@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.parametrize("verb", ["release", "withdraw", "resume", "settle"])
def test_what_people_may_do_with_a_job(shelf: Shelf, verb: str, stage: str) -> None:
    row, act = JOB_ROWS[verb], by_people(shelf)[verb]
    for who in PEOPLE:
        gate = shelf.take(stage)
        before = head(gate)
        try:
            act(gate, who)
        except GatewayError:
            assert not (S(stage) in row.sources and may(row, who)), f"{who} may {verb} a job that is {stage}, but was refused"
            assert shelf.job_row(gate).stage == stage, f"{who} was refused to {verb}, yet the job moved"
        else:
            assert S(stage) in row.sources, f"{who} did {verb} a job that is {stage}"
            assert may(row, who), f"{who} did {verb}"
            assert shelf.job_row(gate).stage == row.to
            moved(gate, before, row.tag)
    assert shelf.room.verify().ok


def test_who_may_not_release_is_told_so(shelf: Shelf) -> None:
    with pytest.raises(RefusedError) as refused:
        release.release_job(shelf.take("held"), shelf.room.actor(OWNER), shelf.job)
    assert [reason.code for reason in refused.value.reasons] == [Code.E_OPERATOR_REQUIRED]


def by_the_gateway(shelf: Shelf) -> dict[str, Callable[[Gate], Any]]:
    """What the gateway does by itself, with the entry points its edges use."""
    job = shelf.job_id

    def expire(gate: Gate) -> None:
        late = replace(gate, clock=SetClock(shelf.room.clock.at + timedelta(days=30)))
        retention.expire_held_jobs(late)

    def take_back(gate: Gate) -> None:
        permits.revoke_permit(gate, shelf.room.actor(OWNER), shelf.permit, "no longer needed")
        printing.begin_preparing(gate, job)

    return {
        "hold": lambda gate: _store_again(shelf, gate),
        "give_up": lambda gate: arrivals.withdraw_canceled(gate, "cups:1:1") if shelf.job_row(gate).stage == "receiving" else None,
        "refuse": lambda gate: _count_as_telegram(shelf, gate),
        "expire": expire,
        "take_back": take_back,
        "prepare": lambda gate: printing.begin_preparing(gate, job),
        "put_back": lambda gate: printing.back_to_queue(gate, job),
        "submit": lambda gate: printing.plan_run(gate, job),
        "print": lambda gate: printing.begin_printing(gate, job),
        "not_sent": lambda gate: printing.certainly_not_sent(gate, job, "refused"),
        "complete": lambda gate: printing.complete_job(gate, job),
        "doubt": lambda gate: printing.unresolve(gate, job, "jam"),
        "deliver": lambda gate: fax_has_ended(gate, job),
    }


def _store_again(shelf: Shelf, gate: Gate) -> None:
    receiving = Receiving(gate)
    begun = receiving.begin(shelf.room.envelope(copies=2, permit=shelf.permit, key="cups:1:1"))
    if isinstance(begun, Delivery):
        receiving.store(begun, StoredObject("0" * 32, 4, "0" * 64, 300))  # type: ignore[arg-type]


def _count_as_telegram(shelf: Shelf, gate: Gate) -> None:
    _edit(shelf, "UPDATE job SET verdict = NULL, options = json_set(options, '$.\"doc-type\"', 'cipher_telegram')")
    counting.count_job(gate, shelf.job_id)


@pytest.mark.parametrize("verb", [move.verb for move in JOB_MOVES if move.by == {By.GATEWAY}])
def test_what_the_gateway_does_with_a_job(shelf: Shelf, verb: str) -> None:
    row, act = JOB_ROWS[verb], by_the_gateway(shelf)[verb]
    for stage in STAGES:
        gate = shelf.take(stage)
        before = head(gate)
        with suppress(GatewayError, LookupError):
            act(gate)
        now = shelf.job_row(gate).stage
        assert now == (row.to if S(stage) in row.sources else stage), f"{verb} of a job that is {stage} made it {now}"
        if S(stage) in row.sources:
            moved(gate, before, row.tag)


# --- permits


@pytest.fixture(scope="module")
def permit_shelf(shelf: Shelf) -> Shelf:
    """The permit in every state there is; `requested` waits for wu, li has approved."""
    room = shelf.room
    for name, stage in (("requested", "receiving"), ("active", "held"), ("used_up", "completed")):
        shelf.take(stage)
        shelf.keep(f"permit {name}")
    gate = shelf.take("receiving")
    permits.refuse_permit(gate, room.actor("wu"), shelf.permit, "no")
    shelf.keep("permit refused")
    gate = shelf.take("held")
    permits.revoke_permit(gate, room.actor(OWNER), shelf.permit, "no longer needed")
    shelf.keep("permit revoked")
    shelf.take("held")
    _edit(shelf, "UPDATE permit SET state = 'expired'")
    shelf.keep("permit expired")
    return shelf


PERMIT_STATES = ["requested", "active", "used_up", "refused", "revoked", "expired"]


def may_with_permit(row: Move[PermitState], state: str, who: str) -> bool:
    approved = APPROVED_BY[:1] if state == "requested" else APPROVED_BY
    return (
        (By.OWNER in row.by and who == OWNER)
        or (By.OPERATOR in row.by and may_release(who))
        or (By.ITS_APPROVERS in row.by and who in approved)
        or (By.NEXT_APPROVER in row.by and state == "requested" and who == "wu")
    )


def with_permit(shelf: Shelf) -> dict[str, Verb]:
    """What people may try with a permit."""
    actor, number = shelf.room.actor, shelf.permit
    return {
        "approve": lambda gate, who: permits.approve_permit(gate, actor(who), number),
        "refuse": lambda gate, who: permits.refuse_permit(gate, actor(who), number, "no"),
        "revoke": lambda gate, who: permits.revoke_permit(gate, actor(who), number, "no longer needed"),
        "close": lambda gate, who: permit_closing.close_permit(gate, actor(who), number),
        "extend": lambda gate, who: permits.extend_permit(gate, actor(who), number, shelf.room.clock.now() + timedelta(days=20)),
    }


@pytest.mark.parametrize("state", PERMIT_STATES)
@pytest.mark.parametrize("verb", ["approve", "refuse", "revoke", "extend", "close"])
def test_what_people_may_do_with_a_permit(permit_shelf: Shelf, verb: str, state: str) -> None:
    shelf, row, act = permit_shelf, PERMIT_ROWS[verb], with_permit(permit_shelf)[verb]
    for who in PEOPLE:
        gate = shelf.take(f"permit {state}")
        before = head(gate)
        try:
            act(gate, who)
        except GatewayError:
            allowed = PermitState(state) in row.sources and may_with_permit(row, state, who)
            assert not allowed, f"{who} may {verb} a permit that is {state}, but was refused"
            assert shelf.permit_row(gate).state == state
        else:
            assert PermitState(state) in row.sources, f"{who} did {verb} a permit that is {state}"
            assert may_with_permit(row, state, who), f"{who} did {verb}"
            assert shelf.permit_row(gate).state == row.to
            moved(gate, before, row.tag)


@pytest.mark.parametrize("state", PERMIT_STATES)
def test_a_permit_opens_again_when_an_approver_is_gone(permit_shelf: Shelf, state: str) -> None:
    shelf, row = permit_shelf, PERMIT_ROWS["reopen"]
    gate = shelf.take(f"permit {state}")
    with gate.database.writing() as session:
        from gateway.db.tables import User

        session.exec(select(User).where(User.username == "li")).one().active = False
    before = head(gate)
    with gate.database.writing() as session:
        permit = session.exec(select(Permit)).one()
        opened = reopening.reopen_broken(gate, session, permit)
    assert opened == (state in ("requested", "active")), "one that is asked for stays so, with its step open"
    assert shelf.permit_row(gate).state == (row.to if opened else state)
    if opened:
        moved(gate, before, row.tag)


@pytest.mark.parametrize("state", PERMIT_STATES)
def test_a_permit_ends_with_its_validity(permit_shelf: Shelf, state: str) -> None:
    row, gate = PERMIT_ROWS["expire"], permit_shelf.take(f"permit {state}")
    before = head(gate)
    permits.expire_permits(replace(gate, clock=SetClock(permit_shelf.room.clock.at + timedelta(days=30))))
    ends = PermitState(state) in row.sources
    assert permit_shelf.permit_row(gate).state == (row.to if ends else state)
    if ends:
        moved(gate, before, row.tag)


@pytest.mark.parametrize("state", PERMIT_STATES)
def test_a_spoiled_copy_frees_a_permit(permit_shelf: Shelf, state: str) -> None:
    shelf, row = permit_shelf, PERMIT_ROWS["free"]
    spoilage = Spoilage(sheets=1, reason=WasteReason.SOILED, withdrawn_from="赵敏")
    for who in PEOPLE:
        gate = shelf.take(f"permit {state}")
        before = head(gate)
        allowed = PermitState(state) in row.sources and may_release(who)
        with nullcontext() if allowed else pytest.raises(GatewayError):
            waste.withdraw_copy(gate, shelf.room.actor(who), shelf.job, 1, spoilage)
        assert shelf.permit_row(gate).state == (row.to if allowed else state)
        if allowed:
            moved(gate, before, row.tag)


def test_the_last_good_copy_uses_a_permit_up(permit_shelf: Shelf) -> None:
    gate = permit_shelf.take("printing")
    before = head(gate)
    printing.finish_submission(gate, permit_shelf.submission, impressions=None, result="completed")
    assert permit_shelf.permit_row(gate).state == PERMIT_ROWS["use_up"].to
    moved(gate, before, PERMIT_ROWS["use_up"].tag)


def test_a_fax_that_ended_uses_a_permit_up(permit_shelf: Shelf) -> None:
    gate = permit_shelf.take("permit active")
    fax_has_ended(gate, permit_shelf.job_id)
    assert permit_shelf.permit_row(gate).state == PERMIT_ROWS["fax"].to


def test_every_move_of_the_tables_was_walked(shelf: Shelf) -> None:
    walked = set(by_people(shelf)) | set(by_the_gateway(shelf))
    entered = {"enter"}  # of a job that is made for it: test_hand_copies.py
    assert walked | entered == set(JOB_ROWS)
    assert set(with_permit(shelf)) | {"reopen", "use_up", "fax", "expire", "free"} == set(PERMIT_ROWS)
