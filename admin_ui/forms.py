"""Reading what people filled in: at the edge, before a service sees it. Raises InvalidInputError with the field's name."""

from __future__ import annotations

from datetime import date, datetime, tzinfo
from enum import StrEnum
from typing import TypeVar

from flask import request

from gateway.domain.permit_form import Consent
from gateway.domain.plain_text import one_line
from gateway.domain.vocabulary import Level
from gateway.errors import InvalidInputError

LONGEST_TEXT = 200


def words(name: str, *, longest: int = LONGEST_TEXT) -> str:
    """A line of text, without the blanks around it; what cannot be shown in a line is replaced."""
    text = one_line(request.form.get(name, "")).strip()
    if len(text) > longest:
        raise InvalidInputError(f"{name}: more than {longest} characters.", "Make it shorter.")
    return text


def password(name: str = "password") -> str:
    """A password as it was typed."""
    return request.form.get(name, "")[:1000]


def whole_number(name: str, *, missing: int | None = None) -> int | None:
    """A number of copies, pages or sheets; `missing` when nothing was filled in."""
    text = request.values.get(name, "").strip()
    if not text:
        return missing
    if not text.isascii() or not text.isdigit() or len(text) > 6:
        raise InvalidInputError(f"{name}: '{text[:12]}' is not a whole number.", "Write digits only.")
    return int(text)


def counter(name: str) -> int:
    """What a counter shows, in sides."""
    text = request.form.get(name, "").strip()
    if not text.isascii() or not text.isdigit() or len(text) > 12:
        raise InvalidInputError(f"{name}: '{text[:12]}' is not a whole number.", "Write digits only.")
    return int(text)


def numbers_by_suffix(prefix: str) -> dict[str, int]:
    """Fields such as `scope.D02` as {'D02': 3}; those left empty or zero are left out."""
    found = {}
    for name in request.form:
        if name.startswith(prefix):
            number = whole_number(name)
            if number:
                found[name.removeprefix(prefix)] = number
    return found


def level(name: str) -> Level:
    """A level in pinyin or Chinese."""
    try:
        return Level.parse(words(name))
    except ValueError as error:
        raise InvalidInputError(f"{error}.", "Give one of these levels.") from error


def day(name: str) -> date | None:
    """A calendar day, or None when nothing was filled in."""
    text = request.form.get(name, "").strip()
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as error:
        raise InvalidInputError(f"{name}: '{text[:12]}' is not a day.", "Write it as 2026-03-12.") from error


def moment(name: str, zone: tzinfo) -> datetime | None:
    """A day and an hour of the house's clock, or None when nothing was filled in."""
    text = request.form.get(name, "").strip()
    try:
        return datetime.fromisoformat(text).replace(tzinfo=zone) if text else None
    except ValueError as error:
        raise InvalidInputError(f"{name}: '{text[:16]}' is no time.", "Write it as 2026-03-12T17:30.") from error


def names(name: str, *, longest: int = 2000) -> list[str]:
    """Accounts or numbers, apart by blanks, commas or lines."""
    return words(name, longest=longest).replace("，", " ").replace(",", " ").replace("、", " ").split()


def consent() -> Consent | None:
    """The issuer's letter of consent, if anything of it was filled in."""
    number, person, date_of_letter = words("consent.doc_no", longest=60), words("consent.person", longest=50), day("consent.date")
    digest = words("consent.sha256", longest=64).lower()
    if not (number or person or date_of_letter or digest):
        return None
    if date_of_letter is None:
        raise InvalidInputError("consent.date: the letter of consent has a date.", "Fill it in.")
    return Consent(number, date_of_letter, person, digest)


def needed_consent() -> Consent:
    """The letter, where the form is about nothing else."""
    found = consent()
    if found is None:
        raise InvalidInputError("Nothing of the letter of consent was filled in.", "Give its number, its date and who signed it.")
    return found


Word = TypeVar("Word", bound=StrEnum)


def choice(name: str, words_of: type[Word], *, missing: Word) -> Word:
    """One of the house's words; `missing` when nothing was chosen."""
    text = request.form.get(name, "").strip()
    try:
        return words_of(text) if text else missing
    except ValueError as error:
        raise InvalidInputError(f"{name}: '{text[:20]}' is no choice.", f"Use one of {', '.join(words_of)}.") from error


def choices(name: str, words_of: type[Word]) -> frozenset[Word]:
    """The house's words that were ticked."""
    try:
        return frozenset(words_of(text) for text in request.form.getlist(name))
    except ValueError as error:
        raise InvalidInputError(f"{name}: that is no choice.", f"Use {', '.join(words_of)}.") from error
