"""Paper on the books: what an entry of the ledger puts on a department's account, and the pure fold to a month's lines (R58, R59; F8).

An entry that tells of paper holds `data["paper_used"]`: a list of postings, in the way of double-entry books. A month's line is the sum
of all postings with its key. Once the month is confirmed its lines stand still: what is posted later is a correction beside them.
Sheets are media sheets 张, impressions printed sides 面.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from operator import attrgetter, itemgetter
from typing import Any

import rfc8785

PAPER_USED = "paper_used"
ENTERED = "paper.entered"
"""Kind of an entry of paper that did not pass the gate, and of corrections by hand."""
CONFIRMED = "paper.confirmed"
"""Kind of the entry by which a month's lines stand still."""
TABLE_PREFIX = b"imprimatur.paper.month.v1\n"

KEY = ("month", "channel", "department", "paper", "level", "device", "requester")
AMOUNTS = ("jobs", "impressions", "good", "waste")
OTHER_SIZE = "other"
NOTHING = (0,) * len(AMOUNTS)
_key_of, _amounts_of = attrgetter(*KEY), attrgetter(*AMOUNTS)
_told_key, _told_amounts = itemgetter(*KEY), itemgetter(*AMOUNTS)

Key = tuple[str, ...]
Amounts = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Posting:
    """Sheets put on an account, or taken off it again when negative. `month` is YYYY-MM in the unit's zone, of the job's last sheet (D13).

    `level`, `device` and `requester` are empty where nobody knows them: paper entered by hand.
    """

    month: str
    channel: str
    department: str
    paper: str
    level: str = ""
    device: str = ""
    requester: str = ""
    jobs: int = 0
    impressions: int = 0
    good: int = 0
    waste: int = 0

    @property
    def key(self) -> Key:
        """What it is added up by."""
        return _key_of(self)

    @property
    def amounts(self) -> Amounts:
        """What is added up."""
        return _amounts_of(self)

    def to_json(self) -> dict[str, Any]:
        """The form in the ledger."""
        return asdict(self)


def posting_of(key: Key, amounts: Amounts) -> Posting:
    """The posting with this key and these amounts."""
    members: dict[str, Any] = {**dict(zip(KEY, key, strict=True)), **dict(zip(AMOUNTS, amounts, strict=True))}
    return Posting(**members)


def postings_in(data: Mapping[str, Any]) -> list[Posting]:
    """The postings of an entry's data. Raises TypeError for members a posting does not have."""
    return [Posting(**one) for one in data.get(PAPER_USED, ())]


def added(one: Amounts, other: Amounts) -> Amounts:
    """Both together. Written out, since it is done for every sheet there ever was."""
    (jobs, impressions, good, waste), (more_jobs, more_impressions, more_good, more_waste) = one, other
    return jobs + more_jobs, impressions + more_impressions, good + more_good, waste + more_waste


def summed(postings: Iterable[Posting]) -> dict[Key, Amounts]:
    """Amounts by key."""
    sums: dict[Key, Amounts] = {}
    for posting in postings:
        sums[posting.key] = added(sums.get(posting.key, NOTHING), posting.amounts)
    return sums


@dataclass(slots=True)
class PaperBooks:
    """All months as the ledger tells them. A correction is named by its entry and its place in it."""

    lines: dict[Key, Amounts] = field(default_factory=dict)
    corrections: dict[tuple[int, int], tuple[Posting, bool]] = field(default_factory=dict)
    """With whether it came after the month was confirmed."""
    confirmed: dict[str, tuple[int, str]] = field(default_factory=dict)
    """By month: the entry that confirmed it, and the digest of its lines."""

    def hear(self, seq: int, kind: str, subject: str, data: Mapping[str, Any]) -> None:
        """Fold one entry, in the order of `seq`."""
        if kind == CONFIRMED:
            self.confirmed.setdefault(subject, (seq, str(data["digest"])))
        for place, told in enumerate(data.get(PAPER_USED, ())):
            key, late = _told_key(told), told["month"] in self.confirmed
            if late or kind == ENTERED:
                self.corrections[seq, place] = (Posting(**told), late)
            if not late:
                self.lines[key] = added(self.lines.get(key, NOTHING), _told_amounts(told))

    def hear_again(self, postings: Iterable[Mapping[str, Any]], times: int) -> None:
        """So many more entries told what was heard before and became no correction."""
        for told in postings:
            key = _told_key(told)
            self.lines[key] = added(self.lines[key], tuple(times * amount for amount in _told_amounts(told)))


def table_digest(lines: Iterable[Posting]) -> str:
    """SHA-256 over a month's lines in order of their keys, zero lines left out: what a confirmation is about. Hexadecimal."""
    told = [one.to_json() for one in sorted(lines, key=lambda line: line.key) if any(one.amounts)]
    return hashlib.sha256(TABLE_PREFIX + rfc8785.dumps(told)).hexdigest()


def told_by_hand(sums: Mapping[tuple[Key, bool], Amounts]) -> list[dict[str, Any]]:
    """Sums in the form of bundle and balance: one object a key, and whether people entered it; in order, without zeros."""
    lines = sorted((key, by_hand) for (key, by_hand), amounts in sums.items() if any(amounts))
    return [{**posting_of(key, sums[key, by_hand]).to_json(), "by_hand": by_hand} for key, by_hand in lines]


class Dimension(StrEnum):
    """What a month's paper is split by, besides the size."""

    DEPARTMENT = "department"
    LEVEL = "level"
    DEVICE = "device"
    REQUESTER = "requester"
    CHANNEL = "channel"
