"""What each kind of stamp shows on each size of page: on paper, to a reader of codes, to a search for text (SC-04, R36, R52)."""

from __future__ import annotations

import io
import re
import subprocess
import zlib
from dataclasses import replace
from itertools import product
from pathlib import Path

import pikepdf
import pypdf
import pypdfium2
import pytest
from PIL import Image

from rehearsal.papers import write_pdf
from tests.watermark.papers import document
from tests.watermark.stamped import PLAN, codes_on, picture, stamped
from watermark import StampError, fan_out, make_base
from watermark.drawing import tile_places
from watermark.existing import bears_mark
from watermark.fonts import FontFiles, StampFont
from watermark.geometry import numbers
from watermark.placing import MM
from watermark.textpages import text_document

A4 = (595.28, 841.89)
ONE = replace(PLAN, copies=PLAN.copies[:1])
SIZES = {
    "A5": (419.53, 595.28), "A5 landscape": (595.28, 419.53), "B5": (515.9, 728.5), "A4": A4, "A4 landscape": A4[::-1],
    "Letter": (612, 792), "Legal": (612, 1008), "B4": (728.5, 1031.8), "A3": (841.89, 1190.55), "A2": (1190.55, 1683.78),
    "A0": (2383.9, 3370.4),
}  # fmt: skip


def extracted(file: io.BytesIO, folder: Path) -> dict[str, str]:
    """Page 1's text as four programs see it."""
    path = folder / "one.pdf"
    path.write_bytes(file.getvalue())
    poppler = subprocess.run(["pdftotext", "-layout", "-l", "1", str(path), "-"], check=True, capture_output=True, encoding="utf-8")
    mutool = subprocess.run(["mutool", "draw", "-q", "-F", "text", str(path), "1"], check=True, capture_output=True, encoding="utf-8")
    page = pypdfium2.PdfDocument(path)[0].get_textpage()
    return {
        "poppler": poppler.stdout,
        "mutool": mutool.stdout,
        "pdfium": page.get_text_bounded(),
        "pypdf": pypdf.PdfReader(path).pages[0].extract_text(),
    }


@pytest.mark.parametrize("kind", ["print", "copy", "reproduction", "proof", "fax"])
def test_number_permit_and_place_are_found_once_on_one_line(kind: str, tmp_path: Path) -> None:
    _, out = stamped(document("alpha"), replace(ONE, kind=kind, mark=""))
    number = "清样号 Q007" if kind == "proof" else "份号 000007 · 1/3"
    of = "作业" if kind == "fax" else "准印证"  # a fax is stamped before it has a permit
    for program, text in extracted(out, tmp_path).items():
        lines = [line for line in text.splitlines() if PLAN.permit_no in line]
        assert len(lines) == 1, (program, text)
        assert re.sub(r"\s+", " ", lines[0]).startswith(f"{of} {PLAN.permit_no} · {number}"), program
        assert text.count(PLAN.release_tag) == 1, program


@pytest.mark.parametrize(("name", "rotation"), [*((name, 0) for name in SIZES), *product(("A5", "A4", "A3"), (90, 180, 270))])
def test_codes_are_read_at_200_dpi_on_every_size_from_a5(name: str, rotation: int) -> None:
    _, out = stamped(document("alpha", size=SIZES[name], edit=lambda pdf: pdf.pages[0].obj.__setitem__("/Rotate", rotation)), ONE)
    assert codes_on(out, 0) == [ONE.copies[0].qr] * 2


@pytest.mark.parametrize("unit", [0.5, 2.0, 4.0])
def test_user_units_change_the_page_not_the_code(unit: float) -> None:
    _, out = stamped(
        document("x", size=(A4[0] / unit, A4[1] / unit), edit=lambda pdf: pdf.pages[0].obj.__setitem__("/UserUnit", unit)), ONE
    )
    assert codes_on(out, 0) == [ONE.copies[0].qr] * 2


@pytest.mark.parametrize("size", [(283, 198), (198, 283), (114, 114)])
def test_labels_bear_one_code_and_their_number(size: tuple[float, float], tmp_path: Path) -> None:
    _, out = stamped(document("", size=size), ONE)
    assert codes_on(out, 0, 300) == [ONE.copies[0].qr]
    assert all("000007" in text and PLAN.permit_no in text for text in extracted(out, tmp_path).values())


