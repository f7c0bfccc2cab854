"""SC-09 More copies than approved, four ways (R10): each gives 0 pages."""

from __future__ import annotations

from pathlib import Path

import pikepdf
import pytest

from tests.cups.paper import permit_for, sheets
from tests.scenarios.conftest import Scene

pytestmark = pytest.mark.cups


def refused(scene: Scene, job: dict[str, object], before: int) -> None:
    assert not job["releasable"]
    scene.house.run("job", "claim", str(job["job"]), account="zheng", check=False)
    assert scene.house.run("job", "release", str(job["job"]), account="zheng", check=False).status == 1
    assert scene.counter() == before


def test_eleven_at_once(scene: Scene) -> None:
    job = scene.lp(scene.p123(), "-n", "11")
    assert job["codes"] == ["E_QTY_EXCEEDED"]
    refused(scene, job, scene.counter())


def test_six_and_then_five(scene: Scene) -> None:
    permit = scene.p123()
    scene.release(scene.lp(permit, "-n", "6"))
    before = scene.counter()
    job = scene.lp(permit, "-n", "5")
    assert job["codes"] == ["E_QTY_EXCEEDED"]
    refused(scene, job, before)


def test_the_document_repeated_inside_the_document(scene: Scene, tmp_path: Path) -> None:
    before = scene.counter()
    with pikepdf.open(scene.plan) as plan, pikepdf.new() as repeated:
        for _ in range(11):
            repeated.pages.extend(plan.pages)
        repeated.save(tmp_path / "repeated.pdf")
    job = scene.lp(scene.p123(), file=tmp_path / "repeated.pdf")
    assert (job["pages"], "E_PAGES_MISMATCH" in job["codes"]) == (264, True)
    refused(scene, job, before)


def test_copies_inside_the_data_stream(scene: Scene, tmp_path: Path) -> None:
    before = scene.counter()
    page = "/Helvetica findfont 20 scalefont setfont 72 700 moveto (page) show showpage\n"
    (tmp_path / "copies.ps").write_text(
        "%!PS-Adobe-3.0\n%%Requirements: numcopies(11)\n/#copies 11 def << /NumCopies 11 >> setpagedevice\n" + page * 2
    )
    filtered = scene.house.print_file(tmp_path / "copies.ps")
    assert filtered["copies"] == 1
    permit_for(scene.house, filtered["job"], copies=1)
    (received,) = scene.release(filtered)
    assert len(sheets(received)) == filtered["pages"], "one copy of what was counted"
    before = scene.counter()
    for name, content in (
        ("pjl", b"\x1b%-12345X@PJL SET COPIES=11\r\n@PJL ENTER LANGUAGE=PCL\r\nx\x0c\x1b%-12345X"),
        ("pcl", b"\x1bE\x1b&l11Xhello\x0c\x1bE"),
    ):
        (tmp_path / name).write_bytes(content)
        raw = scene.lp(scene.p123(), "-o", "raw", file=tmp_path / name)
        assert (raw["stage"], raw["codes"][0]) == ("refused", "E_FORMAT")
    raw = scene.lp(scene.p123(), "-o", "raw", file=tmp_path / "copies.ps")
    assert (raw["stage"], raw["codes"][0]) == ("refused", "E_FORMAT")
    assert scene.counter() == before
