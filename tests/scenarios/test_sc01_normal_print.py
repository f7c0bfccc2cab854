"""SC-01 Normal print, operator on behalf (R05 R10 R25 R52 R57 R58 R76)."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from rehearsal.processes import wait_until
from tests.cups.paper import sheets
from tests.scenarios.conftest import Scene, opened

pytestmark = pytest.mark.cups


@pytest.fixture(scope="module")
def scene() -> Iterator[Scene]:
    """A room of its own: what is counted here is all there is."""
    with opened() as room:
        yield room


def test_ten_numbered_copies_by_the_operator(scene: Scene) -> None:
    permit = scene.p123()
    assert permit == "ZYZ-2026-000123-L"
    job = scene.lp(permit, "-n", "10", "-o", "sides=two-sided-long-edge")
    assert (job["stage"], job["releasable"], scene.counter()) == ("held", True, 0)
    scene.at("03-12 09:14")
    (received,) = scene.release(job)
    assert scene.counter() == 240
    assert [page.number for page in sheets(received)[::24]] == [f"{number:06d}" for number in range(1, 11)]
    (row,) = scene.house.ask("zheng", "register", "show", "print", "--month", "2026-03")
    assert {name: row[name] for name in ("pages", "copies_approved", "copies_this", "copies_total", "sheets_good")} == {
        "pages": 24, "copies_approved": 10, "copies_this": 10, "copies_total": 10, "sheets_good": 120,
    }  # fmt: skip
    assert (row["requester"], row["operator"], row["department"], row["mark"]) == ("赵敏", "郑洁", "D02 规划处", "秘密★5年")
    paper = {line["department"]: line["sheets_total"] for line in scene.house.ask("zheng", "stats", "paper", "--month", "2026-03")}
    assert (paper["D02"], paper["D01"]) == (120, 0)
    assert scene.house.ask("zhao", "permit", "show", permit)["state"] == "used_up"
    carriers = scene.house.ask("zheng", "carrier", "list", "--permit", permit)
    assert sorted(carrier["copy_number"] for carrier in carriers) == list(range(1, 11))
    assert {(carrier["mark"], carrier["state"], carrier["custodian"]) for carrier in carriers} == {("秘密★5年", "printed", "zheng")}
    wait_until(lambda: not any((scene.house.settings.spool / "objects").glob("*/*")), "the content's end", 60)
    scene.house.run("ledger", "verify")
