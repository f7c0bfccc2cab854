"""SC-22 Waste page reprint (R33 R39): the spoiled copy is withdrawn first; the same number, at most three times, of the approved pages."""

from __future__ import annotations

from pathlib import Path

import pytest

from rehearsal.papers import write_pdf
from tests.cups.paper import sheets
from tests.scenarios.conftest import PLAN_PAGES, Scene

pytestmark = [pytest.mark.cups, pytest.mark.timeout(300)]


def withdraw(scene: Scene, job: str, *more: str, check: bool = True) -> str:
    options = ("--sheets", "12", "--reason", "soiled", "--withdrawn-from", "赵敏", *more)
    return scene.house.run("job", "reprint", job, "6", *options, account="zheng", check=check).text


def reprinted(scene: Scene, permit: str) -> str:
    job = scene.lp(permit, "-o", "sides=two-sided-long-edge")
    (received,) = scene.release(job)
    assert {page.number for page in sheets(received)} == {"000006"}
    return str(job["job"])


def test_sc22_copy_6_is_smeared(scene: Scene, tmp_path: Path) -> None:
    permit = scene.p123()
    first = scene.lp(permit, "-n", "10", "-o", "sides=two-sided-long-edge")
    scene.at("03-12 09:14")
    scene.release(first)
    assert "E_QTY_EXCEEDED" in scene.lp(permit)["codes"]  # no copy is left while nothing was withdrawn
    assert "E_INVALID" in withdraw(scene, first["job"], "--sheets", "11", check=False)
    withdraw(scene, first["job"])
    changed = write_pdf(tmp_path / "changed.pdf", "另一份", PLAN_PAGES)
    assert scene.lp(permit, file=changed)["codes"] == ["E_HASH_MISMATCH"]
    counter = scene.counter()
    job = reprinted(scene, permit)
    assert scene.counter() == counter + 24
    rows = {row["job"]: row for row in scene.house.ask("zheng", "register", "show", "print", "--month", "2026-03")}
    assert (rows[first["job"]]["sheets_good"], rows[first["job"]]["sheets_waste"], rows[first["job"]]["copies_good"]) == (108, 12, 9)
    assert (rows[job]["sheets_good"], rows[job]["copy_from"], rows[job]["copy_to"]) == (12, "000006", "000006")
    shown = scene.house.ask("zhao", "permit", "show", permit)
    assert (shown["state"], shown["copies_good"]) == ("used_up", 10)
    for _ in range(2):
        withdraw(scene, job)
        job = reprinted(scene, permit)
    assert "E_REPRINT_LIMIT" in withdraw(scene, job, check=False)
    states = [carrier["state"] for carrier in scene.house.ask("zheng", "carrier", "list", "--permit", permit)]
    assert (states.count("printed"), states.count("void")) == (10, 3)
    assert scene.house.ask("zheng", "carrier", "show", permit, "000006")["state"] == "printed"
    assert [waste["sheets"] for waste in scene.house.ask("zheng", "carrier", "waste")] == [12, 12, 12]
    scene.house.run("ledger", "verify")
