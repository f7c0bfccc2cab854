"""Words that strangers wrote, as one line anybody may look at: nothing in it moves a cursor, turns the line round or ends it."""

from __future__ import annotations

import unicodedata

REPLACEMENT = "\ufffd"
_UNSEEN = frozenset({"Cc", "Cs", "Zl", "Zp"})
"""Control characters (NUL, escape, line ends), half surrogates, line and paragraph separators."""
_TURNS = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""What turns the direction of writing (UAX #9): `gnp.exe` can be made to read `exe.png`."""


def one_line(text: str) -> str:
    """The text with every such character shown as what it is: something that cannot be shown (U+FFFD). Tabs become blanks."""
    return "".join(_seen(character) for character in text)


def _seen(character: str) -> str:
    if character == "\t":
        return " "
    return REPLACEMENT if character in _TURNS or unicodedata.category(character) in _UNSEEN else character
