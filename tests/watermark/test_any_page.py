"""Whatever tree, boxes, rotation, unit and left-over state a page has: counted right, and the stamp is there to be read (hypothesis)."""

from __future__ import annotations

import io
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st

from tests.watermark.engines import PLAN, RENDERERS, counts_by_libraries
from tests.watermark.hazards.writing import FONT, stream, written
from tests.watermark.test_hazards import check_shown
from watermark import FontFiles, load_template, make_base
from watermark.fanout import faces_for, fan_out_with
from watermark.layout import Fonts

TEMPLATE = load_template(PLAN.kind)

Tree = list["Tree"] | int
"""A node with kids, or the number of a page's look."""

BEFORE = ("q", "Q", "0.5 0 0 2 10 10 cm", "0 1 -1 0 0 0 cm", "1 g", "0 0 9 9 re W n", "3 Tr")
AFTER = ("q", "Q", "Q Q", "(", "<", "[", "BT", "ET", "0.001 0 0 0.001 0 0 cm", "/X gs", "BI")
LOOKS = st.fixed_dictionaries(
    {
        "media": st.tuples(st.integers(-2000, 2000), st.integers(-2000, 2000), st.integers(300, 1200), st.integers(300, 1200)),
        "crop": st.none() | st.tuples(*(st.floats(0, 0.2) for _ in range(4))),
        "turn": st.sampled_from([None, 0, 90, 180, 270, -90, 450, 45]),
        "unit": st.sampled_from([None, 0.75, 1, 1.5, 3]),
        "upside_down": st.booleans(),
        "extra_boxes": st.booleans(),
        "before": st.lists(st.sampled_from(BEFORE), max_size=6),
        "after": st.lists(st.sampled_from(AFTER), max_size=4),
    }
)
TREES = st.recursive(st.integers(0, 5), lambda kids: st.lists(kids, min_size=1, max_size=4), max_leaves=12)


@cache
def faces() -> Fonts:
    """Read once: cutting the stamp's fonts takes half a second."""
    return faces_for(PLAN, TEMPLATE, FontFiles())


def page_entries(look: dict[str, object]) -> str:
    x, y, width, height = look["media"]  # type: ignore[misc]
    corners = (x + width, y + height, x, y) if look["upside_down"] else (x, y, x + width, y + height)
    entries = "/MediaBox[{} {} {} {}]".format(*corners)
    if look["crop"]:
        left, low, right, high = look["crop"]  # type: ignore[misc]
        crop = (x + width * left, y + height * low, x + width * (1 - right), y + height * (1 - high))
        entries += "/CropBox[{:.3f} {:.3f} {:.3f} {:.3f}]".format(*crop)
    if look["turn"] is not None:
        entries += f"/Rotate {look['turn']}"
    if look["unit"] is not None:
        entries += f"/UserUnit {look['unit']}"
    if look["extra_boxes"]:
        entries += f"/TrimBox[{x + 5} {y + 5} {x + 25} {y + 25}]/ArtBox[{x} {y} {x + 1} {y + 1}]"
    return entries


def plan_of(tree: Tree, looks: list[dict[str, object]]) -> tuple[bytes, int]:
    """The document, and how many pages it has."""
    bodies: dict[int, str | bytes] = {1: "<</Type/Catalog/Pages 2 0 R>>", 8: FONT}
    contents = {}
    for at, look in enumerate(looks):
        content = " ".join([*look["before"], "BT /H 20 Tf 30 30 Td (page) Tj ET", *look["after"]])  # type: ignore[misc]
        contents[at] = 20 + at
        bodies[20 + at] = stream(content)
    free = iter(range(40, 1000))

    def add(node: Tree, parent: int, serial: int) -> int:
        if isinstance(node, int):
            at = node % len(looks)
            bodies[serial] = (
                f"<</Type/Page/Parent {parent} 0 R{page_entries(looks[at])}/Resources<</Font<</H 8 0 R>>>>/Contents {contents[at]} 0 R>>"
            )
            return 1
        kids = [next(free) for _ in node]
        pages = sum(add(kid, serial, number) for kid, number in zip(node, kids, strict=True))
        above = "" if parent == 0 else f"/Parent {parent} 0 R"
        bodies[serial] = f"<</Type/Pages{above}/Count {pages}/Kids[{' '.join(f'{kid} 0 R' for kid in kids)}]>>"
        return pages

    count = add(tree if isinstance(tree, list) else [tree], 0, 2)
    return written(bodies), count


def check(tree: Tree, looks: list[dict[str, object]], renderers: set[str]) -> None:
    content, pages = plan_of(tree, looks)
    base, out = io.BytesIO(), io.BytesIO()
    found = make_base([io.BytesIO(content)], base)
    if found.verdict == "E_LIMIT":  # a crop or a unit made it too small
        assert "measures" in found.reasons[0]
        return
    assert (found.verdict, found.pages) == ("ok", pages), found.reasons
    fan_out_with(base, out, PLAN, faces(), TEMPLATE)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "stamped.pdf"
        file.write_bytes(out.getvalue())
        assert set(counts_by_libraries(file).values()) == {pages * len(PLAN.copies)}
        check_shown(file, renderers)


SEED = 20261125
QUIETLY = {"deadline": None, "suppress_health_check": list(HealthCheck)}


@settings(max_examples=12, **QUIETLY)  # type: ignore[arg-type]
@given(tree=TREES, looks=st.lists(LOOKS, min_size=1, max_size=4))
def test_any_page_is_counted_and_shows_its_stamp(tree: Tree, looks: list[dict[str, object]]) -> None:
    check(tree, looks, {"pdfium", "poppler"})


@pytest.mark.long
def test_very_many_pages_are_counted_and_show_their_stamps(record_property: Callable[[str, object], None]) -> None:
    done = 0

    @seed(SEED)
    @settings(max_examples=400, **QUIETLY)  # type: ignore[arg-type]
    @given(tree=TREES, looks=st.lists(LOOKS, min_size=1, max_size=4))
    def campaign(tree: Tree, looks: list[dict[str, object]]) -> None:
        nonlocal done
        check(tree, looks, set(RENDERERS))
        done += 1

    campaign()
    record_property("documents", done)
    record_property("seed", SEED)
