"""The classification mark 密级★保密期限: its grammar and its longest terms (STANDARDS.md §1; 保密法 art. 20 and 22)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from gateway.domain.vocabulary import Level

LONGEST_TERM_YEARS = {Level.MIMI: 10, Level.JIMI: 20, Level.JUEMI: 30}
"""Longest term in years unless otherwise provided (保密法 art. 20)."""

_MARK = re.compile(r"^(绝密|机密|秘密|内部|公开)(★?)(.*)$")
_UNTIL = re.compile(r"^(\d{4})年(?:(\d{1,2})月)?(?:(\d{1,2})日)?$")
_YEARS = re.compile(r"^(\d{1,2})年$")
_MONTHS = re.compile(r"^(\d{1,2})个?月$")
_FULL_WIDTH = str.maketrans("０１２３４５６７８９☆*＊", "0123456789★★★")


@dataclass(frozen=True, slots=True)
class Mark:
    """A mark found on or meant for a page; `term` is '' where none is given, `starred` says whether a ★ stands without one."""

    level: Level
    term: str = ""
    starred: bool = False

    def __str__(self) -> str:
        return f"{self.level.hanzi}★{self.term}" if self.term else self.level.hanzi

    def fault(self, today: date | None = None) -> str | None:
        """Why the mark is not legal, in a few English words, or None (E_MARKING_INVALID).

        A term is a span (5年, 6个月), a time of declassification (2030年5月, measured from `today`), or a condition of 2 to 20 characters.
        """
        if not self.level.is_state_secret:
            return f"{self.level.hanzi} must not bear a ★" if self.term or self.starred else None
        if self.starred and not self.term:
            return "★ without a term"
        if not self.term:
            return None
        length = self._years(today)
        longest = LONGEST_TERM_YEARS[self.level]
        if length is None:
            wrong = self.term[0].isdigit() or "★" in self.term or not 2 <= len(self.term) <= 20
            return f"'{self.term}' is not a term" if wrong else None
        return f"{self.term} > {longest}年" if length > longest else None

    def _years(self, today: date | None) -> float | None:
        """The term in years; None for a condition or what is no term at all."""
        if years := _YEARS.match(self.term):
            return int(years[1]) or None
        if months := _MONTHS.match(self.term):
            return int(months[1]) / 12 or None
        if (until := _UNTIL.match(self.term)) and until[1] != "0000":
            year, month, day = (int(part) if part else 1 for part in until.groups())
            return max(year - today.year + (month - today.month) / 12 + (day - today.day) / 366, 0) if today else 0
        return None


def parse_mark(text: str) -> Mark | None:
    """Read a mark as printed (spaces and full-width forms allowed); None if it is none."""
    match = _MARK.match(re.sub(r"\s+", "", text).translate(_FULL_WIDTH))
    if match is None or (match[3] and not match[2]):
        return None
    return Mark(Level.parse(match[1]), match[3], starred=bool(match[2] and not match[3]))


def mark_to_stamp(level: Level, term: str) -> str:
    """What the stamper writes: 密级★期限 for state secrets, '内部' for internal papers, nothing for public ones."""
    if level is Level.GONGKAI:
        return ""
    return str(Mark(level, term if level.is_state_secret else ""))
