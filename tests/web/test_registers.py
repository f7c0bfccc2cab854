"""Every register on the screen: chosen, looked through, paged, printed as the form (issue 6; FORMS.md)."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from gateway.domain.register_forms import FORMS
from gateway.services.register_pages import Look, register_page
from rehearsal.people import PASSWORD
from tests.ledger.months import printed, released
from tests.room import Room
from tests.web.conftest import Browser

Window = Callable[[str], Browser]


def words(locale: str, group: str, value: str) -> str:
    """Codes as they are."""
    return value


def jobs(room: Room, wanted: str, **look: str | int) -> list[object]:
    """Job numbers of the print register's rows with this in them."""
    return [row["job"] for row in register_page(room.gate, room.actor("zheng"), Look("print", wanted=wanted, **look), "zh_CN", words)]  # type: ignore[arg-type]


@pytest.mark.parametrize("name", FORMS)
def test_each_register_is_shown_in_both_languages(room: Room, window: Window, name: str) -> None:
    printed(room, released(room, room.permit(pages=2, copies=3), 3))
    browser = window("zheng")
    assert FORMS[name].title("zh_CN") in browser.text(f"/books?month=2026-03&register={name}")
    browser.get("/language/en")
    assert FORMS[name].title("en") in browser.text(f"/books?month=2026-03&register={name}")


def test_what_is_looked_for_is_found_by_number_title_name_department_and_device(room: Room) -> None:
    first = released(room, room.permit(pages=2, copies=3, title="年度预算_100%"), 1)
    second = released(room, room.permit(pages=2, copies=3, title="会议纪要"), 1)
    permit_of = {row["job"]: str(row["permit_no"]) for row in register_page(room.gate, room.actor("zheng"), Look("print"), "zh_CN", words)}
    assert jobs(room, "") == [first, second]
    for wanted in (first, first.lower(), permit_of[first], permit_of[first].lower(), "预算", "_100%", " 年度 "):
        assert jobs(room, wanted) == [first], wanted
    for wanted in ("赵敏", "zhao", "规划", "D02", "PRN-JY"):
        assert jobs(room, wanted) == [first, second], wanted
    for wanted in ("%", "_", "' OR 1=1 --", "没有", "H0999", "x" * 10_000):
        assert jobs(room, wanted) == ([first] if wanted in "_%" else []), wanted
    assert jobs(room, "赵敏", month="2026-02") == []


def test_a_register_goes_on_where_its_page_ended(room: Room, window: Window) -> None:
    made = [released(room, room.permit(pages=2, copies=1), 1) for _ in range(3)]
    for name, key in (("print", "job"), ("permit", "permit_no")):
        seen: list[object] = []
        after: str | None = ""
        while after is not None:
            page = register_page(room.gate, room.actor("zheng"), Look(name, after=after, limit=2), "zh_CN", words)
            seen, after = seen + [row[key] for row in page], page.after
        assert len(seen) == len(set(seen)) == len(made), name
    assert window("zheng").get("/books?register=permit&after=zz").status_code == 422


def test_the_form_is_printed_and_a_stranger_reads_nothing(room: Room, window: Window) -> None:
    printed(room, released(room, room.permit(pages=2, copies=3), 3))
    browser = window("zheng")
    assert "没有“无此事”" in browser.text("/books?month=2026-03&q=无此事")
    shown = browser.get("/books/export?register=print&month=2026-03&format=pdf&show=1")
    assert shown.headers["Content-Disposition"].startswith("inline")
    assert shown.data.startswith(b"%PDF")
    assert browser.get("/books?register=secret").status_code == 404
    assert window("zhao").get("/books?q=预算").status_code == 403


def test_a_row_is_corrected_beside_it_and_a_number_acknowledged(room: Room, window: Window) -> None:
    job = released(room, room.permit(pages=2, copies=3), 3)
    desk, office = window("zheng"), window("wu")
    wish = {"register": "print", "month": "2026-03", "row": job, "field": "pages", "reason": "漏计一页"}
    desk.post("/books", "/books/correct", **wish, value="三")
    assert "此栏是整数" in desk.text("/books")
    desk.post("/books", "/books/correct", **wish, value="3")
    assert "漏计一页" in desk.text("/books")
    assert "待保密办确认" in desk.text("/books")
    assert "确认更正" not in desk.text("/books")
    office.post("/books", "/books/corrections/1/acknowledge", password=PASSWORD)
    assert "待保密办确认" not in office.text("/books")
    assert "漏计一页" in office.text("/books")
