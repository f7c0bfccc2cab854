"""What the sender of a document says of the fax it shall become: job options of the fax queue, or the form's (R41, R47). Pure.

Everything here is the sender's word and may be hostile: what is no number is no number, and nothing of it is repeated.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from gateway.domain.fax import normal_number
from gateway.domain.plain_text import one_line
from gateway.domain.vocabulary import Level

PHONE, DESTINATIONS = "phone", "destination-uris"
"""The option of CUPS' fax queues, and the tel: addresses of IPP FaxOut (PWG 5100.15), separated by blanks."""
LEVEL, SOURCE, UNIT, PERSON = "FaxLevel", "FaxSource", "FaxUnit", "FaxPerson"
"""Options of our PPD."""

_CUSTOM, _NOTHING, _TEL = "Custom.", frozenset({"", "None"}), "tel:"


@dataclass(frozen=True, slots=True)
class FaxOrder:
    """A fax as its sender wants it. `number` is what is dialled, empty when there is none, several, or what is there is no number."""

    number: str
    peer: str
    person: str
    level: Level | None
    source_level: Level | None
    fault: str = ""
    """What is wrong with the number: `several numbers` or `no fax number`."""

    @property
    def lacks(self) -> tuple[str, ...]:
        """What a person has to say before it is a fax, in English; empty when everything is there."""
        missing = [self.fault or ("" if self.number else "number")]
        missing += ["" if self.peer and self.person else "unit and person", "" if self.level else "level"]
        missing += ["" if self.source_level else "level of the source"]
        return tuple(word for word in missing if word)


def order_of(options: Mapping[str, str], declared: Level | None = None) -> FaxOrder:
    """What a job's options say; `declared` is its level where they say none."""
    number, fault = _number(options)
    source = _word(options, SOURCE)
    return FaxOrder(
        number=number,
        peer=_word(options, UNIT)[:100],
        person=_word(options, PERSON)[:50],
        level=_level(_word(options, LEVEL)) or declared,
        source_level=_level(source) if source else Level.GONGKAI,
        fault=fault,
    )


def options_of(number: str, peer: str, person: str, level: Level, source_level: Level) -> dict[str, str]:
    """The options that say the same: what a form hands over."""
    return {PHONE: number, UNIT: peer, PERSON: person, LEVEL: level.value, SOURCE: source_level.value}


def _number(options: Mapping[str, str]) -> tuple[str, str]:
    """The one number, or why there is none: a fax has one receiver, and the same number written twice is one."""
    told = [text.removeprefix(_TEL).partition(";")[0] for text in options.get(DESTINATIONS, "").split()]
    written = [text for text in [_word(options, PHONE), *told] if text]
    try:
        numbers = {normal_number(text) for text in written}
    except ValueError:
        return "", "no fax number"
    if len(numbers) > 1:
        return "", "several numbers"
    return next(iter(numbers), ""), ""


def _word(options: Mapping[str, str], name: str) -> str:
    text = one_line(options.get(name, "")).removeprefix(_CUSTOM).strip()
    return "" if text in _NOTHING else text


def _level(text: str) -> Level | None:
    try:
        return Level.parse(text) if text else None
    except ValueError:
        return None
