"""Files that hold more than one document, or another one for another reader."""

from __future__ import annotations

import io
import struct
import zlib

import pikepdf
from pikepdf import Array, Dictionary, Name

from tests.watermark.hazards.writing import HEADER, Maker, page, plain, stream, updated, words, written
from tests.watermark.papers import document

ONE = "<</Type/Pages/Kids[3 0 R]/Count 1>>"
TWO = "<</Type/Pages/Kids[3 0 R 4 0 R]/Count 2>>"


def hybrid() -> bytes:
    """Readers of the old table see one page; those that know /XRefStm see another tree with two."""
    bodies = plain(o2=ONE)
    out = bytearray(HEADER)
    offsets = {}
    for serial, body in sorted(bodies.items()):
        offsets[serial] = len(out)
        out += b"%d 0 obj\n%s\nendobj\n" % (serial, body if isinstance(body, bytes) else body.encode())
    hidden = len(out)
    out += b"2 0 obj\n" + TWO.encode() + b"\nendobj\n"
    extra = len(out)
    entry = struct.pack(">BIH", 1, hidden, 0)
    out += b"20 0 obj\n" + stream(entry, "/Type/XRef/W[1 4 2]/Index[2 1]/Size 21") + b"\nendobj\n"
    start = len(out)
    out += b"xref\n0 1\n0000000000 65535 f \n"
    for serial, offset in sorted(offsets.items()):
        if serial != 2:
            out += b"%d 1\n%010d 00000 n \n" % (serial, offset)
    out += b"2 1\n0000000000 00000 f \n"
    out += b"trailer\n<</Size 21/Root 1 0 R/XRefStm %d>>\nstartxref\n%d\n%%%%EOF\n" % (extra, start)
    return bytes(out)


def xref_stream(size: int, index: str = "") -> bytes:
    """A cross-reference stream of `size` megabytes that deflates to little."""
    bodies = plain()
    out = bytearray(HEADER)
    entries = [struct.pack(">BIH", 0, 0, 65535)]
    for serial in range(1, 11):
        if serial in bodies:
            entries.append(struct.pack(">BIH", 1, len(out), 0))
            body = bodies[serial]
            out += b"%d 0 obj\n%s\nendobj\n" % (serial, body if isinstance(body, bytes) else body.encode())
        else:
            entries.append(struct.pack(">BIH", 0, 0, 0))
    entries[10] = struct.pack(">BIH", 1, len(out), 0)
    packed = zlib.compress(b"".join(entries) + b"\0" * (size << 20), 9)
    start = len(out)
    out += b"10 0 obj\n" + stream(packed, f"/Type/XRef/Root 1 0 R/Size 11/W[1 4 2]/Filter/FlateDecode{index}") + b"\nendobj\n"
    return bytes(out) + b"startxref\n%d\n%%%%EOF\n" % start


def cut_off() -> bytes:
    whole = written(plain())
    return whole[: len(whole) * 2 // 3]


def wrong_offsets() -> bytes:
    return written(plain(), shift=7)


def encrypted(**options: object) -> bytes:
    return document("x", "y", encryption=pikepdf.Encryption(**options)).getvalue()  # type: ignore[arg-type]


def active() -> bytes:
    """Everything that acts when a document is opened, printed or looked at."""

    def arm(pdf: pikepdf.Pdf) -> None:
        script = Dictionary(S=Name.JavaScript, JS=pikepdf.String("this.print({bUI:false}); this.getOCGs()"))
        launch = Dictionary(S=Name.Launch, F=pikepdf.String("/bin/sh"), Next=script)
        pdf.Root.OpenAction = launch
        pdf.Root.AA = Dictionary(WP=script, DP=script)
        pdf.Root.Names = Dictionary(JavaScript=Dictionary(Names=Array([pikepdf.String("a"), script])))
        pdf.pages[0].obj.AA = Dictionary(O=script, C=launch)
        pdf.attachments["secret.txt"] = b"attached"
        pdf.Root.Collection = Dictionary(Type=Name.Collection, View=Name.T)

    return document("x", edit=arm).getvalue()


def xfa(*, dynamic: bool) -> bytes:
    def form(pdf: pikepdf.Pdf) -> None:
        pdf.Root.AcroForm = Dictionary(Fields=Array(), XFA=pdf.make_stream(b"<xdp:xdp/>"))
        if dynamic:
            pdf.Root.NeedsRendering = True

    return document("Please wait", edit=form).getvalue()


def in_object_streams() -> bytes:
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(written(plain()))) as pdf:
        pdf.save(out, object_stream_mode=pikepdf.ObjectStreamMode.generate)
    return out.getvalue()


