"""The page hash: what is visible on the pages, whoever saved the file (I6).

Left out: object numbers and order, /ID, dates, metadata, compression, the random tag in an embedded font's name. Kept: page
sizes and frames, decoded content, every resource reachable from it, optional-content defaults.

Two files whose pages differ to the eye must never have one hash, whoever made them and why. So an entry is left out only of
streams' own dictionaries, where it has one meaning (a picture may be *named* /Metadata or /ID in a page's resources), numbers
are taken exactly (a tiny one may be scaled up), and what qpdf cannot decode counts with its filter's parameters (BlackIs1).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pikepdf
from pikepdf import Array

from watermark.errors import DocumentRefused
from watermark.pageforms import LONGEST_CONTENT
from watermark.watchdog import Heartbeat, unwatched

_DEEPEST = 60
_MOST_PIXELS = 600_000_000
"""A0 at 600 dpi has 558 million."""
_UNSEEN_IN_STREAMS = frozenset(
    {
        "/Metadata",
        "/PieceInfo",
        "/LastModified",
        "/StructParents",
        "/StructParent",
        "/ID",
        "/Length",
        "/DL",
        "/Filter",
        "/DecodeParms",
    }
)
_FONT_NAMES = frozenset({"/BaseFont", "/FontName"})
_PROGRAMS = ("/FontFile", "/FontFile2", "/FontFile3")
_TAG = re.compile(r"^/(?:[A-Z]{6}\+|[A-Z]{5}$)")
"""Subset tag (ISO 32000-1 §9.6.4); CUPS' texttopdf makes names of five random letters and nothing else."""


def hash_of_pages(
    forms: list[tuple[float, float, pikepdf.Object]],
    optional_content: pikepdf.Object | None,
    heartbeat: Heartbeat = unwatched,
    unembedded_fonts: set[str] | None = None,
) -> str:
    """'sha256:' + hex over the page forms in order; each comes with its page's width and height in points.

    `heartbeat` is called once a page; the names of fonts whose program is not in the file are added to `unembedded_fonts`.
    Raises DocumentRefused when objects are nested too deep, a picture or a content is too large.
    """
    walker = _Canonical(set() if unembedded_fonts is None else unembedded_fonts)
    total = hashlib.sha256(b"imprimatur.pages.v2\n")
    for width, height, form in forms:
        heartbeat(1)
        total.update(f"{width:.2f} {height:.2f} ".encode())
        total.update(walker.digest(form))
    if optional_content is not None:
        total.update(b"oc" + walker.digest(optional_content))
    return "sha256:" + total.hexdigest()


class _Canonical:
    """Digests of objects, each indirect object once; a cycle is named by how far back it points."""

    def __init__(self, unembedded_fonts: set[str]) -> None:
        self._unembedded_fonts = unembedded_fonts
        self._known: dict[tuple[int, int], bytes] = {}
        self._open: list[tuple[int, int]] = []

    def digest(self, value: Any) -> bytes:
        if not isinstance(value, pikepdf.Object) or not value.is_indirect:
            return self._fresh(value)
        name = value.objgen
        if name in self._open:
            return b"cycle %d" % (len(self._open) - self._open.index(name))
        if name not in self._known:
            self._open.append(name)
            self._known[name] = self._fresh(value)
            self._open.pop()
        return self._known[name]

    def _fresh(self, value: Any) -> bytes:
        if len(self._open) > _DEEPEST:
            raise DocumentRefused("E_LIMIT", "objects are nested too deep")
        if isinstance(value, pikepdf.Stream):
            return _sha(b"stream", *self._entries(value, _UNSEEN_IN_STREAMS), *self._content(value))
        if isinstance(value, pikepdf.Dictionary):
            return _sha(b"dict", *self._entries(value, frozenset()))
        if isinstance(value, Array):
            return _sha(b"array", *(self.digest(item) for item in value))
        if isinstance(value, pikepdf.Name):
            return b"name " + _bytes(str(value))
        if isinstance(value, pikepdf.String):
            return _sha(b"string", bytes(value))
        if isinstance(value, bool) or value is None:
            return repr(value).encode()
        if isinstance(value, int | float | Decimal):
            return f"number {Decimal(value).normalize():f}".encode()
        return b"other " + str(value).encode()

    def _entries(self, value: pikepdf.Object, unseen: frozenset[str]) -> Iterator[bytes]:
        embedded = self._is_of_an_embedded_font(value)
        for key in sorted(str(key) for key in value.keys()):  # noqa: SIM118 — pikepdf dictionaries iterate otherwise
            if key in unseen:
                continue
            yield _bytes(key)
            named = value[key] if embedded and key in _FONT_NAMES else None
            # never by way of what is known: the same name may stand where its tag is seen
            yield b"font " + _bytes(_TAG.sub("/", str(named))) if isinstance(named, pikepdf.Name) else self.digest(value[key])

    def _is_of_an_embedded_font(self, value: pikepdf.Object) -> bool:
        """A font, its descendant or its descriptor, where the program lies in the file: then no reader goes by the name."""
        name = value.get("/BaseFont") or value.get("/FontName")
        if not isinstance(name, pikepdf.Name):
            return False
        descendants = value.get("/DescendantFonts")
        if isinstance(descendants, Array) and len(descendants) == 1 and isinstance(descendants[0], pikepdf.Dictionary):
            value = descendants[0]
        descriptor = value.get("/FontDescriptor", value)
        if isinstance(descriptor, pikepdf.Dictionary) and any(isinstance(descriptor.get(key), pikepdf.Stream) for key in _PROGRAMS):
            return True
        if descendants is None and "/BaseFont" in value:
            self._unembedded_fonts.add(str(name)[1:])
        return False

    def _content(self, stream: pikepdf.Object) -> tuple[bytes, ...]:
        """Decoded bytes where qpdf can decode without loss, else the bytes as stored, with the filters that will read them."""
        is_picture = stream.get("/Subtype") == pikepdf.Name.Image
        if is_picture and float(stream.get("/Width", 0)) * float(stream.get("/Height", 0)) > _MOST_PIXELS:
            raise DocumentRefused("E_LIMIT", "a picture has too many pixels")
        try:
            data = stream.read_bytes(pikepdf.StreamDecodeLevel.generalized)
        except pikepdf.PdfError:
            return self.digest(stream.get("/Filter")), self.digest(stream.get("/DecodeParms")), stream.read_raw_bytes()
        if not is_picture and len(data) > LONGEST_CONTENT:
            raise DocumentRefused("E_LIMIT", "a page's content is too long")
        return (data,)


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


def _sha(*parts: bytes) -> bytes:
    digest = hashlib.sha256()
    for part in parts:
        digest.update(b"%d:" % len(part))
        digest.update(part)
    return digest.digest()
