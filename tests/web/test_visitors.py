"""A visit from registration to the door, and the day's checklist, in the browser."""

from __future__ import annotations

from collections.abc import Callable

from rehearsal.people import PASSWORD
from tests.room import Room
from tests.web.conftest import Browser

Window = Callable[[str], Browser]
PAGE = "/visitors"
FORM = {
    "name": "何明",
    "org": "某设备公司",
    "id_kind": "identity_card",
    "id_no": "350100199001010017",
    "reason_kind": "repair",
    "device": "PRN-JY-01",
    "escort": "wang",
}


def test_a_visit_and_the_end_of_the_day(room: Room, window: Window) -> None:
    desk, leader = window("zheng"), window("zhou")
    desk.post(PAGE, PAGE, **FORM | {"device": ""})
    assert "还没有来访登记" in desk.text(PAGE)
    desk.post(PAGE, PAGE, **FORM)
    page = desk.text(PAGE)
    assert "LF-2026-0001" in page
    assert "350100" not in page
    assert "批准来访" not in page
    leader.post(PAGE, "/visitors/LF-2026-0001/approve", password=PASSWORD)
    desk.post(PAGE, "/visitors/LF-2026-0001/enter", kind="手机", quantity="1", slot="3")
    desk.post(PAGE, "/visitors/LF-2026-0001/leave")
    assert "E_VISITOR" in desk.text(PAGE)
    desk.post(PAGE, "/visitors/day", password=PASSWORD)
    assert "E_DAY_OPEN" in desk.text(PAGE)
    desk.post(PAGE, "/visitors/LF-2026-0001/give")
    desk.post(PAGE, "/visitors/LF-2026-0001/leave")
    assert "已离开" in desk.text(PAGE)
    desk.post(PAGE, "/visitors/day", password=PASSWORD)
    assert "签字并下班关门" not in desk.text(PAGE)
    assert "机要室已下班" in desk.text(PAGE)
    assert window("zhao").get(PAGE).status_code == 403


def test_registers_are_handed_out_as_files(room: Room, window: Window) -> None:
    desk = window("zheng")
    desk.post(PAGE, PAGE, **FORM)
    answer = desk.get("/books/export?register=visitor&month=2026-03&format=pdf")
    assert answer.mimetype == "application/pdf"
    assert answer.data.startswith(b"%PDF")
    assert 'filename="visitor-register-2026-03.pdf"' in answer.headers["Content-Disposition"]
    assert desk.get("/books/export?register=secret&format=pdf").status_code == 404
    assert window("zhao").get("/books/export?register=visitor&format=csv").status_code == 403
