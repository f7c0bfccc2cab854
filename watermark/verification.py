"""The stamped file opened again: every copy whole, every page with its own copy's stamps, in order (I6).

What is looked at, in this order:
1. the base's bytes stand unchanged at the beginning, and what follows only adds objects;
2. pdfium counts the pages there must be, and finds each of its size (of the first ten thousand);
3. every page of every copy shows the base's page of its number with the stamps of that copy and of no other;
4. every copy's stamps, read back through the font's own table and a QR reader, say its permit, release, number and code.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import BinaryIO

import pypdfium2

from watermark.basefile import BaseFile
from watermark.errors import StampError
from watermark.model import CopyMark, PageClass, StampPlan
from watermark.reading import codes_in, reader_of
from watermark.stampedfile import StampedFile, StampedPage
from watermark.templates import Template, load_template

_CHUNK = 1 << 20
_WALKED_BY_PDFIUM = 10_000
"""It keeps what it has read, 1.6 kB a page: there memory ends, and our own reader goes on alone."""

_UNREADABLE = (pypdfium2.PdfiumError, LookupError, ValueError)


def verify_stamped(out: BinaryIO, base: BinaryIO, plan: StampPlan, template: Template | None = None) -> None:
    """Raise StampError unless `out` holds exactly the copies of `plan` over the pages of `base`, stamped by `template`."""
    source = BaseFile.read(base)
    try:
        stamped = StampedFile(out)
        _same_beginning(out, base, source, stamped.table)
        verifier = _Verifier(stamped, source, plan, template or load_template(plan.kind))
        _seen_alike(out, verifier.sizes, len(plan.copies))
        verifier.verify()
    except _UNREADABLE as error:
        raise StampError(f"the stamped file cannot be read ({type(error).__name__})") from error
    out.seek(0)


def _same_beginning(out: BinaryIO, base: BinaryIO, source: BaseFile, table: bytes) -> None:
    if table[: len(source.xref)] != source.xref:
        raise StampError("the stamped file does not point at the base's objects")
    if any(int(table[at : at + 10]) < source.xref_at for at in range(len(source.xref), len(table), 20)):
        raise StampError("the stamped file changes an object of the base")
    base.seek(0)
    out.seek(0)
    left = source.xref_at
    while left:
        kept = base.read(min(_CHUNK, left))
        if not kept or out.read(len(kept)) != kept:
            raise StampError("the stamped file does not begin with the base")
        left -= len(kept)


def _seen_alike(out: BinaryIO, sizes: Sequence[tuple[float, float]], copies: int) -> None:
    """A parser that knows nothing of us finds the same pages, each copy's of these sizes; it walks the first ten thousand."""
    pages = len(sizes) * copies
    out.seek(0)
    document = pypdfium2.PdfDocument(out)
    try:
        if len(document) != pages:
            raise StampError(f"{len(document)} pages instead of {pages}")
        for index in range(min(_WALKED_BY_PDFIUM, pages)):
            found, size = document.get_page_size(index), sizes[index % len(sizes)]
            if abs(found[0] - size[0]) > 0.01 or abs(found[1] - size[1]) > 0.01:
                raise StampError(f"page {index + 1} has another size")
    finally:
        document.close()


