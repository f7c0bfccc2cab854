"""What a password must be (R87): at least ten characters of three kinds, and not the account's own name."""

from __future__ import annotations

import re
import unicodedata

SHORTEST = 10
LONGEST = 200
KINDS = (r"[a-z]", r"[A-Z]", r"[0-9]", r"[^A-Za-z0-9]")
FEWEST_KINDS = 3


def as_kept(password: str) -> str:
    """One form for what different keyboards and input methods make of the same characters (Unicode NFKC)."""
    return unicodedata.normalize("NFKC", password)


def weakness(password: str, username: str) -> str | None:
    """Why the password may not be chosen, as an English sentence, or None."""
    chosen = as_kept(password)
    if not SHORTEST <= len(chosen) <= LONGEST:
        return f"The password must have {SHORTEST} to {LONGEST} characters."
    if sum(bool(re.search(kind, chosen)) for kind in KINDS) < FEWEST_KINDS:
        return "The password has too few kinds of characters."
    if len(set(chosen)) < SHORTEST // 2:
        return "The password repeats too few characters."
    if username.lower() in chosen.lower() and len(chosen) - len(username) < SHORTEST:
        return "The password is little more than the account's name."
    return None
