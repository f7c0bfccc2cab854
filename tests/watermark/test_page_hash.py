"""The page hash: one for the same pages whoever saved them, another after any change an eye could see (I6)."""

from __future__ import annotations

import io
import os
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pikepdf
import pypdfium2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pikepdf import Array, Dictionary, Name
from PIL import Image

from rehearsal.papers import write_pdf
from tests.watermark.papers import Edit, document
from watermark import make_base

FILTERS = Path("/usr/lib/cups/filter")


def hash_of(source: bytes | io.BytesIO) -> str:
    found = make_base([io.BytesIO(source) if isinstance(source, bytes) else source], io.BytesIO())
    assert found.verdict == "ok", found.reasons
    return found.page_hash


def edited(edit: Edit) -> str:
    return hash_of(document("page", edit=edit))


# --- the same pages ---------------------------------------------------------------------------------------------------


def filtered(name: str, source: Path, content_type: str, job: int) -> bytes:
    environment = {"CONTENT_TYPE": content_type, "CHARSET": "utf-8", "PATH": os.environ["PATH"]}
    command = [str(FILTERS / name), str(job), "user", f"title {job}", "1", "", str(source)]
    return subprocess.run(command, env=environment, capture_output=True, check=True).stdout


@pytest.mark.parametrize("name", ["texttopdf", "pdftopdf", "imagetopdf"])
def test_two_runs_of_a_cups_filter_give_one_hash(name: str, tmp_path: Path) -> None:
    kind = {"texttopdf": "text/plain", "imagetopdf": "image/png"}.get(name, "application/pdf")
    source = tmp_path / "source"
    if name == "texttopdf":
        source.write_text("秘密★5年\n" + "one line\n" * 100, encoding="utf-8")
    elif name == "imagetopdf":
        Image.linear_gradient("L").save(source, "PNG")
    else:
        write_pdf(source, "关于印制的通知", 3)
    first = filtered(name, source, kind, 17)
    time.sleep(1.1)
    second = filtered(name, source, kind, 18)
    assert hash_of(first) == hash_of(second)
    if name != "imagetopdf":
        assert first != second, "the two runs prove something only if their files differ"


def test_ghostscript_run_twice_gives_one_hash(tmp_path: Path) -> None:
    source = write_pdf(tmp_path / "source.pdf", "关于印制的通知", 2)
    runs = []
    for _ in range(2):
        command = ["gs", "-q", "-dSAFER", "-dBATCH", "-dNOPAUSE", "-sDEVICE=pdfwrite", "-sOutputFile=-", str(source)]
        runs.append(subprocess.run(command, capture_output=True, check=True).stdout)
        time.sleep(1.1)
    assert runs[0] != runs[1]
    assert hash_of(runs[0]) == hash_of(runs[1])


def test_objects_in_another_order_are_the_same_pages(tmp_path: Path) -> None:
    source = write_pdf(tmp_path / "source.pdf", "关于印制的通知", 5)
    for arguments in (["--object-streams=generate"], ["--linearize"], ["--qdf", "--normalize-content=n"], ["--deterministic-id"]):
        saved = tmp_path / "saved.pdf"
        subprocess.run(["qpdf", *arguments, str(source), str(saved)], check=True)
        assert hash_of(saved.read_bytes()) == hash_of(source.read_bytes()), arguments


# --- other pages ------------------------------------------------------------------------------------------------------


def picture(name: str, grey: int, *more: tuple[str, object]) -> Edit:
    """Page 1 shows a picture that is called `name` in its resources."""

    def draw(pdf: pikepdf.Pdf) -> None:
        image = pdf.make_stream(bytes([grey]))
        image.Type, image.Subtype, image.Width, image.Height = Name.XObject, Name.Image, 1, 1
        image.ColorSpace, image.BitsPerComponent = Name.DeviceGray, 8
        for key, value in more:
            image[key] = value
        pdf.pages[0].obj.Resources.XObject = Dictionary({name: image})
        pdf.pages[0].obj.Contents = pdf.make_stream(f"100 0 0 100 100 100 cm {name} Do".encode())

    return draw


UNSEEN_ELSEWHERE = ["/ID", "/Metadata", "/Length", "/Filter", "/DecodeParms", "/Parent", "/PieceInfo", "/LastModified", "/Thumb", "/PZ"]


@pytest.mark.parametrize("name", UNSEEN_ELSEWHERE)
def test_a_picture_cannot_hide_behind_its_name(name: str) -> None:
    assert edited(picture(name, 0)) != edited(picture(name, 255))


