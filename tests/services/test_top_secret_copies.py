"""The exception JM-EX from every side that might widen it (R15, R16, R17; docs/copying.md)."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import select

from gateway.db.tables import Permit
from gateway.domain.codes import Code
from gateway.domain.vocabulary import DocType, JobStage, Level, PermitKind
from gateway.errors import ConflictError, InvalidInputError, RefusedError
from gateway.services import copying, declaring, jobs, permits, release
from gateway.services.attendance import attend_job
from gateway.services.copying import CopyWish
from gateway.services.declaring import Declaration
from gateway.services.matching import match_job
from gateway.services.permits import extend_permit, revoke_permit
from tests.room import Room
from tests.services.copies import begun, copied, counted, declared, lay_in, pages_of
from tests.services.paper import print_job
from tests.services.top_secret import LETTER, approve, asked, furnish, set_exception, wish

TOP = Declaration(Level.JUEMI, "20年")


@pytest.fixture
def top(room: Room) -> Room:
    furnish(room)
    return room


def refusal(act: Any, *args: Any, **more: Any) -> list[Code]:
    with pytest.raises(RefusedError) as caught:
        act(*args, **more)
    return [reason.code for reason in caught.value.reasons]


def stage(room: Room, job: str) -> JobStage:
    return jobs.show(room.gate, room.actor("zheng"), job).stage


def scanned(room: Room, permit: str, copies: int = 3) -> str:
    """A session whose one page was declared 绝密 under this permit."""
    job = begun(room, wish(permit, copies))
    lay_in(room, job, [])
    declaring.declare_original(room.gate, room.actor("zheng"), job, TOP)
    return job


def held(room: Room, permit: str, copies: int = 3) -> str:
    job = scanned(room, permit, copies)
    copying.finish_copy(room.gate, room.actor("zheng"), job)
    counted(room, job)
    declared(room, job, TOP)
    return job


def erased(room: Room, job: str) -> bool:
    return not {page.spool_object for page in pages_of(room, job)} & set(room.gate.spool.list())


@pytest.mark.parametrize(
    ("how", "code"),
    [
        ({"kind": PermitKind.COPY}, Code.E_TOPSECRET_COPY),
        ({"consent": None}, Code.E_FORM),
        ({"consent": replace(LETTER, sha256="")}, Code.E_FORM),
        ({"consent": replace(LETTER, sha256="ab")}, Code.E_FORM),
        ({"consent": replace(LETTER, doc_no=" ")}, Code.E_FORM),
        ({"days": 1.001}, Code.E_PERMIT_EXPIRED),
        ({"level": Level.JIMI, "term": "10年"}, Code.E_LEVEL_MISMATCH),
        ({"doc_type": DocType.CIPHER_TELEGRAM}, Code.E_CIPHER_TELEGRAM),
    ],
)
def test_the_form_asks_for_all_of_it(top: Room, how: dict[str, Any], code: Code) -> None:
    assert code in refusal(asked, top, **how)


def test_nothing_said_means_24_hours_and_no_more_afterwards(top: Room) -> None:
    permit = asked(top)
    assert permit.valid_to - permit.valid_from == timedelta(hours=24)
    with pytest.raises(ConflictError):
        extend_permit(top.gate, top.actor("sun"), permit.permit_no, permit.valid_to + timedelta(hours=1))


def test_a_cipher_telegram_is_none_of_it(top: Room) -> None:
    job = begun(top, wish(approve(top, asked(top).permit_no)))
    lay_in(top, job, [])
    said = Declaration(Level.JUEMI, "20年", DocType.CIPHER_TELEGRAM)
    assert refusal(declaring.declare_original, top.gate, top.actor("zheng"), job, said) == [Code.E_CIPHER_TELEGRAM]
    assert erased(top, job)


def test_not_more_copies_than_approved_and_not_by_one_operator(top: Room) -> None:
    permit = approve(top, asked(top, copies=2, scope={"D03": 2}).permit_no)
    job = held(top, permit, copies=3)
    assert Code.E_QTY_EXCEEDED in refusal(print_job, top, job, beside="wang")
    release.cancel_job(top.gate, top.actor("zheng"), job)
    fits = held(top, permit, copies=1)
    assert refusal(print_job, top, fits) == [Code.E_TWO_OPERATORS]
    print_job(top, fits, beside="wang")
    assert refusal(scanned, top, permit, copies=1) == [Code.E_TOPSECRET_COPY], "one copy is left, but one job is one job"


def test_two_sessions_under_one_permit_are_one_too_many(top: Room) -> None:
    permit = approve(top, asked(top).permit_no)
    first = scanned(top, permit)
    assert refusal(scanned, top, permit) == [Code.E_TOPSECRET_COPY]
    assert stage(top, first) is JobStage.RECEIVING, "the first goes on"


def test_of_two_held_jobs_the_database_lets_one_through(top: Room) -> None:
    permit = approve(top, asked(top).permit_no)
    job = held(top, permit, copies=1)
    with top.gate.database.writing() as session:
        session.exec(select(Permit).where(Permit.permit_no == permit)).one().sole_job_id = 4711
    for name, act in (("zheng", release.claim_job), ("wang", attend_job)):
        act(top.gate, top.actor(name), job)
    assert refusal(release.release_job, top.gate, top.actor("zheng"), job) == [Code.E_QTY_EXCEEDED]


@pytest.mark.parametrize("how", ["revoked", "policy"])
def test_what_was_scanned_goes_when_the_exception_goes(top: Room, how: str) -> None:
    permit = approve(top, asked(top).permit_no)
    job = held(top, permit)
    assert copying.end_forbidden(top.gate) == 0
    if how == "revoked":
        revoke_permit(top.gate, top.actor("wu"), permit, "不再需要")
    else:
        set_exception(top, "off")
    assert copying.end_forbidden(top.gate) == 1
    assert (stage(top, job), erased(top, job)) == (JobStage.REFUSED, True)
    assert top.verify().ok


def test_what_was_scanned_goes_when_its_time_is_over(top: Room) -> None:
    permit = approve(top, asked(top).permit_no)
    job = scanned(top, permit)
    top.clock.advance(hours=24)
    permits.expire_permits(top.gate)
    assert refusal(copying.finish_copy, top.gate, top.actor("zheng"), job) == [Code.E_TOPSECRET_COPY]
    assert (stage(top, job), erased(top, job)) == (JobStage.REFUSED, True)


def test_a_held_copy_given_another_permit_is_refused(top: Room) -> None:
    job = held(top, approve(top, asked(top).permit_no))
    other = top.permit(kind=PermitKind.COPY, by="sun", copies=3, scope={"D03": 3})
    match_job(top.gate, top.actor("sun"), job, other)
    assert Code.E_TOPSECRET_COPY in refusal(print_job, top, job)
    assert copying.end_forbidden(top.gate) == 1


def test_it_opens_nothing_but_top_secret_copies(top: Room) -> None:
    permit = approve(top, asked(top).permit_no)
    lower = copied(top, [], wish=wish(permit))
    declared(top, lower, Declaration(Level.MIMI, "5年"))
    codes = [reason.code for reason in jobs.show(top.gate, top.actor("zheng"), lower).reasons]
    assert Code.E_LEVEL_MISMATCH in codes
    with pytest.raises(InvalidInputError):
        top.request(job=lower, kind=PermitKind.JM_EX, level=Level.JUEMI, term="20年", by="sun", consent=LETTER, copies=3, days=1)


def test_a_permit_named_at_the_station_serves_any_copy(top: Room) -> None:
    permit = top.permit(kind=PermitKind.COPY, by="sun", copies=3, scope={"D03": 3})
    job = copied(top, [], wish=CopyWish("sun", "PRN-JY-01", 3, "通知", permit=permit.lower()))
    declared(top, job, Declaration(Level.MIMI, "5年"))
    assert jobs.show(top.gate, top.actor("zheng"), job).releasable
    assert refusal(begun, top, CopyWish("sun", "PRN-JY-01", 3, "通知", permit="ZYZ-2026-000001")) == [Code.E_PERMIT_MISTYPED]


def test_a_race_of_two_declarations_leaves_one(top: Room) -> None:
    permit = approve(top, asked(top).permit_no)
    sessions = [begun(top, wish(permit)) for _ in range(2)]
    for job in sessions:
        lay_in(top, job, [])
    denied: list[str] = []

    def declare(job: str) -> None:
        try:
            declaring.declare_original(top.gate, top.actor("zheng"), job, TOP)
        except RefusedError:
            denied.append(job)

    threads = [threading.Thread(target=declare, args=(job,)) for job in sessions]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert denied == [sessions[1]], "the older session holds the permit, whoever is faster"
