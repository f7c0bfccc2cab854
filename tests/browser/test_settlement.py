"""A jam after 3 of 10 copies, settled in the browser by what lies in the tray (R11, R33; I5)."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from rehearsal.house import House
from rehearsal.papers import write_pdf
from rehearsal.people import PASSWORD
from rehearsal.processes import wait_until
from tests.browser.window import Window
from tests.cups.paper import permit_for, sheets

pytestmark = [pytest.mark.browser, pytest.mark.cups]


def test_a_jam_after_three_of_ten(house: House, browser: Browser, tmp_path: Path) -> None:
    jammed, pictures = house.root / "jammed", os.environ.get("IMPRIMATUR_PICTURES")
    command = house.root / "jams"
    command.write_text(f"#!/bin/sh\n[ ! -e {jammed} ]\n")
    command.chmod(0o755)
    jammed.touch()
    device = house.second_printer("jamming-printer", command)
    house.cups.add_gate_queue("jams", house.settings.intake_socket)
    options = ("--queue", "jams", "--designated", "--max-level", "jimi", "--name", "会卡纸的打印机")
    house.run("device", "add", "PRN-JAM-01", "--uri", device.uri, *options, account="feng")
    job = house.print_file(write_pdf(tmp_path / "年度计划.pdf", "年度计划", 2), "-n", "10", queue="jams")["job"]
    permit_for(house, job, copies=10)
    house.run("job", "claim", job, account="zheng")
    house.run("job", "release", job, account="zheng")
    wait_until(lambda: house.ask("zheng", "job", "show", job)["stage"] == "unresolved", "the doubt", 30)

    operator = Window(browser, house, "zheng")
    page = operator.open("release")
    expect(page.locator(".notice.bad")).to_contain_text("先清点纸张")
    page.get_by_role("link", name=job).click()
    if pictures:
        page.screenshot(path=Path(pictures) / "settle-1.png", full_page=True)
    page.get_by_label("您手里最后一份完好的是").select_option(label="000003")
    page.get_by_label("其后损坏的张数").fill("2")
    page.get_by_role("button", name="照此填表").click()
    assert page.locator("input[type=radio][name^=outcome]:checked").count() == 10
    if pictures:
        page.screenshot(path=Path(pictures) / "settle-2.png", full_page=True)
    jammed.unlink()
    page.fill("input[name=password]", PASSWORD)
    page.get_by_role("button", name="结算").click()
    wait_until(lambda: house.ask("zheng", "job", "show", job)["stage"] == "completed", "the rest", 30)
    first, rest = device.received()
    assert [page.number for page in sheets(rest)] == [f"{number:06d}" for number in range(4, 11) for _ in range(2)]
    assert len(sheets(first)) == 20
    shown = house.ask("zheng", "job", "show", job)
    assert shown["copies_good"] == 10
    assert operator.complaints == []
