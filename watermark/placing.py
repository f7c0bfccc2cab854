"""Where a template's elements come to stand on a page of a given size, and whether there is room for them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Protocol

from watermark.errors import StampError
from watermark.fields import SEPARATOR, samples
from watermark.model import PageClass
from watermark.templates import Code, Placed, Seal, Template, Text, Worded

MM = 72 / 25.4
"""Points in a millimetre."""

_A4_WIDTH = 595.28
_LINE_PITCH = 1.25
_ASCENT, _DESCENT = 0.8, 0.15
_SMALLEST = 3.0
"""Points below which type is no longer read on paper."""

_SHRINK_STEP = 0.95
_SEAL_PADDING = 4.0
_TRIED = {
    PageClass.TINY: ((80.0, 80.0),),
    PageClass.SMALL: ((114.0, 114.0), (297.6, 419.5)),
    PageClass.STANDARD: ((419.53, 595.28), (595.28, 419.53), (595.28, 841.89), (841.89, 595.28)),
    PageClass.LARGE: ((841.89, 1190.55), (1190.55, 841.89)),
}
"""Pages on which a template is tried before it is used."""


class Measure(Protocol):
    """Knows how wide words are."""

    def width(self, text: str, size: float) -> float:
        """Width of `text` in points at `size` points."""
        ...


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle on the page, points from its lower left corner."""

    left: float
    bottom: float
    right: float
    top: float

    def meets(self, other: Box) -> bool:
        """Whether the two have more than an edge in common."""
        return (
            self.left < other.right - 0.5
            and other.left < self.right - 0.5
            and self.bottom < other.top - 0.5
            and other.bottom < self.top - 0.5
        )

    def lies_on(self, width: float, height: float) -> bool:
        """Whether it is wholly on a page of these sides."""
        return self.left >= 0 and self.bottom >= 0 and self.right <= width and self.top <= height


@dataclass(frozen=True, slots=True)
class Line:
    """Words and the start of their baseline."""

    words: str
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class PlacedText:
    """The lines of a text element, their size, and the rectangle they take."""

    lines: tuple[Line, ...]
    size: float
    box: Box


def shrinkage(element: Placed, width: float, height: float) -> float:
    """By how much an element that shrinks with the page does so."""
    return min(1.0, min(width, height) / _A4_WIDTH) if element.shrink else 1.0


def place_box(element: Placed, width_pt: float, height_pt: float, page: tuple[float, float]) -> Box:
    """The rectangle of an element of these sides."""
    (width, height), k = page, shrinkage(element, *page) * MM
    x_mm, y_mm = element.distances(width, height)
    left = _left(element.at, x_mm * k, width_pt, width)
    if element.at.startswith("top"):
        bottom = height - y_mm * k - height_pt
    elif element.at.startswith("bottom"):
        bottom = y_mm * k
    else:
        bottom = (height - height_pt) / 2 - y_mm * k
    return Box(left, bottom, left + width_pt, bottom + height_pt)


def _left(anchor: str, x: float, length: float, width: float) -> float:
    if anchor.endswith("left"):
        return x
    return width - x - length if anchor.endswith("right") else (width - length) / 2


def place_code(element: Code, page: tuple[float, float]) -> Box:
    """The rectangle of a QR code, quiet zone included."""
    side = element.side_mm * MM * shrinkage(element, *page)
    return place_box(element, side, side, page)


def place_text(element: Text, pieces: Sequence[str], measure: Measure, page: tuple[float, float]) -> PlacedText:
    """Lines as long as there is room: shrunk first, wrapped between pieces where the element may. Raises StampError without room."""
    width, k = page[0], shrinkage(element, *page) * MM
    x = element.distances(*page)[0] * k
    room = width - (x if element.at not in ("top", "middle", "bottom") else element.clear_mm * k) - element.clear_mm * k
    size, rows = _fitted(pieces, element, room, measure, element.size_pt * k / MM)
    pitch = size * _LINE_PITCH
    y = place_box(element, 0, 0, page).bottom + (pitch * (len(rows) - 1) if element.at.startswith("bottom") else 0)
    lines = tuple(Line(words, _left(element.at, x, measure.width(words, size), width), y - pitch * at) for at, words in enumerate(rows))
    right = max((line.x + measure.width(line.words, size) for line in lines), default=0.0)
    left = min((line.x for line in lines), default=0.0)
    return PlacedText(lines, size, Box(left, y - pitch * (len(rows) - 1) - _DESCENT * size, right, y + _ASCENT * size))


