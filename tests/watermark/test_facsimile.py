"""The fax made of a stamped PDF: pages counted three ways, stamps that a machine reads at 204 × 98, nothing hashed that is not sent."""

from __future__ import annotations

import hashlib
import io
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO, cast

import pikepdf
import pytest
import zxingcpp
from PIL import Image

from watermark import CopyMark, StampPlan, sandbox
from watermark.errors import StampError
from watermark.faxtiff import WIDTH

QR = "IC0123456789ABCDEF012345678"


@contextmanager
def memory() -> Iterator[BinaryIO]:
    with os.fdopen(os.memfd_create("fax"), "w+b") as file:
        yield cast("BinaryIO", file)


def stamped(out: BinaryIO, *sizes: tuple[float, float]) -> None:
    """A PDF of empty pages of these sizes, stamped as a fax."""
    plan = StampPlan(
        permit_no="ZYZ-2026-000123-L",
        mark="内部",
        requester="赵敏",
        department="办公室",
        printed_at="2026-03-12 09:00",
        release_tag="0123456789abcdef",
        copies=(CopyMark(1, "1/1", QR),),
        kind="fax",
        unit="示范单位",
    )
    with memory() as plain, memory() as base:
        with pikepdf.new() as pdf:
            for size in sizes:
                pdf.add_blank_page(page_size=size)
            pdf.save(plain)
        assert sandbox.make_base([plain], base).verdict == "ok"
        sandbox.fan_out(base, out, plan)


@pytest.mark.parametrize("lines_per_inch", [98, 196])
def test_pages_hash_and_stamps(lines_per_inch: int) -> None:
    with memory() as pdf, memory() as tiff:
        stamped(pdf, (595, 842), (595, 842), (842, 595), (842, 1191))
        report = sandbox.make_facsimile(pdf, tiff, lines_per_inch)
        tiff.seek(0)
        content = tiff.read()
    assert (report.pages, report.sha256, report.bytes) == (4, hashlib.sha256(content).hexdigest(), len(content))
    with Image.open(io.BytesIO(content)) as pages:
        for number in range(4):
            pages.seek(number)
            assert pages.width == WIDTH
            assert abs(pages.height - 11.69 * lines_per_inch) <= 3 * lines_per_inch  # A3 is made smaller, the wide page is turned
            if number < 2:
                square = pages.convert("L").resize((WIDTH * 2, pages.height * 2 * 204 // lines_per_inch), Image.Resampling.NEAREST)
                assert QR in {code.text for code in zxingcpp.read_barcodes(square)}


def test_another_letter_is_another_hash() -> None:
    with memory() as pdf, memory() as other, memory() as one, memory() as two, memory() as again:
        stamped(pdf, (595, 842))
        stamped(other, (595, 842), (595, 842))
        first = sandbox.make_facsimile(pdf, one, 98)
        assert first == sandbox.make_facsimile(pdf, again, 98)
        assert first.sha256 != sandbox.make_facsimile(other, two, 98).sha256


def test_what_is_no_pdf_and_odd_resolutions_are_refused() -> None:
    with memory() as rubbish, memory() as pdf, memory() as out:
        rubbish.write(b"II*\0 this is no PDF")
        rubbish.flush()
        stamped(pdf, (595, 842))
        with pytest.raises(StampError):
            sandbox.make_facsimile(rubbish, out, 98)
        with pytest.raises(StampError):
            sandbox.make_facsimile(pdf, out, 300)
