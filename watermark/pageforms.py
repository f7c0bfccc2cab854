"""Each page as one form: crop box, rotation and unit applied, its resources with it, its graphics state its own.

A stamp drawn after such a form stands where it should, whatever the page does: operators that close more than was opened,
strings that never end, a coordinate system left turned.
"""

from __future__ import annotations

from decimal import Decimal

import pikepdf
from pikepdf import Array, Dictionary, Name

from watermark.errors import DocumentRefused
from watermark.geometry import Frame, inherited, number

LONGEST_CONTENT = 100_000_000
"""Bytes of one page's operators, decoded: large drawings have some ten million."""


def add_page(target: pikepdf.Pdf, pdf: pikepdf.Pdf, page: pikepdf.Page, frame: Frame) -> None:
    """Append the page to `target` as a page that only draws one form; raises DocumentRefused."""
    form = _content_form(pdf, page.obj.get("/Contents"))
    form.Type, form.Subtype = Name.XObject, Name.Form
    form.BBox = Array([Decimal(number(value)) for value in frame.bbox])
    form.Matrix = Array([Decimal(number(value)) for value in frame.matrix])
    form.Resources = inherited(page.obj, "/Resources") or Dictionary()
    if "/Group" in page.obj:
        form.Group = page.obj.Group
    copied = target.copy_foreign(pdf.make_indirect(form))
    sides = Array([0, 0, Decimal(number(frame.width)), Decimal(number(frame.height))])
    target.pages.append(
        pikepdf.Page(
            target.make_indirect(
                Dictionary(
                    Type=Name.Page,
                    MediaBox=sides,
                    Resources=Dictionary(XObject=Dictionary(W=copied)),
                    Contents=target.make_stream(b"/W Do"),
                )
            )
        )
    )


def _content_form(pdf: pikepdf.Pdf, content: pikepdf.Object | None) -> pikepdf.Stream:
    if isinstance(content, Array) and len(content) == 1:
        content = content[0]
    if isinstance(content, pikepdf.Stream):
        if "/F" in content:
            raise DocumentRefused("E_FORMAT", "its content lies in another file")
        form = pikepdf.Stream(pdf, b"")
        # taken as stored: decoding and coding again would only cost time
        form.write(content.read_raw_bytes())
        for key in ("/Filter", "/DecodeParms"):
            if key in content:
                form[key] = content[key]
        return form
    return pikepdf.Stream(pdf, _joined(content) if isinstance(content, Array) else b"")


def _joined(parts: pikepdf.Object) -> bytes:
    """The parts of a page's content, with line ends between: no token reaches from one into the next (ISO 32000-1 §7.8.2)."""
    pieces, length = [], 0
    for part in parts:
        if part is None:
            continue
        if not isinstance(part, pikepdf.Stream):
            raise DocumentRefused("E_DAMAGED", "a part of a page's content is no content")
        pieces.append(part.read_bytes())
        length += len(pieces[-1])
        if length > LONGEST_CONTENT:
            raise DocumentRefused("E_LIMIT", "a page's content is too long")
    return b"\n".join(pieces)
