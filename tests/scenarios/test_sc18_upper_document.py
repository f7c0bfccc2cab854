"""SC-18 Upper-level document (R02 R13 R14 R25): scanned by a network scanner, copied with its issuer's consent, managed as the original."""

from __future__ import annotations

import re
from typing import Any

import pytest

from rehearsal.papers import write_pdf
from rehearsal.scans import stack_of
from tests.cups.paper import release, sheets
from tests.scenarios.conftest import Scene

pytestmark = pytest.mark.cups
PAGES, COPIES = 8, 3
NOTICE = ("--origin", "superior", "--issuer", "省办", "--no-copy-notice", "--doc-no", "省文〔2026〕8号")
TITLE = "关于加强文印管理的通知"
MARK = ("--title", TITLE, "--pages", str(PAGES), "--level", "jimi", "--term", "10年", "--purpose", "传达")
"""Both permits are asked for in advance: that approvers page through what was scanned is tried elsewhere, and takes half a minute here."""


def original(scene: Scene) -> tuple[str, list[bytes]]:
    """The paper from above as it was registered here: its carrier, and its pages as they lie in the feeder."""
    house = scene.house
    scene.at("03-12 09:10")
    permit = house.ask("zhao", "permit", "request", *MARK, *NOTICE, "--copies", "1", "--scope", "D03=1")["permit"]
    house.approve(permit, "li", "wu")
    job = house.print_file(write_pdf(house.root / "sc18.pdf", TITLE, PAGES), "-o", f"permit={permit}")["job"]
    (printed,) = release(house, job)
    carrier = house.ask("zheng", "carrier", "list", "--permit", permit)[0]["carrier"]
    return str(carrier), stack_of(printed.read_bytes())


def row_of(house: Any, job: str) -> dict[str, Any]:
    return next(row for row in house.ask("lin", "register", "show", "copy", "--month", "2026-03") if row["job"] == job)


def test_no_copy_without_the_issuers_consent_then_three_of_eight_pages(scene: Scene) -> None:
    house = scene.house
    carrier, house.scanner.pages = original(scene)
    asked = ("permit", "request", "--kind", "copy", *MARK, *NOTICE, "--copies", str(COPIES), "--scope", f"D03={COPIES}")
    permit = house.ask("sun", *asked)["permit"]
    house.run("permit", "approve", permit, account="li")
    wish = ("--for", "sun", "--device", "PRN-JY-01", "--copies", str(COPIES), "--title", TITLE, "--resolution", "200", "--permit", permit)
    scan = house.ask("zheng", "copy", "scan", *wish)
    job = scan["job"]
    assert [page["carriers"] for page in scan["pages"]] == [[carrier]] * PAGES
    scene.wait_counted(job)
    assert "E_UPPER_DOC_NO_CONSENT" in house.ask("zheng", "job", "show", job)["codes"]
    letter = ("省办函〔2026〕12号", "2026-03-11", "王处长")
    house.run("permit", "consent", permit, *letter, account="li")
    house.run("permit", "approve", permit, account="wu")
    assert house.ask("zheng", "job", "show", job)["codes"] == []
    (copies,) = release(house, job)
    pages = sheets(copies)
    assert [page.number for page in pages] == [f"{copy:06d}" for copy in range(1, COPIES + 1) for _ in range(PAGES)]
    firsts = pages[::PAGES]
    assert all("机密★10年" in page.text for page in pages), "the mark is the original's"
    for number, first in enumerate(firsts, 1):
        seal = re.sub(r"\s", "", first.text)
        for part in (f"复制件{number:06d}", house.settings.unit.replace(" ", ""), "2026-03-12复制"):
            assert part in seal
    made = house.ask("zheng", "carrier", "list", "--permit", permit)
    assert [(one["copy_number"], one["parent"]) for one in reversed(made)] == [(number, carrier) for number in (1, 2, 3)]
    row = row_of(house, job)
    assert (row["original_carrier"], row["original_copy"], row["copies_good"], row["sheets_good"]) == (carrier, "000001", 3, 24)
    assert (row["issuer_consent"], row["status"]) == ("省办函〔2026〕12号 2026-03-11 王处长", "completed")
    assert house.run("ledger", "verify", account="lin").status == 0
