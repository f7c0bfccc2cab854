"""Layers (optional content) that a page opens and never closes are closed: poppler would hide all that is drawn later, stamps too.

A form is drawn within its page, but a reader may let its open marks live on (poppler does). Nothing else of the content changes.
"""

from __future__ import annotations

import pikepdf
from pikepdf import Dictionary, Name

from watermark.errors import DocumentRefused

_MARKS = "BDC BMC EMC"


def close_layers(pdf: pikepdf.Pdf) -> None:
    """Balance the marks of every page and form of a document that has layers; raises DocumentRefused where that is impossible.

    Each page's content becomes one stream. Documents without layers are left alone: there an open mark hides nothing.
    """
    if not isinstance(pdf.Root.get("/OCProperties"), Dictionary):
        return
    for page in pdf.pages:
        if "/Contents" in page.obj and not _is_closed(page.obj):
            page.contents_coalesce()
            _close(page.obj.Contents)
    for thing in pdf.objects:
        if isinstance(thing, pikepdf.Stream) and (thing.get("/Subtype") == Name.Form or thing.get("/PatternType") == 1):
            if not _is_closed(thing):
                _close(thing)
        elif isinstance(thing, Dictionary) and isinstance(thing.get("/CharProcs"), Dictionary):
            for glyph in thing.CharProcs.values():
                if isinstance(glyph, pikepdf.Stream) and not _is_closed(glyph):
                    _close(glyph)


def _close(content: pikepdf.Object) -> None:
    content.write(content.read_bytes() + b"\nEMC" * _open_marks(content))
    if not _is_closed(content):  # a string without an end swallows them
        raise DocumentRefused("E_DAMAGED", "a layer is opened on a page and never closed")


def _is_closed(content: pikepdf.Object) -> bool:
    return _open_marks(content) == 0


def _open_marks(content: pikepdf.Object) -> int:
    """Marks left open at the end; closing what is not open counts for nothing, as in every reader."""
    depth = 0
    for step in pikepdf.parse_content_stream(content, _MARKS):
        depth = max(0, depth - 1) if str(step.operator) == "EMC" else depth + 1
    return depth
