"""A jam after 3 of 10, settled on one screen (SC-21, R11, R33): the paper in the operator's hand decides."""

from __future__ import annotations

import re
from collections.abc import Callable

from sqlmodel import select

from gateway.db.tables import Copy, Job, Permit
from gateway.services import printing
from gateway.services.jobs import show
from gateway.services.release import claim_job, release_job
from rehearsal.people import PASSWORD
from tests.room import Room
from tests.watermark.papers import document
from tests.web.conftest import Browser


def jammed(room: Room) -> str:
    """Ten copies released in ten device jobs; three are done, then the device stops."""
    room.gate.spool.refill()
    permit = room.permit(pages=1, copies=10)
    job = room.submit(document("page").getvalue(), copies=10, permit=permit, finishings="4")
    operator = room.actor("zheng")
    claim_job(room.gate, operator, job)
    release_job(room.gate, operator, job)
    with room.gate.database.reading() as session:
        job_id = session.exec(select(Job).where(Job.job_no == job)).one().id or 0
    printing.begin_preparing(room.gate, job_id)
    run = printing.plan_run(room.gate, job_id)
    printing.begin_printing(room.gate, job_id)
    for sheaf in run.sheaves[:3]:
        printing.finish_submission(room.gate, sheaf.submission_id, impressions=1, result="completed")
    printing.unresolve(room.gate, job_id, "the device says aborted: media-jam-error")
    return job


def test_a_jam_is_settled_on_one_screen(room: Room, window: Callable[[str], Browser]) -> None:
    job = jammed(room)
    operator, page = window("zheng"), f"/release/{job}"
    assert "有存疑的作业" in operator.text("/release")
    shown = operator.text(page)
    assert "已确认完好 3 份，最后一份是 000003" in shown
    assert all(f"{number:06d}" in shown for number in range(4, 11))
    outcomes = {"outcome.4": "spoiled", "sheets.4": "5", **{f"outcome.{number}": "unprinted" for number in range(5, 11)}}
    answer = operator.post(page, f"{page}/settle", password=PASSWORD, waste_reason="jam", then="resume", **outcomes)
    assert answer.headers["Location"] == page
    assert show(room.gate, room.actor("zheng"), job).stage.value == "queued"
    with room.gate.database.reading() as session:
        copies = session.exec(select(Copy).order_by(Copy.number)).all()
        permit = session.exec(select(Permit)).one()
    assert [copy.state for copy in copies] == ["good"] * 3 + ["reserved"] * 7
    assert (permit.copies_good, permit.copies_reserved) == (3, 7)
    assert room.verify().ok


def test_the_last_good_copy_fills_the_table(room: Room, window: Callable[[str], Browser]) -> None:
    """Two answers instead of ten: the operator looks the proposal through and signs it."""
    job = jammed(room)
    shown = window("zheng").get(f"/release/{job}?last_good=6&spoiled=5").get_data(as_text=True)
    chosen = dict(re.findall(r'name="outcome\.(\d+)" value="(\w+)" required checked', shown))
    assert chosen == {"4": "good", "5": "good", "6": "good", "7": "spoiled", "8": "unprinted", "9": "unprinted", "10": "unprinted"}
    assert re.search(r'name="sheets\.7"[^>]* value="5"', shown)
    assert "checked" not in re.sub(r'name="then"[^>]*', "", window("zheng").get(f"/release/{job}").get_data(as_text=True))


def test_an_incomplete_count_changes_nothing(room: Room, window: Callable[[str], Browser]) -> None:
    job = jammed(room)
    operator, page = window("zheng"), f"/release/{job}"
    for outcomes in (
        {"outcome.4": "good"},
        {f"outcome.{number}": "spoiled" for number in range(4, 11)},
        {"outcome.99": "good"},
        {"outcome.x": "good"},
    ):
        operator.post(page, f"{page}/settle", password=PASSWORD, waste_reason="jam", then="resume", **outcomes)
        assert "E_INVALID" in operator.text(page)
        assert show(room.gate, room.actor("zheng"), job).stage.value == "unresolved"