class _Verifier:
    """Holds what must be found, and what was found in the first copy and must be so in all."""

    def __init__(self, stamped: StampedFile, source: BaseFile, plan: StampPlan, template: Template) -> None:
        self._stamped, self._plan = stamped, plan
        padded = plan.duplex and len(source.pages) % 2 == 1
        pages = [(content, source.sizes[size]) for content, size in source.pages]
        self._expected: list[tuple[int | None, tuple[float, float]]] = [*pages, *([(None, pages[-1][1])] if padded else [])]
        self._template = template
        self._drawn: dict[int, tuple[int, frozenset[str], int | None]] = {}
        self._numbered: set[int | None] = set()
        self._own: set[int] = set()
        self._read: Callable[[bytes], str] | None = None
        self._fonts = 0

    @property
    def sizes(self) -> list[tuple[float, float]]:
        """Sizes of one copy's pages, padding included."""
        return [size for _, size in self._expected]

    def verify(self) -> None:
        """Every copy, every page."""
        copies, stamped = self._plan.copies, self._stamped
        if len(stamped.nodes) != len(copies) or stamped.count != len(copies) * len(self._expected):
            raise StampError(f"{stamped.count} pages instead of {len(copies) * len(self._expected)}")
        for copy, node in zip(copies, stamped.nodes, strict=True):
            stamps = self._pages_of(node)
            for size, forms in stamps.items():
                self._says_so(copy, [stamped.stream(form) for form in forms], size)
            self._own.update(form for forms in stamps.values() for form in forms[1:])

    def _pages_of(self, node: int) -> dict[tuple[float, float], tuple[int, ...]]:
        """Check one copy's pages; its shared stamp, its own, and that of its first page, by page size."""
        stamps: dict[tuple[float, float], tuple[int, ...]] = {}
        pages = list(self._stamped.copy_at(node))
        if len(pages) != len(self._expected):
            raise StampError(f"a copy has {len(pages)} pages instead of {len(self._expected)}")
        for index, (page, (content, size)) in enumerate(zip(pages, self._expected, strict=True)):
            if page.forms.get("W") != content or abs(page.width - size[0]) > 0.01 or abs(page.height - size[1]) > 0.01:
                raise StampError(f"page {index + 1} of a copy shows another page")
            self._drawn_alike(index, page)
            shared, own = page.forms["S"], page.forms["K"]
            if own in self._own:
                raise StampError("two copies carry the same stamps")
            if stamps.setdefault(size, (shared, own))[:2] != (shared, own):
                raise StampError("a copy's pages carry stamps of different copies")
            if (title := page.forms.get("G")) is not None:
                if title in self._own:
                    raise StampError("two copies begin with the same number")
                stamps[size] = (shared, own, title)
        return stamps

    def _drawn_alike(self, index: int, page: StampedPage) -> None:
        """A page's operators, and its own words, are the same in all copies; they paint the page and everything that is stamped on it."""
        drawn = (page.contents, frozenset(page.forms), page.forms.get("N"))
        if index not in self._drawn:
            operators = self._stamped.stream(page.contents)
            if any(b"q /%s Do Q" % name.encode() not in operators for name in page.forms):
                raise StampError(f"page {index + 1} of a copy does not show its stamps")
            if drawn[2] in self._numbered:
                raise StampError(f"page {index + 1} of a copy bears the number of another")
            self._numbered.update({drawn[2]} - {None})
            self._drawn[index] = drawn
        if self._drawn[index] != drawn:
            raise StampError(f"page {index + 1} of a copy is drawn in another way")
        if self._read is None:
            self._read, self._fonts = reader_of(self._stamped, page.fonts), page.fonts
        if len(set(page.forms.values())) < len(page.forms):
            raise StampError(f"page {index + 1} of a copy shows a stamp twice")
        if page.fonts != self._fonts:
            raise StampError(f"page {index + 1} of a copy is set in other fonts")

    def _says_so(self, copy: CopyMark, stamps: Sequence[bytes], size: tuple[float, float]) -> None:
        plan, read = self._plan, self._read
        words = [read(stamp) for stamp in stamps] if read is not None else []
        both = "\n".join(words[:2])
        if plan.permit_no not in both or plan.release_tag not in both:
            raise StampError("the stamps of a copy do not name the permit and the release")
        own = re.compile(rf"(?<!\d)(?:{copy.number:06d}|Q{copy.number:03d})(?!\d)")
        if not all(own.search(shown.replace(plan.permit_no, "").replace(plan.release_tag, "")) for shown in words[1:]):
            raise StampError("the stamps of a copy do not show its number")
        codes = sum(PageClass.of(*size) in code.sizes for code in self._template.code.values())
        if codes_in(stamps[1]) != [copy.qr] * codes:
            raise StampError("the QR codes of a copy are not its own")
