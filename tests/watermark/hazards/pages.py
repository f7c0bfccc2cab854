"""Pages that would hide, move or distort what is drawn after them."""

from __future__ import annotations

from functools import partial

import pikepdf
from pikepdf import Array, Dictionary, Name

from tests.watermark.hazards.writing import A4, FONT, Maker, one_page, page, plain, stream, written
from tests.watermark.papers import covering_annotation, document

BLACK = "0 g 0 0 595 842 re f "
WORDS = "BT /H 24 Tf 100 420 Td (page) Tj ET "
WHITE_LAST = "1 g 0 0 595 842 re f "


def annotated(annotation: str, **more: str | bytes) -> bytes:
    """A page with one annotation, object 20, which shows object 21: a white sheet over everything."""
    sheet = stream(WHITE_LAST, "/Type/XObject/Subtype/Form/BBox[0 0 595 842]")
    return one_page(WORDS, "/Annots[20 0 R]", o20=annotation, o21=sheet, **more)


def widget() -> bytes:
    """A form field over the whole page."""
    catalog = "<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[20 0 R]/NeedAppearances true/DR<</Font<</H 8 0 R>>>>/DA(/H 200 Tf 1 g)>>>>"
    field = "<</Type/Annot/Subtype/Widget/FT/Tx/T(a)/V(covers)/DA(/H 200 Tf 0 g)/Rect[0 0 595 842]/F 4/MK<</BG[1 1 1]>>/P 3 0 R>>"
    return annotated(field, o1=catalog)


def covered() -> bytes:
    return document("page", edit=covering_annotation).getvalue()


def layers(operators: str, state: str) -> bytes:
    """Content in a layer that is switched off; `state` says more of the defaults."""
    catalog = f"<</Type/Catalog/Pages 2 0 R/OCProperties<</OCGs[20 0 R 21 0 R]/D<</OFF[20 0 R]/Order[20 0 R 21 0 R]/ON[21 0 R]{state}>>>>>>"
    more = "/Resources<</Font<</H 8 0 R>>/Properties<</Off 20 0 R/On 21 0 R>>>>"
    layer = "<</Type/OCG/Name(layer)/Usage<</Print<</PrintState/OFF>>>>>>"
    return one_page(operators, more, o1=catalog, o20=layer, o21=layer)


def with_resources(content: str, resources: str, **objects: str | bytes) -> bytes:
    return one_page(content, f"/Resources<</Font<</H 8 0 R>>{resources}>>", **objects)


def own_names() -> bytes:
    """The page's own /W, /S, /K, /G, /F, /B, /GS mean other things than the stamper's."""
    form = stream("1 0 0 rg 100 100 50 50 re f", "/Type/XObject/Subtype/Form/BBox[0 0 595 842]")
    names = "".join(f"/{name} 20 0 R" for name in "WSKGFB")
    resources = f"/XObject<<{names}>>/ExtGState<</GS<</ca 0/CA 0>>>>"
    return with_resources("/GS gs /W Do /S Do /K Do /G Do", resources, o20=form)


def inherited() -> bytes:
    """Box, rotation and resources stand in the tree, not in the page."""
    tree = f"<</Type/Pages/Kids[20 0 R]/Count 1/Rotate 90{A4}/Resources<</Font<</H 8 0 R>>>>>>"
    node = "<</Type/Pages/Parent 2 0 R/Kids[3 0 R]/Count 1/CropBox[0 0 500 700]>>"
    return written(plain(o2=tree, o20=node, o3="<</Type/Page/Parent 20 0 R/Contents 9 0 R>>"))


def in_pieces() -> bytes:
    """A content whose pieces are whole only together: a token must not be cut in two, nor glued to the next."""
    pieces = {"o20": stream("q 2 0 0 2 0 0 cm BT /H 24 Tf 50 210"), "o21": stream("Td (pa"), "o22": stream("ge) Tj ET 0.5")}
    return written(plain(o2="<</Type/Pages/Kids[3 0 R]/Count 1>>", o3=page(contents="[20 0 R 21 0 R 22 0 R null 9 0 R]"), **pieces))


