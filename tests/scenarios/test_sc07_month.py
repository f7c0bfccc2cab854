"""SC-07 Monthly statistics (R58, R59): February to the sheet, zero rows, one confirmation, a late correction beside the table."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

import pytest
from sqlmodel import select

from gateway.db.tables import Job
from gateway.domain.settlement import Outcome, Settlement
from gateway.domain.vocabulary import Channel, Level, PermitKind
from gateway.errors import ConflictError, ForbiddenError
from gateway.services import counting, printing
from gateway.services.paper_months import PaperByHand, confirm_month, enter_paper, verify_statistics
from gateway.services.permits import approve_permit
from gateway.services.release import cancel_job, claim_job, release_job
from gateway.services.settlement import settle
from gateway.services.statistics import PaperShare, month_state, paper_of_month
from tests.room import Room
from tests.scenarios.conftest import SHANGHAI
from tests.services.paper import finish
from tests.watermark.papers import document

A4, A3 = (595.28, 841.89), (841.89, 1190.55)
DUPLEX = {"sides": "two-sided-long-edge"}


def released(
    room: Room, by: str, pages: int, copies: int, *, channel: Channel = Channel.PRINT, size: tuple[float, float] = A4, **options: str
) -> int:
    """A job of this person, approved, released by zheng; its id."""
    room.gate.spool.refill()
    kind = PermitKind(channel.value)
    view = room.request(by=by, pages=pages, copies=copies, level=Level.MIMI, kind=kind)
    for approver in ("li", "wu"):
        approve_permit(room.gate, room.actor(approver), view.permit_no)
    envelope = replace(room.envelope(user=by, copies=copies, permit=view.permit_no, **options), channel=channel)
    job_no = room.deliver(envelope, document(*map(str, range(pages)), size=size).getvalue()).job
    for job_id in counting.jobs_to_count(room.gate):
        counting.count_job(room.gate, job_id)
    claim_job(room.gate, room.actor("zheng"), job_no)
    release_job(room.gate, room.actor("zheng"), job_no)
    with room.gate.database.reading() as session:
        return session.exec(select(Job.id).where(Job.job_no == job_no)).one() or 0


def jammed_at_the_fourth(room: Room, job_id: int) -> None:
    """Three copies are good, the fourth costs five sheets and is printed again with the rest."""
    printing.begin_preparing(room.gate, job_id)
    run = printing.plan_run(room.gate, job_id)
    printing.begin_printing(room.gate, job_id)
    for sheaf in run.sheaves[:3]:
        printing.finish_submission(room.gate, sheaf.submission_id, impressions=None, result="completed")
    printing.unresolve(room.gate, job_id, "media-jam-error")
    with room.gate.database.reading() as session:
        job_no = session.get_one(Job, job_id).job_no
    outcomes = {number: Outcome.SPOILED if number == 4 else Outcome.UNPRINTED for number in range(4, 11)}
    settle(room.gate, room.actor("zheng"), job_no, Settlement(outcomes, resume=True, waste_sheets={4: 5}))
    finish(room, job_id)


@pytest.fixture
def february(room: Room) -> Iterator[Room]:
    """February 2026 as the scenario tells it, and the first job of March; it is 1 March 00:10."""
    room.clock.at = datetime(2026, 2, 10, 9, 0, tzinfo=SHANGHAI)
    jammed_at_the_fourth(room, released(room, "zhao", 24, 10, finishings="4", **DUPLEX))  # J1; it staples: a device job for each copy
    finish(room, released(room, "zhao", 7, 1, **DUPLEX))  # J2
    finish(room, released(room, "sun", 8, 3, channel=Channel.COPY))  # J3
    finish(room, released(room, "sun", 3, 2, size=A3))  # J4
    fax = PaperByHand("2026-02", Channel.FAX, "D01", "A4", "传真机收 4 页", good=4, impressions=4, jobs=1)
    enter_paper(room.gate, room.actor("zheng"), fax)  # J5: the fax machine does not stand behind the gate yet
    j6 = released(room, "zheng", 2, 1)
    with room.gate.database.reading() as session:
        j6_no = session.get_one(Job, j6).job_no
    cancel_job(room.gate, room.actor("zheng"), j6_no)
    room.clock.at = datetime(2026, 2, 28, 23, 59, 50, tzinfo=SHANGHAI)
    j7 = released(room, "zhao", 1, 1)
    room.clock.at = datetime(2026, 3, 1, 0, 0, 5, tzinfo=SHANGHAI)
    finish(room, j7)
    room.clock.at = datetime(2026, 3, 1, 0, 10, tzinfo=SHANGHAI)
    return room


def sheets(line: PaperShare) -> tuple[int, int, int, int]:
    return line.sheets_print, line.sheets_copy, line.sheets_fax, line.sheets_waste


def recounted(room: Room, month: str) -> dict[tuple[str, str, str], tuple[int, int, int]]:
    """Good sheets, waste sheets and impressions by department, size and channel: SQL over raw job rows, and nothing of the books."""
    query = """
        SELECT d.code, json_extract(j.inspection, '$.paper'), j.channel,
               SUM((SELECT COUNT(*) FROM copy c WHERE c.job_id = j.id AND c.state = 'good')
                   * (SELECT r.sheets_per_copy FROM "release" r WHERE r.job_id = j.id)),
               SUM((SELECT COALESCE(SUM(w.sheets), 0) FROM waste w WHERE w.job_id = j.id)),
               SUM((SELECT COUNT(*) FROM copy c WHERE c.job_id = j.id AND c.state = 'good') * j.pages)
        FROM job j JOIN user u ON u.id = j.requester_id JOIN department d ON d.id = u.department_id
        WHERE j.stage = 'completed' AND strftime('%Y-%m', j.stage_since, '+8 hours') = ?
        GROUP BY 1, 2, 3"""
    with sqlite3.connect(room.gate.settings.data / "imprimatur.db") as database:
        return {row[:3]: row[3:] for row in database.execute(query, (month,))}


def test_sc07_february_to_the_sheet(february: Room) -> None:
    gate, zheng = february.gate, february.actor("zheng")
    table = {(line.group, line.paper): line for line in paper_of_month(gate, zheng, "2026-02")}
    assert {key: sheets(line) for key, line in table.items()} == {
        ("D00", "A4"): (0, 0, 0, 0),
        ("D01", "A4"): (0, 0, 4, 0),
        ("D02", "A4"): (124, 0, 0, 5),
        ("D03", "A3"): (6, 0, 0, 0),
        ("D03", "A4"): (0, 24, 0, 0),
        ("D04", "A4"): (0, 0, 0, 0),
        ("D05", "A4"): (0, 0, 0, 0),
    }
    assert (table["D02", "A4"].sheets_total, table["D02", "A4"].jobs, table["D02", "A4"].impressions) == (129, 2, 247)
    assert sum(line.a4_equivalent for line in table.values()) == 169
    march = {(line.group, line.paper): line for line in paper_of_month(gate, zheng, "2026-03")}
    assert (march["D02", "A4"].sheets_total, march["D02", "A4"].last_month, march["D02", "A4"].delta_pct) == (1, 129, -99.2)
    assert sum(line.sheets_total for line in march.values()) == 1


def test_the_month_equals_an_independent_recount(february: Room) -> None:
    for month in ("2026-02", "2026-03"):
        raw = recounted(february, month)
        lines = paper_of_month(february.gate, february.actor("zheng"), month)
        ours = {
            (line.group, line.paper, channel): good
            for line in lines
            for channel, good in (("print", line.sheets_print), ("copy", line.sheets_copy))
            if good
        }
        assert ours == {key: good for key, (good, _, _) in raw.items()}
        assert sum(line.sheets_waste for line in lines) == sum(waste for _, waste, _ in raw.values())
        by_hand = 4 if month == "2026-02" else 0
        assert sum(line.impressions for line in lines) - by_hand == sum(impressions for *_, impressions in raw.values())


def test_sc07_confirmed_once_then_corrected_beside_the_table(february: Room) -> None:
    gate, zheng = february.gate, february.actor("zheng")
    assert month_state(gate, zheng, "2026-02").state == "draft"
    before = paper_of_month(gate, zheng, "2026-02")
    state = confirm_month(gate, zheng, "2026-02")
    assert (state.state, state.confirmed_by, state.sheets_total) == ("confirmed", "zheng", 163)
    with pytest.raises(ConflictError):
        confirm_month(gate, february.actor("wang"), "2026-02")
    state = enter_paper(gate, zheng, PaperByHand("2026-02", Channel.PRINT, "D02", "A4", "多计一张", good=-1))
    assert paper_of_month(gate, zheng, "2026-02") == before
    assert (state.sheets_total, state.sheets_corrected) == (163, 162)
    assert [(one.late, one.good, one.reason) for one in state.corrections] == [(False, 4, "传真机收 4 页"), (True, -1, "多计一张")]
    with pytest.raises(ConflictError):
        confirm_month(gate, zheng, "2026-03")  # it is not over
    with pytest.raises(ForbiddenError):
        enter_paper(gate, february.actor("chu"), PaperByHand("2026-02", Channel.PRINT, "D02", "A4", "x", good=1))
    assert verify_statistics(gate) == []
    assert february.verify().ok
