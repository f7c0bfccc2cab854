"""Fan-out: one base, N copies, one file. The base's bytes are taken as they are; small objects are appended (docs/adr/0005).

Per copy: one page-tree node, one form per page size, one form with its 份号 for page 1, and page dictionaries of some
150 bytes. Page content, static stamps and page numbers exist once for all copies.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator, Sequence
from math import ceil
from typing import BinaryIO

import pypdfium2

from watermark.basefile import BaseFile
from watermark.drawing import qr_bitmap
from watermark.errors import StampError
from watermark.findings import page_one_marks
from watermark.fonts import OBJECTS_PER_FONT, FontFiles, StampFont
from watermark.geometry import numbers
from watermark.layout import BOLD, FIXED_WORDS, REGULAR, Fonts, PageLayout
from watermark.model import CopyMark, StampPlan, StampReport

_CHUNK = 1 << 20
_FLUSH_AT = 4000
DEBIAN_FONTS = FontFiles()


def fan_out(base: BinaryIO, out: BinaryIO, plan: StampPlan, fonts: FontFiles = DEBIAN_FONTS) -> StampReport:
    """Write all copies of `plan` into `out`, copy after copy. Raises StampError or MissingGlyphError; `out` is then worthless."""
    return fan_out_with(base, out, plan, faces_for(plan, fonts))


def faces_for(plan: StampPlan, fonts: FontFiles) -> Fonts:
    """Subsets with every character the plan needs; raises MissingGlyphError, StampError when a font file is not there."""
    (regular, bold), (words, mark) = fonts.read(), characters_of(plan)
    return Fonts(StampFont(regular, "".join(sorted(words)), "StampRegular"), StampFont(bold, "".join(sorted(mark)), "StampBold"))


def characters_of(plan: StampPlan) -> tuple[frozenset[str], frozenset[str]]:
    """What the regular and the bold font must hold to stamp this plan."""
    words = FIXED_WORDS + plan.permit_no + plan.mark + plan.requester + plan.department + plan.printed_at + plan.release_tag
    return frozenset(words).union(*(copy.label for copy in plan.copies)), frozenset(plan.mark or "★")


def fan_out_with(base: BinaryIO, out: BinaryIO, plan: StampPlan, faces: Fonts) -> StampReport:
    """`fan_out` with the fonts at hand (the child process opens no files)."""
    writer = _writer_for(base, plan, faces)
    _copy_objects(base, out, writer)
    for chunk in writer.tail_of(plan.copies):
        out.write(chunk)
    out.flush()
    return writer.report(len(plan.copies))


def fan_out_each(base: BinaryIO, plan: StampPlan, faces: Fonts, opened: Callable[[CopyMark], BinaryIO]) -> StampReport:
    """A file per copy: `opened` gives the file for each. What all copies share is made once. Raises as `fan_out` does."""
    writer = _writer_for(base, plan, faces)
    for copy in plan.copies:
        out = opened(copy)
        _copy_objects(base, out, writer)
        for chunk in writer.tail_of((copy,)):
            out.write(chunk)
        out.flush()
    return writer.report(len(plan.copies))


def _writer_for(base: BinaryIO, plan: StampPlan, faces: Fonts) -> _Writer:
    if not plan.copies:
        raise StampError("there is no copy in the plan")
    marked = not plan.mark or plan.mark in _marks_on_page_one(base)
    return _Writer(BaseFile.read(base), plan, faces, write_mark=not marked)


def _copy_objects(base: BinaryIO, out: BinaryIO, writer: _Writer) -> None:
    """The base's own objects as they are, then those all copies share."""
    base.seek(0)
    left = writer.base.xref_at
    while left:
        block = base.read(min(_CHUNK, left))
        if not block:
            raise StampError("the base is cut short")
        out.write(block)
        left -= len(block)
    out.write(writer.shared)


def _marks_on_page_one(base: BinaryIO) -> frozenset[str]:
    base.seek(0)
    document = pypdfium2.PdfDocument(base)
    try:
        return page_one_marks(document)
    finally:
        document.close()


