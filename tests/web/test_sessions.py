"""Log-in, lock, log-out: who is at the browser is asked once for every page (R87, R88, SC-33)."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask

from admin_ui.application import create_application
from admin_ui.session import OPEN_ENDPOINTS
from gateway.services.accounts import disable_user
from rehearsal.people import PASSWORD
from tests.room import Room
from tests.web.conftest import TOKEN, Browser

Window = Callable[[str], Browser]
VARIABLES = {
    "<job_no>": "H000001",
    "<permit_no>": "ZYZ-2026-000001-4",
    "<username>": "zhao",
    "<int:page>": "1",
    "<int:serial>": "1",
    "<int:reset_id>": "1",
    "<int:number>": "1",
    "<int:peer_id>": "1",
}


def test_without_log_in_every_page_leads_to_the_log_in(app: Flask, window: Window) -> None:
    stranger, tried = window(""), 0
    for rule in app.url_map.iter_rules():
        if rule.endpoint in OPEN_ENDPOINTS or rule.endpoint.startswith("api."):
            continue
        path = re.sub(r"<any\((\w+)[^)]*\):\w+>", r"\1", rule.rule)  # the first of several words
        for variable, value in VARIABLES.items():
            path = path.replace(variable, value)
        for method in sorted((rule.methods or set()) & {"GET", "POST"}):
            answer = stranger.client.open(path, method=method)
            assert (answer.status_code, answer.headers["Location"]) == (302, "/login"), (method, path)
            tried += 1
    assert tried >= 20


def test_log_in_leads_to_the_work(window: Window) -> None:
    doors = {"zhao": "/mine", "li": "/approve", "zheng": "/release", "chu": "/books", "feng": "/people"}
    for account, door in doors.items():
        assert window("").log_in(account).headers["Location"] == door


def test_a_wrong_password_says_so_and_five_lock_the_account(window: Window) -> None:
    browser = window("")
    for _ in range(5):
        assert browser.log_in("zhao", "wrong").status_code == 302
        assert "E_UNAUTHENTICATED" in browser.text("/login")
    assert "锁定" in (browser.log_in("zhao") and browser.text("/login"))
    assert browser.get("/mine").status_code == 302


def test_the_cookie_is_of_no_use_to_scripts_or_other_sites(window: Window) -> None:
    cookie = next(value for value in window("").log_in("zhao").headers.getlist("Set-Cookie") if value.startswith("imprimatur="))
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie


def test_a_forgotten_page_is_locked_and_opens_only_to_the_same_person(room: Room, window: Window) -> None:
    browser = window("zhao")
    room.clock.advance(minutes=4)
    assert browser.get("/mine").status_code == 200
    room.clock.advance(minutes=5, seconds=1)
    away = browser.get("/mine?x=1")
    assert (away.status_code, away.headers["Location"]) == (302, "/unlock?next=/mine?x%3D1")
    assert "赵敏" in browser.text("/unlock")
    assert browser.post("/unlock", "/mine/request", level="gongkai").headers["Location"].startswith("/unlock")
    assert browser.post("/unlock", "/unlock", password="wrong").headers["Location"] == "/unlock"
    assert browser.get("/mine").status_code == 302
    assert browser.post("/unlock", "/unlock?next=/mine", password=PASSWORD).headers["Location"] == "/mine"
    assert browser.get("/mine").status_code == 200


def test_after_half_an_hour_the_session_is_over(room: Room, window: Window) -> None:
    browser = window("zhao")
    room.clock.advance(minutes=30, seconds=1)
    assert browser.get("/unlock").headers["Location"] == "/login"


def test_a_page_that_asks_by_itself_keeps_nobody_awake(room: Room, window: Window, held: str) -> None:
    browser = window("zheng")
    for _ in range(6):
        room.clock.advance(minutes=1)
        browser.get(f"/release/{held}/progress", **{"HX-Request": "true"})
    answer = browser.get(f"/release/{held}/progress", **{"HX-Request": "true"})
    assert (answer.status_code, answer.headers["HX-Redirect"]) == (204, "/unlock")


def test_one_account_one_session(window: Window) -> None:
    first, second = window("zhao"), window("zhao")
    assert first.get("/mine").headers["Location"] == "/login"
    assert second.get("/mine").status_code == 200


def test_log_out_ends_it_on_the_server(window: Window) -> None:
    browser = window("zhao")
    stolen = browser.client.get_cookie("imprimatur")
    assert stolen is not None
    assert browser.post("/mine", "/logout").headers["Clear-Site-Data"]
    browser.client.set_cookie("imprimatur", stolen.value)
    assert browser.get("/mine").headers["Location"] == "/login"


def test_a_closed_account_is_out_at_once(room: Room, window: Window) -> None:
    browser = window("zhao")
    disable_user(room.gate, room.actor("feng"), "zhao")
    assert browser.get("/mine").headers["Location"] == "/login"


def test_nobody_stays_longer_than_twelve_hours_however_busy(room: Room, window: Window) -> None:
    browser = window("zhao")
    for _ in range(12 * 15 - 1):
        room.clock.advance(minutes=4)
        assert browser.get("/mine").status_code == 200
    room.clock.advance(minutes=4, seconds=1)
    assert browser.get("/mine").headers["Location"] == "/login"


def test_the_lock_and_log_out_empty_the_browser(room: Room, window: Window) -> None:
    browser = window("zhao")
    room.clock.advance(minutes=5, seconds=1)
    assert browser.get("/mine").headers["Clear-Site-Data"] == '"cache", "storage"', "the cookie stays: it opens the lock"
    browser = window("zhao")
    left = browser.post("/mine", "/logout")
    assert left.headers["Clear-Site-Data"] == '"cache", "cookies", "storage"'
    assert "imprimatur=;" in " ".join(left.headers.getlist("Set-Cookie"))


def test_over_tls_every_cookie_of_ours_is_bound_to_the_host(furnished: Path, tmp_path: Path) -> None:
    room = Room.open(
        Path(shutil.copytree(furnished, tmp_path / "room")), tls_certificate=tmp_path / "web.pem", tls_key=tmp_path / "web.key"
    )
    client = create_application(room.gate, lambda: None, control=False).test_client()
    address = "https://localhost"
    first = client.get("/login", base_url=address)
    token = TOKEN.search(first.get_data(as_text=True))
    assert token is not None
    form = {"csrf_token": token[1], "username": "zhao", "password": PASSWORD}
    logged_in = client.post("/login", data=form, base_url=address)
    assert logged_in.status_code == 302
    cookies = [cookie for answer in (first, logged_in) for cookie in answer.headers.getlist("Set-Cookie")]
    assert {cookie.partition("=")[0] for cookie in cookies} == {"__Host-imprimatur", "__Host-imprimatur_form"}
    for cookie in cookies:
        parts = {part.strip() for part in cookie.split(";")[1:]}
        assert {"Secure", "HttpOnly", "Path=/", "SameSite=Strict"} <= parts, cookie
        assert not any(part.startswith("Domain") for part in parts), "a browser drops a __Host- cookie with a domain"
    room.close()


@pytest.mark.parametrize("address", ["//evil.example", "https://evil.example/", "/\\evil.example", "evil.example"])
def test_nobody_is_sent_to_another_site(window: Window, address: str) -> None:
    assert window("").get(f"/language/en?next={address}").headers["Location"] == "/"
