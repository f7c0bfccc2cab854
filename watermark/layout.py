"""What is drawn on the pages of one size, sorted by how often it changes: never, with the page, with the copy.

A template (watermark/templates/) says what; `watermark.placing` says where; here it becomes operators.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from watermark import drawing
from watermark.fields import Moment, Scope, filled
from watermark.fonts import StampFont
from watermark.model import CopyMark, PageClass, StampPlan
from watermark.placing import Line, PlacedText, boxes_of, check_boxes, place_code, place_seal, place_text
from watermark.templates import BLANK_WORDS, SAMPLE_LINE, SAMPLE_WORDS, Element, Seal, Template, Text, Tiles

REGULAR, BOLD = "F", "B"
_DIGITS = "0123456789/Q"
_TILE_WORDS = "  "


@dataclass(frozen=True, slots=True)
class Fonts:
    """Regular for most, bold for the mark (黑体)."""

    regular: StampFont
    bold: StampFont

    def face(self, *, bold: bool) -> StampFont:
        """One of the two."""
        return self.bold if bold else self.regular


def characters_of(plan: StampPlan, template: Template) -> tuple[frozenset[str], frozenset[str]]:
    """What the regular and the bold font must hold to stamp this plan with this template."""
    needed: dict[bool, set[str]] = {False: set(BLANK_WORDS + _DIGITS), True: set(_DIGITS)}
    if plan.sample:
        needed[False].update(SAMPLE_WORDS + SAMPLE_LINE)
    for one in template.worded:
        bold = isinstance(one, Text) and one.bold
        for copy in plan.copies or (None,):
            needed[bold].update(*filled(one.text, Moment(plan, copy=copy, page=1)), " · ")
            if one.scope is not Scope.COPY:
                break
    return frozenset(needed[False]), frozenset(needed[True])


class PageLayout:
    """Stamps for one page size. Raises StampError when they do not fit on it."""

    def __init__(self, size: tuple[float, float], template: Template, fonts: Fonts, plan: StampPlan, pages: int) -> None:
        self.page, self.kind, self._fonts, self._plan, self._pages = size, PageClass.of(*size), fonts, plan, pages
        self._template = template
        self._texts = [one for one in template.text.values() if self._bears(one)]
        self._seals = [one for one in template.seal.values() if self._bears(one)]
        self._codes = [place_code(one, size) for one in template.code.values() if self._bears(one)]
        self.tiles = {name: one for name, one in template.tiles.items() if self._bears(one)}
        self._tiles_drawn: dict[tuple[str, float], str] = {}
        moment = Moment(plan, pages, next(iter(plan.copies), None), pages)
        check_boxes(
            list(boxes_of(template, size, lambda one: filled(one.text, moment), lambda bold: fonts.face(bold=bold))),
            size,
        )

    def _bears(self, element: Element) -> bool:
        return self.kind in element.sizes

    @property
    def codes(self) -> int:
        """QR codes on each page."""
        return len(self._codes)

    def under(self, places: dict[str, float]) -> str:
        """Watermarks that are the same on every copy, and the words across a sample; everything else lies over them."""
        sample = drawing.large_words(self._fonts.regular, SAMPLE_WORDS, *self.page) if self._plan.sample else ""
        return sample + self._tiled(Scope.RUN, places)

    def every_copy(self) -> str:
        """The same on every page of every copy."""
        sample = self._sample_line() if self._plan.sample else ""
        return sample + self._worded(Moment(self._plan, self._pages), Scope.RUN, "every")

    def one_copy(self, copy: CopyMark, bitmap: tuple[int, str], places: dict[str, float]) -> str:
        """On every page of one copy: watermark, texts, QR codes."""
        codes = "".join(drawing.qr(bitmap, box.left, box.bottom, box.right - box.left) for box in self._codes)
        return self._tiled(Scope.COPY, places) + self._worded(Moment(self._plan, self._pages, copy), Scope.COPY, "every") + codes

    def first_of_copy(self, copy: CopyMark) -> str:
        """On the first page of one copy only: its number in the first line of the type area."""
        return self._worded(Moment(self._plan, self._pages, copy), Scope.COPY, "first")

    def of_page(self, page: int, *, write_mark: bool) -> str:
        """On one page of every copy: its number; on page 1 the mark in the second line of the type area, unless it is there already."""
        moment = Moment(self._plan, self._pages, page=page)
        first = ""
        if page == 1:
            first = self._worded(moment, Scope.RUN, "first", write_mark=write_mark) + self._worded(moment, Scope.PAGE, "first")
        return first + self._worded(moment, Scope.PAGE, "every")

    def blank_words(self) -> str:
        """此页无正文, in the middle of a page added so that the next copy begins on a front."""
        size = min(14.0, min(self.page) / 8)
        x = (self.page[0] - self._fonts.regular.width(BLANK_WORDS, size)) / 2
        return drawing.text(self._fonts.regular, REGULAR, BLANK_WORDS, x, self.page[1] / 2, size, "rimmed")

    def mark_element(self) -> Text | None:
        """The element that is compared with what page 1 bears already."""
        return next((one for one in self._texts if one.compare), None)

    def tile_size(self, tiles: Tiles) -> float:
        """Type size of a watermark on these pages."""
        return tiles.size_pt or max(6.0, min(self.page) / 42)

    def _tiled(self, scope: Scope, places: dict[str, float]) -> str:
        """`places` gives the length of each watermark's tile in thousandths of its type size; it is a form of the same name."""
        out = ""
        for name, tiles in self.tiles.items():
            if tiles.scope is scope:
                out += self._tiles_of(name, places[name])
        return out

    def _tiles_of(self, name: str, length: float) -> str:
        """All copies' tiles stand at the same places, as long as their words are equally long."""
        if (known := self._tiles_drawn.get((name, length))) is None:
            tiles = self.tiles[name]
            size = self.tile_size(tiles)
            at = drawing.tile_places(length * size / 1000, size, tiles.angle, tiles.density, self.page)
            known = self._tiles_drawn[name, length] = drawing.tiled(tile_form(self._template, name), at, size, tiles.angle)
        return known

    def _worded(self, moment: Moment, scope: Scope, on: str, *, write_mark: bool = True) -> str:
        return "".join(self._drawn(moment, scope, on, write_mark=write_mark))

    def _drawn(self, moment: Moment, scope: Scope, on: str, *, write_mark: bool) -> Iterator[str]:
        for seal in self._seals:
            if seal.scope is scope and seal.on == on:
                yield self._sealed(seal, filled(seal.text, moment))
        for text in self._texts:
            if text.scope is scope and text.on == on and (write_mark or not text.compare) and (pieces := filled(text.text, moment)):
                font = self._fonts.face(bold=text.bold)
                yield self._lines(place_text(text, pieces, font, self.page), text)

    def _lines(self, placed: PlacedText, text: Text) -> str:
        font, name = self._fonts.face(bold=text.bold), BOLD if text.bold else REGULAR
        return "".join(drawing.text(font, name, line.words, line.x, line.y, placed.size, text.ink) for line in placed.lines)

    def _sealed(self, seal: Seal, pieces: list[str]) -> str:
        font = self._fonts.regular
        box, placed = place_seal(seal, pieces, font, self.page)
        lines = "".join(drawing.text(font, REGULAR, line.words, line.x, line.y, placed.size, "rimmed") for line in placed.lines)
        return drawing.frame(box.left, box.bottom, box.right - box.left, box.top - box.bottom) + lines

    def _sample_line(self) -> str:
        """Says what it is at the top edge, in words that can be extracted."""
        font, (width, height) = self._fonts.regular, self.page
        size = min(7.0, width / 30, 7.0 * 0.9 * width / font.width(SAMPLE_LINE, 7.0))
        line = Line(SAMPLE_LINE, (width - font.width(SAMPLE_LINE, size)) / 2, height - size * 1.5)
        return drawing.text(font, REGULAR, line.words, line.x, line.y, size, "rimmed")


def tile_words(tiles: Tiles, moment: Moment) -> str:
    """What one tile of a watermark says."""
    return _TILE_WORDS.join(filled(tiles.text, moment))


def tile_form(template: Template, name: str) -> str:
    """Resource name of a watermark's tile: its place among the template's."""
    return f"T{list(template.tiles).index(name)}"
