"""Pages for fax tests: black and white, 1728 dots wide, each one different."""

from __future__ import annotations

import io
import random
from pathlib import Path

from PIL import Image, ImageChops, ImageDraw, ImageSequence

from watermark.faxtiff import write_fax_tiff

SIZE = (1728, 1145)
"""A4 at 204 × 98, a little shorter."""


def fax_pages(count: int, *, size: tuple[int, int] = SIZE) -> list[Image.Image]:
    """Lines, boxes and dots nobody could mistake for those of another page."""
    return [_page(number, size) for number in range(1, count + 1)]


def _page(number: int, size: tuple[int, int]) -> Image.Image:
    chance = random.Random(number)
    page = Image.new("1", size, 1)
    pen = ImageDraw.Draw(page)
    for line in range(60, size[1] - 60, 24):
        for at in range(60, size[0] - 80, 40):
            pen.rectangle((at, line, at + chance.randint(2, 30), line + chance.randint(2, 12)), fill=0)
    pen.rectangle((20, 20, 20 + 30 * number, 40), fill=0)
    return page


def pages_of_tiff(tiff: bytes) -> list[Image.Image]:
    """The pages of a fax TIFF, decoded."""
    with Image.open(io.BytesIO(tiff)) as opened:
        return [page.convert("1") for page in ImageSequence.Iterator(opened)]


def write_tiff(file: Path, pages: list[Image.Image], *, lines_per_inch: int = 98) -> Path:
    """A fax TIFF of these pages."""
    with file.open("w+b") as out:
        write_fax_tiff(pages, out, lines_per_inch=lines_per_inch)
    return file


def differing_dots(sent: Image.Image, captured: Image.Image) -> int:
    """How many dots differ. The coders add or lose white lines at the foot (fax2tiff one, measured), so a missing line counts as white."""
    sheet = (max(sent.width, captured.width), max(sent.height, captured.height))
    laid = []
    for page in (sent, captured):
        laid.append(Image.new("1", sheet, 1))
        laid[-1].paste(page)
    return sum(ImageChops.logical_xor(*laid).convert("L").histogram()[128:])
