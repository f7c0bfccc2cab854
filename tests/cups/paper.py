"""What lies in the tray: the documents the device got, read back as a person and a scanner would."""

from __future__ import annotations

import re
import subprocess
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pypdfium2
import zxingcpp

from rehearsal.house import House


@dataclass(frozen=True)
class Sheet:
    """One page that came out: its text, its 份号 as the footer tells, its QR codes."""

    text: str
    number: str
    file: Path
    index: int

    @cached_property
    def codes(self) -> frozenset[str]:
        """Looked for only where a test asks: to render a page takes longer than to print it."""
        image = pypdfium2.PdfDocument(self.file)[self.index].render(scale=200 / 72, grayscale=True).to_pil()
        codes = zxingcpp.read_barcodes(image, formats=zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode))
        return frozenset(code.text for code in codes)


def sheets(file: Path) -> list[Sheet]:
    told = subprocess.run(["pdftotext", "-layout", str(file), "-"], check=True, capture_output=True, encoding="utf-8").stdout
    pages = []
    for index, text in enumerate(told.split("\f")[:-1]):
        (number,) = re.findall(r"份号 (\d{6})", text)
        pages.append(Sheet(text, number, file, index))
    return pages


def permit_for(house: House, job: str, *, copies: int = 9, level: str = "mimi", **more: str) -> str:
    """A permit asked for from a held job and approved by two; its number."""
    options = [part for key, value in more.items() for part in (f"--{key.replace('_', '-')}", value)]
    term = ["--term", "5年"] if level == "mimi" else []
    asked = house.ask(
        "zhao", "permit", "request", "--job", job, "--level", level, *term, "--copies", str(copies), "--purpose", "试印", *options
    )
    house.approve(asked["permit"], "li", "wu")
    return str(asked["permit"])


def release(house: House, job: str) -> list[Path]:
    """The operator claims and releases; what the device got by that."""
    before = set(house.printer.received())
    house.run("job", "claim", job, account="zheng")
    done = house.ask("zheng", "job", "release", job, "--wait")
    assert done["stage"] == "completed", done
    return [file for file in house.printer.received() if file not in before]
