"""SC-03 Unclassified printing stays easy: under the department's standing permit, with nobody asked."""

from __future__ import annotations

import time

import pytest

from rehearsal.papers import write_pdf
from rehearsal.processes import wait_until
from tests.cups.paper import sheets
from tests.scenarios.conftest import Scene

pytestmark = pytest.mark.cups
ADDED_DELAY_SECONDS = 5


def test_seven_duplex_pages_come_out_at_once(scene: Scene) -> None:
    house = scene.house
    scene.at("03-12 09:30")
    scene.seat("qian", "nobody")
    house.cups.add_gate_queue("caiwu", house.settings.intake_socket)
    allowance = ("--monthly", "500", "--valid-to", "2026-12-31T18:00", "--device", "PRN-D03-02", "--purpose", "日常用纸")
    asked = house.ask("qian", "permit", "request", "--kind", "standing", "--level", "公开", *allowance)
    house.run("permit", "approve", asked["permit"], account="gu")
    notice = write_pdf(scene.house.root / "notice.pdf", "通知", 7)
    paper_before, before = department_paper(scene), scene.counter()
    handed_over = time.monotonic()
    house.cups.lp("caiwu", notice, "-o", "sides=two-sided-long-edge", "-o", "level=公开", user="nobody")
    wait_until(lambda: scene.counter() > before, "the paper", 60)
    delay = time.monotonic() - handed_over
    job = house.ask("zheng", "job", "list")[0]
    wait_until(lambda: house.ask("zheng", "job", "show", job["job"])["stage"] == "completed", "the end", 60)
    assert (job["requester"], job["device"], job["permit"], job["mark"]) == ("qian", "PRN-D03-02", asked["permit"], "")
    assert delay <= ADDED_DELAY_SECONDS
    received = house.printer.received()[-1]
    pages = sheets(received)
    assert len(pages) == 8, "seven pages and the back of the last sheet"
    assert not any("★" in page.text for page in pages)
    (row,) = [row for row in house.ask("zheng", "register", "show", "print", "--month", "2026-03") if row["job"] == job["job"]]
    assert {name: row[name] for name in ("department", "paper", "sheets_good", "copies_good", "operator")} == {
        "department": "D02 规划处", "paper": "A4", "sheets_good": 4, "copies_good": 1, "operator": "gateway",
    }  # fmt: skip
    assert [after - earlier for after, earlier in zip(department_paper(scene), paper_before, strict=True)] == [4, 7]
    assert house.ask("qian", "permit", "list", "--standing")[0]["months"] == {"2026-03": 4}


def department_paper(scene: Scene) -> list[int]:
    """Sheets and sides D02 has used this month."""
    (line,) = [line for line in scene.house.ask("zheng", "stats", "paper", "--month", "2026-03") if line["department"] == "D02"]
    return [line["sheets_total"], line["impressions"]]