class _Writer:
    """Appends objects after the base's own; keeps their offsets for the table. What copies share is made when it is made."""

    def __init__(self, base: BaseFile, plan: StampPlan, fonts: Fonts, *, write_mark: bool) -> None:
        self.base, self._plan, self._fonts, self._write_mark = base, plan, fonts, write_mark
        self._layouts = [PageLayout(width, height, fonts, plan) for width, height in base.sizes]
        self._padded = plan.duplex and len(base.pages) % 2 == 1
        self._per_copy = len(base.pages) + self._padded
        self._offset = base.xref_at
        self._offsets: list[int] = []
        self._chunks: list[bytes] = []
        self._add_shared()
        self.shared = b"".join(self._chunks)
        self._shared_offsets, self._after_shared = tuple(self._offsets), self._offset

    def report(self, copies: int) -> StampReport:
        """What was written for so many copies."""
        sheets = ceil(self._per_copy / 2) if self._plan.duplex else self._per_copy
        return StampReport(self._per_copy * copies, self._per_copy, sheets * copies)

    @property
    def _next(self) -> int:
        return self.base.objects + len(self._offsets)

    def _add(self, body: bytes) -> int:
        object_number = self._next
        data = b"%d 0 obj\n%s\nendobj\n" % (object_number, body)
        self._offsets.append(self._offset)
        self._chunks.append(data)
        self._offset += len(data)
        return object_number

    def _add_stream(self, operators: str, entries: str = "") -> int:
        data = zlib.compress(operators.encode("latin-1"), 6)
        return self._add(f"<<{entries}/Filter/FlateDecode/Length {len(data)}>>stream\n".encode() + data + b"\nendstream")

    def _add_form(self, operators: str, size: int) -> int:
        box = numbers((0, 0, *self.base.sizes[size]))
        return self._add_stream(operators, f"/Type/XObject/Subtype/Form/BBox[{box}]/Resources {self._resources} 0 R")

    def _flushed(self) -> Iterator[bytes]:
        if len(self._chunks) >= _FLUSH_AT:
            yield b"".join(self._chunks)
            self._chunks.clear()

    def tail_of(self, copies: Sequence[CopyMark]) -> Iterator[bytes]:
        """Everything after the shared objects of a file with these copies, in chunks."""
        self._offsets, self._offset, self._chunks = list(self._shared_offsets), self._after_shared, []
        nodes = []
        root = self._next + self._objects_of(len(copies))
        for copy in copies:
            nodes.append(self._add_copy(copy, root))
            yield from self._flushed()
        kids = " ".join(f"{node} 0 R" for node in nodes)
        self._add(f"<</Type/Pages/Count {self._per_copy * len(nodes)}/Kids[{kids}]>>".encode())
        layers = f"/OCProperties {self.base.optional_content} 0 R" if self.base.optional_content is not None else ""
        catalog = self._add(f"<</Type/Catalog/Pages {root} 0 R{layers}/ViewerPreferences<</PrintScaling/None>>>>".encode())
        table = b"".join(b"%010d 00000 n \n" % offset for offset in self._offsets)
        self._chunks.append(
            b"xref\n0 %d\n" % self._next
            + self.base.xref
            + table
            + b"trailer\n<</Size %d/Root %d 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (self._next, catalog, self._offset)
        )
        yield b"".join(self._chunks)

    def _add_shared(self) -> None:
        """Fonts, translucency, the static stamp of every size, and one content stream per page of the base."""
        self._font_objects = []
        for font in (self._fonts.regular, self._fonts.bold):
            first = self._next
            self._font_objects.append(first)
            for body in font.objects(first):
                self._add(body)
            if self._next != first + OBJECTS_PER_FONT:
                raise StampError("a font took an unexpected number of objects")
        regular, bold = self._font_objects
        self._resources = self._add(
            f"<</Font<</{REGULAR} {regular} 0 R/{BOLD} {bold} 0 R>>/ExtGState<</GS<</Type/ExtGState/ca 0.22/CA 0.4>>>>>>".encode()
        )
        self._static = [self._add_form(layout.every_copy(), size) for size, layout in enumerate(self._layouts)]
        self._contents = [self._add_stream(self._page_operators(index, size)) for index, (_, size) in enumerate(self.base.pages)]
        if self._padded:
            self._blank = self._add_stream("q /S Do Q q /K Do Q\n" + self._layouts[self.base.pages[-1][1]].blank_words())

    def _page_operators(self, index: int, size: int) -> str:
        layout = self._layouts[size]
        first = ("q /G Do Q\n" + (layout.mark() if self._write_mark else "")) if index == 0 else ""
        return "q /W Do Q q /S Do Q q /K Do Q\n" + first + layout.page_number(index + 1, len(self.base.pages))

    def _objects_of(self, copies: int) -> int:
        return copies * (len(self.base.sizes) + 1 + self._per_copy + 1)

    def _add_copy(self, copy: CopyMark, root: int) -> int:
        bitmap = qr_bitmap(copy.qr)
        forms = [self._add_form(layout.one_copy(copy, bitmap), size) for size, layout in enumerate(self._layouts)]
        first_size = self.base.pages[0][1]
        title = self._add_form(self._layouts[first_size].copy_number(copy), first_size)
        node = self._next + self._per_copy
        kids = [self._add_page(node, index, forms, title) for index in range(len(self.base.pages))]
        if self._padded:
            kids.append(self._add_blank(node, forms))
        listed = " ".join(f"{kid} 0 R" for kid in kids)
        if self._add(f"<</Type/Pages/Parent {root} 0 R/Count {len(kids)}/Kids[{listed}]>>".encode()) != node:
            raise StampError("a copy took an unexpected number of objects")
        return node

    def _add_page(self, node: int, index: int, forms: list[int], title: int) -> int:
        content, size = self.base.pages[index]
        extra = f"/G {title} 0 R" if index == 0 else ""
        return self._page(node, size, self._contents[index], f"/W {content} 0 R/S {self._static[size]} 0 R/K {forms[size]} 0 R{extra}")

    def _add_blank(self, node: int, forms: list[int]) -> int:
        size = self.base.pages[-1][1]
        return self._page(node, size, self._blank, f"/S {self._static[size]} 0 R/K {forms[size]} 0 R")

    def _page(self, node: int, size: int, content: int, forms: str) -> int:
        box, (regular, bold) = numbers((0, 0, *self.base.sizes[size])), self._font_objects
        return self._add(
            f"<</Type/Page/Parent {node} 0 R/MediaBox[{box}]/Contents {content} 0 R/Resources<</Font<</{REGULAR} {regular} 0 R"
            f"/{BOLD} {bold} 0 R>>/XObject<<{forms}>>>>>>".encode()
        )
