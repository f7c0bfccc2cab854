"""What the pages show, to whom, and what they refuse (I10, I11)."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from gateway.services import policies
from gateway.services.jobs import show
from gateway.services.permit_views import list_permits
from rehearsal.people import PASSWORD
from tests.room import Room
from tests.watermark.papers import document
from tests.web.conftest import Browser

Window = Callable[[str], Browser]


def test_every_answer_carries_the_headers(window: Window) -> None:
    for browser, path in ((window(""), "/login"), (window("zhao"), "/mine"), (window(""), "/static/style.css"), (window(""), "/nothing")):
        headers = browser.get(path).headers
        policy = headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert "frame-ancestors 'none'" in policy
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "same-origin"
        assert path.startswith("/static") or headers["Cache-Control"] == "no-store"


def test_no_page_has_inline_script_style_or_foreign_addresses(window: Window, held: str) -> None:
    for account, path in (("zhao", "/mine"), ("zhao", f"/mine/request?job={held}"), ("zheng", f"/release/{held}"), ("zheng", "/books")):
        page = window(account).text(path)
        assert not re.search(r"<script(?![^>]*src=)|\sstyle=|<style|\son\w+=|https?://(?!www\.w3\.org)", page), path


def test_people_see_their_doors_and_no_others(room: Room, window: Window) -> None:
    policies.adopt_first(room.gate)
    doors = {
        "zhao": {"/mine"},
        "li": {"/mine", "/approve", "/books"},
        "wu": {"/mine", "/approve", "/books", "/room", "/devices"},
        "zheng": {"/mine", "/release", "/books", "/room", "/people", "/devices", "/policy"},
        "lin": {"/mine", "/books", "/room", "/people", "/devices", "/policy"},
        "chu": {"/books", "/room", "/people", "/devices", "/policy"},
        "chen": {"/room", "/people", "/devices", "/policy"},
        "feng": {"/people", "/devices", "/policy"},
    }
    everywhere = {"/mine", "/room"}
    approvers_too = {"li": {"/policy"}, "wu": {"/policy"}}
    for account, own in doors.items():
        browser = window(account)
        navigation = browser.text("/about")
        shown = set(re.findall(r'<a href="(/\w+)"', navigation.partition("<nav")[2].partition("</nav")[0]))
        for door in ("/mine", "/approve", "/release", "/books", "/room", "/people", "/devices", "/policy"):
            opens = door in own | approvers_too.get(account, set())
            if door not in everywhere:
                assert browser.get(door).status_code == (200 if opens else 403), (account, door)
        assert shown <= own, account
        assert len(shown) == len(own & {"/mine", "/approve", "/release", "/books"}) + bool(own & {"/room", "/people"}), account


def test_other_peoples_jobs_do_not_exist(window: Window, held: str) -> None:
    assert window("zhao").get(f"/jobs/{held}").status_code == 200
    for path in (f"/jobs/{held}", f"/jobs/{held}/pages/1.png", f"/mine/request?job={held}"):
        assert window("qian").get(path).status_code == 404, path


def test_a_form_from_elsewhere_changes_nothing(room: Room, window: Window, held: str) -> None:
    browser = window("zhao")
    for token in ("", "made-up"):
        answer = browser.client.post(f"/mine/jobs/{held}/withdraw", data={"csrf_token": token})
        assert answer.status_code == 422
    assert show(room.gate, room.actor("zhao"), held).stage.value == "held"
    assert browser.post("/mine", f"/mine/jobs/{held}/withdraw").status_code == 302
    assert show(room.gate, room.actor("zhao"), held).stage.value == "canceled"


def test_the_story_by_forms(room: Room, window: Window, held: str) -> None:
    requester = window("zhao")
    assert "E_NO_PERMIT" in requester.text("/mine")
    asked = requester.post(
        f"/mine/request?job={held}", f"/mine/request?job={held}", title="规划纲要", level="mimi", term="5年", pages="3", copies="2",
        purpose="征求意见", days="7", **{"scope.D02": "1", "scope.D03": "1"},
    )  # fmt: skip
    (permit,) = list_permits(room.gate, room.actor("zhao"), mine=True)
    assert asked.headers["Location"] == f"/permits/{permit.permit_no}"
    assert (permit.scope, permit.copies_approved, permit.page_hash != "") == ((("D02", 1), ("D03", 1)), 2, True)
    for account in ("li", "wu"):
        browser = window(account)
        page = f"/approve/{permit.permit_no}"
        assert "规划纲要" in browser.text("/approve")
        assert "已看 1 / 3 页" in browser.text(page)
        browser.post(page, f"{page}/approve", password=PASSWORD)
        assert "E_NOT_REVIEWED" in browser.text(page)
        for number in (2, 3):
            browser.get(f"/jobs/{held}/pages/{number}.png")
        picture = browser.get(f"/jobs/{held}/pages/1.png")
        assert picture.data.startswith(b"\x89PNG")
        browser.post(page, f"{page}/approve", password="wrong")
        assert "E_UNAUTHENTICATED" in browser.text(page)
        assert browser.post(page, f"{page}/approve", password=PASSWORD, comment="同意印制").headers["Location"] == "/approve"
        assert permit.permit_no in browser.text("/approve")
    operator = window("zheng")
    page = f"/release/{held}"
    assert operator.post(page, f"{page}/claim").status_code == 302
    assert "放行后还剩 0 份" in operator.text(page)
    operator.post(page, f"{page}/release", password="wrong")
    assert show(room.gate, room.actor("zheng"), held).stage.value == "held"
    operator.post(page, f"{page}/release", password=PASSWORD)
    assert show(room.gate, room.actor("zheng"), held).stage.value == "queued"
    assert "待印" in operator.text(f"{page}/progress")
    assert room.verify().ok


def test_the_requester_cannot_approve_and_the_approver_cannot_release(room: Room, window: Window, held: str) -> None:
    permit = room.request(job=held, pages=3, copies=2).permit_no
    assert window("zhao").get(f"/approve/{permit}").status_code == 403
    assert window("li").get(f"/release/{held}").status_code == 403
    director = window("wu")
    director.post("/approve", f"/approve/{permit}/approve", password=PASSWORD)
    assert "E_SELF_RELEASE" in director.text("/approve"), "the leader comes first"


def test_a_refusal_needs_a_reason(room: Room, window: Window, held: str) -> None:
    permit = room.request(job=held, pages=3, copies=2).permit_no
    leader, page = window("li"), f"/approve/{permit}"
    leader.post(page, f"{page}/refuse", password=PASSWORD)
    assert "E_INVALID" in leader.text(page)
    leader.post(page, f"{page}/refuse", password=PASSWORD, comment="份数过多")
    assert "份数过多" in window("zhao").text(f"/permits/{permit}")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("copies", "-1"),
        ("copies", "1e3"),
        ("copies", "٣"),
        ("pages", "x"),
        ("days", "31"),
        ("title", "x" * 121),
        ("term", "11年"),
        ("level", "top"),
    ],
)
def test_a_form_filled_in_wrongly_comes_back_with_the_reason(room: Room, window: Window, held: str, field: str, value: str) -> None:
    form = {"title": "规划", "level": "mimi", "term": "5年", "pages": "3", "copies": "2", "purpose": "x", "days": "7", field: value}
    browser = window("zhao")
    browser.post("/mine/request", "/mine/request", **form)
    assert re.search(r"<code>E_[A-Z_]+</code>", browser.text("/mine/request"))
    assert list_permits(room.gate, room.actor("zhao"), mine=True) == []


def test_titles_are_text_and_nothing_else(room: Room, window: Window) -> None:
    room.gate.spool.refill()
    room.submit(document("x").getvalue(), title="<script>alert(1)</script>\"'&")
    page = window("zhao").text("/mine")
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;&#34;&#39;&amp;" in page


def test_a_number_entered_later_is_matched(room: Room, window: Window, held: str) -> None:
    permit = room.permit(pages=3, copies=5)
    browser = window("zhao")
    browser.post("/mine", f"/mine/jobs/{held}/match", permit="ZYZ-2026-999999-9")
    assert "E_PERMIT" in browser.text("/mine")
    browser.post("/mine", f"/mine/jobs/{held}/match", permit=permit.lower())
    assert show(room.gate, room.actor("zhao"), held).releasable
    assert "可以放行" in browser.text("/mine")


def test_who_looked_at_pages_is_in_the_books_once(room: Room, window: Window, held: str) -> None:
    browser = window("li")
    for page in (1, 2, 3):
        assert browser.get(f"/jobs/{held}/pages/{page}.png").status_code == 200
    assert browser.get(f"/jobs/{held}/pages/4.png").status_code == 409
    with room.gate.database.engine.connect() as connection:
        rows = connection.exec_driver_sql("SELECT body FROM ledger_entry WHERE kind = 'job.viewed'").fetchall()
    assert len(rows) == 1
    assert '"actor":"li"' in rows[0][0]


def test_the_books_show_the_month_and_verify(window: Window, held: str) -> None:
    browser = window("zheng")
    page = browser.text("/books?month=2026-03")
    assert held in page
    assert "规划处" in page
    assert browser.get("/books?month=2026-13").status_code == 422
    browser.post("/books", "/books/verify")
    assert "账本完整" in browser.text("/books")


def test_the_api_wants_its_own_password(window: Window, held: str) -> None:
    browser = window("zheng")
    assert browser.get("/api/v1/jobs").status_code == 401, "the browser's session is no key to the API"
    answer = browser.client.get("/api/v1/jobs", auth=("zheng", PASSWORD))
    assert [job["job"] for job in answer.get_json()["items"]] == [held]
    for act in ("cancel", "claim", "release"):
        form = browser.client.post(f"/api/v1/jobs/{held}/{act}", data={"comment": "x"}, auth=("zheng", PASSWORD))
        assert form.status_code == 415, "a form of another site cannot use the browser's credentials"


def test_doors_show_how_much_waits(room: Room, window: Window, held: str) -> None:
    assert '<span class="badge">1</span>' in window("zhao").text("/about")
    assert "badge" not in window("li").text("/about")
    permit = room.request(job=held, pages=3, copies=2).permit_no
    assert '<span class="badge">1</span>' in window("li").text("/about")
    for account in ("li", "wu"):
        browser = window(account)
        for page in (1, 2, 3):
            browser.get(f"/jobs/{held}/pages/{page}.png")
        browser.post("/approve", f"/approve/{permit}/approve", password=PASSWORD)
    assert '<span class="badge">1</span>' in window("zheng").text("/release")
