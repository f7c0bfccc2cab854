"""SC-04 Stamp content and place (R07 R52)."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from rehearsal.papers import write_pdf
from tests.cups.paper import sheets
from tests.scenarios.conftest import PLAN_PAGES, Scene

pytestmark = pytest.mark.cups
WORD = re.compile(r'<word xMin="([\d.]+)" yMin="([\d.]+)" xMax="[\d.]+" yMax="([\d.]+)">([^<]+)<')


def words_of(file: Path, page: int) -> list[tuple[str, float, float]]:
    command = ["pdftotext", "-bbox", "-f", str(page), "-l", str(page), str(file), "-"]
    found = WORD.findall(subprocess.run(command, check=True, capture_output=True, encoding="utf-8").stdout)
    return [(word, float(x), (float(top) + float(bottom)) / 2) for x, top, bottom, word in found]


def test_number_and_mark_in_their_places_on_copy_3(scene: Scene) -> None:
    permit = scene.p123()
    (received,) = scene.release(scene.lp(permit, "-n", "10"))
    first_page_of_copy_3 = 2 * PLAN_PAGES + 1
    words = words_of(received, first_page_of_copy_3)
    number = next(word for word in words if word[0] == "000003" and word[2] < 200)
    mark = next(word for word in words if word[0] == "秘密★5年" and word[2] < 200)
    assert number[1] == pytest.approx(79.4, abs=1)
    assert mark[1] == pytest.approx(79.4, abs=1)
    assert mark[2] - number[2] == pytest.approx(28.99, abs=2)
    pages = sheets(received)
    assert len(pages) == 10 * PLAN_PAGES
    for index, page in enumerate(pages):
        for needed in (permit, f"{index // PLAN_PAGES + 1:06d}", "赵敏", "2026-03-12"):
            assert needed in page.text


def test_a_source_that_bears_the_mark_gets_no_second_one(scene: Scene, tmp_path: Path) -> None:
    marked = write_pdf(tmp_path / "marked.pdf", "关于印制工作的通知", 2, mark="秘密★5年")
    job = scene.house.print_file(marked)
    asked = scene.house.ask(
        "zhao", "permit", "request", "--job", job["job"], "--level", "mimi", "--term", "5年", "--copies", "1", "--purpose", "x"
    )
    scene.house.approve(asked["permit"], "li", "wu")
    (received,) = scene.release(job)
    top = [(word, x, y) for word, x, y in words_of(received, 1) if y < 400]
    ((_, number_x, number_y),) = [found for found in top if found[0] == "000001"]
    ((_, mark_x, mark_y),) = [found for found in top if found[0] == "秘密★5年"]
    assert (number_x, mark_x) == (pytest.approx(79.4, abs=1), pytest.approx(79.4, abs=1))
    assert mark_y - number_y == pytest.approx(28.99, abs=2), "the document's own mark stands in line 2, the number in line 1"
