"""Marks in pictures of text, read by Tesseract (R41): an extra, since what it does not see proves nothing.

Tesseract reads pictures this library drew itself, before the gate's own stamps are on them, confined like Ghostscript. It takes the star
of a mark for one character or another (measured: 妇, 女, 娘, 广), so a line counts as a mark when it is hardly more than a level, or
begins with a level and a term.
"""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path
from typing import BinaryIO

import pypdfium2

from watermark.errors import SandboxError
from watermark.findings import normalised
from watermark.lockdown import confine_program
from watermark.model import Limits

_TESSERACT = Path("/usr/bin/tesseract")
_TRAINED = "chi_sim.traineddata"
_DATA = Path("/usr/share/tesseract-ocr")
_READABLE = tuple(Path(folder) for folder in ("/usr", "/lib", "/lib64", "/etc/ld.so.cache"))
_COMMAND = (str(_TESSERACT), "stdin", "stdout", "-l", "chi_sim", "--psm", "11")
"""Sparse text: whatever stands anywhere, a line of its own too."""
_MARK = re.compile(r"(绝密|机密|秘密)(?:.?\d{1,2}(?:年|个?月).*|.?(?:\d.{0,5}|长.?)?)?")
_SMALLEST = (72.0, 12.0)
"""Points: what is smaller is a seal or a rule, not text."""


def is_installed() -> bool:
    """Whether Tesseract and its data for Chinese are there (Debian: tesseract-ocr, tesseract-ocr-chi-sim)."""
    return _TESSERACT.exists() and any(_DATA.glob(f"*/tessdata/{_TRAINED}"))


def picture_pages(base: BinaryIO) -> tuple[int, ...]:
    """Pages, from 1, on which words may stand that are no text: those with a picture, and those without a letter."""
    document = pypdfium2.PdfDocument(base)
    try:
        return tuple(index + 1 for index in range(len(document)) if _may_hide_words(document[index]))
    finally:
        document.close()


def _may_hide_words(page: pypdfium2.PdfPage) -> bool:
    text = page.get_textpage()
    try:
        if not text.get_text_bounded().strip():
            return True
    finally:
        text.close()
    return any(_is_large(picture) for picture in page.get_objects(filter=[pypdfium2.raw.FPDF_PAGEOBJ_IMAGE]))


def _is_large(picture: pypdfium2.PdfObject) -> bool:
    """Inside a form the bounds are the form's own, which say nothing of the size on the page (measured): such a picture counts."""
    left, bottom, right, top = picture.get_bounds()
    return bool(picture.level > 0 or (right - left >= _SMALLEST[0] and top - bottom >= _SMALLEST[1]))


def marks_in_picture(picture: BinaryIO, limits: Limits) -> tuple[str, ...]:
    """Levels of the lines of a page's picture (PNG) that read as a mark, such as 机密: more of the words never leaves the child.

    Raises SandboxError when it takes too long or breaks off.
    """
    lines = map(normalised, _text_in(picture, limits).splitlines())
    return tuple(dict.fromkeys(found[1] for line in lines if (found := _MARK.fullmatch(line))))


def _text_in(picture: BinaryIO, limits: Limits) -> str:
    picture.seek(0)
    with os.fdopen(os.memfd_create("imprimatur-ocr", os.MFD_CLOEXEC), "w+b") as told:
        try:
            done = subprocess.run(
                _COMMAND,
                stdin=picture,
                stdout=told,
                stderr=subprocess.DEVNULL,
                env={"OMP_THREAD_LIMIT": "1", "LANG": "C.UTF-8"},
                timeout=limits.seconds,
                check=False,
                preexec_fn=lambda: confine_program(limits.seconds, limits.memory_bytes, limits.output_bytes, _READABLE, ()),
            )
        except subprocess.TimeoutExpired:
            raise SandboxError("reading a picture takes too long") from None
        if done.returncode:
            raise SandboxError("a picture could not be read")
        told.seek(0)
        return told.read().decode("utf-8", "replace")
