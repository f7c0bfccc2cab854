"""A good copy that spoils after all: waste, its number printed again at most three times (R33, R34, D09; SC-22)."""

from __future__ import annotations

import pytest
from sqlmodel import select

from gateway.db.tables import Copy, Permit, Submission
from gateway.domain.codes import Code
from gateway.domain.vocabulary import CarrierState, WasteReason
from gateway.errors import ConflictError, ForbiddenError, InvalidInputError, NotFoundError, RefusedError
from gateway.services.carrier_views import list_carriers, show_carrier
from gateway.services.custody import issue, sign
from gateway.services.jobs import list_jobs, show
from gateway.services.permit_views import show_permit
from gateway.services.waste import Spoilage, list_waste, withdraw_copy
from tests.room import Room
from tests.services.paper import print_job, printed
from tests.watermark.papers import document

SMEARED = Spoilage(1, WasteReason.SOILED, "赵敏")


def job_of(room: Room) -> str:
    return list_jobs(room.gate, room.actor("zheng"))[-1].job_no


def again(room: Room, permit: str, text: str = "page", copies: int = 1) -> str:
    return room.submit(document(text).getvalue(), copies=copies, permit=permit)


def test_the_same_number_is_printed_again(room: Room) -> None:
    permit = printed(room, copies=10)
    withdraw_copy(room.gate, room.actor("zheng"), job_of(room), 6, SMEARED)
    view = show_permit(room.gate, room.actor("zheng"), permit)
    assert (view.state.value, view.copies_good, view.copies_left) == ("active", 9, 1)
    assert show_carrier(room.gate, room.actor("zheng"), f"{permit} 6").state is CarrierState.VOID
    print_job(room, again(room, permit))
    view = show_permit(room.gate, room.actor("zheng"), permit)
    assert (view.state.value, view.copies_good, view.copies_left) == ("used_up", 10, 0)
    with room.gate.database.reading() as session:
        good = session.exec(select(Copy.number).where(Copy.state == "good").order_by(Copy.number)).all()
        assert list(good) == list(range(1, 11))

        assert session.exec(select(Submission).order_by(Submission.id.desc())).first().copies == [6]  # type: ignore[union-attr,attr-defined]
        assert session.exec(select(Permit)).one().next_copy_number == 11
    living = show_carrier(room.gate, room.actor("zheng"), f"{permit} 6")
    assert (living.carrier_no, living.state) == ("ZT-2026-000011", CarrierState.PRINTED)
    assert room.verify().ok


def test_a_changed_document_is_not_printed_again(room: Room) -> None:
    permit = printed(room, copies=2)
    withdraw_copy(room.gate, room.actor("zheng"), job_of(room), 2, SMEARED)
    job = show(room.gate, room.actor("zheng"), again(room, permit, "another"))
    assert [reason.code for reason in job.reasons] == [Code.E_HASH_MISMATCH]


def test_the_fourth_reprint_of_a_number_needs_a_new_approval(room: Room) -> None:
    permit = printed(room, copies=2)
    job = job_of(room)
    for _ in range(3):
        withdraw_copy(room.gate, room.actor("zheng"), job, 2, SMEARED)
        job = again(room, permit)
        print_job(room, job)
    with pytest.raises(RefusedError) as caught:
        withdraw_copy(room.gate, room.actor("zheng"), job, 2, SMEARED)
    assert [(reason.code, reason.detail) for reason in caught.value.reasons] == [(Code.E_REPRINT_LIMIT, "000002")]
    assert [waste.sheets for waste in list_waste(room.gate, room.actor("zheng"))] == [1, 1, 1]
    withdraw_copy(room.gate, room.actor("zheng"), job, 2, Spoilage(1, WasteReason.SOILED, "赵敏", again=False))
    assert room.verify().ok


def test_nothing_new_is_printed_before_what_is_printed_again(room: Room) -> None:
    view = room.request(pages=1, copies=5)
    from gateway.services.permits import approve_permit

    for approver in ("li", "wu"):
        approve_permit(room.gate, room.actor(approver), view.permit_no)
    room.gate.spool.refill()
    first = again(room, view.permit_no, copies=3)
    print_job(room, first)
    withdraw_copy(room.gate, room.actor("zheng"), first, 2, SMEARED)
    with pytest.raises(RefusedError) as caught:
        print_job(room, again(room, view.permit_no, copies=3))
    assert [(reason.code, reason.detail) for reason in caught.value.reasons] == [(Code.E_QTY_EXCEEDED, "3 > 1: 000002 first")]
    print_job(room, again(room, view.permit_no, copies=1))
    print_job(room, again(room, view.permit_no, copies=2))
    with room.gate.database.reading() as session:
        assert sorted(session.exec(select(Copy.number)).all()) == [1, 2, 3, 4, 5]
    assert room.verify().ok


def test_it_must_lie_in_the_room_first(room: Room) -> None:
    permit = printed(room, copies=2)
    job, zheng = job_of(room), room.actor("zheng")
    issue(room.gate, zheng, ["ZT-2026-000002"], "zhao")
    for _ in range(2):  # on its way, then in somebody's hands
        with pytest.raises(ConflictError):
            withdraw_copy(room.gate, zheng, job, 2, SMEARED)
        if _ == 0:
            sign(room.gate, room.actor("zhao"), ["ZT-2026-000002"])
    assert show_permit(room.gate, zheng, permit).copies_good == 2
    assert {carrier.state for carrier in list_carriers(room.gate, zheng)} == {CarrierState.PRINTED, CarrierState.ISSUED}


def test_what_is_filled_in_must_be_right(room: Room) -> None:
    printed(room, copies=2)
    job, zheng = job_of(room), room.actor("zheng")
    with pytest.raises(InvalidInputError):
        withdraw_copy(room.gate, zheng, job, 1, Spoilage(2, WasteReason.SOILED, "赵敏"))
    with pytest.raises(InvalidInputError):
        withdraw_copy(room.gate, zheng, job, 1, Spoilage(1, WasteReason.SOILED, " "))
    with pytest.raises(NotFoundError):
        withdraw_copy(room.gate, zheng, job, 3, SMEARED)
    with pytest.raises(ForbiddenError):
        withdraw_copy(room.gate, room.actor("zhao"), job, 1, SMEARED)
    withdraw_copy(room.gate, zheng, job, 1, SMEARED)
    with pytest.raises(ConflictError):
        withdraw_copy(room.gate, zheng, job, 1, SMEARED)


def test_waste_is_overdue_at_18_until_it_is_destroyed(room: Room) -> None:
    printed(room, copies=1)
    withdraw_copy(room.gate, room.actor("zheng"), job_of(room), 1, SMEARED)
    assert [waste.overdue for waste in list_waste(room.gate, room.actor("zheng"))] == [False]
    room.clock.advance(hours=9, minutes=1)  # 18:01
    assert [waste.overdue for waste in list_waste(room.gate, room.actor("zheng"))] == [True]
