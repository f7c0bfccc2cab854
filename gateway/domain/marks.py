"""The classification mark 密级★保密期限: its grammar and its longest terms (STANDARDS.md §1; 保密法 art. 20 and 22)."""

from __future__ import annotations

import re
from dataclasses import dataclass

from gateway.domain.vocabulary import Level

LONGEST_TERM_YEARS = {Level.MIMI: 10, Level.JIMI: 20, Level.JUEMI: 30}
"""Longest term in years unless otherwise provided (保密法 art. 20)."""

_MARK = re.compile(r"^(绝密|机密|秘密|内部|公开)(?:★(.+))?$")
_YEARS = re.compile(r"^(\d{1,2})年$")
_MONTHS = re.compile(r"^(\d{1,2})个?月$")
_FULL_WIDTH = str.maketrans("０１２３４５６７８９☆*＊", "0123456789★★★")


@dataclass(frozen=True, slots=True)
class Mark:
    """A mark found on or meant for a page; `term` is '' where none is given."""

    level: Level
    term: str = ""

    def __str__(self) -> str:
        return f"{self.level.hanzi}★{self.term}" if self.term else self.level.hanzi

    def fault(self) -> str | None:
        """Why the mark is not legal, in a few English words, or None (E_MARKING_INVALID)."""
        if not self.level.is_state_secret:
            return f"{self.level.hanzi} must not bear a ★" if self.term else None
        years = _YEARS.match(self.term)
        months = _MONTHS.match(self.term)
        length = int(years[1]) if years else int(months[1]) / 12 if months else 0
        if self.term and not length and self.term[0].isdigit() and not re.match(r"^\d{4}", self.term):
            return f"'{self.term}' is not a term"
        longest = LONGEST_TERM_YEARS[self.level]
        return f"{self.term} > {longest}年" if length > longest else None


def parse_mark(text: str) -> Mark | None:
    """Read a mark as printed (spaces and full-width forms allowed); None if it is none."""
    match = _MARK.match(re.sub(r"\s+", "", text).translate(_FULL_WIDTH))
    return Mark(Level.parse(match[1]), match[2] or "") if match else None


def mark_to_stamp(level: Level, term: str) -> str:
    """What the stamper writes: 密级★期限 for state secrets, '内部' for internal papers, nothing for public ones."""
    if level is Level.GONGKAI:
        return ""
    return str(Mark(level, term if level.is_state_secret else ""))
