"""A paper of 绝密 is released by one operator in the presence of another (RULES.md §3, R76, I10)."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from sqlmodel import select

from gateway.db.tables import Device, LedgerEntry
from gateway.domain.codes import Code
from gateway.domain.vocabulary import Level
from gateway.errors import ConflictError, ForbiddenError, RefusedError
from gateway.services import accounts, alerts, jobs, permits, registers, release
from gateway.services.accounts import Change, change_user
from gateway.services.attendance import attend_job
from gateway.services.devices import add_device
from tests.room import START, Room
from tests.watermark.papers import document

HIGH = "PRN-JM-01"


@pytest.fixture
def top(room: Room) -> Room:
    """A room whose operators and zhao are cleared for 绝密, with a device that may put it out."""
    room.gate.spool.refill()
    uri = "ipp://127.0.0.1:1/ipp/print"
    device = Device(code=HIGH, name="绝密打印机", location="机要室", designated=True, max_level="juemi", uri=uri, queue="juemi")
    add_device(room.gate, room.actor("feng"), device)
    for name in ("zhao", "zheng", "wang"):
        change_user(room.gate, room.actor("feng"), name, Change(clearance=Level.JUEMI))
    return room


def held(room: Room) -> str:
    """zhao's job under a permit approved by zhou and wu."""
    permit = room.request(level=Level.JUEMI, term="30年", copies=1, devices=(HIGH,)).permit_no
    for name in ("zhou", "wu"):
        permits.approve_permit(room.gate, room.actor(name), permit)
    return room.submit(document("page").getvalue(), permit=permit, queue="juemi")


def let_go(room: Room, name: str, job: str) -> str:
    return release.release_job(room.gate, room.actor(name), job).stage.value


def alone(room: Room, name: str, job: str) -> bool:
    """Whether only the second operator is missing."""
    with pytest.raises(RefusedError) as caught:
        let_go(room, name, job)
    return [reason.code for reason in caught.value.reasons] == [Code.E_TWO_OPERATORS]


def test_one_releases_while_the_other_stands_by(top: Room) -> None:
    job = held(top)
    release.claim_job(top.gate, top.actor("zheng"), job)
    with pytest.raises(RefusedError) as caught:
        let_go(top, "zheng", job)
    assert [reason.code for reason in caught.value.reasons] == [Code.E_TWO_OPERATORS]
    shown = attend_job(top.gate, top.actor("wang"), job)
    assert (shown.needs_two, shown.attendant, shown.stage.value) == (True, "wang", "held")
    assert let_go(top, "zheng", job) == "queued"
    (row,) = registers.print_register(top.gate, top.actor("lin"), "2026-03")
    assert row["operator"] == "郑洁; 王勇"
    with top.gate.database.reading() as session:
        kinds = session.exec(select(LedgerEntry.kind).where(LedgerEntry.subject == job).order_by(LedgerEntry.seq)).all()  # type: ignore[arg-type]
    assert kinds[-4:] == ["job.claimed", "job.release_refused", "job.attended", "job.released"]
    assert top.verify().ok
    assert list(alerts.list_alerts(top.gate, top.actor("lin"))) == [], "to be alone is no denial"


def test_nobody_stands_by_for_himself(top: Room) -> None:
    job = held(top)
    attend_job(top.gate, top.actor("zheng"), job)
    assert alone(top, "zheng", job)
    assert let_go(top, "wang", job) == "queued"


def test_the_word_counts_for_half_an_hour(top: Room) -> None:
    job = held(top)
    attend_job(top.gate, top.actor("wang"), job)
    top.clock.advance(minutes=30)
    assert alone(top, "zheng", job)
    attend_job(top.gate, top.actor("wang"), job)
    top.clock.advance(minutes=29)
    assert let_go(top, "zheng", job) == "queued"


def test_who_has_left_does_not_stand_by(top: Room) -> None:
    job = held(top)
    attend_job(top.gate, top.actor("wang"), job)
    accounts.disable_user(top.gate, top.actor("feng"), "wang")
    assert alone(top, "zheng", job)


def test_who_may_not_stand_by(top: Room) -> None:
    job = held(top)
    for name in ("zhao", "lin", "zhou", "wu", "feng"):
        with pytest.raises(ForbiddenError):
            attend_job(top.gate, top.actor(name), job)
    change_user(top.gate, top.actor("feng"), "wang", Change(clearance=Level.JIMI))
    with pytest.raises(RefusedError) as caught:
        attend_job(top.gate, top.actor("wang"), job)
    assert [(reason.code, reason.detail) for reason in caught.value.reasons] == [(Code.E_CLEARANCE, "wang")]
    with top.gate.database.reading() as session:
        (body,) = session.exec(select(LedgerEntry.body).where(LedgerEntry.kind == "job.release_refused")).all()
    assert json.loads(body)["actor"] == "wang"
    assert alone(top, "zheng", job)


def test_who_lost_his_clearance_meanwhile_does_not_stand_by(top: Room) -> None:
    job = held(top)
    attend_job(top.gate, top.actor("wang"), job)
    change_user(top.gate, top.actor("feng"), "wang", Change(clearance=Level.JIMI))
    assert alone(top, "zheng", job)


def test_what_is_less_takes_one(room: Room) -> None:
    job = room.submit(document("page").getvalue(), permit=room.permit(level=Level.JIMI, term="10年"))
    assert not jobs.show(room.gate, room.actor("zheng"), job).needs_two
    with pytest.raises(ConflictError):
        attend_job(room.gate, room.actor("wang"), job)
    assert let_go(room, "zheng", job) == "queued"
    assert room.clock.at - START < timedelta(minutes=1)
