"""What page 1 bears already where the classification mark belongs: compared, never stamped twice (SC-04, STANDARDS.md §1)."""

from __future__ import annotations

import re
from typing import BinaryIO

import pypdfium2

from watermark.errors import StampError
from watermark.findings import LEVELS, lines_at_head

_ALONE = re.compile(rf"(?:{LEVELS})(?:★\S{{1,20}})?")
_LEVEL = re.compile(LEVELS)


def bears_mark(base: BinaryIO, mark: str, *, head_bare: bool = False) -> bool:
    """Whether page 1 bears `mark`, or its level alone, in its upper left; raises StampError when another mark stands there.

    The level without a term counts as borne: a second mark over it would make both illegible, and the footer shows the whole one.
    `head_bare` is what counting found (`Inspection`): then nothing is there to be compared, and the page is not read again.
    """
    if head_bare and _LEVEL.match(mark):
        return False
    level = mark.partition("★")[0]
    for words in _head_of(base):
        if words == level or words.startswith(mark):
            return True
        if _ALONE.fullmatch(words):
            raise StampError(f"page 1 bears {words} where {mark} belongs; mend the document or its permit")
    return False


def _head_of(base: BinaryIO) -> tuple[str, ...]:
    base.seek(0)
    document = pypdfium2.PdfDocument(base)
    try:
        return lines_at_head(document[0])
    finally:
        document.close()
