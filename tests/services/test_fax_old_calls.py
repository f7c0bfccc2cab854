"""A call somebody has answered for is never made afterwards: what the exchange kept, or brought back, does not dial (I5; SC-27)."""

from __future__ import annotations

import pytest

from gateway.domain.codes import Code
from gateway.domain.fax import FaxOutcome, FaxResult, FaxState
from gateway.services import faxing
from tests.room import Room
from tests.services.test_faxing import approved, dial, kinds

LOST = FaxOutcome(FaxResult.IN_DOUBT, uncertain=True)
"""What the desk writes down when the exchange knows nothing of a call."""


def test_a_call_written_off_is_not_made_when_its_job_turns_up_again(room: Room) -> None:
    fax_no = approved(room)
    grant = faxing.begin(room.gate, fax_no)
    assert faxing.record_attempt(room.gate, grant.tag, LOST).state is FaxState.TO_DECIDE
    against = dial(room, grant)
    assert against is not None
    assert against.code is Code.E_QTY_EXCEEDED
    assert kinds(room).count("fax.dialled") == 0


def test_after_the_decision_to_send_again_only_the_new_call_is_made(room: Room) -> None:
    fax_no = approved(room)
    old = faxing.begin(room.gate, fax_no)
    faxing.record_attempt(room.gate, old.tag, LOST)
    faxing.resend(room.gate, room.actor("zheng"), fax_no)
    new = faxing.begin(room.gate, fax_no)
    assert dial(room, old) is not None
    assert dial(room, new) is None
    assert kinds(room).count("fax.dialled") == 1


@pytest.mark.parametrize("outcome", [FaxOutcome(FaxResult.BUSY, 1), FaxOutcome(FaxResult.BUSY, uncertain=True)])
def test_a_busy_number_that_may_have_a_page_is_not_tried_again_by_itself(room: Room, outcome: FaxOutcome) -> None:
    fax_no = approved(room)
    grant = faxing.begin(room.gate, fax_no)
    assert dial(room, grant) is None
    seen = faxing.record_attempt(room.gate, grant.tag, outcome)
    assert (seen.state, seen.result, seen.uncertain) == (FaxState.TO_DECIDE, FaxResult.IN_DOUBT, True)
    room.clock.advance(hours=1)
    assert faxing.faxes_to_send(room.gate) == []
