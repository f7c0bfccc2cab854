"""A carrier handed to two people at once, and two confirmations at once, in two processes: exactly one wins (R53, I2)."""

from __future__ import annotations

import pytest
from sqlmodel import select

from gateway.db.tables import Carrier, CustodyTransfer
from gateway.domain.vocabulary import CarrierVerb
from gateway.services.custody import bring_back, sign
from tests.room import Room
from tests.services.paper import printed
from tests.services.racing import Racer, race

RACES = 40


def test_a_carrier_given_to_two_people_at_once(room: Room) -> None:
    printed(room, copies=RACES, scope={"D02": RACES})
    racers = [Racer(room, account) for account in ("zheng", "wang")]
    for number in range(1, RACES + 1):
        name = f"ZT-2026-{number:06d}"
        assert race(racers, [f"issue {name} zhao", f"issue {name} qian"]) == ["E_CONFLICT", "won"]
    for racer in racers:
        racer.stop()
    with room.gate.database.reading() as session:
        assert len(session.exec(select(CustodyTransfer)).all()) == RACES
    assert room.verify().ok


def test_the_last_copy_of_a_department_goes_to_one(room: Room) -> None:
    printed(room, copies=RACES, scope={"D02": RACES - 1, "D03": 1})
    racers = [Racer(room, account) for account in ("zheng", "wang")]
    assert race(racers, ["issue ZT-2026-000001 sun", "issue ZT-2026-000002 ma"]) == ["E_SCOPE", "won"]
    for racer in racers:
        racer.stop()


@pytest.mark.parametrize("verb", [pytest.param(CarrierVerb.GIVE_BACK, marks=pytest.mark.long), CarrierVerb.RETURN])
def test_two_clerks_sign_for_what_comes_back(room: Room, verb: CarrierVerb) -> None:
    from gateway.services.custody import issue

    printed(room, copies=RACES)
    names = [f"ZT-2026-{number:06d}" for number in range(1, RACES + 1)]
    issue(room.gate, room.actor("zheng"), names, "zhao")
    sign(room.gate, room.actor("zhao"), names)
    bring_back(room.gate, room.actor("zhao"), names, verb)
    racers = [Racer(room, account) for account in ("zheng", "wang")]
    for name in names:
        assert race(racers, [f"sign {name}"] * 2) == ["E_CONFLICT", "won"]
    for racer in racers:
        racer.stop()
    with room.gate.database.reading() as session:
        states = {carrier.state for carrier in session.exec(select(Carrier)).all()}
    assert states == {"in_custody" if verb is CarrierVerb.GIVE_BACK else "returned"}
    assert room.verify().ok
