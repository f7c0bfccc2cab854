"""The stamped file opened again: every copy whole, every page with its own copy's stamps, in order (I6)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import BinaryIO

import pikepdf

from watermark.errors import StampError
from watermark.fanout import BaseFile
from watermark.model import StampPlan


def verify_stamped(out: BinaryIO, base: BinaryIO, plan: StampPlan) -> None:
    """Raise StampError unless `out` holds exactly the copies of `plan` over the pages of `base`.

    Looked at are page count, each page's size and content, and that the copies' forms are all different ones.
    """
    source = BaseFile.read(base)
    padded = plan.duplex and len(source.pages) % 2 == 1
    per_copy = len(source.pages) + padded
    out.seek(0)
    try:
        with pikepdf.open(out, access_mode=pikepdf.AccessMode.stream, attempt_recovery=False) as pdf:
            if len(pdf.pages) != per_copy * len(plan.copies) or int(pdf.Root.Pages.Count) != len(pdf.pages):
                raise StampError(f"{len(pdf.pages)} pages instead of {per_copy * len(plan.copies)}")
            pages = [page.obj for page in pdf.pages]
            titles = [_copy_at(pages[start : start + per_copy], source) for start in range(0, len(pages), per_copy)]
    except (pikepdf.PdfError, AttributeError, KeyError, TypeError, ValueError) as error:
        raise StampError(f"the stamped file cannot be read ({type(error).__name__})") from error
    if len(set(titles)) != len(plan.copies):
        raise StampError("two copies carry one number")
    out.seek(0)


def _copy_at(pages: Sequence[pikepdf.Object], source: BaseFile) -> bytes:
    """Check one copy's pages; returns what makes it its own (the operators that write its number)."""
    forms: dict[int, set[tuple[int, int]]] = {}
    for index, page in enumerate(pages):
        blank = index == len(source.pages)
        content, size = source.pages[min(index, len(source.pages) - 1)]
        found = page.Resources.XObject
        if ("/W" in found) == blank or (not blank and found.W.objgen[0] != content):
            raise StampError(f"page {index + 1} of a copy shows another page")
        if [round(float(side), 2) for side in page.MediaBox][2:] != [round(side, 2) for side in source.sizes[size]]:
            raise StampError(f"page {index + 1} of a copy has another size")
        forms.setdefault(size, set()).add(found.K.objgen)
    if any(len(used) != 1 for used in forms.values()):
        raise StampError("a copy's pages carry stamps of different copies")
    return bytes(pages[0].Resources.XObject.G.read_bytes())
