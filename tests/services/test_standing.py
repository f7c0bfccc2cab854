"""Standing permits 常年: the day's paper prints by itself within a month's allowance, and not a sheet beyond (SC-03, I3)."""

from __future__ import annotations

import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import update
from sqlalchemy.exc import IntegrityError
from sqlmodel import select

from gateway.db.tables import Job, Permit, Release, StandingMonth
from gateway.domain.codes import Code
from gateway.domain.permit_form import Monthly
from gateway.domain.vocabulary import AllowanceUnit, JobStage, Level, Origin, PermitKind, PermitState
from gateway.errors import InvalidInputError, RefusedError
from gateway.services import jobs, matching, permits, release
from gateway.services.permit_views import list_permits, show_permit
from rehearsal.papers import write_pdf
from tests.room import Room
from tests.watermark.papers import document

DAY = document("daily paper", *[f"page {number}" for number in range(2, 8)]).getvalue()


def standing(room: Room, *, amount: int = 100, unit: AllowanceUnit = AllowanceUnit.SHEETS, level: Level = Level.GONGKAI) -> str:
    """A standing permit of D02, granted by its head; its number."""
    asked = room.request(kind=PermitKind.STANDING, level=level, term="", days=300, monthly=Monthly(amount, unit))
    assert asked.state is PermitState.REQUESTED, "nothing grants itself"
    return permits.approve_permit(room.gate, room.actor("gu"), asked.permit_no).permit_no


def daily(room: Room, *, copies: int = 1, user: str = "qian", level: str = "gongkai") -> str:
    return room.submit(DAY, user=user, copies=copies, queue="caiwu", level=level, sides="two-sided-long-edge")


def used(room: Room) -> dict[str, int]:
    with room.gate.database.reading() as session:
        return {row.month: row.used for row in session.exec(select(StandingMonth)).all()}


def codes(room: Room, job_no: str) -> list[Code]:
    return [reason.code for reason in jobs.show(room.gate, room.actor("zheng"), job_no).reasons]


def test_it_is_matched_and_released_by_itself(room: Room) -> None:
    number = standing(room)
    job = daily(room)
    assert (codes(room, job), release.release_standing(room.gate), used(room)) == ([], 1, {"2026-03": 4})
    view = jobs.show(room.gate, room.actor("qian"), job)
    assert (view.stage, view.permit_no, view.mark) == (JobStage.QUEUED, number, "")
    assert show_permit(room.gate, room.actor("qian"), number).months == (("2026-03", 4),), "colleagues see it"
    assert [permit.permit_no for permit in list_permits(room.gate, room.actor("qian"), standing=True)] == [number]
    assert release.release_standing(room.gate) == 0
    assert room.verify().ok


def test_it_waits_for_a_job_or_a_job_for_it(room: Room) -> None:
    job = daily(room)
    assert codes(room, job) == [Code.E_NO_PERMIT]
    number = standing(room)
    assert (codes(room, job), jobs.show(room.gate, room.actor("qian"), job).permit_no) == ([], number)
    permits.revoke_permit(room.gate, room.actor("gu"), number, "x")
    assert codes(room, job) == [Code.E_NO_PERMIT]
    assert release.release_standing(room.gate) == 0


@pytest.mark.parametrize(
    ("how", "code"),
    [
        ({"level": "neibu"}, Code.E_NO_PERMIT),
        ({"level": "mimi"}, Code.E_NO_PERMIT),
        ({"level": ""}, Code.E_NO_PERMIT),
        ({"user": "sun"}, Code.E_NO_PERMIT),
    ],
)
def test_it_opens_nothing_else(room: Room, how: dict[str, str], code: Code) -> None:
    standing(room)
    job = daily(room, **how)  # type: ignore[arg-type]
    assert code in codes(room, job)
    assert release.release_standing(room.gate) == 0


def test_a_mark_found_in_the_paper_holds_it(room: Room, tmp_path: Path) -> None:
    standing(room)
    marked = write_pdf(tmp_path / "marked.pdf", "秘密★5年", 1)
    job = room.submit(marked.read_bytes(), user="qian", queue="caiwu", level="gongkai")
    assert codes(room, job) == [Code.E_LEVEL_MISMATCH]
    assert release.release_standing(room.gate) == 0


