"""Proofs 清样 (R36): one to a permit, Q001, no copy in the books, waste from the first moment, destroyed before the permit is closed."""

from __future__ import annotations

import json

import pytest
from sqlmodel import select

from gateway.db.tables import Carrier, Copy, LedgerEntry, Permit, PrintRegisterRow, Waste
from gateway.domain.codes import Code
from gateway.domain.settlement import Outcome, Settlement
from gateway.domain.vocabulary import DestructionMethod, PermitKind, PermitState, WasteReason
from gateway.errors import ConflictError, InvalidInputError, RefusedError
from gateway.services import jobs, printing, release, settlement
from gateway.services.destruction import Destroying, approve_list, destroy_list, draft_list, witness_list
from gateway.services.permit_closing import close_permit
from gateway.services.permit_views import show_permit
from gateway.services.waste import Spoilage, list_waste, withdraw_copy
from tests.room import Room
from tests.watermark.papers import document

TWO_PAGES = document("draft", "of a paper").getvalue()


def submitted(room: Room, permit: str) -> tuple[str, int, int]:
    """A proof at the device: job number, job id, submission."""
    room.gate.spool.refill()
    number = room.submit(TWO_PAGES, copies=1, permit=permit)
    release.release_job(room.gate, room.actor("zheng"), number)
    with room.gate.database.reading() as session:
        job_id = session.exec(select(Copy.job_id)).first() or 0
    printing.begin_preparing(room.gate, job_id)
    (sheaf,) = printing.plan_run(room.gate, job_id).sheaves
    assert sheaf.plan.kind == "proof", "stamped as a proof"
    printing.begin_printing(room.gate, job_id)
    return number, job_id, sheaf.submission_id


def proofed(room: Room) -> tuple[str, str]:
    """A permit for a proof, and the proof printed under it: their numbers."""
    permit = room.permit(kind=PermitKind.PROOF, pages=2, copies=1, scope={"D02": 1})
    job, job_id, submission = submitted(room, permit)
    printing.finish_submission(room.gate, submission, impressions=None, result="completed")
    printing.complete_job(room.gate, job_id)
    return permit, job


def destroyed(room: Room, item: str) -> None:
    number = draft_list(room.gate, room.actor("zheng"), [item]).list_no
    approve_list(room.gate, room.actor("li"), number)
    for witness in ("wang", "lin"):
        witness_list(room.gate, room.actor(witness), number)
    destroy_list(room.gate, room.actor("zheng"), number, Destroying(DestructionMethod.SHRED, "机要室"))


def test_a_permit_gives_one_proof(room: Room) -> None:
    with pytest.raises(RefusedError) as refused:
        room.request(kind=PermitKind.PROOF, pages=2, copies=2, scope={"D02": 2})
    assert [reason.code for reason in refused.value.reasons] == [Code.E_QTY_EXCEEDED]
    permit, _ = proofed(room)
    again = room.submit(TWO_PAGES, copies=1, permit=permit)
    assert Code.E_QTY_EXCEEDED in [reason.code for reason in jobs.show(room.gate, room.actor("zhao"), again).reasons]


def test_a_proof_is_waste_and_no_copy_in_the_books(room: Room) -> None:
    permit, job = proofed(room)
    (row,) = list_waste(room.gate, room.actor("zheng"))
    assert (row.permit_no, row.job_no, row.sheets, row.reason, row.recorded_by) == (permit, job, 2, WasteReason.PROOF, "郑洁")
    with room.gate.database.reading() as session:
        line = session.exec(select(PrintRegisterRow)).one()
        assert session.exec(select(Carrier)).all() == [], "what is destroyed the same day is kept by the waste list"
        told = json.loads(session.exec(select(LedgerEntry).where(LedgerEntry.kind == "copies.good")).one().body)["data"]
    assert (line.copy_from, line.copy_to, line.copies_approved, line.copies_this, line.copies_good) == ("Q001", "Q001", 0, 0, 0)
    assert (line.sheets_good, line.sheets_waste, line.impressions) == (0, 2, 2)
    assert (told["waste"], told["waste_reason"]) == ({"000001": 2}, "proof")
    assert room.verify().ok


def test_a_permit_is_closed_when_its_proof_is_destroyed(room: Room) -> None:
    permit, _ = proofed(room)
    assert show_permit(room.gate, room.actor("zhao"), permit).state is PermitState.USED_UP
    with pytest.raises(RefusedError) as refused:
        close_permit(room.gate, room.actor("zhao"), permit)
    assert [(reason.code, reason.detail) for reason in refused.value.reasons] == [(Code.E_WASTE_OPEN, "W-0001")]
    destroyed(room, "W-0001")
    assert close_permit(room.gate, room.actor("zhao"), permit).state is PermitState.CLOSED
    with pytest.raises(ConflictError):
        close_permit(room.gate, room.actor("zhao"), permit)
    assert room.verify().ok


def test_a_proof_not_destroyed_by_six_is_overdue(room: Room) -> None:
    proofed(room)
    assert not list_waste(room.gate, room.actor("zheng"))[0].overdue
    room.clock.advance(hours=9)
    assert list_waste(room.gate, room.actor("zheng"))[0].overdue


def test_a_proof_counted_by_hand_is_waste_too(room: Room) -> None:
    permit = room.permit(kind=PermitKind.PROOF, pages=2, copies=1, scope={"D02": 1})
    job, job_id, _ = submitted(room, permit)
    printing.unresolve(room.gate, job_id, "jam")
    with pytest.raises(InvalidInputError):
        settlement.settle(room.gate, room.actor("zheng"), job, Settlement({1: Outcome.GOOD}, False, {}, WasteReason.PROOF))
    settlement.settle(room.gate, room.actor("zheng"), job, Settlement({1: Outcome.GOOD}, False))
    assert [(row.sheets, row.reason) for row in list_waste(room.gate, room.actor("zheng"))] == [(2, WasteReason.PROOF)]
    with room.gate.database.reading() as session:
        assert session.exec(select(PrintRegisterRow)).one().sheets_waste == 2


def test_a_permit_with_copies_under_way_is_not_closed(room: Room) -> None:
    permit = room.permit(kind=PermitKind.PROOF, pages=2, copies=1, scope={"D02": 1})
    submitted(room, permit)
    with room.gate.database.writing() as session:
        session.exec(select(Permit).where(Permit.permit_no == permit)).one().state = PermitState.EXPIRED.value
    with pytest.raises(ConflictError):
        close_permit(room.gate, room.actor("zhao"), permit)


def test_a_proof_is_not_withdrawn_a_second_time(room: Room) -> None:
    _, job = proofed(room)
    for reason, error in ((WasteReason.SOILED, ConflictError), (WasteReason.PROOF, InvalidInputError)):
        with pytest.raises(error):
            withdraw_copy(room.gate, room.actor("zheng"), job, 1, Spoilage(2, reason, "赵敏"))
    with room.gate.database.reading() as session:
        assert len(session.exec(select(Waste)).all()) == 1
