"""The device register: changed by the system administrator alone, in the ledger, with its maintenance record (R03, R04, R84)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from gateway.doctor import devices as doctor
from gateway.domain.codes import Code
from gateway.domain.devices import Care, Function
from gateway.domain.vocabulary import Level
from gateway.errors import ConflictError, ForbiddenError, InvalidInputError
from gateway.services import jobs
from gateway.services.device_register import Change, change_device, list_care, record_care
from tests.room import Room
from tests.watermark.papers import document

PRINTER = "PRN-JY-01"


def test_a_device_in_repair_takes_no_new_job(room: Room) -> None:
    room.gate.spool.refill()
    today, feng = room.gate.today(), room.actor("feng")
    permit = room.permit(pages=1, copies=1)
    record_care(room.gate, feng, PRINTER, Care.REPAIR, today, "厂家工程师", "更换定影器")
    with pytest.raises(ConflictError):
        record_care(room.gate, feng, PRINTER, Care.REPAIR, today, "厂家工程师")
    job = room.submit(document("page").getvalue(), permit=permit)
    codes = [reason.code for reason in jobs.show(room.gate, room.actor("zhao"), job).reasons]
    assert Code.E_DEVICE_LEVEL in codes
    record_care(room.gate, feng, PRINTER, Care.BACK, today, "厂家工程师", "已修复")
    assert [(one.kind, one.recorded_by) for one in list_care(room.gate, feng, PRINTER)] == [(Care.BACK, "feng"), (Care.REPAIR, "feng")]
    assert room.verify().ok


def test_what_the_register_says_is_changed_by_the_system_administrator(room: Room) -> None:
    change = Change(location="二号机要室", designated=True, max_level=Level.MIMI, functions=(Function.COPY, Function.PRINT))
    for stranger in ("zheng", "wu", "zhao"):
        with pytest.raises(ForbiddenError):
            change_device(room.gate, room.actor(stranger), PRINTER, change)
        with pytest.raises(ForbiddenError):
            record_care(room.gate, room.actor(stranger), PRINTER, Care.MAINTENANCE, room.gate.today(), "某")
    changed = change_device(room.gate, room.actor("feng"), PRINTER, change)
    assert (changed.location, changed.max_level, changed.functions) == ("二号机要室", "mimi", "print copy")
    for wrong in (change, Change(), Change(maintenance_days=0)):
        with pytest.raises(InvalidInputError):
            change_device(room.gate, room.actor("feng"), PRINTER, wrong)
    with pytest.raises(InvalidInputError):
        record_care(room.gate, room.actor("feng"), PRINTER, Care.MAINTENANCE, room.gate.today() + timedelta(days=1), "某")
    with pytest.raises(InvalidInputError):
        record_care(room.gate, room.actor("feng"), PRINTER, Care.MAINTENANCE, room.gate.today(), " ")


def test_the_doctor_says_how_each_device_is_locked_and_what_stays_possible(room: Room) -> None:
    rows = {row.name: row for row in doctor.checks(room.gate.database)}
    lock = rows[f"lock of device {PRINTER}"]
    assert "copy, scan, fax" in lock.cure
    assert "seen by nobody" in lock.found
    assert rows[f"direct ports of device {PRINTER}"].found == "9100 and 515 closed from here"
    assert rows[f"meter of device {PRINTER}"].verdict == "advice"
    assert rows[f"maintenance of device {PRINTER}"].found == "none recorded"
