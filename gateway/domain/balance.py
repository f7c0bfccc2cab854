"""What the books carry over from one month to the next: unfinished rows, open numbers, quantities (docs/bundle-format.md).

The hash of a balance stands in the entry that closes the month, so that a month can be checked without all the months before it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import rfc8785

BALANCE_PREFIX = b"imprimatur.ledger.balance.v1\n"
BALANCE_VERSION = 1
BALANCED = "books.balanced"
"""Kind of the ledger entry that closes a month."""

ENDED_STATUSES = frozenset({"completed", "canceled", "refused", "aborted"})
"""A register row in one of these is carried over only if it was completed after the month's end."""


@dataclass(frozen=True, slots=True)
class PermitBalance:
    """One permit's counts, its next copy number, the numbers that are reserved, and those spoiled and to be printed again."""

    approved: int
    reserved: int
    good: int
    next: int
    open: Sequence[int]
    again: Sequence[int]


def balance_of(
    month: str,
    end: str,
    rows: Mapping[str, Mapping[str, Any]],
    last_row: Mapping[str, int],
    permits: Mapping[str, PermitBalance],
    carriers: Mapping[str, Mapping[str, Any]],
    paper: Sequence[Mapping[str, Any]],
) -> bytes:
    """The canonical bytes (RFC 8785) of a closing balance; `end` is the month's end as UTC text."""
    told: dict[str, Any] = {
        no: {**asdict(one), "open": sorted(one.open), "again": sorted(one.again)}  # keys as verify_bundle.py reads them
        for no, one in permits.items()
    }
    return rfc8785.dumps(
        {
            "v": BALANCE_VERSION,
            "month": month,
            "end": end,
            "rows": {job_no: dict(row) for job_no, row in rows.items()},
            "last_row": dict(last_row),
            "permits": told,
            "carriers": {number: dict(one) for number, one in carriers.items()},
            "paper": list(paper),
        }
    )


def balance_hash(balance: bytes) -> str:
    """SHA-256 over the prefix and the canonical balance, in hexadecimal."""
    return hashlib.sha256(BALANCE_PREFIX + balance).hexdigest()
