"""SC-30 Destruction with one witness (R37-R39): item by item, a leader's approval, two witnesses by own log-in besides the destroyer."""

from __future__ import annotations

import pytest
from sqlmodel import select

from gateway.db.tables import LedgerEntry, NumberSeries
from gateway.domain.codes import Code
from gateway.domain.vocabulary import CarrierState, DestructionMethod, DestructionState
from gateway.errors import ConflictError, ForbiddenError, InvalidInputError, RefusedError
from gateway.services.carrier_views import list_carriers
from gateway.services.custody import issue, lend
from gateway.services.destruction import Destroying, approve_list, destroy_list, draft_list, refuse_list, witness_list
from gateway.services.destruction_views import list_lists, show_list
from gateway.services.waste import list_waste
from tests.room import Room
from tests.services.paper import jammed, printed

SHREDDED = Destroying(DestructionMethod.SHRED, "机要室", "碎纸机 SH-01")
ITEMS = ["ZT-2026-000001", "ZT-2026-000002", "ZT-2026-000003", "W-0001"]


@pytest.fixture
def papers(room: Room) -> Room:
    """Three carriers and a waste row of five sheets; eight lists were made before."""
    printed(room, copies=3)
    jammed(room, room.permit(copies=4), copies=4, good=3, spoiled_sheets=5)
    with room.gate.database.writing() as session:
        session.add(NumberSeries(series="XH", year=2026, last_serial=8))
    return room


def refused(code: Code, act: object, *arguments: object) -> str:
    with pytest.raises(RefusedError) as caught:
        act(*arguments)  # type: ignore[operator]
    assert [reason.code for reason in caught.value.reasons] == [code]
    return caught.value.reasons[0].detail


def test_sc30_two_witnesses_besides_the_destroyer(papers: Room) -> None:
    room = papers
    gate, zheng, wang, wu, sun, chen = room.gate, *(room.actor(name) for name in ("zheng", "wang", "wu", "sun", "chen"))
    made = draft_list(gate, zheng, ITEMS, "到期")
    number = made.list_no
    assert (number, len(made.lines), made.total_sheets) == ("XH-2026-0009", 4, 8)
    refused(Code.E_DESTRUCTION, witness_list, gate, sun, number)  # no leader's approval yet
    refused(Code.E_DESTRUCTION, destroy_list, gate, wang, number, SHREDDED)
    refused(Code.E_SELF_RELEASE, approve_list, gate, zheng, number)
    with pytest.raises(ForbiddenError):
        approve_list(gate, room.actor("zhao"), number)
    assert approve_list(gate, wu, number).state is DestructionState.APPROVED
    witness_list(gate, sun, number)
    assert refused(Code.E_WITNESS, destroy_list, gate, wang, number, SHREDDED) == "1 < 2"
    assert refused(Code.E_WITNESS, witness_list, gate, zheng, number) == "zheng made the list"
    assert refused(Code.E_WITNESS, witness_list, gate, room.actor("zhao"), number) == "zhao had the paper made"
    witness_list(gate, wang, number)  # he may watch, but then somebody else destroys
    assert refused(Code.E_WITNESS, destroy_list, gate, wang, number, SHREDDED) == "1 < 2"
    witness_list(gate, chen, number)
    done = destroy_list(gate, wang, number, SHREDDED)
    assert (done.state, done.destroyed_by, done.approver) == (DestructionState.DONE, "王勇", "吴芳")
    assert set(done.witnesses) == {"孙丽", "陈静", "王勇"}
    first_three = [c.state for c in list_carriers(gate, zheng) if c.carrier_no in ITEMS]
    assert first_three == [CarrierState.DESTROYED] * 3
    assert list_waste(gate, zheng) == []
    with pytest.raises(ConflictError) as caught:
        lend(gate, zheng, ["ZT-2026-000001"], "zhao")
    assert caught.value.status == 409
    assert room.verify().ok


