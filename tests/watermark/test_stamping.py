"""N copies: each its own number, on paper and in code, none hidden, none missing (R07, R52, I6)."""

from __future__ import annotations

import io
import os
import re
import subprocess
from dataclasses import replace
from pathlib import Path

import pikepdf
import pytest
from pikepdf import Array

from rehearsal.papers import write_pdf
from tests.watermark.papers import covering_annotation, document
from tests.watermark.stamped import PLAN, TEMPLATE, codes_on, fonts_for, picture, stamped
from watermark import (
    FontFiles,
    MissingGlyphError,
    StampError,
    fan_out,
    make_base,
    render_page,
    verify_stamped,
)
from watermark.fanout import faces_for, fan_out_each, stream_each


def texts(file: io.BytesIO, tmp_path: Path) -> list[str]:
    path = tmp_path / "stamped.pdf"
    path.write_bytes(file.getvalue())
    subprocess.run(["qpdf", "--check", str(path)], check=True, capture_output=True)
    return subprocess.run(["pdftotext", "-layout", str(path), "-"], check=True, capture_output=True, encoding="utf-8").stdout.split("\f")[
        :-1
    ]


def test_every_page_of_every_copy_says_whose_it_is(tmp_path: Path) -> None:
    _, out = stamped(document("alpha", "beta"))
    pages = texts(out, tmp_path)
    assert len(pages) == 6
    for index, page in enumerate(pages):
        copy, number = index // 2, index % 2
        for words in (
            f"份号 {copy + 7:06d}", f"{copy + 1}/3", "准印证 ZYZ-2026-000123-L", "秘密★5年", "保密办公室 王小明", "2026-11-23 20:15",
            "放行 0123456789abcdef", f"第{number + 1}页/共2页", ("alpha", "beta")[number],
        ):  # fmt: skip
            assert words in page, (index, words)
        assert [int(found) for found in re.findall(r"份号 (\d{6})", page)] == [copy + 7]


def test_number_and_mark_stand_where_the_standard_wants_them(tmp_path: Path) -> None:
    _, out = stamped(document("alpha", "beta"))
    path = tmp_path / "stamped.pdf"
    path.write_bytes(out.getvalue())
    boxes = subprocess.run(["pdftotext", "-bbox", "-l", "1", str(path), "-"], check=True, capture_output=True, encoding="utf-8").stdout
    pattern = r'xMin="([\d.]+)" yMin="[\d.]+" xMax="[\d.]+" yMax="([\d.]+)">([^<]+)<'
    words = [(word, float(x), float(y)) for x, y, word in re.findall(pattern, boxes)]
    first = {word: (x, y) for word, x, y in words if x < 90 and y < 200}
    assert set(first) == {"000007", "秘密★5年"}
    assert first["000007"][0] == pytest.approx(79.4, abs=2)
    assert first["000007"][1] == pytest.approx(841.89 - 723, abs=6)
    assert first["秘密★5年"][1] - first["000007"][1] == pytest.approx(28.99, abs=3)


