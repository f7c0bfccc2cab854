"""The month's paper in the browser: every split, entered by hand, confirmed once with the password."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime

from rehearsal.people import PASSWORD
from tests.ledger.months import printed, released
from tests.room import Room
from tests.scenarios.conftest import SHANGHAI
from tests.web.conftest import Browser

Window = Callable[[str], Browser]
PAGE = "/books/paper?month=2026-03"


def test_every_split_shows_the_same_sheets(room: Room, window: Window) -> None:
    printed(room, released(room, room.permit(pages=2, copies=3), 3))
    browser = window("wu")
    for by in ("department", "level", "device", "requester", "channel"):
        page = browser.text(f"{PAGE}&by={by}")
        assert re.findall(r'data-label="合计">(\d+)<', page).count("6") == 1, by
        assert '<rect class="print"' in page
    assert browser.get(f"{PAGE}&by=title").status_code == 422
    assert "确认本月统计" not in browser.text(PAGE)


def test_entered_by_hand_then_confirmed_with_the_password_then_corrected(room: Room, window: Window) -> None:
    browser = window("zheng")
    entry = {"month": "2026-03", "department": "D03", "channel": "copy", "good": "24", "reason": "面板复印"}
    browser.post(PAGE, "/books/paper/enter", **entry)
    assert "面板复印" in browser.text(PAGE)
    room.clock.at = datetime(2026, 4, 1, 9, 0, tzinfo=SHANGHAI)
    browser = window("zheng")
    browser.post(PAGE, "/books/paper/confirm", month="2026-03", password="wrong")
    assert "待确认" in browser.text(PAGE)
    browser.post(PAGE, "/books/paper/confirm", month="2026-03", password=PASSWORD)
    assert "已确认" in browser.text(PAGE)
    browser.post(PAGE, "/books/paper/enter", **entry | {"sign": "-", "good": "1"})
    page = browser.text(PAGE)
    assert 'data-label="合计">24<' in page
    assert "计入调整后</dt><dd>23<" in page
    assert window("zhao").get("/books/paper").status_code == 403
