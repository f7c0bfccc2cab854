"""No document fools the count or hides the stamp: it is refused with a code, or what comes out is right in every program (R10).

`./check` looks at every harmless-looking hazard with pdfium and at a sample with all programs; `./check --long` at all with all.
"""

from __future__ import annotations

import os
import resource
import time
from collections.abc import Callable
from pathlib import Path

import pypdfium2
import pytest

from gateway.domain.codes import Code
from tests.watermark import hazards
from tests.watermark.engines import PLAN, RENDERERS, codes_in, counts, counts_by_libraries, faults_found_by_qpdf
from tests.watermark.papers import in_memory
from tests.watermark.stamped import fonts_for
from watermark import Inspection, StampPlan, sandbox
from watermark.model import PageClass

DPI, SMALLEST_SIDE = 200, 419.5
"""The code is to be read at 200 dpi on A5 and larger; on a smaller page it is smaller, and read at more."""

BOMB_SECONDS = 10
NOT_BOMBS = [name for name in hazards.ALL if not name.startswith("bombs/")]
BOMBS = [name for name in hazards.ALL if name.startswith("bombs/")]
SAMPLE = (
    "files/two documents, offsets mended",
    "pages/a sheet over the page",
    "pages/a field over the page",
    "pages/closed too often, then moved",
    "pages/a string without an end",
    "pages/all black",
    "pages/cropped and turned",
    "pages/a layer left open",
    "pages/a mask left over",
)
BOMB_SAMPLE = (
    "bombs/content of 1.2 GB, packed twice",
    "bombs/forms in forms, ten times each",
    "bombs/a picture that says it is endless",
    "bombs/fifty thousand annotations",
)
SLOW_ELSEWHERE = {"bombs/dashes without end": {"poppler"}, "bombs/a line of a million miles": {"poppler", "ghostscript"}}
"""Pages that take pdfium and MuPDF a moment and these programs half a minute of the processor, because they make every dash. They are
not refused (docs/stamping.md says why), and not painted with these here."""


def outcome(content: bytes, stamped_file: Path, plan: StampPlan = PLAN) -> Inspection:
    """Count it in the child; when it is taken, `stamped_file` holds its copies."""
    with in_memory(content) as source, in_memory() as base, in_memory() as out:
        found = sandbox.make_base([source], base)
        if found.verdict == "ok":
            sandbox.fan_out(base, out, plan, fonts=fonts_for(plan, None))
            out.seek(0)
            stamped_file.write_bytes(out.read())
        return found


def check_refused(found: Inspection) -> None:
    assert found.verdict in Code.__members__
    assert found.reasons
    assert (found.pages, found.page_hash) == (0, "")


def check_shown(file: Path, renderers: set[str]) -> None:
    """The code stands in two opposite corners, on cards and labels in one, and all are there to be read; slips say it in words."""
    page = pypdfium2.PdfDocument(file)[0]
    size = page.get_size()
    codes = {PageClass.TINY: 0, PageClass.SMALL: 1}.get(PageClass.of(*size), 2)
    words = page.get_textpage().get_text_bounded()
    assert all(needed in words for needed in (PLAN.permit_no, f"{PLAN.copies[0].number:06d}", PLAN.release_tag))
    dpi = round(DPI * max(1.0, SMALLEST_SIDE / min(size)))
    for name in sorted(renderers):
        assert codes_in(RENDERERS[name](file, dpi)) == [PLAN.copies[0].qr] * codes, name


def check_everywhere(found: Inspection, file: Path, without: set[str]) -> None:
    assert set(counts(file).values()) == {found.pages * len(PLAN.copies)}, counts(file)
    assert not faults_found_by_qpdf(file)
    check_shown(file, set(RENDERERS) - without)


@pytest.mark.parametrize("name", NOT_BOMBS)
def test_refused_with_a_code_or_stamped(name: str, tmp_path: Path) -> None:
    file = tmp_path / "stamped.pdf"
    found = outcome(hazards.ALL[name](), file)
    if found.verdict == "ok":
        assert set(counts_by_libraries(file).values()) == {found.pages * len(PLAN.copies)}
        check_shown(file, {"pdfium"})
    else:
        check_refused(found)


@pytest.mark.parametrize("name", [*SAMPLE, *(pytest.param(name, marks=pytest.mark.long) for name in NOT_BOMBS if name not in SAMPLE)])
def test_whatever_is_stamped_is_right_in_every_program(name: str, tmp_path: Path) -> None:
    file = tmp_path / "stamped.pdf"
    found = outcome(hazards.ALL[name](), file)
    if found.verdict == "ok":
        check_everywhere(found, file, set())


@pytest.mark.parametrize("name", [*BOMB_SAMPLE, *(pytest.param(name, marks=pytest.mark.long) for name in BOMBS if name not in BOMB_SAMPLE)])
def test_bombs_are_refused_in_ten_seconds_and_the_parent_does_not_grow(
    name: str, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    file, bomb = tmp_path / "stamped.pdf", hazards.ALL[name]()
    with in_memory(b"one line") as source, in_memory() as base:
        sandbox.make_base([source], base)  # so that the warm process is there
    before, began, spent = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.monotonic(), time.process_time()
    found = outcome(bomb, file)
    took, load = time.monotonic() - began, os.getloadavg()[0] / (os.cpu_count() or 1)
    for what, number in (("s", round(took, 1)), ("load of a core", round(load, 1)), (found.verdict, 1)):
        record_property(what, number)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 20_000, "kilobytes"
    assert time.process_time() - spent < 1
    assert took < BOMB_SECONDS * max(1.0, load), "longer on a busy machine"
    if found.verdict == "ok":
        check_everywhere(found, file, SLOW_ELSEWHERE.get(name, set()))
    else:
        check_refused(found)


def test_there_are_as_many_hazards_as_promised() -> None:
    assert len(hazards.ALL) >= 40
    assert {*SAMPLE, *BOMB_SAMPLE, *SLOW_ELSEWHERE} <= set(hazards.ALL)
