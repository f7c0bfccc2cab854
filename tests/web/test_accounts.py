"""Log-in with a second factor, one's own account, and the reset by two, by forms and without script (R87, I10)."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable

import pytest
import zxingcpp
from PIL import Image, ImageDraw

from admin_ui.qr import qr_path
from gateway.services import second_factor
from rehearsal.people import DEPARTMENTS, PASSWORD
from tests.room import Room
from tests.services.test_credentials import OTHER, code_of, secret_of
from tests.watermark.papers import document
from tests.web.conftest import Browser

Window = Callable[[str], Browser]
HALF = re.compile(r'<p class="half"><code>([A-Za-z0-9]{8})</code>')


def enrolled(room: Room, browser: Browser) -> bytes:
    """Set up a second factor as a person does: read the secret off the page."""
    browser.post("/account/second-factor", "/account/second-factor", password=PASSWORD)
    shown = re.search(r'<p class="secret"><code>([A-Z2-7 ]+)</code>', browser.text("/account/second-factor"))
    assert shown is not None
    secret = base64.b32decode(shown[1].replace(" ", ""))
    done = browser.post("/account/second-factor", "/account/second-factor/finish", code=code_of(secret, room.clock.now()))
    assert done.headers["Location"] == "/account"
    return secret


def test_a_second_factor_is_set_up_and_asked_for(room: Room, window: Window, held: str) -> None:
    permit = room.permit(pages=3, copies=5)
    browser = window("zheng")
    secret = enrolled(room, browser)
    browser.post("/account", "/logout")
    room.clock.advance(minutes=1)
    assert browser.log_in("zheng").headers["Location"] == "/login"
    assert "E_UNAUTHENTICATED" in browser.text("/login")
    code = code_of(secret, room.clock.now())
    assert browser.post("/login", "/login", username="zheng", password=PASSWORD, code=code).headers["Location"] == "/release"
    window("zhao").post("/mine", f"/mine/jobs/{held}/match", permit=permit)
    page = f"/release/{held}"
    browser.post(page, f"{page}/claim")
    assert 'name="code"' not in browser.text(page), "the code of the log-in still covers it"
    room.clock.advance(minutes=4, seconds=30)
    browser.get(page)
    room.clock.advance(minutes=1)
    assert 'name="code"' in browser.text(page)
    browser.post(page, f"{page}/release", password=PASSWORD)
    assert "E_UNAUTHENTICATED" in browser.text(page)
    browser.post(page, f"{page}/release", password=PASSWORD, code=code_of(secret, room.clock.now()))
    assert "待印" in browser.text(f"{page}/progress")


def test_the_qr_code_on_the_page_is_what_an_authenticator_reads(room: Room, window: Window) -> None:
    actor = room.actor("zheng")
    second_factor.begin_setup(room.gate, actor)
    enrolment = second_factor.pending_setup(room.gate, actor)
    assert enrolment is not None
    drawn = qr_path(enrolment.uri)
    assert drawn.path in window("zheng").text("/account/second-factor")
    image = Image.new("L", (drawn.size * 4, drawn.size * 4), 255)
    pen = ImageDraw.Draw(image)
    for x, y, length in re.findall(r"M(\d+) (\d+)h(\d+)", drawn.path):
        left, top = int(x) * 4, int(y) * 4
        pen.rectangle((left, top, left + int(length) * 4 - 1, top + 3), fill=0)
    (found,) = zxingcpp.read_barcodes(image)
    assert found.text == enrolment.uri
    assert found.text.startswith("otpauth://totp/")


def test_a_password_is_changed_and_the_old_cookie_opens_nothing(window: Window) -> None:
    browser = window("zheng")
    old = browser.client.get_cookie("imprimatur")
    assert old is not None
    page = "/account/password"
    for fields in (
        {"password": PASSWORD, "chosen": OTHER, "again": OTHER + "x"},
        {"password": "wrong", "chosen": OTHER, "again": OTHER},
        {"password": PASSWORD, "chosen": "weak", "again": "weak"},
    ):
        assert browser.post(page, page, **fields).headers["Location"] == page
    assert browser.post(page, page, password=PASSWORD, chosen=OTHER, again=OTHER).headers["Location"] == "/account"
    assert browser.get("/account").status_code == 200
    thief = window("")
    thief.client.set_cookie("imprimatur", old.value)
    assert thief.get("/account").headers["Location"] == "/login"


def test_every_confirmed_act_renews_the_token(room: Room, window: Window, held: str) -> None:
    permit = room.request(job=held, pages=3, copies=2).permit_no
    leader = window("li")
    old = leader.client.get_cookie("imprimatur")
    for page in (1, 2, 3):
        leader.get(f"/jobs/{held}/pages/{page}.png")
    leader.post(f"/approve/{permit}", f"/approve/{permit}/approve", password=PASSWORD)
    new = leader.client.get_cookie("imprimatur")
    assert old is not None
    assert new is not None
    assert old.value != new.value
    assert leader.get("/approve").status_code == 200


def test_a_password_reset_by_two_administrators(window: Window) -> None:
    first = HALF.search(
        window("feng")
        .post("/people/zheng", "/people/zheng/reset", what="password", reason="忘了", password=PASSWORD)
        .get_data(as_text=True)
    )
    assert first is not None
    chen = window("chen")
    page = chen.text("/people")
    assert '<span class="badge">1</span>' in page
    assert first[1] not in page
    number = re.search(r"/people/resets/(\d+)/confirm", page)
    assert number is not None
    second = HALF.search(chen.post("/people", number[0], password=PASSWORD).get_data(as_text=True))
    assert second is not None
    browser = window("")
    assert browser.log_in("zheng").headers["Location"] == "/login"
    assert browser.log_in("zheng", f"{first[1]}-{second[1]}").status_code == 302
    for path in ("/release", "/account", "/people", "/account/second-factor"):
        assert browser.get(path).headers["Location"] == "/account/password", "nothing but the change of the password"
    page = "/account/password"
    browser.post(page, page, password=f"{first[1]}-{second[1]}", chosen=OTHER, again=OTHER)
    assert browser.get("/release").status_code == 200


def test_who_may_not_reset_sees_no_form_and_posts_in_vain(window: Window) -> None:
    for account in ("chu", "zheng", "lin"):
        browser = window(account)
        assert "/reset" not in browser.text("/people/wang")
        assert browser.post("/people", "/people/wang/reset", what="password", reason="x", password=PASSWORD).status_code in (302, 403)
        assert "E_FORBIDDEN" in browser.text("/people")
    for account in ("zhao", "li"):
        assert window(account).get("/people").status_code == 403
    feng = window("feng")
    feng.post("/people/zheng", "/people/zheng/reset", what="password", reason="x", password="wrong")
    assert "E_UNAUTHENTICATED" in feng.text("/people/zheng")
    feng.post("/people/zheng", "/people/zheng/reset", what="everything", reason="x", password=PASSWORD)
    assert "E_INVALID" in feng.text("/people/zheng")


def test_people_see_what_is_due_about_them(room: Room, window: Window) -> None:
    assert "没有保密培训记录" in window("zheng").text("/account")
    assert "无培训记录" in window("chen").text("/people")


@pytest.mark.parametrize("path", ["/account", "/account/password", "/account/second-factor", "/people", "/people/zheng"])
def test_the_pages_speak_english(window: Window, path: str) -> None:
    browser = window("feng")
    browser.get("/language/en")
    page = re.sub(r"<title>.*?</title>|<[^>]*>", "\n", browser.text(path))
    hanzi = [line.strip() for line in page.splitlines() if re.search(r"[\u4e00-\u9fff]", line)]
    names = {"准印", "中文", "示范单位", *(name for _, name in DEPARTMENTS)}
    assert [line for line in hanzi if not re.search(r"[A-Za-z]", line) and line not in names and len(line) > 3] == []


def test_wrong_codes_close_the_account_as_wrong_passwords_do(room: Room, window: Window) -> None:
    secret_of(room, "zheng")
    room.clock.advance(minutes=1)
    browser = window("")
    for _ in range(5):
        browser.post("/login", "/login", username="zheng", password=PASSWORD, code="000000")
    browser.post("/login", "/login", username="zheng", password=PASSWORD, code="000000")
    assert "锁定" in browser.text("/login")


def test_previews_are_counted_once_though_the_token_changes(room: Room, window: Window) -> None:
    room.gate.spool.refill()
    job = room.submit(document("page").getvalue(), copies=1)
    browser = window("zhao")
    browser.get(f"/jobs/{job}/pages/1.png")
    browser.post("/account/password", "/account/password", password=PASSWORD, chosen=OTHER, again=OTHER)
    browser.get(f"/jobs/{job}/pages/1.png")
    with room.gate.database.engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM ledger_entry WHERE kind = 'job.viewed'").scalar() == 1
