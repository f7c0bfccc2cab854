"""Documents for these tests, made on the spot: plain ones, and ones that mean harm."""

from __future__ import annotations

import io
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import BinaryIO

import pikepdf
from pikepdf import Array, Dictionary, Name

Edit = Callable[[pikepdf.Pdf], None]


@contextmanager
def in_memory(content: bytes = b"") -> Iterator[BinaryIO]:
    """A file with a descriptor and no name, as the gateway uses."""
    with os.fdopen(os.memfd_create("test"), "w+b") as file:
        file.write(content)
        file.flush()
        yield file


def document(*texts: str, size: tuple[float, float] = (595.28, 841.89), edit: Edit | None = None, **save: object) -> io.BytesIO:
    """One page for each text; `edit` may spoil the document before it is saved."""
    out = io.BytesIO()
    with pikepdf.new() as pdf:
        font = pdf.make_indirect(Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica))
        for text in texts:
            page = pdf.add_blank_page(page_size=size)
            page.obj.Resources = Dictionary(Font=Dictionary(H=font))
            page.obj.Contents = pdf.make_stream(f"BT /H 18 Tf 72 {size[1] / 2} Td ({text}) Tj ET".encode())
        if edit is not None:
            edit(pdf)
        pdf.save(out, **save)  # type: ignore[arg-type]
    out.seek(0)
    return out


def raw(kids: str, count: str, more: str = "", page: str = "") -> io.BytesIO:
    """A file written by hand, so that no library mends it: one real page is object 4, the tree's root object 2."""
    bodies = {
        1: "<</Type/Catalog/Pages 2 0 R>>",
        2: f"<</Type/Pages/Kids[{kids}]/Count {count}>>",
        3: "<</Type/Pages/Parent 2 0 R/Kids[4 0 R]/Count 1>>",
        4: f"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Resources<<>>/Contents 5 0 R{page}>>",
        5: "<</Length 0>>stream\n\nendstream",
        6: more or "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Resources<<>>/Contents 5 0 R>>",
    }
    out = bytearray(b"%PDF-1.5\n")
    offsets = []
    for number, body in bodies.items():
        offsets.append(len(out))
        out += f"{number} 0 obj\n{body}\nendobj\n".encode()
    start = len(out)
    out += b"xref\n0 7\n0000000000 65535 f \n" + b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    out += b"trailer\n<</Size 7/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % start
    return io.BytesIO(bytes(out))


def covering_annotation(pdf: pikepdf.Pdf) -> None:
    """A white annotation over the whole of page 1, meant for print: it would hide any stamp drawn under it."""
    look = pdf.make_stream(b"1 g 0 0 595 842 re f")
    look.Type, look.Subtype, look.BBox = Name.XObject, Name.Form, Array([0, 0, 595, 842])
    annotation = pdf.make_indirect(
        Dictionary(Type=Name.Annot, Subtype=Name.Square, Rect=Array([0, 0, 595, 842]), F=4, AP=Dictionary(N=look), P=pdf.pages[0].obj)
    )
    pdf.pages[0].obj.Annots = pdf.make_indirect(Array([annotation]))
