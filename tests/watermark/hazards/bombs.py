"""Small files that grow, run or nest without end."""

from __future__ import annotations

import zlib
from functools import partial

from tests.watermark.hazards.writing import Maker, one_page, page, plain, stream, written

MEGABYTE = 1 << 20


def packed(megabytes: int, fill: bytes = b" ") -> bytes:
    """So many megabytes, deflated; made of one megabyte's code again and again, since packing them all would take a minute."""
    block = fill * (MEGABYTE // len(fill))
    packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    code = packer.compress(block) + packer.flush(zlib.Z_FULL_FLUSH)
    check = 1
    for _ in range(megabytes):
        check = zlib.adler32(block, check)
    return b"\x78\xda" + code * megabytes + b"\x03\x00" + check.to_bytes(4, "big")


def inflating(times: int, megabytes: int, fill: bytes = b" ") -> bytes:
    """Content that deflates to `megabytes`, packed `times` times."""
    data = packed(megabytes, fill)
    for _ in range(times - 1):
        data = zlib.compress(data, 9)
    filters = "/Filter[" + "/FlateDecode" * times + "]"
    return written(plain(o9=stream(data, filters)))


def nested_forms(depth: int, times: int) -> bytes:
    """Each form draws the next one several times."""
    forms = {}
    for level in range(depth):
        inside = f"/Resources<</XObject<</I {31 + level} 0 R>>>>" if level < depth - 1 else ""
        content = "/I Do " * times if level < depth - 1 else "0 0 9 9 re f"
        forms[f"o{30 + level}"] = stream(content, f"/Type/XObject/Subtype/Form/BBox[0 0 595 842]{inside}")
    return one_page("/I Do", "/Resources<</XObject<</I 30 0 R>>>>", **forms)


def nested_patterns(depth: int) -> bytes:
    """Each tile is painted with the next pattern, in smaller tiles."""
    patterns = {}
    for level in range(depth):
        inside = f"/Resources<</Pattern<</P {31 + level} 0 R>>>>" if level < depth - 1 else "/Resources<<>>"
        content = "/Pattern cs /P scn 0 0 99 99 re f" if level < depth - 1 else "0 0 1 1 re f"
        entries = f"/Type/Pattern/PatternType 1/PaintType 1/TilingType 1/BBox[0 0 9 9]/XStep 0.9/YStep 0.9{inside}"
        patterns[f"o{30 + level}"] = stream(content, entries)
    return one_page("/Pattern cs /P scn 0 0 595 842 re f", "/Resources<</Pattern<</P 30 0 R>>>>", **patterns)


def form_in_itself() -> bytes:
    form = stream("/I Do /I Do", "/Type/XObject/Subtype/Form/BBox[0 0 595 842]/Resources<</XObject<</I 30 0 R>>>>")
    return one_page("/I Do", "/Resources<</XObject<</I 30 0 R>>>>", o30=form)


def glyph_in_itself() -> bytes:
    font = (
        "<</Type/Font/Subtype/Type3/FontBBox[0 0 1 1]/FontMatrix[1 0 0 1 0 0]/CharProcs<</a 31 0 R>>/FirstChar 97/LastChar 97/Widths[1]"
        "/Encoding<</Differences[97/a]>>/Resources<</Font<</T 30 0 R>>>>>>"
    )
    return one_page("BT /T 9 Tf (aaaa) Tj ET", "/Resources<</Font<</T 30 0 R>>>>", o30=font, o31=stream("1 0 d0 BT /T 1 Tf (aaaa) Tj ET"))


def picture(width: int, height: int, entries: str = "/ColorSpace/DeviceRGB/BitsPerComponent 8", data: bytes = b"") -> bytes:
    """A picture with very many pixels."""
    head = f"/Type/XObject/Subtype/Image/Width {width}/Height {height}{entries}/Filter[/FlateDecode/FlateDecode]"
    image = stream(zlib.compress(data or packed(900, b"\0"), 9), head)
    return one_page("595 0 0 842 0 0 cm /P Do", "/Resources<</XObject<</P 30 0 R>>>>", o30=image)


def program() -> bytes:
    """A shading whose every point asks a long PostScript function."""
    function = stream("{ " + "pop pop 1 1 " * 1 + "dup sin exch cos " * 5000 + "pop }", "/FunctionType 4/Domain[0 1 0 1]/Range[0 1]")
    shading = "<</ShadingType 1/ColorSpace/DeviceGray/Domain[0 1 0 1]/Matrix[595 0 0 842 0 0]/Function 30 0 R>>"
    return one_page("/Sh sh " * 500, "/Resources<</Shading<</Sh 31 0 R>>>>", o30=function, o31=shading)


def nested_lists() -> bytes:
    """A resource twenty thousand lists deep."""
    return one_page("", "/Resources<</Properties<</M 30 0 R>>>>", o30="[" * 20_000 + "]" * 20_000)


def chained_objects() -> bytes:
    """A resource three thousand objects deep."""
    chain = {f"o{100 + link}": f"<</Next {101 + link} 0 R>>" for link in range(3000)}
    return one_page("", "/Resources<</Properties<</M 100 0 R>>>>", **chain, o3100="<<>>")


def many_pages(count: int) -> bytes:
    kids = " ".join(f"{100 + serial} 0 R" for serial in range(count))
    pages = {f"o{100 + serial}": page() for serial in range(count)}
    return written(plain(o2=f"<</Type/Pages/Kids[{kids}]/Count {count}>>", **pages))


def many_annotations() -> bytes:
    """Fifty thousand annotations that show one slow form."""
    form = stream("0 0 9 9 re f " * 2000, "/Type/XObject/Subtype/Form/BBox[0 0 9 9]")
    note = "<</Type/Annot/Subtype/Stamp/F 4/AP<</N 21 0 R>>/Rect[0 0 9 9]>>"
    return one_page("", "/Annots[" + note * 50_000 + "]", o21=form)


MAKERS: dict[str, Maker] = {
    "content of 1.2 GB": partial(inflating, 1, 1200),
    "content of 1.2 GB, packed twice": partial(inflating, 2, 1200),
    "content of 1.2 GB, packed three times": partial(inflating, 3, 1200),
    "content of 8 GB, packed three times": partial(inflating, 3, 8000),
    "half a gigabyte of operators": partial(inflating, 2, 500, b"0 0 9 9 re f 1 0 0 1 0 0 cm q Q "),
    "half a gigabyte of opening": partial(inflating, 2, 500, b"q "),
    "half a gigabyte of lists": partial(inflating, 2, 500, b"[ "),
    "forms in forms, ten times each": partial(nested_forms, 12, 10),
    "forms in forms, a hundred deep": partial(nested_forms, 100, 2),
    "forms in forms, twenty wide": partial(nested_forms, 6, 20),
    "a form in itself": form_in_itself,
    "a glyph in itself": glyph_in_itself,
    "patterns in patterns": partial(nested_patterns, 6),
    "a picture of ten gigapixels": partial(picture, 100_000, 100_000),
    "a picture of 300 megapixels": partial(picture, 17_320, 17_320),
    "a picture that says it is endless": partial(picture, 2_147_483_647, 2_147_483_647),
    "a program in every point": program,
    "lists twenty thousand deep": nested_lists,
    "objects three thousand deep": chained_objects,
    "more pages than allowed": partial(many_pages, 5001),
    "fifty thousand annotations": many_annotations,
    "a page as large as a house": lambda: one_page("", box="/MediaBox[0 0 9999999 9999999]"),
    "a page larger than a number": lambda: one_page("", box="/MediaBox[0 0 1e308 99999999999999999999999999999999999999999999]"),
    "a page of a hair's breadth": lambda: one_page("", box="/MediaBox[0 0 0.1 842]"),
    "a page without any size": lambda: one_page("", box="/MediaBox[0 0 0 0]"),
    "a unit that makes it a city": lambda: one_page("", "/UserUnit 999"),
    "dashes without end": lambda: one_page("[0.00001] 0 d 5 w 0 0 m 595 842 l S " * 50),
    "a line of a million miles": lambda: one_page("[0.1] 0 d 0 0 m 1000000000 1000000000 l S"),
}
