"""Pictures of a base's pages, for the approver's eyes: what is shown is what is counted and stamped."""

from __future__ import annotations

import io
from typing import BinaryIO

import pypdfium2
from PIL import Image, ImageDraw, ImageFont

from watermark.errors import StampError
from watermark.fonts import FontFiles

_LONGEST_SIDE = 4000
_OVERLAY_GREY = (120, 120, 120, 70)


def render_page(base: BinaryIO, page_index: int, dpi: int, overlay_text: str | None = None) -> bytes:
    """A PNG of one page (counted from 0) at `dpi`, with `overlay_text` tiled over it (who looked, and when).

    Raises StampError when there is no such page.
    """
    return render_page_with(base, page_index, dpi, overlay_text, FontFiles().read()[0] if overlay_text else b"")


def render_page_with(base: BinaryIO, page_index: int, dpi: int, overlay_text: str | None, font: bytes) -> bytes:
    """`render_page` with the font's bytes at hand."""
    base.seek(0)
    try:
        document = pypdfium2.PdfDocument(base)
    except pypdfium2.PdfiumError as error:
        raise StampError("the base cannot be read") from error
    try:
        if not 0 <= page_index < len(document):
            raise StampError(f"there is no page {page_index + 1}")
        page = document[page_index]
        scale = min(dpi / 72, _LONGEST_SIDE / max(page.get_width(), page.get_height()))
        image = page.render(scale=scale).to_pil().convert("RGB")
    finally:
        document.close()
    if overlay_text:
        image = _overlaid(image, overlay_text, font)
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


def _overlaid(image: Image.Image, words: str, font: bytes) -> Image.Image:
    size = max(10, image.width // 40)
    face = ImageFont.truetype(io.BytesIO(font), size, index=2 if font.startswith(b"ttcf") else 0)
    layer = Image.new("RGBA", (image.width * 2, image.height * 2), (0, 0, 0, 0))
    pen = ImageDraw.Draw(layer)
    step = int(pen.textlength(words, font=face)) + size * 4
    for row, y in enumerate(range(0, layer.height, size * 8)):
        for x in range(-(row % 2) * step // 2, layer.width, step):
            pen.text((x, y), words, font=face, fill=_OVERLAY_GREY)
    layer = layer.rotate(30)
    left, top = (layer.width - image.width) // 2, (layer.height - image.height) // 2
    return Image.alpha_composite(image.convert("RGBA"), layer.crop((left, top, left + image.width, top + image.height))).convert("RGB")
