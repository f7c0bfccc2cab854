"""A scanner without a device, for tests of what is done with its pages; it keeps the contract of the real ones."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import BinaryIO

from PIL import Image

from gateway.memory import memory_file
from gateway.scanners import Fault, ScannerError, ScanWish, Source


def picture(words: str = "", *, dpi: int = 100) -> bytes:
    """A white A4 page as PNG, or one with a drawing in it so that pages differ."""
    page = Image.new("L", (round(8.27 * dpi), round(11.69 * dpi)), 255)
    for place, letter in enumerate(words):
        page.paste(ord(letter) % 200, (10 + 12 * place, 10, 20 + 12 * place, 40))
    out = io.BytesIO()
    page.save(out, "PNG", dpi=(dpi, dpi))
    return out.getvalue()


@dataclass
class FakeScanner:
    """Gives these pages, then ends, or fails."""

    pages: Sequence[bytes]
    fault: Fault | None = None

    def sources(self) -> tuple[Source, ...]:
        return (Source.FEEDER, Source.FLATBED)

    def scan(self, wish: ScanWish) -> Iterator[BinaryIO]:
        if wish.source not in self.sources():
            raise ScannerError(Fault.UNSUITABLE)
        most = 1 if wish.source is Source.FLATBED else wish.pages
        for page in self.pages[:most]:
            with memory_file("scan") as file:
                file.write(page)
                file.seek(0)
                yield file
        if self.fault or not self.pages:
            raise ScannerError(self.fault or Fault.EMPTY)
