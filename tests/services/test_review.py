"""An approver pages through what he approves (R31); words of a cipher telegram wait for a person (R17, SC-20)."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlmodel import select

from gateway.db.tables import LedgerEntry
from gateway.domain.codes import Code
from gateway.domain.vocabulary import JobStage, Level, PermitState
from gateway.errors import ConflictError, ForbiddenError, NotFoundError, RefusedError
from gateway.services import alerts, jobs, permits, previews, telegrams
from rehearsal.papers import write_pdf
from tests.room import Room
from tests.watermark.papers import document

THREE = document("one", "two", "three").getvalue()


def kinds(room: Room, subject: str) -> list[str]:
    with room.gate.database.reading() as session:
        return list(session.exec(select(LedgerEntry.kind).where(LedgerEntry.subject == subject)).all())


def test_not_before_the_last_page(room: Room) -> None:
    job = room.submit(THREE)
    permit = room.request(job=job, pages=3, copies=1).permit_no
    li = room.actor("li")
    for page, said in ((None, "0 / 3"), (1, "1 / 3"), (1, "1 / 3"), (3, "2 / 3")):
        if page:
            previews.note_page(room.gate, li, job, page)
        with pytest.raises(RefusedError) as caught:
            permits.approve_permit(room.gate, li, permit)
        assert [(reason.code, reason.detail) for reason in caught.value.reasons] == [(Code.E_NOT_REVIEWED, said)]
    assert previews.picture_of_page(room.gate, li, job, 2).startswith(b"\x89PNG")
    assert permits.approve_permit(room.gate, li, permit).state is PermitState.REQUESTED
    assert (kinds(room, job).count("job.viewed"), kinds(room, job).count("job.reviewed")) == (1, 1)
    with pytest.raises(RefusedError):
        permits.approve_permit(room.gate, room.actor("wu"), permit)
    assert room.verify().ok


def test_what_another_saw_does_not_count_and_nobody_saw_destroyed_pages(room: Room) -> None:
    job = room.submit(THREE)
    permit = room.request(job=job, pages=3, copies=1).permit_no
    for page in (0, 4):
        with pytest.raises(ConflictError):
            previews.picture_of_page(room.gate, room.actor("li"), job, page)
    with pytest.raises(NotFoundError):
        previews.picture_of_page(room.gate, room.actor("sun"), job, 1)
    assert previews.pages_seen(room.gate, room.actor("li"), job) == frozenset()
    with pytest.raises(RefusedError):
        permits.approve_permit(room.gate, room.actor("li"), permit)


@pytest.mark.parametrize("how", [{"level": Level.NEIBU, "term": ""}, {}])
def test_internal_papers_and_permits_in_advance_need_none(room: Room, how: dict[str, object]) -> None:
    job = room.submit(THREE) if how else None
    permit = room.request(job=job, pages=3, copies=1, **how).permit_no  # type: ignore[arg-type]
    assert permits.approve_permit(room.gate, room.actor("gu" if how else "li"), permit).state in (PermitState.ACTIVE, PermitState.REQUESTED)


@pytest.fixture
def suspected(room: Room, tmp_path: Path) -> str:
    return room.submit(write_pdf(tmp_path / "telegram.pdf", "密码电报", 1).read_bytes())


def codes(room: Room, job_no: str) -> list[Code]:
    return [reason.code for reason in jobs.show(room.gate, room.actor("zheng"), job_no).reasons]


def test_a_person_looks_and_finds_an_ordinary_paper(room: Room, suspected: str) -> None:
    assert Code.E_TELEGRAM_SUSPECTED in codes(room, suspected)
    permit = room.permit(job=suspected, copies=1)
    assert codes(room, suspected) == [Code.E_TELEGRAM_SUSPECTED], "no permit lifts it"
    with pytest.raises(RefusedError):
        telegrams.judge_telegram(room.gate, room.actor("zheng"), suspected, is_telegram=False)
    for name in ("li", "zhao"):
        with pytest.raises(ForbiddenError):
            telegrams.judge_telegram(room.gate, room.actor(name), suspected, is_telegram=False)
    previews.note_page(room.gate, room.actor("zheng"), suspected, 1)
    view = telegrams.judge_telegram(room.gate, room.actor("zheng"), suspected, is_telegram=False)
    assert (view.releasable, view.permit_no) == (True, permit)
    with pytest.raises(ConflictError):
        telegrams.judge_telegram(room.gate, room.actor("zheng"), suspected, is_telegram=True)
    assert room.verify().ok


def test_or_a_telegram_of_which_nothing_is_kept(room: Room, suspected: str) -> None:
    previews.note_page(room.gate, room.actor("wu"), suspected, 1)
    view = telegrams.judge_telegram(room.gate, room.actor("wu"), suspected, is_telegram=True)
    assert (view.stage, view.title, [reason.code for reason in view.reasons]) == (JobStage.REFUSED, "", [Code.E_CIPHER_TELEGRAM])
    assert [(alert.kind.value, alert.subject) for alert in alerts.list_alerts(room.gate, room.actor("wu"))] == [("denied_job", suspected)]
    assert room.verify().ok
