"""A site's own stamp templates, from its folder to what the device gets: every page, and only where the site wants it (R08, R52)."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from rehearsal.house import CommandFailedError, House
from rehearsal.papers import write_pdf
from tests.cups.paper import permit_for, release, sheets

pytestmark = pytest.mark.cups

OWN = """
like = "print"

[text.who]
text = ["{unit} {department} {requester}", "{printed_at}", "放行 {release_tag}"]
at = "bottom-left"
x_mm = 24
y_mm = 8.6
size_pt = 7
sizes = ["standard"]

[text.approved]
text = ["本馆自用", "批准{copies_approved}份"]
at = "top-left"
x_mm = 28
y_mm = 12
size_pt = 9
on = "first"

[text.page]
leave_out = true
"""


@pytest.fixture(scope="module")
def house() -> Iterator[House]:
    root = Path(tempfile.mkdtemp(prefix="imprimatur-test-", dir="/tmp"))
    (folder := root / "templates").mkdir()
    (folder / "print.toml").write_text(OWN, encoding="utf-8")
    try:
        with House(root, stamp_templates=str(folder)) as opened:
            yield opened
    finally:
        shutil.rmtree(root, ignore_errors=True)


def test_the_device_gets_pages_stamped_by_the_sites_template(house: House, tmp_path: Path) -> None:
    job = house.print_file(write_pdf(tmp_path / "paper.pdf", "测试文件", 2), "-n", "3")
    permit_for(house, job["job"], copies=5)
    (received,) = release(house, job["job"])
    pages = sheets(received)
    assert [page.number for page in pages] == ["000001"] * 2 + ["000002"] * 2 + ["000003"] * 2
    assert len({code for page in pages for code in page.codes}) == 3
    for index, page in enumerate(pages):
        assert f"{house.settings.unit} " in page.text, "the site's line stands on every page"
        assert ("本馆自用 · 批准5份" in page.text) is (index % 2 == 0), "what is for the first page stands there alone"
        assert "页/共" not in page.text, "what the site left out is not there"


def test_a_template_spoiled_later_stops_the_next_start_and_is_named(house: House) -> None:
    file = house.root / "templates" / "print.toml"
    house.stop_gateway()
    file.write_text(OWN.replace("{copies_approved}", "{copies_aproved}"), encoding="utf-8")
    told = house.run("doctor", check=False)
    assert (told.status, "there is no field {copies_aproved}" in told.text) == (1, True), told.text
    with pytest.raises(CommandFailedError, match="E_TEMPLATE"):
        house.start_gateway()
    file.write_text(OWN, encoding="utf-8")
    house.start_gateway()
