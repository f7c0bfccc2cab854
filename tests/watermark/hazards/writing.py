"""Files written byte by byte, so that no library mends them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

Maker = Callable[[], bytes]
Bodies = Mapping[int, str | bytes]

HEADER = b"%PDF-1.5\n"
A4 = "/MediaBox[0 0 595 842]"


def _bytes(body: str | bytes) -> bytes:
    return body if isinstance(body, bytes) else body.encode("latin-1")


def stream(content: str | bytes, entries: str = "") -> bytes:
    """The body of a stream object."""
    data = _bytes(content)
    return b"<<%s/Length %d>>stream\n%s\nendstream" % (entries.encode("latin-1"), len(data), data)


def page(contents: str = "9 0 R", more: str = "", box: str = A4, parent: int = 2) -> str:
    """The body of a page object."""
    return f"<</Type/Page/Parent {parent} 0 R{box}/Resources<</Font<</H 8 0 R>>>>/Contents {contents}{more}>>"


def words(text: str) -> bytes:
    """A content stream that shows a line in the middle."""
    return stream(f"BT /H 24 Tf 100 420 Td ({text}) Tj ET")


FONT = "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>"


def plain(**changed: str | bytes) -> dict[int, str | bytes]:
    """Two pages: 1 catalog, 2 tree, 3 and 4 pages, 8 font, 9 content; `o2="…"` changes object 2."""
    bodies: dict[int, str | bytes] = {
        1: "<</Type/Catalog/Pages 2 0 R>>",
        2: "<</Type/Pages/Kids[3 0 R 4 0 R]/Count 2>>",
        3: page(),
        4: page(),
        8: FONT,
        9: words("page"),
    }
    bodies.update({int(name[1:]): body for name, body in changed.items()})
    return bodies


def one_page(content: str | bytes, more: str = "", box: str = A4, **changed: str | bytes) -> bytes:
    """A document of one page with this content."""
    return written(plain(o2="<</Type/Pages/Kids[3 0 R]/Count 1>>", o3=page(more=more, box=box), o9=stream(content), **changed))


def written(bodies: Bodies, trailer: str = "/Size {size}/Root 1 0 R", header: bytes = HEADER, shift: int = 0) -> bytes:
    """A whole file with a classic cross-reference table; `shift` moves every offset in it."""
    out = bytearray(header)
    offsets = {}
    for serial, body in sorted(bodies.items()):
        offsets[serial] = len(out) + shift
        out += b"%d 0 obj\n%s\nendobj\n" % (serial, _bytes(body))
    return bytes(out + _table(offsets, len(out) + shift, trailer))


def updated(before: bytes, bodies: Bodies, trailer: str = "/Size {size}/Root 1 0 R/Prev {previous}") -> bytes:
    """An incremental update after a whole file."""
    previous = int(re.findall(rb"startxref\s+(\d+)", before)[-1])
    out = bytearray(before)
    offsets = {}
    for serial, body in sorted(bodies.items()):
        offsets[serial] = len(out)
        out += b"%d 0 obj\n%s\nendobj\n" % (serial, _bytes(body))
    return bytes(out + _table(offsets, len(out), trailer, previous))


def _table(offsets: Mapping[int, int], start: int, trailer: str, previous: int = 0) -> bytes:
    size = max([10, *offsets]) + 1
    entries = trailer.format(size=size, previous=previous).encode()
    sections = b"".join(b"%d 1\n%010d 00000 n \n" % item for item in sorted(offsets.items()))
    free = b"0 1\n0000000000 65535 f \n" if not previous else b""
    return b"xref\n" + free + sections + b"trailer\n<<" + entries + b">>\nstartxref\n%d\n%%%%EOF\n" % start