def _fitted(pieces: Sequence[str], element: Text, room: float, measure: Measure, size: float) -> tuple[float, list[str]]:
    most = len(pieces) if element.wrap else 1
    for allowed in range(1, most + 1):
        least = max(_SMALLEST, min(element.least_pt, size) if allowed < most else _SMALLEST)
        tried = size
        while tried >= least:
            rows = _wrapped(pieces, lambda words, at=tried: measure.width(words, at) <= room)  # type: ignore[misc]
            if rows is not None and len(rows) <= allowed:
                return tried, rows
            tried *= _SHRINK_STEP
    raise StampError(f"there is no room for '{SEPARATOR.join(pieces)}'")


def _wrapped(pieces: Sequence[str], fits: Callable[[str], bool]) -> list[str] | None:
    """Pieces joined as long as they fit on a line; None when one alone does not."""
    rows: list[str] = []
    for piece in pieces:
        if rows and fits(longer := rows[-1] + SEPARATOR + piece):
            rows[-1] = longer
        elif fits(piece):
            rows.append(piece)
        else:
            return None
    return rows


def place_seal(element: Seal, pieces: Sequence[str], measure: Measure, page: tuple[float, float]) -> tuple[Box, PlacedText]:
    """The frame, and its lines centred in it. Raises StampError when they would be too small to read."""
    k = shrinkage(element, *page)
    box = place_box(element, element.width_mm * MM * k, element.height_mm * MM * k, page)
    inner_width, inner_height = box.right - box.left - 2 * _SEAL_PADDING, box.top - box.bottom - 2 * _SEAL_PADDING
    widest = max((measure.width(words, 1.0) for words in pieces), default=1.0)
    size = min(element.size_pt * k, inner_width / max(widest, 0.01), inner_height / max(len(pieces) * _LINE_PITCH, 0.01))
    if size < _SMALLEST:
        raise StampError(f"there is no room for '{SEPARATOR.join(pieces)}'")
    pitch, middle = size * _LINE_PITCH, (box.bottom + box.top) / 2
    first = middle + pitch * (len(pieces) - 1) / 2 - size * (_ASCENT - _DESCENT) / 2
    lines = tuple(
        Line(words, (box.left + box.right - measure.width(words, size)) / 2, first - pitch * at) for at, words in enumerate(pieces)
    )
    return box, PlacedText(lines, size, box)


def boxes_of(
    template: Template, page: tuple[float, float], words: Callable[[Worded], Sequence[str]], measure: Callable[[bool], Measure]
) -> Iterator[tuple[str, Box]]:
    """Name and rectangle of everything on a first page; `words` gives the pieces, `measure` the bold or the regular font."""
    size = PageClass.of(*page)
    for name, text in template.text.items():
        if size in text.sizes and (pieces := words(text)):
            yield f"text.{name}", place_text(text, pieces, measure(text.bold), page).box
    for name, code in template.code.items():
        if size in code.sizes:
            yield f"code.{name}", place_code(code, page)
    for name, seal in template.seal.items():
        if size in seal.sizes:
            yield f"seal.{name}", place_seal(seal, words(seal), measure(False), page)[0]


def check_boxes(boxes: Sequence[tuple[str, Box]], page: tuple[float, float]) -> None:
    """Raise StampError when something would not be wholly on the page, or lie on something else."""
    shown = f"a page of {page[0] / MM:.0f} × {page[1] / MM:.0f} mm"
    for name, box in boxes:
        if not box.lies_on(*page):
            raise StampError(f"{name} does not lie wholly on {shown}")
    for (name, box), (other_name, other) in combinations(boxes, 2):
        if box.meets(other):
            raise StampError(f"{name} and {other_name} overlap on {shown}")


class _Estimate:
    """Widths without a font at hand: Chinese characters are square, others a little more than half as wide."""

    def width(self, text: str, size: float) -> float:
        return sum(size if ord(character) > 0x2E7F else size * 0.6 for character in text)


def faults_of(template: Template) -> Iterator[str]:
    """What is wrong with the places of a template, tried with sample values on usual pages."""
    estimate = _Estimate()
    for pages in _TRIED.values():
        for page in pages:
            try:
                check_boxes(list(boxes_of(template, page, lambda one: samples(one.text), lambda _: estimate)), page)
            except StampError as error:
                where = f" on a page of {page[0] / MM:.0f} × {page[1] / MM:.0f} mm"
                yield str(error) + ("" if where in str(error) else where)
