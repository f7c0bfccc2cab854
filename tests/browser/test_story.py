"""The story in Chromium on real parts: a requester, two approvers, an operator, paper; and nothing that calls elsewhere."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from rehearsal.house import House
from rehearsal.papers import write_pdf
from rehearsal.people import PASSWORD
from rehearsal.screenshots import log_in
from tests.browser.window import Window
from tests.cups.paper import sheets

pytestmark = [pytest.mark.browser, pytest.mark.cups]


def test_from_a_held_job_to_numbered_paper(house: House, browser: Browser, tmp_path: Path) -> None:
    job = house.print_file(write_pdf(tmp_path / "会议纪要.pdf", "会议纪要", 2), "-n", "3")["job"]
    windows = {account: Window(browser, house, account) for account in ("zhao", "li", "wu", "zheng")}

    mine = windows["zhao"].open("mine")
    expect(mine.locator("article", has_text=job)).to_contain_text("E_NO_PERMIT")
    mine.locator("article", has_text=job).get_by_role("link", name="为此作业申请准印证").click()
    mine.fill("input[name=purpose]", "上会讨论")
    mine.get_by_role("button", name="提交审批").click()
    permit = mine.locator("h1").inner_text().split()[-1]
    assert permit.startswith("ZYZ-")

    for account in ("li", "wu"):
        approve = windows[account].open("approve")
        approve.locator("article", has_text=permit).get_by_role("link", name="查看并审批").click()
        picture = approve.locator("img.page")
        expect(picture).to_be_visible()
        expect(picture).to_have_js_property("complete", True)
        assert picture.evaluate("image => image.naturalWidth > 500")
        approve.get_by_role("link", name="下一页").click()
        expect(approve.locator(".pager")).to_contain_text("第 2 页")
        expect(picture).to_have_js_property("complete", True)  # a page counts as looked at when it was shown
        approve.fill("input[name=password]", PASSWORD)
        approve.get_by_role("button", name="同意", exact=True).click()
        expect(approve.get_by_role("status")).to_contain_text(permit)

    release = windows["zheng"].open("release")
    release.get_by_role("link", name=job).click()
    release.get_by_role("button", name="认领").click()
    release.fill("input[name=password]", PASSWORD)
    release.get_by_role("button", name="放行 3 份").click()
    expect(release.locator(".act")).to_contain_text("完好 3 份", timeout=20_000)

    found = sheets(house.printer.received()[-1])
    assert [page.number for page in found] == ["000001", "000001", "000002", "000002", "000003", "000003"]
    books = windows["zheng"].open("books")
    expect(books.locator("tr", has_text=job)).to_contain_text("000001–000003")
    books.get_by_role("button", name="核验账本").click()
    expect(books.get_by_role("status")).to_contain_text("账本完整")
    assert [complaint for window in windows.values() for complaint in window.complaints] == []


def test_progress_shows_by_itself_and_without_script(house: House, browser: Browser, tmp_path: Path) -> None:
    page = browser.new_context(java_script_enabled=False).new_page()
    log_in(page, house, "zheng")
    page.goto(house.address + "release")
    expect(page.locator("h1")).to_have_text("放行")


@pytest.mark.parametrize("size", ["wide", "narrow"])
@pytest.mark.parametrize(("account", "paths"), [("zhao", ["mine", "mine/request"]), ("li", ["approve"]), ("zheng", ["release", "books"])])
def test_nothing_needs_sideways_scrolling(house: House, browser: Browser, size: str, account: str, paths: list[str]) -> None:
    window = Window(browser, house, account, size)
    for path in paths:
        page = window.open(path)
        assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"), path
    assert window.complaints == []