@pytest.mark.parametrize("name", UNSEEN_ELSEWHERE)
def test_a_glyph_cannot_hide_behind_its_name(name: str) -> None:
    def drawn_by(operators: bytes) -> Edit:
        def draw(pdf: pikepdf.Pdf) -> None:
            font = Dictionary(
                Type=Name.Font,
                Subtype=Name.Type3,
                FontBBox=Array([0, 0, 1, 1]),
                FontMatrix=Array([1, 0, 0, 1, 0, 0]),
                CharProcs=Dictionary({name: pdf.make_stream(operators)}),
                Encoding=Dictionary(Type=Name.Encoding, Differences=Array([65, Name(name)])),
                FirstChar=65,
                LastChar=65,
                Widths=Array([1]),
            )
            pdf.pages[0].obj.Resources.Font = Dictionary(T=font)
            pdf.pages[0].obj.Contents = pdf.make_stream(b"BT /T 50 Tf 100 100 Td (A) Tj ET")

        return draw

    assert edited(drawn_by(b"1 0 d0 0 0 1 1 re f")) != edited(drawn_by(b"1 0 d0 0 0 .5 .5 re f"))


def form(number: str) -> Edit:
    def draw(pdf: pikepdf.Pdf) -> None:
        inner = pdf.make_stream(b"0 0 1 1 re f")
        inner.Type, inner.Subtype, inner.BBox = Name.XObject, Name.Form, Array([0, 0, 1, 1])
        inner.Matrix = pikepdf.Object.parse(f"[{number} 0 0 {number} 0 0]".encode())
        pdf.pages[0].obj.Resources.XObject = Dictionary(F=inner)
        pdf.pages[0].obj.Contents = pdf.make_stream(b"100000000 0 0 100000000 0 0 cm /F Do")

    return draw


def test_a_tiny_number_counts_since_it_may_be_scaled_up() -> None:
    assert edited(form("0.000001")) != edited(form("0.000002"))
    assert edited(form("1.0")) == edited(form("1"))


def test_what_qpdf_cannot_decode_counts_with_its_filters_parameters() -> None:
    fax = b"\x26\xa1\x00\x10\x01"
    parameters = [Dictionary(K=-1, Columns=1, Rows=1, BlackIs1=black) for black in (True, False)]
    hashes = {
        edited(picture("/P", 0, ("/Filter", Name.CCITTFaxDecode), ("/DecodeParms", parms), ("/Raw", pikepdf.String(fax))))
        for parms in parameters
    }
    assert len(hashes) == 2


def test_names_are_not_run_together() -> None:
    def property_list(entries: dict[str, object]) -> Edit:
        return lambda pdf: pdf.pages[0].obj.Resources.__setitem__("/Properties", Dictionary(M=Dictionary(entries)))

    assert edited(property_list({"/A": Name("/x\n/B name /y")})) != edited(property_list({"/A": Name("/x"), "/B": Name("/y")}))


def colorant(name: str) -> Edit:
    def draw(pdf: pikepdf.Pdf) -> None:
        function = pikepdf.Object.parse(b"<</FunctionType 2/Domain[0 1]/C0[0]/C1[1]/N 1>>")
        pdf.pages[0].obj.Resources.ColorSpace = Dictionary(S=Array([Name.Separation, Name(name), Name.DeviceGray, function]))

    return draw


def test_a_tag_is_a_tag_in_the_name_of_a_font_only() -> None:
    assert edited(colorant("/Cyan")) != edited(colorant("/ABCDEF+Cyan"))


def subset_font(tag: str, program: bytes) -> Edit:
    def draw(pdf: pikepdf.Pdf) -> None:
        name = Name(f"/{tag}Face")
        descriptor = Dictionary(Type=Name.FontDescriptor, FontName=name, Flags=4, FontFile=pdf.make_stream(program))
        pdf.pages[0].obj.Resources.Font = Dictionary(
            H=Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=name, FontDescriptor=descriptor)
        )

    return draw


def test_an_embedded_fonts_tag_is_nothing_but_its_program_is_everything() -> None:
    assert edited(subset_font("ABCDEF+", b"glyphs")) == edited(subset_font("QWERTY+", b"glyphs"))
    assert edited(subset_font("ABCDEF+", b"ABCDEF+ in a glyph")) != edited(subset_font("ABCDEF+", b"QWERTY+ in a glyph"))


