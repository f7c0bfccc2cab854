"""Copying in Chromium, from the wish to the books: permit asked for and approved, slip, eight pages scanned, three copies, registers."""

from __future__ import annotations

import io

import pytest
import zxingcpp
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from rehearsal.house import House
from rehearsal.papers import write_pdf
from rehearsal.people import PASSWORD, ROOM_PRINTER
from rehearsal.processes import wait_until
from rehearsal.scans import stack_of
from tests.browser.window import Window
from tests.cups.paper import permit_for, release, sheets

pytestmark = [pytest.mark.browser, pytest.mark.cups, pytest.mark.long]
"""Long: tests/scenarios/test_sc18_upper_document.py goes the same way without a browser."""
PAGES, COPIES = 8, 3
TITLE = "关于加强文印管理的通知"


def original(house: House) -> str:
    """One of our papers, printed and laid into the feeder; its carrier."""
    job = house.print_file(write_pdf(house.root / "notice.pdf", TITLE, PAGES))["job"]
    permit = permit_for(house, job, copies=1, scope="D03=1")
    house.scanner.pages = stack_of(release(house, job)[0].read_bytes())
    return str(house.ask("zheng", "carrier", "list", "--permit", permit)[0]["carrier"])


def asked(page: Page) -> str:
    """sun fills in the form; the permit's number."""
    page.fill("input[name=title]", TITLE)
    page.select_option("select[name=level]", "mimi")
    page.select_option("select[name=kind]", "copy")
    page.fill("input[name=pages]", str(PAGES))
    page.fill("input[name=copies]", str(COPIES))
    page.fill("input[name='scope.D03']", str(COPIES))
    page.fill("input[name=purpose]", "传达到科室")
    page.get_by_role("button", name="提交审批").click()
    expect(page.get_by_role("status").first).to_contain_text("已提交审批")
    return page.url.rsplit("/", 1)[1]


def approved(page: Page, permit: str) -> None:
    """One of the chain says yes."""
    page.locator("article", has_text=permit).get_by_role("link", name="查看并审批").click()
    page.fill("input[name=password]", PASSWORD)
    page.get_by_role("button", name="同意", exact=True).click()
    expect(page.get_by_role("status")).to_contain_text(permit)


def slip_code(page: Page) -> str:
    """What a hand-held reader types when it is held on the slip shown here."""
    picture = page.locator("main img").first.get_attribute("src") or ""
    answer = page.request.get(page.url.split("/slips/")[0] + picture if picture.startswith("/") else picture)
    with Image.open(io.BytesIO(answer.body())) as slip:
        codes = zxingcpp.read_barcodes(slip, formats=zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode))
    return codes[0].text


def scanned(station: Page, code: str, carrier: str) -> str:
    """zheng begins under the slip's permit, scans and makes a job of it; its number."""
    station.fill("input[name=requester]", "sun")
    station.fill("input[name=title]", TITLE)
    station.fill("input[name=copies]", str(COPIES))
    station.select_option("select[name=device]", ROOM_PRINTER)
    station.fill("input[name=permit]", code)
    station.get_by_role("button", name="开始", exact=True).click()
    station.select_option("select[name=resolution]", "200")
    station.get_by_role("button", name="扫描", exact=True).click()
    expect(station.get_by_role("button", name="页面已齐，成为作业")).to_be_visible(timeout=60_000)
    expect(station.locator("figure", has_text=carrier)).to_have_count(PAGES)
    picture = station.locator("figure img").first
    expect(picture).to_have_js_property("complete", True)
    assert picture.evaluate("image => image.naturalHeight") == 360
    job = station.url.rsplit("/", 1)[1]
    station.get_by_role("button", name="页面已齐，成为作业").click()
    return job


def test_eight_pages_are_copied_three_times(house: House, browser: Browser) -> None:
    carrier = original(house)
    windows = {account: Window(browser, house, account) for account in ("sun", "li", "wu", "zheng", "lin")}
    permit = asked(windows["sun"].open("mine/request"))
    for approver in ("li", "wu"):
        approved(windows[approver].open("approve"), permit)
    code = slip_code(windows["zheng"].open(f"slips/permit/{permit}"))
    job = scanned(windows["zheng"].open("release/copy"), code, carrier)

    wait_until(lambda: house.ask("zheng", "job", "show", job)["codes"] == [], "the counting", 60)
    expect(windows["sun"].open("mine").locator("article", has_text=job)).to_contain_text("可以放行", timeout=60_000)
    at_device = windows["zheng"].open(f"release/{job}")
    at_device.get_by_role("button", name="认领").click()
    at_device.fill("input[name=password]", PASSWORD)
    at_device.get_by_role("button", name=f"放行 {COPIES} 份").click()
    expect(at_device.locator(".act")).to_contain_text(f"完好 {COPIES} 份", timeout=60_000)
    found = sheets(house.printer.received()[-1])
    assert [page.number for page in found] == [f"{copy:06d}" for copy in (1, 2, 3) for _ in range(PAGES)]

    books = windows["lin"].open("books?register=copy")
    row = books.locator("tr", has_text=permit)
    for told in (carrier, "000001", "000003", "24", "扫描后打印"):
        expect(row).to_contain_text(told)
    copies = house.ask("zheng", "carrier", "list", "--permit", permit)
    assert {(one["copy_number"], one["parent"]) for one in copies} == {(number, carrier) for number in (1, 2, 3)}
    one = windows["zheng"].open(f"carriers/one?name={copies[0]['carrier']}")
    one.get_by_role("link", name=carrier, exact=True).click()
    expect(one.locator("h1")).to_have_text(carrier)
    assert house.run("ledger", "verify", account="lin").status == 0
    assert [complaint for window in windows.values() for complaint in window.complaints] == []
