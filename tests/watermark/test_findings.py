"""What counting tells besides the number: marks by page, words of a telegram, colour, fonts that are not there (R07, R17)."""

from __future__ import annotations

import io
from functools import cache

import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name

from tests.watermark.papers import Edit, document
from watermark import FontFiles, Inspection, make_base
from watermark.fonts import StampFont
from watermark.textpages import text_document

CHARACTERS = "绝机秘密内部★☆*＊ 　０１２３４５６７８９0123456789年个月长期启用前码电报关于印制的通知ZYX-"


@cache
def font() -> StampFont:
    return StampFont(FontFiles().read()[0], CHARACTERS, "Test")


def paper(*lines: str, y: float = 780) -> Inspection:
    """One page for each line."""
    contents = [f"BT /F 16 Tf 80 {y} Td {font().encoded(line)} Tj ET" for line in lines]
    return make_base([io.BytesIO(text_document(contents, font()))], io.BytesIO())


@pytest.mark.parametrize(
    ("written", "mark"),
    [
        ("机密★10年", "机密★10年"),
        ("机 密 ★ 10 年", "机密★10年"),
        ("机　密　★　１０　年", "机密★10年"),
        ("秘密☆5年", "秘密★5年"),
        ("秘密＊6个月", "秘密★6个月"),
        ("秘 密 * 5 年", "秘密★5年"),
        ("绝密★长期", "绝密★长期"),
        ("绝密★启用前", "绝密★启用前"),
        ("机密★2030年10月", "机密★2030年10月"),
        ("机密", "机密"),
        ("内 部", "内部"),
    ],
)
def test_marks_are_found_however_they_are_spaced_and_drawn(written: str, mark: str) -> None:
    assert paper(written).marks == (mark,)


@pytest.mark.parametrize("written", ["关于机密的通知", "10年", "★", "机★10年"])
def test_words_that_are_no_mark_are_none(written: str) -> None:
    assert paper(written).marks == ()


def test_a_level_alone_is_a_mark_at_the_top_of_a_page_only() -> None:
    assert paper("机密", y=300).marks == ()
    assert paper("机密★10年", y=300).marks == ("机密★10年",)


def test_marks_are_told_with_their_pages() -> None:
    found = paper("机密★10年", "关于印制的通知", "机密★10年", "秘密★5年")
    assert found.marks == ("机密★10年", "秘密★5年")
    assert found.marks_by_page == ((1, ("机密★10年",)), (3, ("机密★10年",)), (4, ("秘密★5年",)))


@pytest.mark.parametrize("words", ["密码电报", "密 码 电 报", "密电"])
def test_words_of_a_telegram_on_page_one_are_a_hint(words: str) -> None:
    found = paper(words, "关于印制的通知")
    assert found.header_words
    assert found.doc_type_hint == found.to_json()["doc_type_hint"] == "cipher_telegram"
    assert paper("关于印制的通知", words).doc_type_hint == ""


def coloured(operators: str) -> Edit:
    return lambda pdf: pdf.pages[1].obj.__setitem__("/Contents", pdf.make_stream(operators.encode()))


@pytest.mark.parametrize(
    ("operators", "is_colour"),
    [
        ("0.3 g 0 0 500 500 re f", False),
        ("0.3 0.3 0.3 rg 0 0 500 500 re f", False),
        ("0 0 0 0.7 k 0 0 500 500 re f", False),
        ("1 0 0 rg 100 100 20 20 re f", True),
        ("0 0 1 RG 0.5 w 100 100 m 400 100 l S", True),
        ("BT /H 10 Tf 1 0 0 rg 100 400 Td (red) Tj ET", True),
        ("1 1 0.9 rg 0 0 595 842 re f", True),
        ("0 1 1 0 k 100 100 20 20 re f", True),
    ],
)
def test_pages_with_colour_are_told(operators: str, is_colour: bool) -> None:
    found = make_base([document("one", "two", "three", edit=coloured(operators))], io.BytesIO())
    assert found.colour_pages == ((2,) if is_colour else ())


def fonts(*entries: Dictionary) -> Edit:
    return lambda pdf: pdf.pages[0].obj.Resources.__setitem__("/Font", Dictionary({f"/F{n}": font for n, font in enumerate(entries)}))


def test_fonts_that_are_not_in_the_document_are_told() -> None:
    chinese = Dictionary(
        Type=Name.Font,
        Subtype=Name.Type0,
        BaseFont=Name("/SimSun-H"),
        Encoding=Name("/UniGB-UCS2-H"),
        DescendantFonts=Array([Dictionary(Type=Name.Font, Subtype=Name.CIDFontType0, BaseFont=Name("/SimSun"))]),
    )
    plain = [Dictionary(Type=Name.Font, Subtype=Name.TrueType, BaseFont=Name(name)) for name in ("/Helvetica", "/FangSong_GB2312")]
    found = make_base([document("x", edit=fonts(chinese, *plain))], io.BytesIO())
    assert found.unembedded_fonts == ("FangSong_GB2312", "Helvetica", "SimSun")
    assert found.missing_fonts == ("FangSong_GB2312", "SimSun")
    assert paper("机密").unembedded_fonts == ()


def test_what_is_found_survives_the_way_through_json() -> None:
    found = paper("机密★10年", "密电")
    assert Inspection.from_json(found.to_json()) == found
    assert {"sheets_simplex", "sheets_duplex", "missing_fonts", "doc_type_hint"} <= set(found.to_json())


def test_a_page_that_draws_its_content_in_a_form_is_read_too() -> None:
    def wrap(pdf: pikepdf.Pdf) -> None:
        page = pdf.pages[0].obj
        inner = pdf.make_stream(page.Contents.read_bytes())
        inner.Type, inner.Subtype, inner.BBox, inner.Resources = Name.XObject, Name.Form, Array([0, 0, 595, 842]), page.Resources
        page.Resources = Dictionary(XObject=Dictionary(X=inner))
        page.Contents = pdf.make_stream(b"/X Do")

    found = make_base([document("ZYZ-2026-000123-L", edit=wrap)], io.BytesIO())
    assert found.permit_claims == ("ZYZ-2026-000123-L",)
    assert found.unembedded_fonts == ("Helvetica",)