def named(base_font: str) -> Edit:
    return lambda pdf: pdf.pages[0].obj.Resources.Font.H.__setitem__("/BaseFont", Name(base_font))


def test_a_font_that_is_not_in_the_file_is_known_by_its_whole_name() -> None:
    assert len({edited(named(name)) for name in ("/ARIAL", "/TIMES", "/ABCDEF+ARIAL", "/Helvetica")}) == 4


# --- any change at all ------------------------------------------------------------------------------------------------

LETTERS = st.text("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", min_size=1, max_size=12)
BYTE = st.integers(0, 255)
SIDE = 8


def pixels(grid: bytes) -> Edit:
    def draw(pdf: pikepdf.Pdf) -> None:
        image = pdf.make_stream(grid)
        image.Type, image.Subtype, image.Width, image.Height = Name.XObject, Name.Image, SIDE, SIDE
        image.ColorSpace, image.BitsPerComponent = Name.DeviceGray, 8
        pdf.pages[0].obj.Resources.XObject = Dictionary(P=image)
        pdf.pages[0].obj.Contents = pdf.make_stream(b"100 0 0 100 100 100 cm /P Do")

    return draw


@settings(max_examples=25, deadline=None)
@given(text=LETTERS, place=st.integers(0, 11), other=LETTERS)
def test_one_glyph_more_less_or_other(text: str, place: int, other: str) -> None:
    changed = text[: place % len(text)] + other[0] + text[place % len(text) + 1 :]
    assert (hash_of(document(changed)) == hash_of(document(text))) == (changed == text)


@settings(max_examples=25, deadline=None)
@given(grid=st.binary(min_size=SIDE * SIDE, max_size=SIDE * SIDE), place=st.integers(0, SIDE * SIDE - 1), value=BYTE)
def test_one_pixel(grid: bytes, place: int, value: int) -> None:
    changed = grid[:place] + bytes([value]) + grid[place + 1 :]
    assert (edited(pixels(grid)) == edited(pixels(changed))) == (grid == changed)


@settings(max_examples=25, deadline=None)
@given(first=st.tuples(BYTE, BYTE, BYTE), second=st.tuples(BYTE, BYTE, BYTE))
def test_one_colour(first: tuple[int, ...], second: tuple[int, ...]) -> None:
    def box(colour: tuple[int, ...]) -> Edit:
        content = " ".join(f"{value / 255:.4f}" for value in colour) + " rg 100 100 200 200 re f"
        return lambda pdf: pdf.pages[0].obj.__setitem__("/Contents", pdf.make_stream(content.encode()))

    assert (edited(box(first)) == edited(box(second))) == (first == second)


VISIBLE: list[Callable[[pikepdf.Pdf], None]] = [
    lambda pdf: pdf.pages[0].obj.__setitem__("/Rotate", 90),
    lambda pdf: pdf.pages[0].obj.__setitem__("/CropBox", Array([0, 0, 500, 500])),
    lambda pdf: pdf.pages[0].obj.__setitem__("/UserUnit", 1.5),
    lambda pdf: pdf.pages[0].obj.__setitem__("/Group", Dictionary(S=Name.Transparency, I=True, K=True)),
    lambda pdf: pdf.pages[0].obj.Resources.__setitem__("/ExtGState", Dictionary(H=Dictionary(ca=0.5))),
]


@pytest.mark.parametrize("change", VISIBLE)
def test_what_surrounds_the_content_counts(change: Edit) -> None:
    assert edited(change) != edited(lambda _: None)


@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_what_pdfium_paints_differently_has_another_hash(data: st.DataObject) -> None:
    """Two pages out of a small family; whenever their pictures differ, so must their hashes."""
    operators = st.sampled_from([b"0 g", b"1 0 0 rg", b"100 100 50 50 re f", b"200 200 50 50 re S", b"q", b"Q", b"2 0 0 2 0 0 cm"])
    contents = [b"\n".join(data.draw(st.lists(operators, min_size=1, max_size=6))) for _ in range(2)]
    files = [document("", edit=lambda pdf, c=c: pdf.pages[0].obj.__setitem__("/Contents", pdf.make_stream(c))) for c in contents]  # type: ignore[misc]
    painted = [pypdfium2.PdfDocument(file.getvalue())[0].render(scale=0.3).to_pil().tobytes() for file in files]
    if painted[0] != painted[1]:
        assert hash_of(files[0]) != hash_of(files[1])
