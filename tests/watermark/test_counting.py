"""What arrives is counted beyond doubt, or not at all (R10; issue: safe counting)."""

from __future__ import annotations

import io
import subprocess
from pathlib import Path

import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name

from tests.watermark.papers import covering_annotation, document, raw
from watermark import Inspection, Limits, make_base
from watermark.findings import normalised

NOT_FOR_PRINT = pikepdf.Encryption(owner="o", allow=pikepdf.Permissions(print_lowres=False, print_highres=False))


def inspect(*sources: io.BytesIO, **limits: float) -> Inspection:
    return make_base(sources, io.BytesIO(), Limits(**limits))  # type: ignore[arg-type]


def test_pages_sizes_and_sheets() -> None:
    found = inspect(document("one", "two", "three"))
    assert (found.verdict, found.pages, found.sheets_simplex, found.sheets_duplex) == ("ok", 3, 3, 2)
    assert [(size.name, size.count) for size in found.page_sizes] == [("A4", 3)]


def test_the_documents_of_one_job_are_joined_in_order(tmp_path: Path) -> None:
    base = io.BytesIO()
    found = make_base([document("first"), document("second", "third", size=(841.89, 1190.55))], base)
    assert found.pages == 3
    assert [(size.name, size.count) for size in found.page_sizes] == [("A3", 2), ("A4", 1)]
    file = tmp_path / "base.pdf"
    file.write_bytes(base.getvalue())
    text = subprocess.run(["pdftotext", str(file), "-"], capture_output=True, text=True, check=True).stdout
    assert text.split() == ["first", "second", "third"]


@pytest.mark.parametrize(
    ("broken", "code"),
    [
        (raw("4 0 R", "7"), "E_COUNT_DISAGREES"),
        (raw("4 0 R 6 0 R", "1"), "E_COUNT_DISAGREES"),
        (raw("4 0 R", "0"), "E_COUNT_DISAGREES"),
        (raw("4 0 R", "-1"), "E_COUNT_DISAGREES"),
        (raw("4 0 R", "(1)"), "E_COUNT_DISAGREES"),
        (raw("4 0 R 4 0 R", "2"), "E_COUNT_DISAGREES"),
        (raw("3 0 R 4 0 R", "2"), "E_COUNT_DISAGREES"),
        (raw("4 0 R null", "1"), "E_COUNT_DISAGREES"),
        (raw("4 0 R 99 0 R", "1"), "E_COUNT_DISAGREES"),
        (raw("4 0 R 6 0 R", "2", more="<</Type/Font>>"), "E_COUNT_DISAGREES"),
        (raw("4 0 R 2 0 R", "1"), "E_COUNT_DISAGREES"),
        (raw("", "0"), "E_FORMAT"),
        (raw("4 0 R", "1", page="/UserUnit 0"), "E_DAMAGED"),
        (raw("4 0 R", "1", page="/UserUnit 900"), "E_LIMIT"),
        (io.BytesIO(b"\x1b%-12345X@PJL SET COPIES=9\n" + raw("4 0 R", "1").getvalue()), "E_FORMAT"),
        (io.BytesIO(b"%!PS-Adobe-3.0\nshowpage\n" + raw("4 0 R", "1").getvalue()), "E_FORMAT"),
        (io.BytesIO(b"\0\1\2 no format"), "E_FORMAT"),
        (io.BytesIO(b""), "E_FORMAT"),
        (io.BytesIO(raw("4 0 R", "1").getvalue()[:-60]), "E_DAMAGED"),
        (document("x", encryption=pikepdf.Encryption(owner="o", user="u")), "E_PASSWORD"),
        (document("x", encryption=NOT_FOR_PRINT), "E_PASSWORD"),
        (document("x", edit=lambda pdf: pdf.Root.__setitem__("/NeedsRendering", True)), "E_FORMAT"),
        (document("x", size=(20, 20)), "E_LIMIT"),
    ],
)  # fmt: skip
def test_what_could_be_counted_differently_is_not_counted(broken: io.BytesIO, code: str) -> None:
    found = inspect(broken)
    assert found.verdict == code, found.reasons
    assert found.reasons
    assert (found.pages, found.page_hash) == (0, "")


