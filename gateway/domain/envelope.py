"""What a sender says of a job when it hands it over, and what it is told (docs/intake-protocol.md)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from gateway.domain.vocabulary import Channel


@dataclass(frozen=True, slots=True)
class Claim:
    """A permit number somebody wrote somewhere; `source` says where, for instance `permit-id` or `title`."""

    source: str
    text: str


@dataclass(frozen=True, slots=True)
class Envelope:
    """A delivery's metadata. Everything in it is the sender's word; only `user` is trusted, on an authenticated queue."""

    key: str
    attempt: str
    delivery: str
    queue: str
    user: str
    title: str
    copies: int
    documents: int = 1
    channel: Channel = Channel.PRINT
    options: Mapping[str, str] = field(default_factory=dict)
    claims: tuple[Claim, ...] = ()
    content_type: str = "application/pdf"
    filtered: bool = True
    account: str = ""
    """Whose job it is, where somebody was logged in; else `user` is a Unix user an account may belong to."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """The answer once a document is durable. `created` is false when it was stored before."""

    job: str
    state: str
    codes: tuple[str, ...]
    message: str
    created: bool
