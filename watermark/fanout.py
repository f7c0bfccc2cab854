"""Fan-out: one base, N copies, one file. The base's bytes are taken as they are; small objects are appended (docs/adr/0005).

Per copy: one page-tree node, one form per page size, one form with its 份号 for page 1, and page dictionaries of some
150 bytes. Page content, static stamps and page numbers exist once for all copies.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from math import ceil
from typing import BinaryIO

import pikepdf
import pypdfium2

from watermark.drawing import qr_bitmap
from watermark.errors import StampError
from watermark.findings import page_one_marks
from watermark.fonts import OBJECTS_PER_FONT, FontFiles, StampFont
from watermark.geometry import numbers
from watermark.layout import BOLD, FIXED_WORDS, REGULAR, Fonts, PageLayout
from watermark.model import CopyMark, StampPlan, StampReport

_CHUNK = 1 << 20
_FLUSH_AT = 4000
_TRAILER_SEARCH = 256
DEBIAN_FONTS = FontFiles()


@dataclass(frozen=True, slots=True)
class BaseFile:
    """What the fan-out must know of a base: its pages' forms and sizes, and its cross-reference table."""

    pages: tuple[tuple[int, int], ...]
    """(object number of the page's form, index into `sizes`)."""
    sizes: tuple[tuple[float, float], ...]
    optional_content: int | None
    xref_at: int
    xref: bytes

    @property
    def objects(self) -> int:
        """Objects in the base, the free one included: the next free object number."""
        return len(self.xref) // 20

    @classmethod
    def read(cls, base: BinaryIO) -> BaseFile:
        """Read it from a file `make_base` wrote; raises StampError for any other."""
        base.seek(0)
        sizes: dict[tuple[float, float], int] = {}
        pages = []
        try:
            with open_own(base) as pdf:
                for page in pdf.pages:
                    size = float(page.obj.MediaBox[2]), float(page.obj.MediaBox[3])
                    pages.append((int(page.obj.Resources.XObject.W.objgen[0]), sizes.setdefault(size, len(sizes))))
                layers = pdf.Root.get("/OCProperties")
                layers_at = int(layers.objgen[0]) if layers is not None else None
        except (pikepdf.PdfError, AttributeError, KeyError, TypeError, ValueError) as error:
            raise StampError("this is not a base made by make_base") from error
        at, table = _xref_of(base)
        return cls(tuple(pages), tuple(sizes), layers_at, at, table)


def open_own(file: BinaryIO) -> pikepdf.Pdf:
    """Open a file this library wrote: mapped where it has a descriptor, which is five times as fast as reading through Python."""
    try:
        file.fileno()
    except OSError:
        return pikepdf.open(file, access_mode=pikepdf.AccessMode.stream, attempt_recovery=False)
    return pikepdf.open(file, access_mode=pikepdf.AccessMode.mmap, attempt_recovery=False)


def _xref_of(base: BinaryIO) -> tuple[int, bytes]:
    length = base.seek(0, 2)
    base.seek(max(0, length - _TRAILER_SEARCH))
    found = re.findall(rb"startxref\s+(\d+)\s+%%EOF", base.read())
    if not found:
        raise StampError("the base has no cross-reference table")
    at = int(found[-1])
    base.seek(at)
    head = re.match(rb"xref\s+0 (\d+)\s*\n", base.read(64))
    if head is None:
        raise StampError("the base's cross-reference table is not a classic one")
    base.seek(at + head.end())
    table = base.read(20 * int(head[1]))
    if len(table) != 20 * int(head[1]):
        raise StampError("the base's cross-reference table is cut short")
    return at, table


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
    if not plan.copies:
        raise StampError("there is no copy in the plan")
    source = BaseFile.read(base)
    marked = not plan.mark or plan.mark in _marks_on_page_one(base)
    writer = _Writer(source, plan, faces, write_mark=not marked)
    base.seek(0)
    left = source.xref_at
    while left:
        block = base.read(min(_CHUNK, left))
        if not block:
            raise StampError("the base is cut short")
        out.write(block)
        left -= len(block)
    for chunk in writer.tail():
        out.write(chunk)
    out.flush()
    per_copy = writer.pages_per_copy
    sheets = ceil(per_copy / 2) if plan.duplex else per_copy
    return StampReport(per_copy * len(plan.copies), per_copy, sheets * len(plan.copies))


def _marks_on_page_one(base: BinaryIO) -> frozenset[str]:
    base.seek(0)
    document = pypdfium2.PdfDocument(base)
    try:
        return page_one_marks(document)
    finally:
        document.close()


