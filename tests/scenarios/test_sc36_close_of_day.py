"""SC-36, close of day and holiday seal (R89, R90): the checklist, the alert at 18:30; sealed, any release is refused; two unseal."""

from __future__ import annotations

from datetime import datetime

import pytest

from gateway.domain.vocabulary import IdKind, RoomMode, VisitReason
from gateway.errors import ConflictError, ForbiddenError, RefusedError
from gateway.services import release, room
from gateway.services.alerts import list_alerts
from gateway.services.carrier_views import list_carriers
from gateway.services.custody import lend, shelve, sign
from gateway.services.day_close import close_day, day_state
from gateway.services.reminders import tell_overdue
from gateway.services.visitors import NewVisitor, approve_visitor, enter_visitor, register_visitor
from tests.ledger.months import jammed as left_in_doubt
from tests.ledger.months import released
from tests.room import Room
from tests.scenarios.conftest import SHANGHAI
from tests.services.paper import jammed, print_job
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


def test_the_day_is_not_signed_while_an_output_lies_uncollected(eve: tuple[Room, str]) -> None:
    opened, job = eve
    gate, zheng, wang = opened.gate, opened.actor("zheng"), opened.actor("wang")
    opened.clock.at = datetime(2026, 4, 30, 16, 0, tzinfo=SHANGHAI)
    gate.spool.refill()
    permit = opened.permit(pages=3, copies=1)
    output = opened.submit(document("1", "2", "3").getvalue(), permit=permit)
    print_job(opened, output)
    opened.clock.at = datetime(2026, 4, 30, 17, 30, tzinfo=SHANGHAI)
    state = day_state(gate, zheng)
    assert (state.checklist.open_points, state.sheets_uncollected) == ({"uncollected": 1}, 3)
    with pytest.raises(RefusedError) as caught:
        close_day(gate, zheng)
    assert (caught.value.code, caught.value.reasons[0].detail) == ("E_DAY_OPEN", "uncollected 1")
    tell_overdue(gate)
    opened.clock.at = datetime(2026, 4, 30, 18, 30, tzinfo=SHANGHAI)
    assert tell_overdue(gate) == 1
    newest = list_alerts(gate, opened.actor("lin"))[0]
    assert (newest.subject, newest.detail) == ("2026-04-30", "day_close 1")
    (carrier,) = list_carriers(gate, zheng)
    shelve(gate, zheng, [carrier.carrier_no], "柜1")
    assert close_day(gate, zheng).signed_by == "zheng"
    with pytest.raises(ConflictError):
        close_day(gate, wang)
    with pytest.raises(RefusedError) as held:
        release.release_job(gate, zheng, job)
    assert held.value.code == "E_CLOSED"
    room.leave_mode(gate, zheng, RoomMode.CLOSED)
    assert release.release_job(gate, zheng, job).stage.value == "queued"
    assert opened.verify().ok


def test_everything_that_may_lie_about_is_on_the_checklist(room_with_all: Room) -> None:
    points = day_state(room_with_all.gate, room_with_all.actor("zheng")).checklist.open_points
    assert points == {"unresolved": 1, "uncollected": 2, "waste": 1, "visitors": 1, "lent": 1}
    with pytest.raises(ForbiddenError):
        close_day(room_with_all.gate, room_with_all.actor("li"))


@pytest.fixture
def room_with_all(room: Room) -> Room:
    """A jam nobody has settled, copies that lie there, waste, a visitor, a carrier lent out."""
    gate, zheng = room.gate, room.actor("zheng")
    jammed(room, room.permit(copies=3), copies=3, good=2, spoiled_sheets=1)
    lend(gate, zheng, ["ZT-2026-000001"], "zhao")
    sign(gate, room.actor("zhao"), ["ZT-2026-000001"])
    left_in_doubt(room, released(room, room.permit(pages=2, copies=1), 1))
    wish = NewVisitor("何明", "某设备公司", IdKind.PASSPORT, "E1234", VisitReason.OTHER, "wang", "参观")
    visit = register_visitor(gate, zheng, wish).visit_no
    approve_visitor(gate, room.actor("zhou"), visit)
    enter_visitor(gate, zheng, visit, [], nothing=True)
    return room
