"""Fan-out: one base, N copies, as one file, a file per copy or a stream per copy. The base's bytes are taken as they are;
small objects are appended (docs/adr/0005).

Per copy: one page-tree node, a tile per watermark, one form per page size, one form with its 份号 for page 1, and page
dictionaries of some 200 bytes. Page content, static stamps, page numbers and the rims of characters exist once for all copies.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import BinaryIO

from watermark.appending import Writer
from watermark.basefile import BaseFile
from watermark.errors import StampError
from watermark.existing import bears_mark
from watermark.fonts import FontFiles, StampFont
from watermark.layout import Fonts, characters_of
from watermark.model import CopyMark, StampPlan, StampReport
from watermark.templates import Template, load_template

_CHUNK = 1 << 20
DEBIAN_FONTS = FontFiles()


def fan_out(
    base: BinaryIO, out: BinaryIO, plan: StampPlan, fonts: FontFiles = DEBIAN_FONTS, template: Template | None = None
) -> StampReport:
    """Write all copies of `plan` into `out`, copy after copy. Raises StampError or MissingGlyphError; `out` is then worthless.

    Without a `template` the house's own for the plan's kind is taken.
    """
    template = template or load_template(plan.kind)
    return fan_out_with(base, out, plan, faces_for(plan, template, fonts), template)


def faces_for(plan: StampPlan, template: Template, fonts: FontFiles) -> Fonts:
    """Subsets with every character the plan needs; raises MissingGlyphError, StampError when a font file is not there."""
    (regular, bold), (words, mark) = fonts.read(), characters_of(plan, template)
    return Fonts(StampFont(regular, "".join(sorted(words)), "StampRegular"), StampFont(bold, "".join(sorted(mark)), "StampBold"))


def fan_out_with(base: BinaryIO, out: BinaryIO, plan: StampPlan, faces: Fonts, template: Template) -> StampReport:
    """`fan_out` with the fonts at hand (the child process opens no files)."""
    writer = _writer_for(base, plan, faces, template)
    for chunk in _file_of(base, writer, plan.copies):
        out.write(chunk)
    out.flush()
    return writer.report(len(plan.copies))


def fan_out_each(base: BinaryIO, plan: StampPlan, faces: Fonts, opened: Callable[[CopyMark], BinaryIO], template: Template) -> StampReport:
    """A file per copy: `opened` gives the file for each. What all copies share is made once. Raises as `fan_out` does."""
    writer = _writer_for(base, plan, faces, template)
    for copy in plan.copies:
        out = opened(copy)
        for chunk in _file_of(base, writer, (copy,)):
            out.write(chunk)
        out.flush()
    return writer.report(len(plan.copies))


def stream_each(base: BinaryIO, plan: StampPlan, faces: Fonts, template: Template) -> Iterator[tuple[CopyMark, Iterator[bytes]]]:
    """A stream per copy, whole PDF files in chunks of a megabyte or so: for pipes and sockets, never the document in memory.

    Each stream must be used up before the next is asked for. Raises as `fan_out` does, before the first chunk.
    """
    writer = _writer_for(base, plan, faces, template)
    for copy in plan.copies:
        yield copy, _file_of(base, writer, (copy,))


def _writer_for(base: BinaryIO, plan: StampPlan, faces: Fonts, template: Template) -> Writer:
    if not plan.copies:
        raise StampError("there is no copy in the plan")
    if len({copy.number for copy in plan.copies}) != len(plan.copies):
        raise StampError("the plan holds a copy number twice")
    write_mark = not plan.mark or not bears_mark(base, plan.mark, head_bare=plan.head_bare)
    return Writer(BaseFile.read(base), plan, faces, template, write_mark=write_mark)


def _file_of(base: BinaryIO, writer: Writer, copies: tuple[CopyMark, ...]) -> Iterator[bytes]:
    """The base's own objects as they are, then those all copies share, then the copies'."""
    base.seek(0)
    left = writer.base.xref_at
    while left:
        block = base.read(min(_CHUNK, left))
        if not block:
            raise StampError("the base is cut short")
        yield block
        left -= len(block)
    yield writer.shared
    yield from writer.tail_of(copies)