class _Writer:
    """Appends objects after the base's own; keeps their offsets for the table."""

    def __init__(self, base: BaseFile, plan: StampPlan, fonts: Fonts, *, write_mark: bool) -> None:
        self._base, self._plan, self._fonts, self._write_mark = base, plan, fonts, write_mark
        self._layouts = [PageLayout(width, height, fonts, plan) for width, height in base.sizes]
        self._offset = base.xref_at
        self._offsets: list[int] = []
        self._chunks: list[bytes] = []
        self._padded = plan.duplex and len(base.pages) % 2 == 1
        self.pages_per_copy = len(base.pages) + self._padded

    @property
    def _next(self) -> int:
        return self._base.objects + len(self._offsets)

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
        box = numbers((0, 0, *self._base.sizes[size]))
        return self._add_stream(operators, f"/Type/XObject/Subtype/Form/BBox[{box}]/Resources {self._resources} 0 R")

    def _flushed(self) -> Iterator[bytes]:
        if len(self._chunks) >= _FLUSH_AT:
            yield b"".join(self._chunks)
            self._chunks.clear()

    def tail(self) -> Iterator[bytes]:
        """Everything after the base's objects, in chunks."""
        self._add_shared()
        nodes = []
        root = self._next + self._objects_of_copies()
        for copy in self._plan.copies:
            nodes.append(self._add_copy(copy, root))
            yield from self._flushed()
        kids = " ".join(f"{node} 0 R" for node in nodes)
        self._add(f"<</Type/Pages/Count {self.pages_per_copy * len(nodes)}/Kids[{kids}]>>".encode())
        layers = f"/OCProperties {self._base.optional_content} 0 R" if self._base.optional_content is not None else ""
        catalog = self._add(f"<</Type/Catalog/Pages {root} 0 R{layers}/ViewerPreferences<</PrintScaling/None>>>>".encode())
        table = b"".join(b"%010d 00000 n \n" % offset for offset in self._offsets)
        self._chunks.append(
            b"xref\n0 %d\n" % self._next
            + self._base.xref
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
        self._contents = [self._add_stream(self._page_operators(index, size)) for index, (_, size) in enumerate(self._base.pages)]
        if self._padded:
            self._blank = self._add_stream("q /S Do Q q /K Do Q\n" + self._layouts[self._base.pages[-1][1]].blank_words())

    def _page_operators(self, index: int, size: int) -> str:
        layout = self._layouts[size]
        first = ("q /G Do Q\n" + (layout.mark() if self._write_mark else "")) if index == 0 else ""
        return "q /W Do Q q /S Do Q q /K Do Q\n" + first + layout.page_number(index + 1, len(self._base.pages))

    def _objects_of_copies(self) -> int:
        return len(self._plan.copies) * (len(self._base.sizes) + 1 + self.pages_per_copy + 1)

    def _add_copy(self, copy: CopyMark, root: int) -> int:
        bitmap = qr_bitmap(copy.qr)
        forms = [self._add_form(layout.one_copy(copy, bitmap), size) for size, layout in enumerate(self._layouts)]
        first_size = self._base.pages[0][1]
        title = self._add_form(self._layouts[first_size].copy_number(copy), first_size)
        node = self._next + self.pages_per_copy
        kids = [self._add_page(node, index, forms, title) for index in range(len(self._base.pages))]
        if self._padded:
            kids.append(self._add_blank(node, forms))
        listed = " ".join(f"{kid} 0 R" for kid in kids)
        if self._add(f"<</Type/Pages/Parent {root} 0 R/Count {len(kids)}/Kids[{listed}]>>".encode()) != node:
            raise StampError("a copy took an unexpected number of objects")
        return node

    def _add_page(self, node: int, index: int, forms: list[int], title: int) -> int:
        content, size = self._base.pages[index]
        extra = f"/G {title} 0 R" if index == 0 else ""
        return self._page(node, size, self._contents[index], f"/W {content} 0 R/S {self._static[size]} 0 R/K {forms[size]} 0 R{extra}")

    def _add_blank(self, node: int, forms: list[int]) -> int:
        size = self._base.pages[-1][1]
        return self._page(node, size, self._blank, f"/S {self._static[size]} 0 R/K {forms[size]} 0 R")

    def _page(self, node: int, size: int, content: int, forms: str) -> int:
        box, (regular, bold) = numbers((0, 0, *self._base.sizes[size])), self._font_objects
        return self._add(
            f"<</Type/Page/Parent {node} 0 R/MediaBox[{box}]/Contents {content} 0 R/Resources<</Font<</{REGULAR} {regular} 0 R"
            f"/{BOLD} {bold} 0 R>>/XObject<<{forms}>>>>>>".encode()
        )
