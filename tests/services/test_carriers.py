"""One carrier per good copy, found by every name it has (SC-01, SC-03, SC-40; R25, R55)."""

from __future__ import annotations

import pytest
from sqlalchemy.exc import IntegrityError
from sqlmodel import select

from gateway.db.tables import Copy
from gateway.domain.paper_codes import copy_code
from gateway.domain.vocabulary import CarrierState, Level
from gateway.errors import NotFoundError
from gateway.services.carrier_views import list_carriers, show_carrier
from tests.room import Room
from tests.services.paper import printed


def test_ten_good_copies_are_ten_carriers(room: Room) -> None:
    permit = printed(room, copies=10)
    found = list_carriers(room.gate, room.actor("zheng"), permit=permit)
    assert [carrier.carrier_no for carrier in reversed(found)] == [f"ZT-2026-{number:06d}" for number in range(1, 11)]
    assert {(c.state, c.mark, c.custodian, c.permit_no) for c in found} == {(CarrierState.PRINTED, "秘密★5年", "zheng", permit)}
    assert [carrier.copy_number for carrier in reversed(found)] == list(range(1, 11))
    assert room.verify().ok


def test_public_paper_becomes_no_carrier(room: Room) -> None:
    printed(room, copies=2, level=Level.GONGKAI, term="")
    assert list_carriers(room.gate, room.actor("zheng")) == []


def test_a_copy_is_found_by_each_of_its_names(room: Room) -> None:
    permit = printed(room, copies=4)
    with room.gate.database.reading() as session:
        copy = session.exec(select(Copy).where(Copy.number == 4)).one()
    scanned = copy_code(room.gate.code_key, copy.code_id)
    names = ["ZT-2026-000004", "zt2026000004", scanned, scanned.lower(), f"{permit} 000004", f"{permit}/4", f"{permit.lower()} 份号4"]
    for name in names:
        found = show_carrier(room.gate, room.actor("zheng"), name)
        assert (found.carrier_no, found.copy_number) == ("ZT-2026-000004", 4), name
        assert (found.requester, found.operator, found.device, found.custodian_name) == ("赵敏", "郑洁", "PRN-JY-01", "郑洁")
    for name in ("ZT-2026-000005", scanned[:-1] + ("0" if scanned[-1] != "0" else "1"), f"{permit} 5", "", "规划纲要"):
        with pytest.raises(NotFoundError):
            show_carrier(room.gate, room.actor("zheng"), name)


def test_strangers_do_not_learn_of_it(room: Room) -> None:
    printed(room, copies=1)
    for account in ("qian", "sun", "feng"):
        with pytest.raises(NotFoundError):
            show_carrier(room.gate, room.actor(account), "ZT-2026-000001")
        assert list_carriers(room.gate, room.actor(account)) == []


def test_a_secret_carrier_without_custodian_cannot_be_saved(room: Room) -> None:
    printed(room, copies=1)
    statement = "UPDATE carrier SET custodian_id = NULL"
    with pytest.raises(IntegrityError, match="carrier_r55_has_a_custodian"), room.gate.database.writing() as session:
        session.connection().exec_driver_sql(statement)


@pytest.mark.parametrize("column", ["state", "custodian_id", "copy_number", "level", "department_id", "permit_id"])
def test_an_edited_carrier_is_found_by_verification(room: Room, column: str) -> None:
    printed(room, copies=2)
    room.permit()
    other = {"state": "'archived'", "level": "'jimi'", "custodian_id": "1", "copy_number": "9", "department_id": "2", "permit_id": "2"}
    with room.gate.database.writing() as session:
        session.connection().exec_driver_sql(f"UPDATE carrier SET {column} = {other[column]} WHERE id = 2")
    assert [finding.what.split(":")[0] for finding in room.verify().findings] == ["carrier ZT-2026-000002"]


def test_a_removed_or_invented_carrier_is_found(room: Room) -> None:
    printed(room, copies=2)
    with room.gate.database.writing() as session:
        session.connection().exec_driver_sql("UPDATE carrier SET carrier_no = 'ZT-2026-000009' WHERE id = 2")
    assert {finding.what for finding in room.verify().findings} == {
        "carrier ZT-2026-000009: the ledger does not know it",
        "carrier ZT-2026-000002: its row is missing",
    }
