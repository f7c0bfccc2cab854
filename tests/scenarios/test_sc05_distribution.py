"""SC-05 Distribution and receipt (R08 R51 R53): ten copies to their departments by the hand of people who sign."""

from __future__ import annotations

import pytest

from gateway.domain.codes import Code
from gateway.domain.vocabulary import CarrierState
from gateway.errors import ConflictError, ForbiddenError, RefusedError
from gateway.services.carrier_views import list_carriers, show_carrier
from gateway.services.custody import archive, issue, reject, sign, withdraw
from tests.room import Room
from tests.services.paper import printed

SCOPE = {"D01": 3, "D02": 4, "D03": 2}


def numbers(first: int, last: int) -> list[str]:
    return [f"ZT-2026-{number:06d}" for number in range(first, last + 1)]


@pytest.fixture
def ten(room: Room) -> Room:
    printed(room, copies=10, scope=SCOPE, archive=1)
    return room


def give(room: Room, to: str, names: list[str]) -> None:
    issue(room.gate, room.actor("zheng"), names, to)
    sign(room.gate, room.actor(to), names)


def test_sc05_nine_issued_one_archived(ten: Room) -> None:
    room = ten
    give(room, "wang", numbers(1, 3))
    give(room, "zhao", numbers(4, 7))
    give(room, "sun", numbers(8, 9))
    with pytest.raises(RefusedError) as caught:
        issue(room.gate, room.actor("zheng"), numbers(10, 10), "feng")
    assert (caught.value.reasons[0].code, caught.value.reasons[0].detail) == (Code.E_SCOPE, "D04")
    with pytest.raises(RefusedError) as caught:
        issue(room.gate, room.actor("zheng"), numbers(10, 10), "sun")
    assert [(reason.code, reason.detail) for reason in caught.value.reasons] == [(Code.E_SCOPE, "D03: 3 > 2")]
    archive(room.gate, room.actor("zheng"), numbers(10, 10), "柜3-12")
    found = list_carriers(room.gate, room.actor("zheng"))
    states = [carrier.state for carrier in found]
    assert (states.count(CarrierState.ISSUED), states.count(CarrierState.ARCHIVED), states.count(CarrierState.PRINTED)) == (9, 1, 0)
    assert {(c.custodian, c.department) for c in found if c.state is CarrierState.ISSUED} == {
        ("wang", "D01"),
        ("zhao", "D02"),
        ("sun", "D03"),
    }
    assert room.verify().ok


def test_until_it_is_signed_it_stays_with_who_had_it(ten: Room) -> None:
    room = ten
    (offered,) = issue(room.gate, room.actor("zheng"), numbers(1, 1), "zhao")
    assert (offered.state, offered.custodian, offered.offered_to) == (CarrierState.PRINTED, "zheng", "zhao")
    assert [carrier.carrier_no for carrier in list_carriers(room.gate, room.actor("zhao"))] == numbers(1, 1)
    with pytest.raises(ConflictError):
        issue(room.gate, room.actor("wang"), numbers(1, 1), "sun")
    for stranger in ("zheng", "wang", "lin"):  # neither who gives nor the room signs for a person
        with pytest.raises(ForbiddenError):
            sign(room.gate, room.actor(stranger), numbers(1, 1))
    (back,) = reject(room.gate, room.actor("zhao"), numbers(1, 1), "份数不对")
    assert (back.state, back.custodian, back.offered) == (CarrierState.PRINTED, "zheng", None)
    issue(room.gate, room.actor("zheng"), numbers(1, 1), "sun")
    withdraw(room.gate, room.actor("zheng"), numbers(1, 1))
    with pytest.raises(ConflictError):
        sign(room.gate, room.actor("zheng"), numbers(1, 1))
    history = show_carrier(room.gate, room.actor("zheng"), numbers(1, 1)[0]).history
    assert [(step.receiver, step.state.value, step.reason) for step in history] == [
        ("赵敏", "rejected", "份数不对"), ("孙丽", "withdrawn", ""),
    ]  # fmt: skip
    assert room.verify().ok


def test_an_offer_counts_against_the_department(ten: Room) -> None:
    room = ten
    issue(room.gate, room.actor("zheng"), numbers(1, 1), "sun")
    with pytest.raises(RefusedError) as caught:
        issue(room.gate, room.actor("wang"), numbers(2, 3), "ma")
    assert caught.value.reasons[0].detail == "D03: 3 > 2"
    issue(room.gate, room.actor("wang"), numbers(2, 2), "ma")


def test_nothing_is_issued_to_who_is_not_cleared(room: Room) -> None:
    from gateway.domain.vocabulary import Level

    printed(room, copies=2, level=Level.JIMI, scope={"D02": 2})
    with pytest.raises(RefusedError) as caught:
        issue(room.gate, room.actor("zheng"), numbers(1, 1), "qian")
    assert [reason.code for reason in caught.value.reasons] == [Code.E_CLEARANCE]


def test_a_refused_act_is_told_in_the_ledger(ten: Room) -> None:
    from sqlmodel import select

    from gateway.db.tables import LedgerEntry

    room = ten
    give(room, "zhao", numbers(1, 1))
    with pytest.raises(ConflictError):
        archive(room.gate, room.actor("zheng"), numbers(1, 1), "柜1")
    with pytest.raises(RefusedError):
        issue(room.gate, room.actor("zheng"), numbers(2, 2), "feng")
    with room.gate.database.reading() as session:
        told = session.exec(select(LedgerEntry.body).where(LedgerEntry.kind == "carrier.refused")).all()
    assert ["E_CONFLICT" in body for body in told] == [True, False]
    assert "E_SCOPE" in told[1]