def test_slips_below_40_mm_bear_text_alone(tmp_path: Path) -> None:
    _, out = stamped(document("", size=(36, 36)), ONE)
    for text in extracted(out, tmp_path).values():
        assert all(needed in text for needed in ("000007", PLAN.permit_no, PLAN.release_tag, PLAN.mark))


def test_proofs_are_numbered_q_and_never_go_out(tmp_path: Path) -> None:
    _, out = stamped(document("alpha"), replace(ONE, kind="proof"))
    text = extracted(out, tmp_path)["poppler"]
    assert "清样 Q007" in text
    assert "不得外传" in text
    assert "份号" not in text
    assert "000007" not in text


def test_copies_bear_the_stamp_of_the_unit_that_copied(tmp_path: Path) -> None:
    _, out = stamped(document("alpha"), replace(ONE, kind="copy"))
    text = extracted(out, tmp_path)["poppler"]
    assert all(needed in text for needed in ("复制件 000007", "示范单位", "2026-11-23 复制"))


def operators_of(file: io.BytesIO) -> bytes:
    """Everything the stamps of page 1 draw."""
    with pikepdf.open(file) as pdf:
        page = pdf.pages[0].obj
        forms = [page.Resources.XObject[name] for name in page.Resources.XObject.keys() if name != "/W"]  # noqa: SIM118
        tiles = [form.Resources.XObject[name] for form in forms if "/XObject" in form.Resources for name in form.Resources.XObject.keys()]  # noqa: SIM118
        return b"\n".join(stream.read_bytes() for stream in (page.Contents, *forms, *tiles))


def test_a_fax_is_black_or_white() -> None:
    _, fax = stamped(document("alpha"), replace(ONE, kind="fax"))
    operators = operators_of(fax)
    assert {float(grey) for grey in re.findall(rb"([\d.]+) [gG]\b", operators)} == {0.0, 1.0}
    assert b" gs" not in operators
    _, printed = stamped(document("alpha"), ONE)
    assert b" gs" in operators_of(printed), "the search finds what it looks for"


def test_a_fax_is_legible_at_fax_resolution() -> None:
    _, out = stamped(document("alpha"), replace(ONE, kind="fax"))
    fine = picture(out, 0, 204).convert("1", dither=Image.Dither.NONE).convert("L")
    import zxingcpp

    assert {code.text for code in zxingcpp.read_barcodes(fine)} == {ONE.copies[0].qr}


def marked(words: str, x: float, y: float) -> io.BytesIO:
    font = StampFont(FontFiles().read()[0], words, "Marked")
    return io.BytesIO(text_document([f"BT /F 16 Tf {numbers((x, y))} Td {font.encoded(words)} Tj ET"], font))


def top_of(file: io.BytesIO, folder: Path) -> list[str]:
    path = folder / "top.pdf"
    path.write_bytes(file.getvalue())
    command = ["pdftotext", "-layout", "-x", "0", "-y", "0", "-W", "400", "-H", "250", "-l", "1", str(path), "-"]
    return subprocess.run(command, check=True, capture_output=True, encoding="utf-8").stdout.split()


def places_of(file: io.BytesIO, words: str) -> list[tuple[float, float]]:
    """Where these words of page 1 begin: millimetres from the left, and of the middle of their line from the top."""
    page = pypdfium2.PdfDocument(file.getvalue())[0]
    text = page.get_textpage()
    places, search = [], text.search(words)
    while found := search.get_next():
        left, bottom, _, top = text.get_charbox(found[0])
        places.append((left / MM, (page.get_height() - (top + bottom) / 2) / MM))
    return places


@pytest.mark.parametrize(("kind", "number"), [("print", "000007"), ("copy", "000007"), ("proof", "清样 Q007")])
@pytest.mark.parametrize(
    ("size", "rotation", "left", "top", "shrunk"),
    [
        (A4, 0, 28, 37, 1),
        (A4[::-1], 0, 35, 28, 1),
        (A4, 90, 35, 28, 1),
        (A4[::-1], 270, 28, 37, 1),
        (SIZES["A5 landscape"], 0, 35, 28, SIZES["A5"][0] / A4[0]),
        (SIZES["A3"], 90, 35, 28, 1),
    ],
    ids=["A4", "landscape", "turned to landscape", "turned upright", "A5 landscape", "A3 landscape"],
)
def test_number_and_mark_stand_in_the_type_area_of_the_page_as_it_is_read(
    size: tuple[float, float], rotation: int, left: float, top: float, shrunk: float, kind: str, number: str
) -> None:
    source = document("alpha", size=size, edit=lambda pdf: pdf.pages[0].obj.__setitem__("/Rotate", rotation))
    _, out = stamped(source, replace(ONE, kind=kind))
    first, second = places_of(out, number), places_of(out, ONE.mark)
    line = 225 / 22 * shrunk  # 22 lines in a type area of 225 mm
    assert any(at == pytest.approx((left * shrunk, top * shrunk + line * 0.3), abs=1.5) for at in first), first
    assert any(at == pytest.approx((left * shrunk, top * shrunk + line * 1.3), abs=1.5) for at in second), second


