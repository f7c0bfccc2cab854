"""What an entry is to the byte (docs/ledger-format.md): canonical JSON (RFC 8785), SHA-256, chained by `prev`.

Pure functions; the offline verifier repeats them with the standard library only.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import rfc8785

ENTRY_PREFIX = b"imprimatur.ledger.entry.v1\n"
COMMITMENT_PREFIX = b"imprimatur.ledger.commitment.v1\n"
GENESIS_HASH = "0" * 64
FORMAT_VERSION = 1


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry as stored: `body` are the canonical bytes that were hashed, as text."""

    seq: int
    kind: str
    at: str
    subject: str
    body: str
    prev_hash: str
    hash: str

    @property
    def tag(self) -> str:
        """The first 64 bits of the hash, as 16 hexadecimal digits: what goes on paper as its witness (I9)."""
        return self.hash[:16]

    @property
    def data(self) -> dict[str, Any]:
        """The entry's own facts."""
        return dict(json.loads(self.body)["data"])


def make_entry(*, seq: int, kind: str, at: str, actor: str, subject: str, data: dict[str, Any], prev_hash: str) -> Entry:
    """Build and hash an entry. `at` is UTC ISO 8601 with 'Z'; `data` holds integers, strings, booleans, lists, objects."""
    body = rfc8785.dumps(
        {
            "v": FORMAT_VERSION,
            "seq": seq,
            "kind": kind,
            "at": at,
            "actor": actor,
            "subject": subject,
            "data": data,
            "prev": prev_hash,
        }
    )
    return Entry(seq, kind, at, subject, body.decode(), prev_hash, hash_body(body))


def utc_text(moment: datetime) -> str:
    """A time as the ledger writes it: UTC, six digits of fraction, so that text compares as times do."""
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def hash_body(body: bytes) -> str:
    """SHA-256 over the prefix and the canonical body, in hexadecimal."""
    return hashlib.sha256(ENTRY_PREFIX + body).hexdigest()


def commitment(salt: str, value: str) -> str:
    """A salted commitment to a value that must stay erasable, such as a title: the value itself never enters the ledger."""
    return hmac.new(bytes.fromhex(salt), COMMITMENT_PREFIX + value.encode(), hashlib.sha256).hexdigest()
