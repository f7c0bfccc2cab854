"""Regular tasks and findings of self-checks in the browser: red while missing, settled by the head of the room."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from gateway.services.self_check import check_last_month
from tests.room import Room
from tests.web.conftest import Browser

Window = Callable[[str], Browser]
PAGE = "/tasks"


def test_a_missing_task_is_red_until_it_is_made_up_and_its_finding_settled(room: Room, window: Window) -> None:
    desk, head = window("zheng"), window("lin")
    assert "例行事务逾期" not in desk.text("/books")
    room.clock.at = datetime(2026, 4, 1, 1, 0, tzinfo=UTC)
    check_last_month(room.gate)
    desk, head = window("zheng"), window("lin")
    assert "例行事务逾期 2 项" in desk.text("/books")
    assert "缺做" in desk.text(f"{PAGE}?month=2026-03")
    desk.post(PAGE, PAGE, task="alarm_test", done_on="2026-04-02", tester="保安公司")
    assert "在做了之后登记" in desk.text(PAGE)
    for task in ("alarm_test", "virus_scan"):
        desk.post(PAGE, PAGE, task=task, done_on="2026-04-01", tester="保安公司", defects="三号探头失灵")
    assert "三号探头失灵" in desk.text(PAGE)
    assert "例行事务逾期" not in desk.text("/books")
    assert "缺做" in desk.text(f"{PAGE}?month=2026-03"), "what a month missed stays missing in its report"
    assert desk.post(PAGE, "/tasks/findings/ZC-2026-0001/close", reason="已补做").status_code in (302, 403)
    assert "ZC-2026-0001" in head.text(PAGE)
    head.post(PAGE, "/tasks/findings/ZC-2026-0001/assign", owner="zheng", due_on="2026-04-03")
    head.post(PAGE, "/tasks/findings/ZC-2026-0001/close", reason="已补做")
    assert "ZC-2026-0001" not in head.text(PAGE)
    assert window("zhao").get(PAGE).status_code == 403