@pytest.mark.parametrize("words", ["秘密★5年", "秘 密 ★ 5 年", "秘密☆５年"])
def test_a_mark_at_its_place_is_compared_not_stamped_again(words: str, tmp_path: Path) -> None:
    _, out = stamped(marked(words, 79.4, 694), ONE)
    assert "".join(top_of(out, tmp_path)) == "000007" + words.replace(" ", "")


def test_a_level_without_its_term_is_not_written_over(tmp_path: Path) -> None:
    _, out = stamped(marked("秘密", 79.4, 694), ONE)
    assert top_of(out, tmp_path) == ["000007", "秘密"]


@pytest.mark.parametrize(("x", "y"), [(79.4, 300), (430, 694)], ids=["in the body", "on the right"])
def test_a_mark_elsewhere_is_no_mark(x: float, y: float, tmp_path: Path) -> None:
    _, out = stamped(marked("秘密★5年", x, y), ONE)
    assert [word for word in top_of(out, tmp_path) if word != "秘密★5年"] == ["000007"]
    assert "秘密★5年" in top_of(out, tmp_path)


@pytest.mark.parametrize("words", ["机密★10年", "秘密★3年", "内部"])
def test_another_mark_at_its_place_stops_the_stamp(words: str) -> None:
    base = io.BytesIO()
    make_base([marked(words, 79.4, 694)], base)
    with pytest.raises(StampError, match=f"page 1 bears {words} where 秘密★5年 belongs"):
        fan_out(base, io.BytesIO(), ONE)


@pytest.mark.parametrize(
    ("words", "x", "y", "bare"),
    [
        ("秘密★5年", 79.4, 694, False),
        ("秘密", 79.4, 694, False),
        ("机密★十年", 79.4, 694, False),
        ("秘密工作制度", 79.4, 694, False),
        ("秘密★5年", 79.4, 300, True),
        ("秘密★5年", 430, 694, True),
        ("关于秘密", 79.4, 694, True),
    ],
)
def test_a_head_that_counting_found_bare_bears_no_mark(words: str, x: float, y: float, bare: bool) -> None:
    base = io.BytesIO()
    assert make_base([marked(words, x, y)], base).head_bare is bare
    if bare:
        assert not bears_mark(base, ONE.mark)
    assert not bears_mark(io.BytesIO(b"not read again"), ONE.mark, head_bare=True)


def test_the_watermark_is_no_text_and_covers_the_page() -> None:
    _, out = stamped(document("alpha"), ONE)
    assert operators_of(out).count(b"/Artifact BMC") >= 3
    places = list(tile_places(300, 14, 30, 1, A4))
    for left, bottom in ((0, 0), (300, 0), (0, 420), (300, 420)):
        inside = [1 for x, y in places if left - 150 < x < left + 300 and bottom - 150 < y < bottom + 420]
        assert len(inside) >= 3


def test_white_rims_double_no_text(tmp_path: Path) -> None:
    source = io.BytesIO(write_pdf(tmp_path / "p.pdf", "关于文印的意见", 1).read_bytes())
    _, out = stamped(source, ONE)
    for program, text in extracted(out, tmp_path).items():
        assert text.count("保密办公室") == 1, program
        assert text.count("第1页/共1页") == 1, program


def test_paths_are_small() -> None:
    base, out = stamped(document(*["x"] * 10), PLAN)
    grown = len(out.getvalue()) - len(base.getvalue())
    assert grown < 60_000 + 30 * 300 + 3 * 9_000, "fonts once, a page dictionary per page, a few kilobytes per copy"
    assert zlib.crc32(out.getvalue()[:1000]) == zlib.crc32(base.getvalue()[:1000])
