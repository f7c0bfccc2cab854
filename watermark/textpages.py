"""A PDF of pages that show text in one embedded font, written by hand: the font's objects come as bytes."""

from __future__ import annotations

from collections.abc import Sequence

from watermark.fonts import OBJECTS_PER_FONT, StampFont
from watermark.geometry import numbers

A4 = (595.28, 841.89)
FONT = "F"
"""The font's name in the pages' content."""

_FIRST_FREE = 3 + OBJECTS_PER_FONT


def text_document(contents: Sequence[str], font: StampFont, size: tuple[float, float] = A4, *, rotate: int = 0) -> bytes:
    """One page of `size` points for each of `contents`, which are content-stream operators that call the font /F.

    `rotate` turns them clockwise by so many degrees when they are shown.
    """
    kids = " ".join(f"{_FIRST_FREE + 2 * page} 0 R" for page in range(len(contents)))
    bodies = [b"<</Type/Catalog/Pages 2 0 R>>", f"<</Type/Pages/Count {len(contents)}/Kids[{kids}]>>".encode(), *font.objects(3)]
    box = f"/MediaBox[{numbers((0, 0, *size))}]" + (f"/Rotate {rotate}" if rotate else "")
    for content in (content.encode() for content in contents):
        head = f"<</Type/Page/Parent 2 0 R{box}/Contents {len(bodies) + 2} 0 R/Resources<</Font<</{FONT} 3 0 R>>>>>>"
        bodies += [head.encode(), b"<</Length %d>>stream\n%s\nendstream" % (len(content), content)]
    return _assembled(bodies)


def _assembled(bodies: Sequence[bytes]) -> bytes:
    out = bytearray(b"%PDF-1.5\n")
    offsets = []
    for serial, body in enumerate(bodies, start=1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (serial, body)
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    size = len(bodies) + 1
    tail = b"xref\n0 %d\n0000000000 65535 f \n%strailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (size, table, size, len(out))
    return bytes(out + tail)
