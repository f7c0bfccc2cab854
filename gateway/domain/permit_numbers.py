"""Permit numbers `ZYZ-YYYY-NNNNNN-C` with an ISO 7064 MOD 37,36 check character (DESIGN.md §7)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from gateway.domain.paper_codes import PERMIT_SLIP

_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_SHAPE = re.compile(r"^ZYZ(\d{4})(\d{6})([0-9A-Z])$")
_NEARLY = re.compile(r"^[0-9A-Z]{6,40}$")
_IN_TEXT = re.compile(r"ZYZ[-‐–—\s]?\d{4}[-‐–—\s]?\d{6}[-‐–—\s]?[0-9A-Z](?![0-9A-Z])", re.IGNORECASE)
_TITLE_TAG = re.compile(r"\[\s*(ZYZ[^\]]{1,40})\]", re.IGNORECASE)


class Reading(StrEnum):
    """How a written permit number reads."""

    VALID = "valid"
    MISTYPED = "mistyped"


@dataclass(frozen=True, slots=True)
class PermitNumber:
    """A number as claimed: `text` is the canonical form when `reading` is valid, else what was written."""

    text: str
    reading: Reading


def check_character(body: str) -> str:
    """ISO 7064 MOD 37,36 check character of an alphanumeric body, for instance of 'ZYZ2026000123'.

    It shows every single wrong character and 99 of 100 transpositions of neighbours; the permit's other conditions must catch the rest.
    Raises ValueError for characters outside 0-9 A-Z.
    """
    modulus = len(_ALPHABET)
    product = modulus
    for character in body:
        total = (product + _ALPHABET.index(character)) % modulus or modulus
        product = (total * 2) % (modulus + 1)
    return _ALPHABET[(modulus + 1 - product) % modulus]


def format_permit_number(year: int, serial: int) -> str:
    """The canonical number of the `serial`-th permit of `year`, 1 ≤ serial ≤ 999999."""
    if not 1 <= serial <= 999_999:
        raise ValueError("a year has at most 999,999 permits")
    body = f"ZYZ{year:04d}{serial:06d}"
    return f"ZYZ-{year:04d}-{serial:06d}-{check_character(body)}"


def read_permit_number(written: str) -> PermitNumber:
    """Read a number with or without dashes and in any case, typed by hand or scanned from a permit slip.

    A wrong shape or check character reads as MISTYPED: to be told apart from a well-formed number nobody has issued.
    """
    compact = re.sub(r"[-‐–—\s]", "", written).upper().removeprefix(PERMIT_SLIP)
    match = _SHAPE.match(compact)
    if match and check_character(compact[:-1]) == compact[-1]:
        year, serial, check = match.groups()
        return PermitNumber(f"ZYZ-{year}-{serial}-{check}", Reading.VALID)
    shown = compact if _NEARLY.match(compact) else compact[:40]
    return PermitNumber(shown, Reading.MISTYPED)


def numbers_in_title(title: str) -> tuple[str, ...]:
    """What stands between brackets in `[ZYZ-…]` tags of a job title."""
    return tuple(match.strip() for match in _TITLE_TAG.findall(title))


def numbers_in_text(text: str) -> tuple[str, ...]:
    """Every string of a permit number's shape in running text, in order, without repeats."""
    return tuple(dict.fromkeys(_IN_TEXT.findall(text)))


def distinct(claims: Iterable[str]) -> tuple[PermitNumber, ...]:
    """The different numbers among several claims, in order of first appearance."""
    return tuple(dict.fromkeys(read_permit_number(claim) for claim in claims if claim.strip()))
