"""Stamping for these tests: one plan, and a document stamped with it."""

from __future__ import annotations

import io
import string
import tempfile
from collections.abc import Iterable
from functools import cache
from pathlib import Path

import pypdfium2
import zxingcpp
from PIL import Image

from watermark import (
    CopyMark,
    FontFiles,
    StampPlan,
    Template,
    characters_of,
    fan_out,
    load_template,
    load_templates,
    make_base,
    verify_stamped,
)
from watermark.fonts import cut_font
from watermark.templates import BLANK_WORDS

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


@cache
def small_fonts() -> tuple[frozenset[str], FontFiles]:
    """Fonts with what most plans here need, cut once as the gateway cuts its own: reading the whole ones takes half a second each time."""
    literals = "".join(template.literals() for template in load_templates(None).values())
    known = frozenset(
        literals + BLANK_WORDS + string.printable.strip() + " ·★绝密机密秘密内部公开长期年个月" + "".join(map(str, vars_of(PLAN)))
    )
    folder = Path(tempfile.mkdtemp(prefix="imprimatur-test-fonts-"))
    files = []
    for name, whole in zip(("regular", "bold"), FontFiles().read(), strict=True):
        program, present = cut_font(whole, known)
        known &= present
        files.append(folder / f"{name}.otf")
        files[-1].write_bytes(program)
    return known, FontFiles(*files)


def vars_of(plan: StampPlan) -> list[object]:
    """What stands in a plan."""
    return [getattr(plan, name) for name in StampPlan.__slots__]


def fonts_for(plan: StampPlan, template: Template | None) -> FontFiles:
    """The small fonts where they suffice, else the whole ones."""
    known, small = small_fonts()
    return small if all(needed <= known for needed in characters_of(plan, template or load_template(plan.kind))) else FontFiles()


def stamped(source: io.BytesIO, plan: StampPlan = PLAN, template: Template | None = None) -> tuple[io.BytesIO, io.BytesIO]:
    """The base, and all copies in one file, verified."""
    base, out = io.BytesIO(), io.BytesIO()
    inspection = make_base([source], base)
    assert inspection.verdict == "ok", inspection.reasons
    fan_out(base, out, plan, fonts_for(plan, template), template)
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
