"""The objects a fan-out appends after those of the base, as bytes, with the offsets for the cross-reference table."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import ceil

from watermark.basefile import BaseFile
from watermark.drawing import LARGE_WORDS_STATE, qr_bitmap, rim_of, tile
from watermark.errors import StampError
from watermark.fields import Moment, Scope
from watermark.fonts import OBJECTS_PER_FONT
from watermark.geometry import numbers
from watermark.layout import BOLD, REGULAR, Fonts, PageLayout, tile_form, tile_words
from watermark.model import CopyMark, StampPlan, StampReport
from watermark.templates import Template, Tiles

_FLUSH_AT = 4000
_PACKING, _WORTH_PACKING = 3, 512
"""Level of packing, and the length in bytes from which a stream is packed: a page's own words are shorter, and not worth the time."""

_RIM = re.compile(r"/(R\w+) Do")
_RIM_BOX = (-1000, -1000, 3000, 2000)

_LARGE_WORDS_STRENGTH = 0.16
_RIM_STRENGTH = 1.8
"""How much stronger a tile's white outline is than its fill: it must show on grey, where the fill hardly does."""

_TILE_MARGIN = 200


@dataclass(frozen=True, slots=True)
class _Shared:
    """Object numbers of what all copies have in common."""

    fonts: int
    states: int
    tiles: dict[str, int]
    under: tuple[int | None, ...]
    static: tuple[int, ...]