def test_somebody_elses_standing_number_opens_nothing(room: Room) -> None:
    number = standing(room)
    job = room.submit(DAY, user="sun", queue="caiwu", level="gongkai", permit=number)
    assert codes(room, job) == [Code.E_DEPT_MISMATCH]
    undeclared = room.submit(DAY, user="qian", queue="caiwu", permit=number)
    assert codes(room, undeclared) == [Code.E_LEVEL_MISMATCH], "a level nobody declared counts as 机密"


@pytest.mark.parametrize(("unit", "amount", "fit"), [(AllowanceUnit.SHEETS, 11, 2), (AllowanceUnit.COPIES, 3, 3)])
def test_what_exceeds_the_month_is_held_and_the_next_month_frees_it(room: Room, unit: AllowanceUnit, amount: int, fit: int) -> None:
    standing(room, amount=amount, unit=unit)
    papers = [daily(room) for _ in range(fit + 1)]
    assert release.release_standing(room.gate) == fit
    assert matching.rematch_some(room.gate, 0) == 0
    assert codes(room, papers[-1]) == [Code.E_ALLOWANCE_SPENT]
    room.clock.at = datetime(2026, 3, 31, 15, 59, 59, tzinfo=UTC)
    assert (matching.rematch_due(room.gate), release.release_standing(room.gate)) == (0, 0)
    room.clock.at = datetime(2026, 3, 31, 16, 0, 1, tzinfo=UTC)  # midnight in Shanghai
    assert (matching.rematch_due(room.gate), release.release_standing(room.gate)) == (1, 1)
    assert room.verify().ok


def test_a_withdrawn_job_gives_its_sheets_back(room: Room) -> None:
    standing(room)
    job = daily(room, copies=3)
    release.release_standing(room.gate)
    assert used(room) == {"2026-03": 12}
    release.cancel_job(room.gate, room.actor("qian"), job)
    assert used(room) == {"2026-03": 0}
    assert room.verify().ok


def test_ten_at_once_take_no_sheet_too_many(room: Room) -> None:
    standing(room, amount=5, unit=AllowanceUnit.COPIES)
    for _ in range(10):
        daily(room)
    threads = [threading.Thread(target=release.release_standing, args=(room.gate,)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert used(room) == {"2026-03": 5}
    with room.gate.database.reading() as session:
        assert len(session.exec(select(Release)).all()) == 5
    assert room.verify().ok


def test_the_database_itself_refuses_more(room: Room) -> None:
    standing(room, amount=5)
    daily(room)
    release.release_standing(room.gate)
    with pytest.raises(IntegrityError), room.gate.database.writing() as session:
        session.execute(update(StandingMonth).values(used=6))


def test_it_binds_no_pages(room: Room) -> None:
    number = standing(room)
    daily(room)
    room.submit(document("another paper").getvalue(), user="qian", queue="caiwu", level="gongkai")
    assert release.release_standing(room.gate) == 2
    with room.gate.database.reading() as session:
        assert session.exec(select(Permit).where(Permit.permit_no == number)).one().page_hash is None
        assert {job.operator_id for job in session.exec(select(Job)).all()} == {room.actor("qian").user_id}


@pytest.mark.parametrize(
    ("how", "code"),
    [
        ({"level": Level.MIMI, "term": "5年"}, Code.E_LEVEL_MISMATCH),
        ({"monthly": None}, Code.E_FORM),
        ({"monthly": Monthly(0, AllowanceUnit.SHEETS)}, Code.E_FORM),
        ({"scope": {"D01": 1}}, Code.E_SCOPE),
        ({"origin": Origin.SUPERIOR, "issuer": "省厅"}, Code.E_SCOPE),
        ({"days": 400}, Code.E_PERMIT_EXPIRED),
    ],
)
def test_what_no_standing_permit_is_given_for(room: Room, how: dict[str, object], code: Code) -> None:
    asked = {"level": Level.GONGKAI, "term": "", "days": 300, "monthly": Monthly(10, AllowanceUnit.SHEETS)} | how
    with pytest.raises(RefusedError) as caught:
        room.request(kind=PermitKind.STANDING, **asked)  # type: ignore[arg-type]
    assert code in {reason.code for reason in caught.value.reasons}


def test_it_is_not_asked_for_from_a_job(room: Room) -> None:
    job = daily(room)
    with pytest.raises(InvalidInputError):
        room.request(kind=PermitKind.STANDING, by="qian", level=Level.GONGKAI, term="", job=job, monthly=Monthly(10, AllowanceUnit.SHEETS))
