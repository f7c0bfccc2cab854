"""SC-36, the holiday seal (R90): any release is refused; one does not unseal, two do. The closing of the day is not in it."""

from __future__ import annotations

from datetime import datetime

import pytest

from gateway.domain.vocabulary import RoomMode
from gateway.errors import RefusedError
from gateway.services import release, room
from tests.room import Room
from tests.scenarios.conftest import SHANGHAI
from tests.watermark.papers import document


@pytest.fixture
def eve(room: Room) -> tuple[Room, str]:
    """2026-04-30, with a job that only waits for its release."""
    room.clock.at = datetime(2026, 4, 30, 16, 0, tzinfo=SHANGHAI)
    room.gate.spool.refill()
    return room, room.submit(document("page").getvalue(), permit=room.permit())


def test_sealed_over_the_holiday(eve: tuple[Room, str]) -> None:
    opened, job = eve
    room.enter_mode(opened.gate, opened.actor("zheng"), RoomMode.SEALED, "劳动节")
    for moment in (datetime(2026, 4, 30, 17, 0, tzinfo=SHANGHAI), datetime(2026, 5, 4, 9, 0, tzinfo=SHANGHAI)):
        opened.clock.at = moment
        with pytest.raises(RefusedError) as caught:
            release.release_job(opened.gate, opened.actor("zheng"), job)
        assert caught.value.code == "E_SEALED"
    assert room.leave_mode(opened.gate, opened.actor("zheng"), RoomMode.SEALED).mode is RoomMode.SEALED
    with pytest.raises(RefusedError):
        room.leave_mode(opened.gate, opened.actor("zheng"), RoomMode.SEALED)
    assert room.leave_mode(opened.gate, opened.actor("wang"), RoomMode.SEALED).mode is RoomMode.OPEN
    assert release.release_job(opened.gate, opened.actor("zheng"), job).stage.value == "queued"
    assert opened.verify().ok
