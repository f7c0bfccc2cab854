"""A stand-alone copier: copies entered by hand keep the rules, have carriers, and are held against its counter (F5, R02-R25)."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlmodel import select

from gateway.db.tables import Device, Waste
from gateway.domain.codes import Code
from gateway.domain.hand_copies import sides_made
from gateway.domain.meters import Sides, Verdict
from gateway.domain.register_form import CORRECTIONS
from gateway.domain.vocabulary import JobStage, Level, Origin, PermitKind
from gateway.errors import ForbiddenError, InvalidInputError, RefusedError
from gateway.services import carrier_views, jobs, meters, permits, statistics
from gateway.services.copying import CopyWish, begin_copy
from gateway.services.corrections import Wish, correct_row
from gateway.services.device_register import Change, change_device
from gateway.services.devices import add_device
from gateway.services.exports import register_rows
from gateway.services.hand_copies import HandCopy, enter_hand_copy
from tests.room import Room
from tests.services.copies import copied
from tests.services.paper import printed
from tests.services.top_secret import approve, asked, furnish

COPIER = "CPY-JY-01"


@pytest.fixture
def copier(room: Room) -> Room:
    """A copier in the room, which nothing can be sent to."""
    alone = Device(code=COPIER, name="复印机", location="机要室", designated=True, max_level="jimi", adapter="none", uri="")
    add_device(room.gate, room.actor("feng"), alone)
    change_device(room.gate, room.actor("feng"), COPIER, Change(functions=("copy",)))  # type: ignore[arg-type]
    return room


def permit_for(room: Room, *, copies: int = 3, pages: int = 8, **how: object) -> str:
    return room.permit(kind=PermitKind.COPY, by="sun", pages=pages, copies=copies, scope={"D03": copies}, devices=(COPIER,), **how)


def wish(permit: str, before: int, after: int, *, copies: int = 3, **more: object) -> HandCopy:
    return HandCopy(device=COPIER, permit=permit, copies=copies, counter_before=before, counter_after=after, serial="SN-7", **more)  # type: ignore[arg-type]


def enter(room: Room, entry: HandCopy) -> str:
    return enter_hand_copy(room.gate, room.actor("zheng"), entry).job_no


def refusal(room: Room, entry: HandCopy) -> list[Code]:
    with pytest.raises(RefusedError) as caught:
        enter(room, entry)
    return [reason.code for reason in caught.value.reasons]


def findings(room: Room) -> list[tuple[Verdict, int]]:
    found = meters.list_readings(room.gate, room.actor("wu"), device=COPIER, open_only=True)
    return [(one.verdict, one.beyond) for one in reversed(found)]


def test_the_row_of_the_form_the_carriers_and_the_paper(copier: Room) -> None:
    """FORMS.md F5's example: 8 pages, 3 copies, 24 sheets, counter 45120 to 45144."""
    printed(copier, copies=1, scope={"D03": 1}, by="sun", origin=Origin.SUPERIOR, issuer="省办")
    permit = permit_for(copier, origin=Origin.SUPERIOR, issuer="省办")
    job = enter(copier, wish(permit, 45120, 45144, original="ZT-2026-000001", wet_stamp=True))
    (row,) = register_rows(copier.gate, copier.actor("lin"), "copy")
    assert (row["method"], row["counter_before"], row["counter_after"], row["wet_stamp"]) == ("by_hand", 45120, 45144, "yes")
    assert (row["status"], row["copies_good"], row["sheets_good"], row["sides"]) == ("completed", 3, 24, "单面")
    assert (row["original_carrier"], row["copy_stamp"], row["device"]) == ("ZT-2026-000001", "示范单位 2026-03-12 复制", COPIER)
    made = carrier_views.list_carriers(copier.gate, copier.actor("zheng"), permit=permit)
    assert {(one.copy_number, one.parent) for one in made} == {(number, "ZT-2026-000001") for number in (1, 2, 3)}
    assert jobs.show(copier.gate, copier.actor("zheng"), job).stage is JobStage.COMPLETED
    shares = statistics.paper_of_month(copier.gate, copier.actor("zheng"), "2026-03")
    assert [(one.sheets_copy, one.sheets_waste) for one in shares if one.sheets_copy] == [(24, 0)]
    assert (findings(copier), copier.verify().ok) == ([], True)


@pytest.mark.parametrize(
    ("more", "after", "found"),
    [
        ({}, 124, []),
        ({}, 127, [(Verdict.UNEXPLAINED, 3)]),
        ({}, 116, [(Verdict.LOST, -8)]),
        ({"waste_sheets": 2}, 126, []),
        ({"waste_sheets": 2}, 124, [(Verdict.LOST, -2)]),
        ({"duplex": True, "waste_sheets": 1}, 126, []),
    ],
)
def test_what_the_counter_does_not_explain_is_a_finding(copier: Room, more: dict[str, object], after: int, found: list[object]) -> None:
    permit = permit_for(copier)
    enter(copier, wish(permit, 100, after, **more))
    assert findings(copier) == found


def test_copies_between_two_entries_are_found_and_the_copier_stops_for_secrets(copier: Room) -> None:
    enter(copier, wish(permit_for(copier), 100, 124))
    second = permit_for(copier)
    entry = wish(second, 129, 153)
    enter(copier, replace(entry, serial=""))
    assert findings(copier) == [(Verdict.UNEXPLAINED, 5)]
    assert refusal(copier, wish(permit_for(copier), 153, 177)) == [Code.E_METER]


