"""The page hash: what is visible on the pages, whoever saved the file (I6).

Left out: object numbers and order, /ID, dates, metadata, compression, the six-letter prefix of subset fonts. Kept: page
sizes and frames, decoded content, every resource reachable from it, optional-content defaults.
"""

from __future__ import annotations

import hashlib
import re
from decimal import Decimal
from typing import Any

import pikepdf

from watermark.errors import DocumentRefused

_DEEPEST = 60
_UNSEEN = frozenset(
    {
        "/Metadata",
        "/PieceInfo",
        "/LastModified",
        "/StructParents",
        "/StructParent",
        "/ID",
        "/Length",
        "/Length1",
        "/Length2",
        "/Length3",
        "/DL",
        "/Filter",
        "/DecodeParms",
        "/Parent",
        "/PZ",
        "/Thumb",
    }
)
_SUBSET_PREFIX = re.compile(rb"\b[A-Z]{6}\+")
_PROGRAMS = frozenset({"/FontFile", "/FontFile2", "/FontFile3"})


def hash_of_pages(forms: list[tuple[float, float, pikepdf.Object]], optional_content: pikepdf.Object | None) -> str:
    """'sha256:' + hex over the page forms in order; each comes with its page's width and height in points."""
    walker = _Canonical()
    total = hashlib.sha256(b"imprimatur.pages.v1\n")
    for width, height, form in forms:
        total.update(f"{width:.2f} {height:.2f} ".encode())
        total.update(walker.digest(form))
    if optional_content is not None:
        total.update(b"oc" + walker.digest(optional_content))
    return "sha256:" + total.hexdigest()


class _Canonical:
    """Digests of objects, each indirect object once; a cycle is named by how far back it points."""

    def __init__(self) -> None:
        self._known: dict[tuple[int, int], bytes] = {}
        self._open: list[tuple[int, int]] = []

    def digest(self, value: Any, key: str = "") -> bytes:
        if not isinstance(value, pikepdf.Object) or not value.is_indirect:
            return self._fresh(value, key)
        name = value.objgen
        if name in self._open:
            return b"cycle %d" % (len(self._open) - self._open.index(name))
        if name not in self._known:
            self._open.append(name)
            self._known[name] = self._fresh(value, key)
            self._open.pop()
        return self._known[name]

    def _fresh(self, value: Any, key: str) -> bytes:
        if len(self._open) > _DEEPEST:
            raise DocumentRefused("E_LIMIT", "objects are nested too deep")
        if isinstance(value, pikepdf.Stream):
            return _sha(b"stream", self._entries(value), _content(value, key))
        if isinstance(value, pikepdf.Dictionary):
            return _sha(b"dict", self._entries(value))
        if isinstance(value, pikepdf.Array):
            return _sha(b"array", *(self.digest(item) for item in value))
        if isinstance(value, pikepdf.Name):
            return b"name " + _SUBSET_PREFIX.sub(b"", str(value).encode("utf-8", "surrogateescape"))
        if isinstance(value, pikepdf.String):
            return _sha(b"string", bytes(value))
        if isinstance(value, bool) or value is None:
            return repr(value).encode()
        if isinstance(value, int | float | Decimal):
            return f"number {Decimal(value).quantize(Decimal('0.00001')).normalize():f}".encode()
        return b"other " + str(value).encode()

    def _entries(self, value: pikepdf.Object) -> bytes:
        names = sorted(str(key) for key in value.keys() if str(key) not in _UNSEEN)  # noqa: SIM118 — pikepdf dictionaries iterate otherwise
        return b"\n".join(name.encode("utf-8", "surrogateescape") + b" " + self.digest(value[name], name) for name in names)


def _content(stream: pikepdf.Object, key: str) -> bytes:
    """Decoded bytes where qpdf can decode without loss, else the bytes as stored together with their filter."""
    try:
        data = stream.read_bytes(pikepdf.StreamDecodeLevel.generalized)
    except pikepdf.PdfError:
        data = str(stream.get("/Filter")).encode() + stream.read_raw_bytes()
    return _SUBSET_PREFIX.sub(b"", data) if key in _PROGRAMS else data


def _sha(*parts: bytes) -> bytes:
    digest = hashlib.sha256()
    for part in parts:
        digest.update(b"%d:" % len(part))
        digest.update(part)
    return digest.digest()
