"""A page's true frame: crop box, rotation, unit and origin in one matrix (PDF 32000-1 §14.11.2, §7.7.3.3)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pikepdf

from watermark.errors import DocumentRefused
from watermark.model import Limits

_DEEPEST_TREE = 64


@dataclass(frozen=True, slots=True)
class Frame:
    """`bbox` clips the page's content in its own space; `matrix` takes it to a page of `width` × `height` points at (0, 0)."""

    bbox: tuple[float, float, float, float]
    matrix: tuple[float, float, float, float, float, float]
    width: float
    height: float


def frame_of(page: pikepdf.Object, limits: Limits) -> Frame:
    """Work out a page's frame; raises DocumentRefused E_DAMAGED or E_LIMIT for one that cannot be printed."""
    media = _box(page, "/MediaBox")
    if media is None:
        raise DocumentRefused("E_DAMAGED", "a page has no MediaBox")
    crop = _box(page, "/CropBox") or media
    x0, y0, x1, y1 = max(crop[0], media[0]), max(crop[1], media[1]), min(crop[2], media[2]), min(crop[3], media[3])
    if x1 <= x0 or y1 <= y0:
        x0, y0, x1, y1 = media
    unit = float(page.get("/UserUnit", 1))
    if not 0 < unit <= 1000:
        raise DocumentRefused("E_DAMAGED", "a page has an impossible UserUnit")
    width, height = (x1 - x0) * unit, (y1 - y0) * unit
    if not (limits.min_side <= width <= limits.max_side and limits.min_side <= height <= limits.max_side):
        raise DocumentRefused("E_LIMIT", f"a page measures {width:.0f} × {height:.0f} pt")
    turn = _rotation(page)
    matrices = {
        0: (unit, 0.0, 0.0, unit, -x0 * unit, -y0 * unit),
        90: (0.0, -unit, unit, 0.0, -y0 * unit, x1 * unit),
        180: (-unit, 0.0, 0.0, -unit, x1 * unit, y1 * unit),
        270: (0.0, unit, -unit, 0.0, y1 * unit, -x0 * unit),
    }
    if turn in (90, 270):
        width, height = height, width
    return Frame((x0, y0, x1, y1), matrices[turn], width, height)


def inherited(page: pikepdf.Object, key: str) -> Any:
    """An attribute of a page or of the nodes above it; None when it is nowhere."""
    node = page
    for _ in range(_DEEPEST_TREE):
        if key in node:
            return node[key]
        if "/Parent" not in node:
            return None
        node = node["/Parent"]
    raise DocumentRefused("E_LIMIT", "the page tree is too deep")


def _box(page: pikepdf.Object, key: str) -> tuple[float, float, float, float] | None:
    value = inherited(page, key)
    if not isinstance(value, pikepdf.Array) or len(value) != 4:
        return None
    a, b, c, d = (float(number) for number in value)
    return min(a, c), min(b, d), max(a, c), max(b, d)


def _rotation(page: pikepdf.Object) -> int:
    turn = int(inherited(page, "/Rotate") or 0)
    return turn % 360 if turn % 90 == 0 else 0


def number(value: float) -> str:
    """A PDF number: at most four decimals, no exponent."""
    text = f"{value:.4f}".rstrip("0").rstrip(".")
    return "0" if text in ("", "-0") else text


def numbers(values: Sequence[float]) -> str:
    """PDF numbers with spaces between."""
    return " ".join(number(value) for value in values)