def test_waste_waits_for_its_destruction(copier: Room) -> None:
    job = enter(copier, wish(permit_for(copier), 0, 26, waste_sheets=2))
    with copier.gate.database.reading() as session:
        assert [waste.sheets for waste in session.exec(select(Waste)).all()] == [2]
    (row,) = register_rows(copier.gate, copier.actor("lin"), "copy")
    assert (row["job"], row["sheets_waste"], row["copy_stamp"], row["wet_stamp"]) == (job, 2, "", "no")
    assert copier.verify().ok


def test_a_refused_entry_has_its_row_and_its_sheets_are_a_finding(copier: Room) -> None:
    """R14: what nobody approved is not made right by writing it down."""
    view = copier.request(kind=PermitKind.COPY, by="sun", pages=8, copies=3, scope={"D03": 3}, devices=(COPIER,))
    assert refusal(copier, wish(view.permit_no, 100, 124)) == [Code.E_PERMIT_PENDING]
    (row,) = register_rows(copier.gate, copier.actor("lin"), "copy")
    assert (row["status"], row["codes"], row["counter_after"]) == ("refused", "E_PERMIT_PENDING", 124)
    assert findings(copier) == [(Verdict.UNEXPLAINED, 24)]
    assert copier.verify().ok


def test_the_rules_of_copying_hold_here_too(copier: Room) -> None:
    printed(copier, copies=1, scope={"D03": 1}, by="sun")
    permit = permit_for(copier)
    assert Code.E_QTY_EXCEEDED in refusal(copier, wish(permit, 0, 32, copies=4))
    wider = copier.permit(kind=PermitKind.COPY, by="sun", pages=8, copies=3, scope={"D04": 3}, devices=(COPIER,))
    assert Code.E_SCOPE in refusal(copier, wish(wider, 32, 56, original="ZT-2026-000001"))
    other = copier.permit(by="sun", pages=8, copies=3, scope={"D03": 3}, devices=(COPIER,))
    assert Code.E_PERMIT_CHANNEL in refusal(copier, wish(other, 56, 80))
    assert refusal(copier, wish("ZYZ-2026-000001", 80, 81)) == [Code.E_PERMIT_MISTYPED]


def test_a_destroyed_original_is_told_when_named_by_hand_too(copier: Room) -> None:
    printed(copier, copies=1, scope={"D03": 1}, by="sun")
    with copier.gate.database.writing() as session:
        session.connection().exec_driver_sql("UPDATE carrier SET state = 'destroyed'")
    assert Code.E_ORIGINAL in refusal(copier, wish(permit_for(copier), 0, 24, original="ZT-2026-000001"))


def test_top_secret_is_never_copied_outside_the_gate(copier: Room) -> None:
    furnish(copier)
    change_device(copier.gate, copier.actor("feng"), COPIER, Change(max_level=Level.JUEMI))
    permit = approve(copier, asked(copier, devices=(COPIER,)).permit_no)
    assert Code.E_TOPSECRET_COPY in refusal(copier, wish(permit, 0, 3))


def test_a_permit_bound_to_a_scan_is_not_spent_by_hand(copier: Room) -> None:
    job = copied(copier, [])
    permit = copier.permit(job=job, by="sun", kind=PermitKind.COPY, copies=3, scope={"D03": 3}, pages=1, devices=(COPIER,))
    assert Code.E_HASH_MISMATCH in refusal(copier, wish(permit, 0, 3))


def test_who_may_and_what_is_no_entry(copier: Room) -> None:
    permit = permit_for(copier)
    with pytest.raises(ForbiddenError):
        enter_hand_copy(copier.gate, copier.actor("lin"), wish(permit, 0, 24))
    for faulty in ({"copies": 0}, {"waste_sheets": -1}, {"paper": "A9"}, {"counter_after": -1}, {"device": "PRN-JY-01"}, {"serial": ""}):
        with pytest.raises(InvalidInputError):
            enter(copier, replace(wish(permit, 0, 24), **faulty))  # type: ignore[arg-type]
    assert (findings(copier), list(register_rows(copier.gate, copier.actor("lin"), "copy"))) == ([], [])
    with pytest.raises(InvalidInputError):
        begin_copy(copier.gate, copier.actor("zheng"), CopyWish("sun", COPIER, 1, ""))


def test_an_operator_does_not_enter_what_she_approved(copier: Room) -> None:
    view = copier.request(kind=PermitKind.COPY, by="sun", pages=8, copies=3, scope={"D03": 3}, devices=(COPIER,))
    with pytest.raises(ForbiddenError):
        permits.approve_permit(copier.gate, copier.actor("zheng"), view.permit_no)


def test_blank_backs_may_count_and_spoiled_sheets_have_one_side_or_two() -> None:
    assert sides_made(8, 3, 0, duplex=False) == Sides(24, 24)
    assert sides_made(7, 3, 2, duplex=False) == Sides(23, 23)
    assert sides_made(7, 3, 2, duplex=True) == Sides(23, 28)


def test_a_copys_row_is_corrected_on_from_either_register(copier: Room) -> None:
    """It stands in the print and in the copy register: what was said of it in one counts in the other (R56)."""
    job = enter(copier, wish(permit_for(copier), 45120, 45144))
    clerk = copier.actor("wang")
    first = correct_row(copier.gate, clerk, Wish("print", job, "copies_good", "4", "数错"))
    second = correct_row(copier.gate, clerk, Wish("copy", job, "copies_good", "5", "又数错"))
    assert (first.old, first.new, second.old, second.new) == ("3", "4", "4", "5")
    for register in ("print", "copy"):
        (row,) = register_rows(copier.gate, copier.actor("lin"), register)
        assert [note["new"] for note in row[CORRECTIONS.key]] == ["4", "5"]  # type: ignore[attr-defined]
