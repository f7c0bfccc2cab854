"""The counter before and after a job in the copy register F5: told where it was read right before and right after, else left empty."""

from __future__ import annotations

import pytest

from gateway.domain.vocabulary import Level, PermitKind
from gateway.services.declaring import Declaration
from gateway.services.exports import register_rows
from gateway.services.meters import enter_meter
from tests.room import Room
from tests.services.copies import copied, declared
from tests.services.paper import print_job, printed


def read(room: Room, impressions: int) -> None:
    enter_meter(room.gate, room.actor("zheng"), "PRN-JY-01", "SN-1", impressions)


@pytest.mark.parametrize(
    ("before", "between", "after", "told"),
    [
        (True, "", True, (5000, 5003)),
        (True, "", False, (5000, "")),
        (False, "", True, ("", "")),
        (True, "earlier", True, ("", "")),
        (True, "later", True, (5000, "")),
    ],
)
def test_only_what_is_known_is_told(room: Room, before: bool, between: str, after: bool, told: tuple[object, object]) -> None:
    if before:
        read(room, 5000)
    if between == "earlier":
        printed(room, copies=1)
    job = copied(room, [])
    declared(room, job, Declaration(Level.MIMI, "5年"))
    room.permit(job=job, by="sun", kind=PermitKind.COPY, copies=3, scope={"D03": 3})
    print_job(room, job)
    if between == "later":
        printed(room, copies=1)
    if after:
        read(room, 5003 + bool(between))
    (row,) = register_rows(room.gate, room.actor("lin"), "copy")
    assert ((row["counter_before"], row["counter_after"]), row["wet_stamp"]) == (told, "")
