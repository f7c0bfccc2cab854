"""Marks in pictures of text (R41): Tesseract itself reads them, confined; what it says is a reason to stop, never one to go on."""

from __future__ import annotations

import pikepdf
import pytest
from pikepdf import Name
from PIL import Image, ImageDraw, ImageFont

from tests.watermark.papers import document, in_memory
from watermark import Limits, WatermarkError, ocr, sandbox
from watermark.faxtiff import WIDTH
from watermark.fonts import REGULAR

BODY = "关于印发规划纲要的通知各处室要认真执行"


def page(head: str) -> Image.Image:
    """A page as a scanner saw it: nothing but dots."""
    font = str(REGULAR[0])
    picture = Image.new("L", (WIDTH, 2200), 255)
    draw = ImageDraw.Draw(picture)
    draw.text((1250, 120), head, font=ImageFont.truetype(font, 46), fill=0)
    for line in range(8):
        draw.text((200, 500 + line * 90), BODY, font=ImageFont.truetype(font, 44), fill=0)
    return picture.convert("1")


def marks(head: str, limits: Limits | None = None) -> tuple[str, ...]:
    with in_memory() as picture:
        page(head).save(picture, "PNG", dpi=(204, 196))
        picture.flush()
        return sandbox.marks_in_picture(picture, limits or Limits())


def test_marks_are_seen_and_titles_are_not_taken_for_marks() -> None:
    assert marks("机密★10年") == ("机密",)
    assert marks("秘密工作制度") == ()


@pytest.mark.parametrize(
    ("line", "is_mark"),
    [
        *((line, True) for line in ("秘密女5年", "机密★10年", "绝密娘长其", "机密妇", "绝密", "秘密★长期", "机密广10年”避")),
        *((line, False) for line in ("秘密工作制度", "内部", "机密文件管理办法", "本文机密★10年", "普通")),
    ],
)
def test_what_reads_as_a_mark(line: str, is_mark: bool) -> None:
    assert bool(ocr._MARK.fullmatch(line)) is is_mark


def test_pages_that_may_hide_words() -> None:
    """A picture, one inside a form, words drawn as lines; text alone and a small seal are none."""

    def drawn(pdf: pikepdf.Pdf) -> None:
        picture = pdf.make_stream(bytes(64 * 64), Type=Name.XObject, Subtype=Name.Image, Width=64, Height=64)
        picture.ColorSpace, picture.BitsPerComponent = Name.DeviceGray, 8
        form = pdf.make_stream(b"/I Do", Type=Name.XObject, Subtype=Name.Form, BBox=[0, 0, 1, 1], Resources={"/XObject": {"/I": picture}})
        shown = {1: b"q 200 0 0 100 72 500 cm /I Do Q", 2: b"q 200 0 0 100 72 500 cm /F Do Q", 4: b"q 20 0 0 20 72 500 cm /I Do Q"}
        for place, content in shown.items():
            page = pdf.pages[place].obj
            page.Resources.XObject = pikepdf.Dictionary(I=picture, F=form)
            page.Contents = pdf.make_stream(b"BT /H 18 Tf 72 400 Td (words) Tj ET " + content)
        pdf.pages[3].obj.Contents = pdf.make_stream(b"72 72 100 100 re f")

    with in_memory(document("1", "2", "3", "4", "5", edit=drawn).getvalue()) as base:
        assert sandbox.picture_pages(base) == (2, 3, 4)


def test_a_page_that_takes_too_much_is_no_page_without_marks() -> None:
    with pytest.raises(WatermarkError):
        marks("普通", Limits(memory_bytes=1 << 26))
