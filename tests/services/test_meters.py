"""Meters against the ledger, with the gateway's own transactions (R100, R101, SC-25)."""

from __future__ import annotations

import threading
from contextlib import suppress

import pytest
from sqlmodel import select

from gateway.db.tables import Device, Job
from gateway.domain.codes import Code
from gateway.domain.meters import Verdict
from gateway.domain.vocabulary import AlertKind, Level
from gateway.errors import ConflictError, ForbiddenError, InvalidInputError, NotFoundError
from gateway.meters import MeterError
from gateway.services import alerts, jobs, meters, printing, printing_queue
from gateway.services.permits import approve_permit
from gateway.services.release import claim_job, release_job
from tests.room import Room
from tests.services.paper import APPROVERS, finish, printed
from tests.watermark.papers import document

PRINTER = "PRN-JY-01"
PAGE = document("page").getvalue()


def entered(room: Room, impressions: int, serial: str = "SN-1") -> meters.ReadingView:
    return meters.enter_meter(room.gate, room.actor("zheng"), PRINTER, serial, impressions)


def released(room: Room, level: Level = Level.MIMI) -> int:
    """A job of one page that waits for the device."""
    room.gate.spool.refill()
    permit = room.request(pages=1, copies=1, level=level, term="5年" if level.is_state_secret else "").permit_no
    for approver in APPROVERS.get(level, ("li", "wu")):
        approve_permit(room.gate, room.actor(approver), permit)
    job = room.submit(PAGE, permit=permit)
    claim_job(room.gate, room.actor("zheng"), job)
    release_job(room.gate, room.actor("zheng"), job)
    with room.gate.database.reading() as session:
        return session.exec(select(Job.id).where(Job.job_no == job)).one() or 0


def queued(room: Room) -> list[int]:
    with room.gate.database.reading() as session:
        device = session.exec(select(Device.id).where(Device.code == PRINTER)).one() or 0
    return printing_queue.queued_jobs(room.gate, device)


def test_what_the_gate_printed_is_explained(room: Room) -> None:
    assert entered(room, 5000).verdict is Verdict.AGREES
    printed(room, copies=3)
    found = entered(room, 5003)
    assert (found.verdict, found.grown, found.beyond, found.finding) == (Verdict.AGREES, 3, 0, None)
    assert alerts.list_alerts(room.gate, room.actor("wu")) == []
    assert room.verify().ok


def test_sheets_outside_the_gate_hold_state_secrets_until_the_secrecy_office_clears_them(room: Room) -> None:
    entered(room, 5000)
    waiting = released(room)
    assert queued(room) == [waiting]
    found = entered(room, 5003)
    assert (found.verdict, found.beyond) == (Verdict.UNEXPLAINED, 3)
    told = [(one.kind, one.subject, one.detail) for one in alerts.list_alerts(room.gate, room.actor("wu"))]
    assert told == [(AlertKind.METER, PRINTER, "unexplained +3")]
    assert queued(room) == [], "what was released already waits too"
    with pytest.raises(ConflictError):
        printing.begin_preparing(room.gate, waiting)
    held = room.submit(PAGE, permit=room.permit(pages=1, copies=1))
    assert Code.E_METER in [reason.code for reason in jobs.show(room.gate, room.actor("zhao"), held).reasons]

    assert found.finding is not None
    for stranger in ("zheng", "lin", "feng", "chen"):
        with pytest.raises(ForbiddenError):
            meters.clear_finding(room.gate, room.actor(stranger), found.finding, "查明")
    with pytest.raises(InvalidInputError):
        meters.clear_finding(room.gate, room.actor("wu"), found.finding, "  ")
    cleared = meters.clear_finding(room.gate, room.actor("wu"), found.finding, "维修人员打印测试页3张，已收回")
    assert (cleared.cleared_by, cleared.reason) == ("wu", "维修人员打印测试页3张，已收回")
    with pytest.raises(ConflictError):
        meters.clear_finding(room.gate, room.actor("wu"), found.finding, "再次")
    assert queued(room) == [waiting]
    finish(room, waiting)
    assert entered(room, 5004).verdict is Verdict.AGREES
    assert room.verify().ok


def test_papers_that_are_no_state_secret_go_on(room: Room) -> None:
    entered(room, 5000)
    waiting = released(room, Level.NEIBU)
    entered(room, 5001)
    assert queued(room) == [waiting]


def test_each_finding_is_cleared_for_itself(room: Room) -> None:
    entered(room, 5000)
    findings = [entered(room, 5003), entered(room, 5003, "SN-2"), entered(room, 7, "SN-2")]
    assert [one.verdict for one in findings] == [Verdict.UNEXPLAINED, Verdict.SWAPPED, Verdict.RESET]
    for one in findings:
        with room.gate.database.reading() as session:
            assert session.exec(select(Device.meter_hold).where(Device.code == PRINTER)).one()
        meters.clear_finding(room.gate, room.actor("wu"), one.finding or 0, "查明")
    with room.gate.database.reading() as session:
        assert not session.exec(select(Device.meter_hold).where(Device.code == PRINTER)).one()


def test_a_job_in_doubt_explains_what_it_may_have_printed(room: Room) -> None:
    entered(room, 5000)
    job = released(room)
    printing.begin_preparing(room.gate, job)
    with pytest.raises(ConflictError):
        entered(room, 5000)
    printing.plan_run(room.gate, job)
    printing.begin_printing(room.gate, job)
    printing.unresolve(room.gate, job, "jam")
    assert [entered(room, 5000).verdict, entered(room, 5001).verdict] == [Verdict.AGREES, Verdict.UNEXPLAINED]


def test_wrong_readings_are_refused_and_leave_nothing(room: Room) -> None:
    for serial, impressions in (("", 1), ("S" * 81, 1), ("a\nb", 1), ("S", -1), ("S", 2**32)):
        with pytest.raises(InvalidInputError):
            entered(room, impressions, serial)
    with pytest.raises(NotFoundError):
        meters.enter_meter(room.gate, room.actor("zheng"), "NONE", "S", 1)
    with pytest.raises(ForbiddenError):
        meters.enter_meter(room.gate, room.actor("zhao"), PRINTER, "S", 1)
    with pytest.raises(MeterError):
        meters.read_meter(room.gate, room.actor("zheng"), PRINTER)
    assert meters.list_readings(room.gate, room.actor("wu")) == []


def test_two_who_clear_at_once(room: Room) -> None:
    entered(room, 5000)
    number = entered(room, 5003).finding or 0
    won: list[str] = []

    def clear() -> None:
        with suppress(ConflictError):
            won.append(meters.clear_finding(room.gate, room.actor("wu"), number, "查明").cleared_by)

    threads = [threading.Thread(target=clear) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert won == ["wu"]
