"""Which of a job's options may name a permit (DESIGN.md §7): read here, so that senders decide nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from gateway.domain.envelope import Claim
from gateway.domain.permit_numbers import numbers_in_text, numbers_in_title

PERMIT_OPTIONS = ("permit-id", "permit", "PermitID")
"""Options made for permit numbers: whatever stands in them is meant as one."""

ACCOUNT_OPTIONS = ("job-account-id", "job-accounting-user-id", "job-billing")
"""Options made for accounting: only what looks like a permit number is meant as one."""

_CUSTOM = "Custom."
_EMPTY = frozenset({"", "None", "none"})


def claims_of(options: Mapping[str, str], title: str) -> tuple[Claim, ...]:
    """Every permit number the sender wrote anywhere, with its place."""
    return tuple(_claims(options, title))


def _claims(options: Mapping[str, str], title: str) -> Iterator[Claim]:
    for name in PERMIT_OPTIONS:
        text = options.get(name, "").removeprefix(_CUSTOM).strip()
        if text not in _EMPTY:
            yield Claim(name, text[:64])
    for name in ACCOUNT_OPTIONS:
        for text in numbers_in_text(options.get(name, "")):
            yield Claim(name, text)
    for text in numbers_in_title(title):
        yield Claim("title", text)
