"""Printed pages as a scanner would give them back: turned a little, paler, noisy, through JPEG, a copier or a fax. Simulated: no paper."""

from __future__ import annotations

import io
import random
from collections.abc import Iterator
from enum import StrEnum
from functools import cache

import pypdfium2
from PIL import Image, ImageChops, ImageFilter

from rehearsal.escl import jpeg

_PRINT_DPI = 300
_FAX = (204, 196)
_INK, _PAPER = 25, 240
_THRESHOLDS = (115, 155)
_SHIFT = 200


class Way(StrEnum):
    """What a page went through."""

    CLEAN = "clean"
    JPEG_40 = "jpeg_40"
    SECOND_COPY = "second_copy"
    FAX_FINE = "fax_fine"


def printed_pages(pdf: bytes, dpi: int = _PRINT_DPI) -> Iterator[Image.Image]:
    """Each page of a PDF in grey, as ink on paper."""
    document = pypdfium2.PdfDocument(pdf)
    try:
        for page in document:
            yield page.render(scale=dpi / 72, grayscale=True).to_pil().convert("L")
    finally:
        document.close()


def scanned(page: Image.Image, way: Way, dpi: int, chance: random.Random, *, tilt: float = 3.0) -> bytes:
    """The page (at 300 dpi) as a file, turned by at most `tilt` degrees; `chance` decides the rest."""
    if way is Way.SECOND_COPY:
        page = _on_glass(page, _PRINT_DPI, chance, tilt / 3).point(lambda value: 0 if value < 90 else 255 if value > 200 else value)
    grey = _on_glass(page, dpi, chance, tilt)
    if way is Way.FAX_FINE:
        inches = page.width / _PRINT_DPI, page.height / _PRINT_DPI
        level = chance.randint(*_THRESHOLDS)
        lines = grey.resize((round(_FAX[0] * inches[0]), round(_FAX[1] * inches[1])), Image.Resampling.BICUBIC)
        return _written(lines.point(lambda value: 255 if value > level else 0, "1"), "TIFF", dpi=_FAX, compression="group4")
    if way is Way.CLEAN:
        return _written(grey, "PNG", dpi=(dpi, dpi), compress_level=1)
    return _written(grey, "JPEG", dpi=(dpi, dpi), quality=40)


def stack_of(pdf: bytes, dpi: int = 200) -> list[bytes]:
    """The pages of a PDF as they lie in the feeder of `rehearsal.escl.EsclDevice`, straight and clean."""
    return [jpeg(page, dpi) for page in printed_pages(pdf, dpi)]


def _on_glass(page: Image.Image, dpi: int, chance: random.Random, tilt: float) -> Image.Image:
    """Turned about its middle, blurred, less black and white, with noise."""
    size = round(page.width * dpi / _PRINT_DPI), round(page.height * dpi / _PRINT_DPI)
    turned = page.rotate(chance.uniform(-tilt, tilt), Image.Resampling.BICUBIC, fillcolor=255).resize(size, Image.Resampling.BILINEAR)
    pale = turned.filter(ImageFilter.GaussianBlur(0.45)).point(lambda value: _INK + value * (_PAPER - _INK) // 255)
    side, left, top = max(pale.size), chance.randrange(_SHIFT), chance.randrange(_SHIFT)
    noise = _noise(side + _SHIFT).crop((left, top, left + pale.width, top + pale.height))
    return ImageChops.add(pale, noise, 1, -128)


@cache
def _noise(side: int) -> Image.Image:
    """Made once: it takes longer than everything else together."""
    return Image.effect_noise((side, side), 10)


def _written(picture: Image.Image, kind: str, **options: object) -> bytes:
    out = io.BytesIO()
    picture.save(out, kind, **options)
    return out.getvalue()
