"""What page 1 bears already where the classification mark belongs: compared, never stamped twice (SC-04, STANDARDS.md §1)."""

from __future__ import annotations

import re
from typing import BinaryIO

import pypdfium2

from watermark.errors import StampError
from watermark.findings import normalised

_FROM_TOP, _FROM_LEFT = 0.3, 0.6
"""The part of page 1 in which a line that is a mark is taken for the document's own: the upper left, as the standard wants it."""

_ALONE = re.compile(r"(绝密|机密|秘密|内部)(?:★\S{1,20})?")


def bears_mark(base: BinaryIO, mark: str) -> bool:
    """Whether page 1 bears `mark`, or its level alone, in its upper left; raises StampError when another mark stands there.

    The level without a term counts as borne: a second mark over it would make both illegible, and the footer shows the whole one.
    """
    level = mark.partition("★")[0]
    for line in _upper_left(base).splitlines():
        words = normalised(line)
        if words == level or words.startswith(mark):
            return True
        if _ALONE.fullmatch(words):
            raise StampError(f"page 1 bears {words} where {mark} belongs; mend the document or its permit")
    return False


def _upper_left(base: BinaryIO) -> str:
    base.seek(0)
    document = pypdfium2.PdfDocument(base)
    try:
        page = document[0]
        width, height = page.get_size()
        text = page.get_textpage()
        try:
            return str(text.get_text_bounded(left=0, right=width * _FROM_LEFT, bottom=height * (1 - _FROM_TOP), top=height))
        finally:
            text.close()
    finally:
        document.close()