def soft_mask() -> bytes:
    """All that comes later is drawn through a mask that lets nothing through."""
    mask = stream("0 g 0 0 595 842 re f", "/Type/XObject/Subtype/Form/BBox[0 0 595 842]/Group<</S/Transparency/CS/DeviceGray>>")
    state = "/ExtGState<</Mask<</SMask<</S/Luminosity/G 20 0 R>>>>>>"
    return with_resources(WORDS + "/Mask gs", state, o20=mask)


def many_boxes() -> bytes:
    more = "/TrimBox[290 410 305 431]/BleedBox[280 400 315 441]/ArtBox[295 415 300 420]"
    return one_page(WORDS, more)


def popup_only(pdf: pikepdf.Pdf) -> None:
    pdf.pages[0].obj.Annots = Array([Dictionary(Type=Name.Annot, Subtype=Name.Text, Rect=Array([0, 0, 595, 842]), F=4)])


SHOWN = "/AP<</N 21 0 R>>/P 3 0 R/Rect[0 0 595 842]"
MAKERS: dict[str, Maker] = {
    "a sheet over the page": covered,
    "a sheet over the page, written by hand": partial(annotated, f"<</Type/Annot/Subtype/Stamp/F 4{SHOWN}>>"),
    "a sheet for print only": partial(annotated, f"<</Type/Annot/Subtype/Watermark/F 4{SHOWN}>>"),
    "a sheet that is hidden": partial(annotated, f"<</Type/Annot/Subtype/Square/F 2{SHOWN}>>"),
    "a sheet for the screen only": partial(annotated, f"<</Type/Annot/Subtype/Square/F 0{SHOWN}>>"),
    "a sheet without a picture": partial(annotated, "<</Type/Annot/Subtype/Square/IC[1 1 1]/F 4/Rect[0 0 595 842]>>"),
    "a sheet with several states": partial(
        annotated, "<</Type/Annot/Subtype/Widget/AS/On/F 4/AP<</N<</On 21 0 R/Off 21 0 R>>>>/Rect[0 0 595 842]>>"
    ),
    "a sheet whose picture is no picture": partial(annotated, "<</Type/Annot/Subtype/Stamp/F 4/AP<</N 8 0 R>>/Rect[0 0 595 842]>>"),
    "a note": lambda: document("page", edit=popup_only).getvalue(),
    "annotations that are no list": lambda: one_page(WORDS, "/Annots 8 0 R"),
    "a field over the page": widget,
    "more closed than opened": lambda: one_page("Q Q Q Q Q " + WORDS + "Q Q"),
    "more opened than closed": lambda: one_page("q q q 0.01 0 0 0.01 9999 9999 cm " + WORDS),
    "closed too often, then moved": lambda: one_page("q Q Q Q 0.001 0 0 0.001 -500 -500 cm " + WORDS),
    "a string without an end": lambda: one_page("BT /H 24 Tf 100 420 Td (page"),
    "a hexadecimal string without an end": lambda: one_page("BT /H 24 Tf 100 420 Td <7061"),
    "a list without an end": lambda: one_page(WORDS + "[ 1 2 3"),
    "a dictionary without an end": lambda: one_page(WORDS + "/Span << /A 1"),
    "a text without an end": lambda: one_page("BT /H 24 Tf 3 Tr 100 420 Td (page) Tj"),
    "a picture without an end": lambda: one_page(WORDS + "BI /W 10 /H 10 /BPC 8 /CS /G ID abc"),
    "a marked part without an end": lambda: one_page("/Artifact BMC /Span BMC " + WORDS),
    "a comment at the end": lambda: one_page(WORDS + "% no line end"),
    "cut to nothing": lambda: one_page("0 0 0 0 re W n " + WORDS),
    "cut to the shape of letters": lambda: one_page("BT /H 24 Tf 7 Tr 100 420 Td (page) Tj ET"),
    "all black": lambda: one_page(BLACK + "1 g " + WORDS),
    "all grey": lambda: one_page("0.5 g 0 0 595 842 re f 0 g " + WORDS),
    "all red": lambda: one_page("1 0 0 rg 0 0 595 842 re f"),
    "half black, half white": lambda: one_page("0 g " + "".join(f"{x} 0 1 842 re " for x in range(0, 595, 2)) + "f"),
    "turned by 90": lambda: one_page(WORDS, "/Rotate 90"),
    "turned by 180": lambda: one_page(WORDS, "/Rotate 180"),
    "turned by -90": lambda: one_page(WORDS, "/Rotate -90"),
    "turned by 450": lambda: one_page(WORDS, "/Rotate 450"),
    "turned by 45": lambda: one_page(WORDS, "/Rotate 45"),
    "turned by a word": lambda: one_page(WORDS, "/Rotate /Left"),
    "cropped": lambda: one_page(WORDS, "/CropBox[90 300 390 720]"),
    "cropped outside": lambda: one_page(WORDS, "/CropBox[5000 5000 6000 6000]"),
    "cropped to nothing": lambda: one_page(WORDS, "/CropBox[100 100 100 100]"),
    "cropped by nonsense": lambda: one_page(WORDS, "/CropBox[(a) null 3]"),
    "cropped and turned": lambda: one_page(WORDS, "/CropBox[90 300 390 720]/Rotate 270/UserUnit 1.5"),
    "a box upside down": lambda: one_page(WORDS, box="/MediaBox[595 842 0 0]"),
    "a box far away": lambda: one_page("1 0 0 1 -9000 7000 cm " + WORDS, box="/MediaBox[-9000 7000 -8405 7842]"),
    "no box": lambda: one_page(WORDS, box=""),
    "a box of words": lambda: one_page(WORDS, box="/MediaBox[/a /b /c /d]"),
    "a box of three": lambda: one_page(WORDS, box="/MediaBox[0 0 595]"),
    "a box of objects": lambda: one_page(WORDS, box="/MediaBox[20 0 R 20 0 R 21 0 R 22 0 R]", o20="0", o21="595", o22="842"),
    "a large unit": lambda: one_page(WORDS, "/UserUnit 3"),
    "a small unit": lambda: one_page(WORDS, "/UserUnit 0.7"),
    "a negative unit": lambda: one_page(WORDS, "/UserUnit -1"),
    "many boxes": many_boxes,
    "all from above": inherited,
    "content in pieces": in_pieces,
    "content that is no content": lambda: written(plain(o3=page(contents="8 0 R"))),
    "a layer switched off": partial(layers, "/OC /Off BDC " + BLACK + "EMC " + WORDS, ""),
    "a layer left open": partial(layers, WORDS + "/OC /Off BDC ", ""),
    "all layers off by default": partial(layers, "/OC /Off BDC " + BLACK + "EMC " + WORDS, "/BaseState/OFF"),
    "the stamper's own names": own_names,
    "a mask left over": soft_mask,
    "difference left over": lambda: with_resources(
        BLACK + "/Diff gs", "/ExtGState<</Diff<</BM/Difference/ca 0.5/CA 0.5/op true/OP true/OPM 1>>>>"
    ),
    "a group that knocks out": lambda: one_page(WORDS, "/Group<</S/Transparency/I true/K true/CS/DeviceCMYK>>"),
    "a group without a kind": lambda: one_page(WORDS, "/Group 8 0 R"),
    "a font that is no font": lambda: with_resources("BT /X 24 Tf 100 420 Td (page) Tj ET", "/Font<</X 9 0 R>>"),
    "resources that are none": lambda: one_page(WORDS, "/Resources 77 0 R"),
    "resources twice": lambda: one_page(WORDS, f"/Resources<</Font<</H {FONT}>>>>"),
    "left and right of the sheet": lambda: one_page(WORDS, box="/MediaBox[0 0 2000 200]"),
    "a5": lambda: one_page(WORDS, box="/MediaBox[0 0 419.53 595.28]"),
    "a3 across": lambda: one_page(WORDS, box="/MediaBox[0 0 1190.55 841.89]"),
    "no resources named twice, no content at all": lambda: one_page(""),
}