def test_a_list_with_only_a_total_is_refused(papers: Room) -> None:
    refused(Code.E_DESTRUCTION, draft_list, papers.gate, papers.actor("zheng"), [])


def test_the_ledger_names_every_line(papers: Room) -> None:
    room = papers
    number = draft_list(room.gate, room.actor("zheng"), ITEMS).list_no
    approve_list(room.gate, room.actor("li"), number)
    for witness in ("sun", "chen"):
        witness_list(room.gate, room.actor(witness), number)
    destroy_list(room.gate, room.actor("wang"), number, SHREDDED)
    with room.gate.database.reading() as session:
        body = session.exec(select(LedgerEntry.body).where(LedgerEntry.kind == "destruction.done")).one()
    assert all(item in body for item in ITEMS)
    assert '"witnesses":["chen","sun"]' in body


def test_who_watched_yesterday_has_not_seen_it(papers: Room) -> None:
    room = papers
    number = draft_list(room.gate, room.actor("zheng"), ITEMS).list_no
    approve_list(room.gate, room.actor("li"), number)
    for witness in ("sun", "chen"):
        witness_list(room.gate, room.actor(witness), number)
    room.clock.advance(days=1)
    assert refused(Code.E_WITNESS, destroy_list, room.gate, room.actor("wang"), number, SHREDDED) == "0 < 2"
    for witness in ("sun", "chen"):
        witness_list(room.gate, room.actor(witness), number)  # again, today
    destroy_list(room.gate, room.actor("wang"), number, SHREDDED)


def test_an_item_stands_on_one_list_and_must_be_in_the_room(papers: Room) -> None:
    room = papers
    zheng = room.actor("zheng")
    issue(room.gate, zheng, ["ZT-2026-000004"], "zhao")
    with pytest.raises(ConflictError):
        draft_list(room.gate, zheng, ["ZT-2026-000004"])
    number = draft_list(room.gate, zheng, ITEMS).list_no
    for item in ("ZT-2026-000002", "w1"):
        with pytest.raises(ConflictError):
            draft_list(room.gate, zheng, [item])
    assert refuse_list(room.gate, room.actor("li"), number).state is DestructionState.REFUSED
    assert draft_list(room.gate, zheng, ITEMS).list_no == "XH-2026-0010"
    assert room.verify().ok


def test_what_left_the_room_meanwhile_stops_the_whole_list(papers: Room) -> None:
    room = papers
    number = draft_list(room.gate, room.actor("zheng"), ITEMS).list_no
    approve_list(room.gate, room.actor("wu"), number)
    for witness in ("sun", "chen"):
        witness_list(room.gate, room.actor(witness), number)
    issue(room.gate, room.actor("zheng"), ["ZT-2026-000002"], "zhao")
    with pytest.raises(ConflictError):
        destroy_list(room.gate, room.actor("wang"), number, SHREDDED)
    assert show_list(room.gate, room.actor("zheng"), number).state is DestructionState.APPROVED
    assert [waste.destroyed_at for waste in list_waste(room.gate, room.actor("zheng"))] == [None]


def test_paper_sent_away_needs_unit_and_receipt(papers: Room) -> None:
    room = papers
    number = draft_list(room.gate, room.actor("zheng"), ITEMS).list_no
    with pytest.raises(InvalidInputError):
        destroy_list(room.gate, room.actor("wang"), number, Destroying(DestructionMethod.SENT_AWAY, "销毁站"))


def test_witnesses_see_no_titles(papers: Room) -> None:
    room = papers
    number = draft_list(room.gate, room.actor("zheng"), ITEMS).list_no
    assert {line.title for line in show_list(room.gate, room.actor("chen"), number).lines} == {""}
    assert {line.title for line in show_list(room.gate, room.actor("zheng"), number).lines} == {"规划纲要"}
    assert list_lists(room.gate, room.actor("chen")) == []
