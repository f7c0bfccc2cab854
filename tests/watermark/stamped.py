"""Stamping for these tests: one plan, and a document stamped with it."""

from __future__ import annotations

import io
from collections.abc import Iterable

import pypdfium2
import zxingcpp
from PIL import Image

from watermark import CopyMark, StampPlan, Template, fan_out, load_template, make_base, verify_stamped

TEMPLATE = load_template("print")
PLAN = StampPlan(
    permit_no="ZYZ-2026-000123-L",
    mark="秘密★5年",
    requester="王小明",
    department="保密办公室",
    printed_at="2026-11-23 20:15",
    release_tag="0123456789abcdef",
    copies=tuple(CopyMark(number, f"{number - 6}/3", f"ICOPY{number:06d}ABCDEFGHJKMNPQ") for number in (7, 8, 9)),
    unit="示范单位",
    scope="规划处2份 办公室1份",
    copies_approved=3,
)


def stamped(source: io.BytesIO, plan: StampPlan = PLAN, template: Template | None = None) -> tuple[io.BytesIO, io.BytesIO]:
    """The base, and all copies in one file, verified."""
    base, out = io.BytesIO(), io.BytesIO()
    inspection = make_base([source], base)
    assert inspection.verdict == "ok", inspection.reasons
    fan_out(base, out, plan, template=template)
    verify_stamped(out, base, plan, template)
    return base, out


def picture(file: io.BytesIO, page: int, dpi: int = 200) -> Image.Image:
    """One page as pdfium paints it, in grey."""
    return pypdfium2.PdfDocument(file.getvalue())[page].render(scale=dpi / 72, grayscale=True).to_pil()


def codes_on(file: io.BytesIO, page: int, dpi: int = 200) -> list[str]:
    """What the QR codes on a painted page say."""
    found: Iterable[zxingcpp.Barcode] = zxingcpp.read_barcodes(
        picture(file, page, dpi), formats=zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode)
    )
    return [code.text for code in found]
