"""The stamped file opened again: every copy whole, every page with its own copy's stamps, in order (I6)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import BinaryIO

import pikepdf

from watermark.basefile import BaseFile, open_own
from watermark.errors import StampError
from watermark.model import StampPlan

_FORM = re.compile(rb"/([WSKG]) (\d+) (\d+) R\b")
_BOX = re.compile(rb"/MediaBox \[([^\]]*)\]")


def verify_stamped(out: BinaryIO, base: BinaryIO, plan: StampPlan) -> None:
    """Raise StampError unless `out` holds exactly the copies of `plan` over the pages of `base`.

    Looked at are page count, each page's size and content, and that the copies' forms are all different ones.
    """
    source = BaseFile.read(base)
    padded = plan.duplex and len(source.pages) % 2 == 1
    per_copy = len(source.pages) + padded
    out.seek(0)
    try:
        with open_own(out) as pdf:
            if len(pdf.pages) != per_copy * len(plan.copies) or int(pdf.Root.Pages.Count) != len(pdf.pages):
                raise StampError(f"{len(pdf.pages)} pages instead of {per_copy * len(plan.copies)}")
            pages = [page.obj.unparse(resolved=True) for page in pdf.pages]
            titles = [_copy_at(pdf, pages[start : start + per_copy], source) for start in range(0, len(pages), per_copy)]
    except (pikepdf.PdfError, AttributeError, KeyError, TypeError, ValueError) as error:
        raise StampError(f"the stamped file cannot be read ({type(error).__name__})") from error
    if len(set(titles)) != len(plan.copies):
        raise StampError("two copies carry one number")
    out.seek(0)


def _copy_at(pdf: pikepdf.Pdf, pages: Sequence[bytes], source: BaseFile) -> bytes:
    """Check one copy's pages, each as qpdf read it; returns what makes it its own (the operators that write its number)."""
    forms: dict[int, set[bytes]] = {}
    for index, page in enumerate(pages):
        blank = index == len(source.pages)
        content, size = source.pages[min(index, len(source.pages) - 1)]
        found = {name: (number, generation) for name, number, generation in _FORM.findall(page)}
        if found.get(b"W") != (None if blank else (b"%d" % content, b"0")):
            raise StampError(f"page {index + 1} of a copy shows another page")
        box = _BOX.search(page)
        if box is None or [round(float(side), 2) for side in box[1].split()][2:] != [round(side, 2) for side in source.sizes[size]]:
            raise StampError(f"page {index + 1} of a copy has another size")
        forms.setdefault(size, set()).add(found[b"K"][0])
    if any(len(used) != 1 for used in forms.values()):
        raise StampError("a copy's pages carry stamps of different copies")
    title = re.search(rb"/G (\d+) 0 R", pages[0])
    if title is None:
        raise StampError("a copy has no number on its first page")
    return bytes(pdf.get_object(int(title[1]), 0).read_bytes())
