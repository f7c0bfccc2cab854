"""Titles and names that mean harm are shown harmlessly on every page and exported safely (I12; issue 6)."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from html.parser import HTMLParser

import pytest
from openpyxl import load_workbook

from admin_ui.words import word
from gateway.domain.plain_text import REPLACEMENT, one_line
from gateway.services import carrier_views, jobs, policies
from gateway.services.exports import FORMATS, export_register
from gateway.services.permit_views import list_permits
from rehearsal.people import PASSWORD
from tests.room import Room
from tests.services.paper import print_job
from tests.watermark.papers import document
from tests.web.conftest import Browser

Window = Callable[[str], Browser]
HOSTILE = {
    "html": "</h2><script>alert(1)</script><img src=x onerror=alert(1)>\"'&amp;",
    "attribute": '" autofocus onfocus=alert(1) x="',
    "jinja": "{{ 7*7 }}{% raw %}%(job)s",
    "right-to-left": "年报\u202efdp.exe\u2066\u2069",
    "nul": "年报\x00\x1b[2J\r\nSet-Cookie: a=b",
    "formula": '=HYPERLINK("http://x.example","年报")',
    "formula, wide": "＝cmd|' /C calc'!A0",
    "long": "长" * 120,
}


class Reader(HTMLParser):
    """What a browser makes of a page: scripts it would load, handlers it would run, and the words people see or find filled in."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.scripts: list[str] = []
        self.handlers: list[str] = []
        self.words = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "script":
            self.scripts.append(given.get("src") or "(inline)")
        self.handlers += [f"{tag} {name}" for name in given if name.startswith("on")]
        self.words += f" {given.get('value') or ''}"

    def handle_data(self, data: str) -> None:
        self.words += f" {data}"


def permit_for(room: Room, browser: Browser, job: str, title: str) -> str:
    """Asked for in the browser with this title, approved by two."""
    page = f"/mine/request?job={job}"
    form = {"level": "mimi", "term": "5年", "pages": "1", "copies": "1", "purpose": title, "days": "7", "doc_no": title[:60]}
    browser.post(page, page, title=title[:120], **form)
    (permit,) = list_permits(room.gate, room.actor("zhao"), mine=True)
    return permit.permit_no


def pages_of(room: Room, window: Window, job: str, permit: str) -> dict[str, str]:
    """Every page the title gets to, as its reader sees it."""
    zhao, li, zheng = window("zhao"), window("li"), window("zheng")
    return {
        "mine": zhao.text("/mine"),
        "job": zhao.text(f"/jobs/{job}"),
        "request": zhao.text(f"/mine/request?job={job}"),
        "permit": zhao.text(f"/permits/{permit}"),
        "approve": li.text("/approve"),
        "approve one": li.text(f"/approve/{permit}"),
        "release": zheng.text("/release"),
        "release one": zheng.text(f"/release/{job}"),
        "books": zheng.text("/books"),
    }


@pytest.mark.parametrize("title", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_title_is_text_wherever_it_is_shown(room: Room, window: Window, title: str) -> None:
    room.gate.spool.refill()
    job = room.submit(document("page").getvalue(), title=one_line(title))  # as the intake's edge does
    permit = permit_for(room, window("zhao"), job, title)
    for name, page in pages_of(room, window, job, permit).items():
        read = Reader(page)
        assert read.scripts == ["/static/vendor/htmx.min.js"], name
        assert read.handlers == [], name
        assert not set(page) & set("\x00\x1b\u202e\u2066"), name
        assert one_line(title)[:60] in read.words, name
    assert jobs.show(room.gate, room.actor("zhao"), job).title == one_line(title)


def test_ten_thousand_characters_are_refused_in_a_form_and_break_no_page(room: Room, window: Window) -> None:
    browser, page = window("zhao"), "/mine/request"
    form = {"level": "gongkai", "pages": "1", "copies": "1", "purpose": "x"}
    browser.post(page, page, title="长" * 10_000, **form)
    assert "E_INVALID" in browser.text(page)
    browser.post(page, page, title="x", **(form | {"level": "长" * 10_000}))
    assert "E_INVALID" in browser.text(page)
    for path in ("/carriers/one?name=", "/jobs/", "/permits/", "/help/"):
        assert browser.get(path + "x" * 10_000).status_code in (404, 422), path
        assert browser.get(path + "%00%E2%80%AE%3Cb%3E").status_code in (404, 422), path


@pytest.mark.parametrize("title", HOSTILE.values(), ids=HOSTILE)
def test_exports_hold_no_formula_and_nothing_a_sheet_cannot_hold(room: Room, title: str) -> None:
    room.gate.spool.refill()
    permit = room.permit(copies=1)
    job = room.submit(document("page").getvalue(), title=title, permit=permit)  # as an older version stored it
    print_job(room, job)
    for kind in FORMATS:
        content = export_register(room.gate, room.actor("zheng"), "print", "2026-03", kind, "zh_CN", word).content
        if kind == "csv":
            cells = [cell for row in csv.reader(io.StringIO(content.decode("utf-8-sig"))) for cell in row]
        elif kind == "xlsx":
            cells = [str(cell.value or "") for row in load_workbook(io.BytesIO(content)).active or [] for cell in row]
            assert all(cell.data_type != "f" for row in load_workbook(io.BytesIO(content)).active or [] for cell in row)
        else:
            continue
        assert not any(cell.lstrip().startswith(("=", "+", "@", "＝", "＋", "＠")) for cell in cells)
        assert not any(set(cell) & set("\x00\x1b\r\n\u202e") for cell in cells)


def test_names_of_people_departments_and_devices_are_text(room: Room, window: Window) -> None:
    policies.adopt_first(room.gate)
    feng, name = window("feng"), HOSTILE["html"][:60]
    feng.post("/people", "/people/departments", code="D77", name=name)
    feng.post("/people", "/people", username="xin", display_name=name, department="D77", role="requester")
    feng.post("/devices", "/devices", code="X1", name=name, location=name, uri="ipp://127.0.0.1:1/<b>", adapter="ipp", max_level="gongkai")
    for path in ("/people", "/people/xin", "/devices", "/devices/X1"):
        page = feng.text(path)
        assert "<script>alert" not in page, path
        assert "&lt;script&gt;alert" in page, path
    feng.post("/people", "/people", username="yin", display_name="年\u202e报", department="D02", role="requester")
    assert f"年{REPLACEMENT}报" in feng.text("/people/yin")


def test_what_a_carrier_is_called_on_its_page_is_text(room: Room, window: Window) -> None:
    room.gate.spool.refill()
    job = room.submit(document("page").getvalue(), title="年报")
    browser = window("zhao")
    permit = permit_for(room, browser, job, HOSTILE["html"])
    for name in ("li", "wu"):
        approver, page = window(name), f"/approve/{permit}"
        approver.get(page)
        approver.get(f"/jobs/{job}/pages/1.png")
        approver.post(page, f"{page}/approve", password=PASSWORD, comment=HOSTILE["html"])
    print_job(room, job)
    (carrier,) = carrier_views.list_carriers(room.gate, room.actor("zheng"))
    page = window("zheng").text(f"/carriers/one?name={carrier.carrier_no}")
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page
    assert "&lt;script&gt;alert" in browser.text(f"/permits/{permit}"), "the approvers' comment too"
    assert room.verify().ok
