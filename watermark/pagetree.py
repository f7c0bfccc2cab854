"""The strict count: what the page tree declares, what a walk finds and what the parsers see must be one number (R10).

Of 38 hand-made files 13 showed different page numbers to different programs: shared, cyclic, null or foreign kids, lying
/Count entries. Whatever is not a plain tree is not printed (E_COUNT_DISAGREES).
"""

from __future__ import annotations

import pikepdf
import pypdf

from watermark.errors import DocumentRefused
from watermark.model import Limits

_DEEPEST_TREE = 64


def walk(pdf: pikepdf.Pdf, limits: Limits) -> int:
    """Count the leaves of a page tree; call it before anything touches `pdf.pages`, which repairs trees silently."""
    root = pdf.Root.get("/Pages")
    if not isinstance(root, pikepdf.Dictionary):
        raise DocumentRefused("E_DAMAGED", "there is no page tree")
    return _Walk(limits).count(root, 0)


class _Walk:
    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._seen: set[tuple[int, int]] = set()
        self._leaves = 0

    def count(self, node: pikepdf.Object, depth: int) -> int:
        if depth > _DEEPEST_TREE:
            raise DocumentRefused("E_LIMIT", "the page tree is too deep")
        self._once(node)
        found = sum(self._kid(kid, depth) for kid in _kids(node))
        if (declared := node.get("/Count")) != found:
            raise DocumentRefused("E_COUNT_DISAGREES", f"the page tree declares {str(declared)[:20]} pages and has {found}")
        return found

    def _kid(self, kid: pikepdf.Object, depth: int) -> int:
        if not isinstance(kid, pikepdf.Dictionary):
            raise DocumentRefused("E_COUNT_DISAGREES", "the page tree has an entry that is no page")
        if "/Kids" in kid:
            if kid.get("/Type", pikepdf.Name.Pages) != pikepdf.Name.Pages:
                raise DocumentRefused("E_COUNT_DISAGREES", "the page tree has a node of the wrong type")
            return self.count(kid, depth + 1)
        if kid.get("/Type", pikepdf.Name.Page) != pikepdf.Name.Page:
            raise DocumentRefused("E_COUNT_DISAGREES", "the page tree has an entry of the wrong type")
        self._once(kid)
        self._leaves += 1
        if self._leaves > self._limits.max_pages:
            raise DocumentRefused("E_LIMIT", f"more than {self._limits.max_pages} pages")
        return 1

    def _once(self, node: pikepdf.Object) -> None:
        if not node.is_indirect:
            return
        if node.objgen in self._seen:
            raise DocumentRefused("E_COUNT_DISAGREES", "the page tree uses one page or node twice")
        self._seen.add(node.objgen)


def _kids(node: pikepdf.Object) -> list[pikepdf.Object]:
    kids = node.get("/Kids")
    if not isinstance(kids, pikepdf.Array):
        raise DocumentRefused("E_DAMAGED", "a node of the page tree has no kids")
    return list(kids)


def second_opinion(base: object) -> int:
    """Pages of the base by pypdf: an independent parser."""
    return len(pypdf.PdfReader(base, strict=True).pages)  # type: ignore[arg-type]  # any readable binary file
