"""Copying in Chromium: an operator scans eight pages of one of our papers, the permit comes by its slip's code, three copies come out."""

from __future__ import annotations

from pathlib import Path

import pytest
import zxingcpp
from PIL import Image
from playwright.sync_api import Browser, expect

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


def slip_code(house: House, permit: str, file: Path) -> str:
    """What a hand-held reader types when it is held on the permit's slip."""
    house.run("permit", "slip", permit, "--png", str(file), account="zheng")
    with Image.open(file) as slip:
        codes = zxingcpp.read_barcodes(slip, formats=zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode))
    return codes[0].text


def test_eight_pages_are_copied_three_times(house: House, browser: Browser, tmp_path: Path) -> None:
    first = house.print_file(write_pdf(tmp_path / "通知.pdf", "通知", PAGES))["job"]
    made = permit_for(house, first, copies=1, scope="D03=1")
    house.scanner.pages = stack_of(release(house, first)[0].read_bytes())
    original = house.ask("zheng", "carrier", "list", "--permit", made)[0]["carrier"]
    amounts = ("--pages", str(PAGES), "--copies", str(COPIES), "--scope", f"D03={COPIES}", "--original", made)
    paper = ("--title", "通知", "--level", "mimi", "--term", "5年", "--purpose", "传达")
    permit = house.ask("sun", "permit", "request", "--kind", "copy", *paper, *amounts)["permit"]
    house.approve(permit, "li", "wu")
    windows = {account: Window(browser, house, account) for account in ("zheng", "sun")}

    station = windows["zheng"].open("release/copy")
    station.fill("input[name=requester]", "sun")
    station.fill("input[name=title]", "通知")
    station.fill("input[name=copies]", str(COPIES))
    station.select_option("select[name=device]", ROOM_PRINTER)
    station.get_by_role("button", name="开始", exact=True).click()
    station.select_option("select[name=resolution]", "200")
    station.get_by_role("button", name="扫描", exact=True).click()
    expect(station.get_by_role("button", name="页面已齐，成为作业")).to_be_visible(timeout=60_000)
    expect(station.locator("figure", has_text=original)).to_have_count(PAGES)
    picture = station.locator("figure img").first
    expect(picture).to_have_js_property("complete", True)
    assert picture.evaluate("image => image.naturalHeight") == 360
    job = station.url.rsplit("/", 1)[1]
    station.get_by_role("button", name="页面已齐，成为作业").click()
    wait_until(lambda: house.ask("zheng", "job", "show", job)["codes"] == ["E_NO_PERMIT"], "the counting", 60)

    mine = windows["sun"].open("mine")
    card = mine.locator("article", has_text=job)
    card.locator("input[name=permit]:visible").fill(slip_code(house, permit, tmp_path / "slip.png"))
    card.locator("form", has=mine.locator("input[name=permit]:visible")).get_by_role("button").click()
    expect(mine.locator("article", has_text=job)).to_contain_text("可以放行", timeout=30_000)

    at_device = windows["zheng"].open(f"release/{job}")
    at_device.get_by_role("button", name="认领").click()
    at_device.fill("input[name=password]", PASSWORD)
    at_device.get_by_role("button", name=f"放行 {COPIES} 份").click()
    expect(at_device.locator(".act")).to_contain_text(f"完好 {COPIES} 份", timeout=60_000)

    found = sheets(house.printer.received()[-1])
    assert [page.number for page in found] == [f"{copy:06d}" for copy in (1, 2, 3) for _ in range(PAGES)]
    copies = house.ask("zheng", "carrier", "list", "--permit", permit)
    assert {(one["copy_number"], one["parent"]) for one in copies} == {(number, original) for number in (1, 2, 3)}
    row = next(row for row in house.ask("lin", "register", "show", "copy") if row["job"] == job)
    assert (row["permit_no"], row["copies_good"], row["sheets_good"], row["original_carrier"]) == (permit, 3, 24, original)
    assert house.run("ledger", "verify", account="lin").status == 0
    assert [complaint for window in windows.values() for complaint in window.complaints] == []