def test_more_pages_than_allowed() -> None:
    assert inspect(document(*"abc"), max_pages=2).verdict == "E_LIMIT"
    assert inspect(document(*"ab"), document("c"), max_pages=2).verdict == "E_LIMIT"


def test_an_owners_password_alone_is_no_hindrance() -> None:
    assert inspect(document("x", encryption=pikepdf.Encryption(owner="o"))).verdict == "ok"


def test_scripts_forms_and_attachments_stay_behind() -> None:
    def booby_trap(pdf: pikepdf.Pdf) -> None:
        script = Dictionary(S=Name.JavaScript, JS=pikepdf.String("this.print()"))
        pdf.Root.OpenAction = script
        pdf.Root.AA = Dictionary(WP=script)
        pdf.Root.Names = Dictionary(JavaScript=Dictionary(Names=Array([pikepdf.String("a"), script])))
        pdf.Root.AcroForm = Dictionary(Fields=Array())
        pdf.attachments["secret.txt"] = b"attached"

    base = io.BytesIO()
    assert make_base([document("x", edit=booby_trap)], base).verdict == "ok"
    with pikepdf.open(base) as pdf:
        assert set(pdf.Root.keys()) == {"/Type", "/Pages"}
    assert b"JavaScript" not in base.getvalue()
    assert b"attached" not in base.getvalue()


@pytest.mark.parametrize(
    ("spoil", "width", "height"),
    [
        (lambda pdf: pdf.pages[0].obj.__setitem__("/Rotate", 90), 841.89, 595.28),
        (lambda pdf: pdf.pages[0].obj.__setitem__("/Rotate", -90), 841.89, 595.28),
        (lambda pdf: pdf.pages[0].obj.__setitem__("/CropBox", Array([100, 100, 400, 500])), 300, 400),
        (lambda pdf: pdf.pages[0].obj.__setitem__("/UserUnit", 2), 1190.56, 1683.78),
        (lambda pdf: pdf.pages[0].obj.__setitem__("/MediaBox", Array([400, 500, 100, 100])), 300, 400),
    ],
)
def test_a_page_is_measured_as_it_is_printed(spoil: object, width: float, height: float) -> None:
    (size,) = inspect(document("x", edit=spoil)).page_sizes  # type: ignore[arg-type]
    assert (size.width_pt, size.height_pt) == pytest.approx((width, height), abs=0.1)


def hash_of(source: io.BytesIO) -> str:
    found = inspect(source)
    assert found.verdict == "ok"
    return found.page_hash


def test_the_page_hash_does_not_see_who_saved_the_file() -> None:
    original = document("year 2026", "page two")
    again = io.BytesIO()
    with pikepdf.open(original) as pdf:
        pdf.docinfo["/Title"] = "another title"
        pdf.save(again, object_stream_mode=pikepdf.ObjectStreamMode.generate, recompress_flate=True, linearize=True)
    assert hash_of(again) == hash_of(original)


@pytest.mark.parametrize(
    "changed",
    [
        document("year 2027", "page two"),
        document("page two", "year 2026"),
        document("year 2026", "page two", "three"),
        document("year 2026", "page two", size=(595.28, 842.89)),
        document("year 2026", "page two", edit=covering_annotation),
        document("year 2026", "page two", edit=lambda pdf: pdf.pages[0].obj.__setitem__("/Rotate", 180)),
    ],
)
def test_the_page_hash_sees_every_visible_change(changed: io.BytesIO) -> None:
    assert hash_of(changed) != hash_of(document("year 2026", "page two"))


def test_the_page_hash_ends_on_objects_that_point_at_themselves() -> None:
    def loop(pdf: pikepdf.Pdf) -> None:
        form = pdf.make_stream(b"")
        form.Type, form.Subtype, form.BBox = Name.XObject, Name.Form, Array([0, 0, 1, 1])
        form.Resources = Dictionary(XObject=Dictionary(Me=form))
        pdf.pages[0].obj.Resources.XObject = Dictionary(Me=form)

    assert hash_of(document("x", edit=loop)) == hash_of(document("x", edit=loop)) != hash_of(document("x"))


@pytest.mark.parametrize("written", ["秘密★5年", "秘 密 ★ ５ 年", "秘密☆5年", "秘密 * 5年", "秘密＊５年"])
def test_marks_are_read_however_they_are_written(written: str) -> None:
    assert normalised(written) == "秘密★5年"