def test_each_copy_has_its_own_code_on_each_page_twice() -> None:
    _, out = stamped(document("alpha", "beta"))
    for page in range(6):
        assert codes_on(out, page) == [PLAN.copies[page // 2].qr] * 2


def test_a_file_per_copy_holds_that_copy_alone(tmp_path: Path) -> None:
    base, files = io.BytesIO(), {mark: io.BytesIO() for mark in PLAN.copies}
    make_base([document("alpha", "beta")], base)
    report = fan_out_each(base, PLAN, faces_for(PLAN, TEMPLATE, FontFiles()), files.__getitem__, TEMPLATE)
    assert (report.pages_total, report.pages_per_copy) == (2 * len(files), 2)
    for mark, file in files.items():
        alone = replace(PLAN, copies=(mark,))
        verify_stamped(file, base, alone)
        assert [re.findall(r"份号 (\d{6})", page) for page in texts(file, tmp_path)] == [[f"{mark.number:06d}"]] * 2
        same = io.BytesIO()
        fan_out(base, same, alone, fonts_for(alone, None))
        assert file.getvalue() == same.getvalue(), "a file alone is what one-file fan-out makes of one copy"


def test_odd_documents_are_padded_for_duplex(tmp_path: Path) -> None:
    plan = replace(PLAN, duplex=True)
    base, out = io.BytesIO(), io.BytesIO()
    make_base([document("one", "two", "three")], base)
    report = fan_out(base, out, plan, fonts_for(plan, None))
    verify_stamped(out, base, plan)
    assert (report.pages_total, report.pages_per_copy, report.sheets) == (12, 4, 6)
    blanks = texts(out, tmp_path)[3::4]
    assert all("此页无正文" in page and f"份号 {number:06d}" in page for page, number in zip(blanks, (7, 8, 9), strict=True))


def test_even_documents_are_not_padded() -> None:
    base, out = io.BytesIO(), io.BytesIO()
    make_base([document("one", "two")], base)
    assert fan_out(base, out, replace(PLAN, duplex=True)).pages_total == 6


def test_samples_say_so_on_every_page(tmp_path: Path) -> None:
    _, out = stamped(document("alpha", "beta"), replace(PLAN, sample=True))
    assert all("样张" in page for page in texts(out, tmp_path))


@pytest.mark.parametrize(
    "edit",
    [
        covering_annotation,
        lambda pdf: pdf.pages[0].obj.__setitem__(
            "/Contents", pdf.make_stream(b"0 g 0 0 595 842 re f Q Q Q 50 0 0 50 9000 9000 cm (unfinished")
        ),
        lambda pdf: pdf.pages[0].obj.__setitem__("/Contents", pdf.make_stream(b"0.5 g 0 0 595 842 re f")),
        lambda pdf: pdf.pages[0].obj.__setitem__("/Rotate", 90),
        lambda pdf: pdf.pages[0].obj.__setitem__("/CropBox", Array([50, 50, 500, 700])),
        lambda pdf: pdf.pages[0].obj.__setitem__("/UserUnit", 1.5),
    ],
    ids=["annotation", "left-over state", "grey page", "rotated", "cropped", "user unit"],
)
def test_nothing_on_the_page_hides_the_stamp(edit: object, tmp_path: Path) -> None:
    _, out = stamped(document("alpha", edit=edit))  # type: ignore[arg-type]
    pages = texts(out, tmp_path)
    assert all(f"份号 {number:06d}" in page for page, number in zip(pages, (7, 8, 9), strict=True))
    assert set(codes_on(out, 1, 300)) == {PLAN.copies[1].qr}


@pytest.mark.parametrize("ground", [b"1 g", b"0 g", b"0.5 g", b"1 0 0 rg"])
def test_the_watermark_shows_on_any_ground(ground: bytes) -> None:
    def painted(pdf: pikepdf.Pdf) -> None:
        pdf.pages[0].obj.Contents = pdf.make_stream(ground + b" 0 0 596 842 re f")

    base, out = stamped(document("", edit=painted))
    middle = (400, 800, 1200, 1600)  # at print resolution: pdfium paints small translucent text far too light
    before, after = picture(base, 0).crop(middle), picture(out, 0).crop(middle)
    changed = sum(abs(a - b) > 12 for a, b in zip(before.tobytes(), after.tobytes(), strict=True))
    assert changed > 0.01 * 800 * 800


def test_the_documents_text_can_still_be_read_in_the_stamped_one(tmp_path: Path) -> None:
    source = io.BytesIO(write_pdf(tmp_path / "p.pdf", "关于做好文印工作的意见", 1).read_bytes())
    base, out = stamped(source, replace(PLAN, copies=PLAN.copies[:1]))
    words = re.findall(r"\S{8,}", texts(base, tmp_path)[0])
    page = texts(out, tmp_path)[0]
    assert words
    assert all(word in page for word in words)


def test_a_character_without_a_shape_stops_the_stamp() -> None:
    base = io.BytesIO()
    make_base([document("x")], base)
    with pytest.raises(MissingGlyphError, match="font"):
        fan_out(base, io.BytesIO(), replace(PLAN, requester="\U0001f600"))


def test_only_a_base_is_stamped() -> None:
    with pytest.raises(StampError):
        fan_out(document("never counted"), io.BytesIO(), PLAN)


def test_pictures_for_the_approver_bear_his_name() -> None:
    base = io.BytesIO()
    make_base([document("alpha")], base)
    plain, named = render_page(base, 0, 60), render_page(base, 0, 60, "李强 2026-11-23")
    assert plain.startswith(b"\x89PNG")
    assert plain != named
    with pytest.raises(StampError):
        render_page(base, 1, 60)


def test_a_stream_per_copy_is_that_copys_file_in_pieces() -> None:
    base = io.BytesIO()
    make_base([document("alpha", "beta")], base)
    faces = faces_for(PLAN, TEMPLATE, FontFiles())
    for mark, chunks in stream_each(base, PLAN, faces, TEMPLATE):
        streamed = b"".join(chunks)
        alone = io.BytesIO()
        fan_out(base, alone, replace(PLAN, copies=(mark,)), fonts_for(PLAN, None))
        assert streamed == alone.getvalue()


def test_a_stream_never_holds_the_document(tmp_path: Path) -> None:
    def picture_of_8_mb(pdf: pikepdf.Pdf) -> None:
        image = pdf.make_stream(os.urandom(8 << 20))
        image.update(
            pikepdf.Dictionary(
                Type=pikepdf.Name.XObject, Subtype=pikepdf.Name.Image, Width=2048, Height=4096,
                ColorSpace=pikepdf.Name.DeviceGray, BitsPerComponent=8,
            )
        )  # fmt: skip
        pdf.pages[0].obj.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(I=image))
        pdf.pages[0].obj.Contents = pdf.make_stream(b"q 595 0 0 842 0 0 cm /I Do Q")

    with (tmp_path / "base.pdf").open("w+b") as base:
        make_base([document("x", edit=picture_of_8_mb)], base)
        faces = faces_for(PLAN, TEMPLATE, FontFiles())
        for _, chunks in stream_each(base, PLAN, faces, TEMPLATE):
            sizes = [len(chunk) for chunk in chunks]
            assert sum(sizes) > 8 << 20
            assert max(sizes) <= 1 << 20