class Writer:
    """Makes what all copies share once; then any number of files, each with some of the copies."""

    def __init__(self, base: BaseFile, plan: StampPlan, fonts: Fonts, template: Template, *, write_mark: bool) -> None:
        self.base, self._plan, self._fonts, self._template = base, plan, fonts, template
        self._layouts = [PageLayout(size, template, fonts, plan, len(base.pages)) for size in base.sizes]
        self._boxes = [numbers((0, 0, *size)) for size in base.sizes]
        self._first_free = base.objects
        self._used = {name: one for layout in self._layouts for name, one in layout.tiles.items()}
        self._padded = plan.duplex and len(base.pages) % 2 == 1
        self._per_copy = len(base.pages) + self._padded
        self._offset = base.xref_at
        self._offsets: list[int] = []
        self._chunks: list[bytes] = []
        self._rims: dict[str, int] = {}
        self._orders: dict[str, int] = {}
        self._parts = self._share()
        self._pages = list(self._pages_alike(write_mark=write_mark))
        self.shared = b"".join(self._chunks)
        self._shared_offsets, self._after_shared = tuple(self._offsets), self._offset

    def report(self, copies: int) -> StampReport:
        """What was written for so many copies."""
        sheets = ceil(self._per_copy / 2) if self._plan.duplex else self._per_copy
        return StampReport(self._per_copy * copies, self._per_copy, sheets * copies)

    def tail_of(self, copies: Sequence[CopyMark]) -> Iterator[bytes]:
        """Everything after the shared objects of a file with these copies, in chunks."""
        self._offsets, self._offset, self._chunks = list(self._shared_offsets), self._after_shared, []
        nodes: list[int] = []
        root = self._next
        self._reserve()
        for copy in copies:
            nodes.append(self._add_copy(copy, root))
            yield from self._flushed()
        kids = " ".join(f"{node} 0 R" for node in nodes)
        self._fill(root, f"<</Type/Pages/Count {self._per_copy * len(nodes)}/Kids[{kids}]>>".encode())
        layers = f"/OCProperties {self.base.optional_content} 0 R" if self.base.optional_content is not None else ""
        catalog = self._add(f"<</Type/Catalog/Pages {root} 0 R{layers}/ViewerPreferences<</PrintScaling/None>>>>".encode())
        table = b"".join([b"%010d 00000 n \n" % offset for offset in self._offsets])
        self._chunks.append(
            b"xref\n0 %d\n" % self._next
            + self.base.xref
            + table
            + b"trailer\n<</Size %d/Root %d 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (self._next, catalog, self._offset)
        )
        yield b"".join(self._chunks)

    @property
    def _next(self) -> int:
        return self._first_free + len(self._offsets)

    def _reserve(self) -> None:
        """An object number whose object is written later."""
        self._offsets.append(0)

    def _fill(self, object_number: int, body: bytes) -> None:
        data = b"%d 0 obj\n%s\nendobj\n" % (object_number, body)
        self._offsets[object_number - self._first_free] = self._offset
        self._chunks.append(data)
        self._offset += len(data)

    def _add(self, body: bytes) -> int:
        object_number = self._next
        self._reserve()
        self._fill(object_number, body)
        return object_number

    def _add_stream(self, operators: str, entries: str = "") -> int:
        data = operators.encode("latin-1")
        if len(data) >= _WORTH_PACKING:
            data, entries = zlib.compress(data, _PACKING), f"{entries}/Filter/FlateDecode"
        return self._add(f"<<{entries}/Length {len(data)}>>stream\n".encode() + data + b"\nendstream")

    def _add_form(self, operators: str, box: str, states: int, fonts: int = 0, forms: str = "") -> int:
        forms += "".join(f"/{rim} {self._rims[rim]} 0 R" for rim in sorted(set(_RIM.findall(operators))))
        resources = f"/ExtGState {states} 0 R" + (f"/Font {fonts} 0 R" if fonts else "") + (f"/XObject<<{forms}>>" if forms else "")
        return self._add_stream(operators, f"/Type/XObject/Subtype/Form/BBox[{box}]/Resources<<{resources}>>")

    def _flushed(self) -> Iterator[bytes]:
        if len(self._chunks) >= _FLUSH_AT:
            yield b"".join(self._chunks)
            self._chunks.clear()

    def _share(self) -> _Shared:
        """Fonts, the rims of their characters, graphics states, and the static stamps of every size."""
        faces = []
        for name, font in ((REGULAR, self._fonts.regular), (BOLD, self._fonts.bold)):
            faces.append(first := self._next)
            for body in font.objects(first):
                self._add(body)
            if self._next != first + OBJECTS_PER_FONT:
                raise StampError("a font took an unexpected number of objects")
            for rim, operators in font.rims(rim_of(name)).items():
                self._rims[rim] = self._add_stream(operators, f"/Type/XObject/Subtype/Form/BBox[{numbers(_RIM_BOX)}]")
        fonts = self._add(f"<</{REGULAR} {faces[0]} 0 R/{BOLD} {faces[1]} 0 R>>".encode())
        states = self._add(f"<<{self._states()}>>".encode())
        moment = Moment(self._plan, len(self.base.pages))
        tiles = {name: self._add_tile(name, one, moment, states) for name, one in self._used.items() if one.scope is Scope.RUN}
        lengths = self._tile_lengths(moment)
        sizes = list(zip(self._layouts, self._boxes, strict=True))
        under = tuple(self._add_under(layout.under(lengths), box, states, tiles) for layout, box in sizes)
        static = tuple(self._add_form(layout.every_copy(), box, states, fonts) for layout, box in sizes)
        return _Shared(fonts, states, tiles, under, static)

    def _states(self) -> str:
        """Graphics states: one for each watermark's strength, one for the words across a sample."""
        states = f"/{LARGE_WORDS_STATE}<</Type/ExtGState/ca {_LARGE_WORDS_STRENGTH}>>"
        for name, one in self._used.items():
            if one.tone != "outline":
                rim = min(1.0, one.strength * _RIM_STRENGTH)
                states += f"/G{tile_form(self._template, name)}<</Type/ExtGState/ca {one.strength:g}/CA {rim:g}>>"
        return states

    def _tile_lengths(self, moment: Moment) -> dict[str, float]:
        regular = self._fonts.regular
        return {name: regular.width(tile_words(one, moment), 1000) for name, one in self._used.items()}

    def _add_tile(self, name: str, tiles: Tiles, moment: Moment, states: int) -> int:
        words, font = tile_words(tiles, moment), self._fonts.regular
        box = numbers((-_TILE_MARGIN, -_TILE_MARGIN * 2, font.width(words, 1000) + _TILE_MARGIN, 1000 + _TILE_MARGIN))
        return self._add_form(tile(font, words, tiles.tone, f"G{tile_form(self._template, name)}"), box, states)

    def _forms(self, tiles: dict[str, int]) -> str:
        return "".join(f"/{tile_form(self._template, name)} {form} 0 R" for name, form in tiles.items())

    def _add_under(self, operators: str, box: str, states: int, tiles: dict[str, int]) -> int | None:
        return self._add_form(operators, box, states, forms=self._forms(tiles)) if operators else None

    @property
    def _has_title(self) -> bool:
        return bool(self._layouts[self.base.pages[0][1]].first_of_copy(self._plan.copies[0]))

    def _add_copy(self, copy: CopyMark, root: int) -> int:
        parts, bitmap, moment = self._parts, qr_bitmap(copy.qr), Moment(self._plan, len(self.base.pages), copy)
        tiles = {name: self._add_tile(name, one, moment, parts.states) for name, one in self._used.items() if one.scope is Scope.COPY}
        lengths, own = self._tile_lengths(moment), self._forms(tiles)
        forms = [
            self._add_form(layout.one_copy(copy, bitmap, lengths), box, parts.states, parts.fonts, own)
            for layout, box in zip(self._layouts, self._boxes, strict=True)
        ]
        first = self.base.pages[0][1]
        title = self._layouts[first].first_of_copy(copy)
        extra = b"/G %d 0 R" % self._add_form(title, self._boxes[first], parts.states, parts.fonts) if title else b""
        node = self._next
        self._reserve()
        shown = [self._shown(size, forms) for size in range(len(forms))]
        kids = [self._add_page(node, page, shown[size], b"" if index else extra) for index, (page, size) in enumerate(self._pages)]
        listed = " ".join(f"{kid} 0 R" for kid in kids)
        self._fill(node, f"<</Type/Pages/Parent {root} 0 R/Count {len(kids)}/Kids[{listed}]>>".encode())
        return node

    def _shown(self, size: int, forms: Sequence[int]) -> bytes:
        below = self._parts.under[size]
        return b"/S %d 0 R/K %d 0 R" % (self._parts.static[size], forms[size]) + (b"/U %d 0 R" % below if below is not None else b"")

    def _pages_alike(self, *, write_mark: bool) -> Iterator[tuple[bytes, int]]:
        """Of each page what is the same in every copy, and its size."""
        for index, (content, size) in enumerate(self.base.pages):
            words = self._layouts[size].of_page(index + 1, write_mark=write_mark)
            yield self._page_alike(content, size, words, title=index == 0 and self._has_title), size
        if self._padded:
            size = self.base.pages[-1][1]
            yield self._page_alike(None, size, self._layouts[size].blank_words()), size

    def _page_alike(self, content: int | None, size: int, words: str, *, title: bool = False) -> bytes:
        """The page's content, watermarks, stamps, number of the copy on page 1, and what is written on this page of every copy."""
        parts, box = self._parts, self._boxes[size]
        own = self._add_form(words, box, parts.states, parts.fonts) if words else None
        there = {"W": content is not None, "U": parts.under[size] is not None, "K": True, "S": True, "G": title, "N": own is not None}
        order = "".join(form for form, shown in there.items() if shown)
        if order not in self._orders:
            self._orders[order] = self._add_stream("".join(f"q /{form} Do Q\n" for form in order))
        head = b"/MediaBox[%s]/Contents %d 0 R/Resources<</Font %d 0 R/XObject<<" % (box.encode(), self._orders[order], parts.fonts)
        return head + b"".join(b"/%s %d 0 R" % (form, number) for form, number in ((b"W", content), (b"N", own)) if number is not None)

    def _add_page(self, node: int, page: bytes, shown: bytes, title: bytes) -> int:
        """Written N × P times: one formatting, no more calls than needed."""
        object_number = self._first_free + len(self._offsets)
        data = b"%d 0 obj\n<</Type/Page/Parent %d 0 R%s%s%s>>>>>>\nendobj\n" % (object_number, node, page, shown, title)
        self._offsets.append(self._offset)
        self._chunks.append(data)
        self._offset += len(data)
        return object_number
