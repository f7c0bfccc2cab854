"""SC-34 Hand-over (R82): zheng leaves; nine things pass to wang with three signatures, and her account is closed."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from sqlmodel import select

from gateway.db.tables import PrintRegisterRow
from gateway.domain.codes import Code
from gateway.errors import ConflictError, ForbiddenError, RefusedError, UnauthenticatedError
from gateway.services.accounts import disable_user
from gateway.services.carrier_views import list_carriers
from gateway.services.credentials import Proof, authenticate
from gateway.services.custody import issue
from gateway.services.handover import list_holdings, open_handover, show_handover, sign_handover
from gateway.services.release import claim_job
from gateway.services.waste import list_waste
from rehearsal.people import PASSWORD
from tests.room import Room
from tests.services.paper import jammed, printed
from tests.watermark.papers import document

SHANGHAI = ZoneInfo("Asia/Shanghai")


@pytest.fixture
def leaving(room: Room) -> Room:
    """zheng on 03-31: two held jobs, five carriers, one unsigned transfer, one open waste row."""
    printed(room, copies=1, scope={"D02": 1})
    jammed(room, room.permit(copies=5), copies=5, good=4, spoiled_sheets=5)
    room.clock.at = datetime(2026, 3, 31, 9, 0, tzinfo=SHANGHAI).astimezone(UTC)
    issue(room.gate, room.actor("zheng"), ["ZT-2026-000001"], "zhao")
    for _ in range(2):
        claim_job(room.gate, room.actor("zheng"), room.submit(document("page").getvalue(), permit=room.permit(copies=1)))
    return room


def test_sc34_nine_items_and_three_signatures(leaving: Room) -> None:
    room = leaving
    gate, zheng, wang, lin, feng = room.gate, *(room.actor(name) for name in ("zheng", "wang", "lin", "feng"))
    with gate.database.reading() as session:
        before = [row.model_dump() for row in session.exec(select(PrintRegisterRow).where(PrintRegisterRow.operator == "zheng")).all()]
    kinds = [item.kind.value for item in list_holdings(gate, zheng)]
    assert {kind: kinds.count(kind) for kind in kinds} == {"job": 2, "carrier": 5, "transfer": 1, "waste": 1}
    with pytest.raises(RefusedError) as caught:
        disable_user(gate, feng, "zheng")
    assert [(reason.code, reason.detail) for reason in caught.value.reasons] == [(Code.E_HANDOVER, "zheng: 9")]
    number = open_handover(gate, lin, "zheng", "wang", "lin", "transferred").handover_no
    assert number == "JJ-2026-0001"
    sign_handover(gate, zheng, number)
    with pytest.raises(ConflictError):
        sign_handover(gate, zheng, number)
    with pytest.raises(ForbiddenError):
        sign_handover(gate, room.actor("zhao"), number)
    sign_handover(gate, wang, number)
    assert authenticate(gate, "zheng", Proof(PASSWORD)).username == "zheng"
    done = sign_handover(gate, lin, number)
    assert (done.signed, len(done.items), done.completed_at is not None) == (("leaver", "successor", "supervisor"), 9, True)
    assert list_holdings(gate, lin, "zheng") == []
    assert {carrier.custodian for carrier in list_carriers(gate, wang, limit=100)} == {"wang"}
    assert {carrier.offered for carrier in list_carriers(gate, wang, limit=100)} == {None}
    assert [waste.recorded_by for waste in list_waste(gate, wang)] == ["王勇"]
    with pytest.raises(UnauthenticatedError) as denied:
        authenticate(gate, "zheng", Proof(PASSWORD))
    assert denied.value.status == 401
    with gate.database.reading() as session:
        after = [row.model_dump() for row in session.exec(select(PrintRegisterRow).where(PrintRegisterRow.operator == "zheng")).all()]
    assert before == after != []
    assert room.verify().ok


def test_three_different_people(leaving: Room) -> None:
    room = leaving
    for parties in (("zheng", "wang", "wang"), ("zheng", "zheng", "lin"), ("zheng", "lin", "zheng")):
        with pytest.raises(RefusedError) as caught:
            open_handover(room.gate, room.actor("lin"), *parties, "leaving")
        assert caught.value.reasons[0].code is Code.E_HANDOVER


def test_the_successor_must_be_able_to_keep_it(leaving: Room) -> None:
    room = leaving
    with pytest.raises(RefusedError) as caught:
        open_handover(room.gate, room.actor("zheng"), "zheng", "sun", "lin", "leaving")
    assert caught.value.reasons[0].code is Code.E_HANDOVER
    with pytest.raises(RefusedError) as caught:
        open_handover(room.gate, room.actor("zheng"), "zheng", "chu", "lin", "leaving")
    assert caught.value.reasons[0].code is Code.E_CLEARANCE


def test_on_leave_the_account_stays_open(leaving: Room) -> None:
    room = leaving
    number = open_handover(room.gate, room.actor("zheng"), "zheng", "wang", "lin", "leave").handover_no
    for account in ("lin", "wang", "zheng"):
        sign_handover(room.gate, room.actor(account), number)
    assert show_handover(room.gate, room.actor("zheng"), number).completed_at
    assert authenticate(room.gate, "zheng", Proof(PASSWORD)).username == "zheng"


def test_a_requester_who_leaves_leaves_no_open_permit(room: Room) -> None:
    permit = room.permit(copies=2)
    room.gate.spool.refill()
    room.submit(document("page").getvalue(), permit=permit)
    with pytest.raises(RefusedError):
        disable_user(room.gate, room.actor("feng"), "zhao")
    number = open_handover(room.gate, room.actor("feng"), "zhao", "qian", "gu", "leaving").handover_no
    for account in ("zhao", "qian", "gu"):
        sign_handover(room.gate, room.actor(account), number)
    from gateway.services.permit_views import show_permit

    assert show_permit(room.gate, room.actor("li"), permit).state.value == "revoked"
    assert room.verify().ok


def test_who_holds_nothing_needs_no_hand_over(room: Room) -> None:
    disable_user(room.gate, room.actor("feng"), "qian")