SECOND = written(plain(o9=words("second document"), o2=ONE))

MAKERS: dict[str, Maker] = {
    "a page taken away by an update": lambda: updated(written(plain()), {2: ONE}),
    "a page added by an update": lambda: updated(written(plain(o2=ONE)), {2: TWO}),
    "a page changed by an update": lambda: updated(written(plain()), {9: words("changed")}),
    "an update whose table points at itself": lambda: updated(written(plain()), {2: TWO}, "/Size {size}/Root 1 0 R/Prev 5"),
    "an update with another catalog": lambda: updated(
        written(plain()), {20: "<</Type/Catalog/Pages 21 0 R>>", 21: ONE}, "/Size 22/Root 20 0 R/Prev {previous}"
    ),
    "an old table to be revived": lambda: updated(written(plain()), {2: ONE}) + b"startxref\n0\n%%EOF\n",
    "hybrid tables": hybrid,
    "two documents, one after the other": lambda: written(plain()) + SECOND,
    "two documents, offsets mended": lambda: written(plain()) + written(plain(o2=ONE), shift=len(written(plain()))),
    "half a document after a document": lambda: written(plain()) + SECOND[:200],
    "a document inside a document": lambda: written(plain(o20=stream(SECOND))),
    "PostScript, then PDF": lambda: b"%!PS-Adobe-3.0\n5 { showpage } repeat\nstop\n" + written(plain()),
    "PDF, then PostScript": lambda: written(plain()) + b"\n%!PS-Adobe-3.0\n5 { showpage } repeat\n",
    "printer commands, then PDF": lambda: b"\x1b%-12345X@PJL SET COPIES=9\r\n@PJL ENTER LANGUAGE=PDF\r\n" + written(plain()),
    "PDF, then printer commands": lambda: written(plain()) + b"\x1b%-12345X@PJL SET COPIES=9\r\n",
    "a web page, then PDF": lambda: b"<html><script>print()</script>\n" + written(plain()),
    "a picture, then PDF": lambda: b"\x89PNG\r\n\x1a\n" + written(plain()),
    "blank lines, then PDF": lambda: b"\r\n \n" + written(plain()),
    "a header far below": lambda: b" " * 2000 + written(plain(), shift=2000),
    "no header": lambda: written(plain(), header=b"%no header\n"),
    "cut off": cut_off,
    "no end": lambda: written(plain()).rpartition(b"startxref")[0],
    "wrong offsets": wrong_offsets,
    "no size": lambda: written(plain(), trailer="/Root 1 0 R"),
    "a size too small": lambda: written(plain(), trailer="/Size 3/Root 1 0 R"),
    "no root": lambda: written(plain(), trailer="/Size {size}"),
    "a root that is a page": lambda: written(plain(), trailer="/Size {size}/Root 3 0 R"),
    "a root that is not there": lambda: written(plain(), trailer="/Size {size}/Root 77 0 R"),
    "tables in a circle": lambda: written(plain(), trailer="/Size {size}/Root 1 0 R/Prev 600"),
    "objects in streams": in_object_streams,
    "a table in a stream": lambda: xref_stream(0),
    "a table that deflates to little": lambda: xref_stream(600),
    "a table with an enormous index": lambda: xref_stream(0, "/Index[0 2147483647]"),
    "a password to open": lambda: encrypted(owner="o", user="u"),
    "a password to print": lambda: encrypted(owner="o", allow=pikepdf.Permissions(print_lowres=False, print_highres=False)),
    "a password to change": lambda: encrypted(owner="o", allow=pikepdf.Permissions(modify_other=False)),
    "scripts, actions, attachments": active,
    "a form made by a program": lambda: xfa(dynamic=True),
    "a form that could be made by a program": lambda: xfa(dynamic=False),
    "content in another file": lambda: written(plain(o9=stream("", "/F(/etc/passwd)"))),
    "a page without content": lambda: written(plain(o3=page(contents="null"), o4=page(contents="99 0 R"))),
    "a length that lies": lambda: written(plain()).replace(b"/Length 41", b"/Length 11"),
    "a length in a circle": lambda: written(plain(o9=b"<</Length 9 0 R>>stream\nBT ET\nendstream")),
}
