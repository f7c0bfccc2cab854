"""Chinese of the sentences the gateway says in English, for people: what happened, and what to do next.

The catalogue `translations/zh_CN/LC_MESSAGES/sentences.po` has them as the code writes them, `{}` where a value stands. Its Chinese names
the value by its place, `{0}`, and after a colon the group of `admin_ui.words` the value is a word of: `{1:stage}`.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from string import Formatter
from typing import Any

from babel.messages.mofile import read_mo

from admin_ui.words import word

LANGUAGE = "zh_CN"
CATALOGUE = Path(__file__).with_name("translations") / LANGUAGE / "LC_MESSAGES" / "sentences.mo"
LONGEST = 2_000
"""Characters of a sentence worth comparing with all of them."""


class _Words(Formatter):
    """Puts values into a Chinese sentence: a word of the house, a sentence of its own, or as it stands."""

    def format_field(self, value: Any, format_spec: str) -> str:
        return word(LANGUAGE, format_spec, str(value)) if format_spec else _value(str(value))


_WORDS = _Words()


def in_chinese(sentence: str) -> str | None:
    """The sentence in Chinese, or None when there is none. Several faults in one sentence are turned one by one."""
    if chinese := _whole().get(sentence):
        return chinese
    if len(sentence) > LONGEST:
        return None
    for pattern, chinese in _with_values():
        if found := pattern.fullmatch(sentence):
            return _WORDS.vformat(chinese, found.groups(), {})
    return _one_by_one(sentence)


def _value(text: str) -> str:
    """A value put into a sentence: its Chinese if it is a sentence or a list of faults, else as it is."""
    return in_chinese(text) or (_one_by_one(f"{text}.") or text).removesuffix("。")


def _one_by_one(sentence: str) -> str | None:
    faults = sentence.removesuffix(".").split("; ")
    if faults == [sentence]:
        return None
    turned = [_fault(fault) for fault in faults]
    return "；".join(filter(None, turned)) + "。" if all(turned) else None


def _fault(fault: str) -> str | None:
    """A fault alone, or behind the name of the field it stands in."""
    if chinese := in_chinese(fault):
        return chinese
    field, _, rest = fault.partition(": ")
    turned = in_chinese(rest) if rest else None
    return f"{field}：{turned}" if turned else None


@cache
def _catalogue() -> dict[str, str]:
    with CATALOGUE.open("rb") as file:
        return {str(message.id): str(message.string) for message in read_mo(file) if message.id}


@cache
def _whole() -> dict[str, str]:
    return {english: chinese for english, chinese in _catalogue().items() if "{" not in english}


@cache
def _with_values() -> list[tuple[re.Pattern[str], str]]:
    """Those with most words of their own first, so that a sentence meets its own pattern and no vaguer one."""
    longest_first = sorted((english for english in _catalogue() if "{" in english), key=lambda english: -len(english))
    return [(_pattern(english), _catalogue()[english]) for english in longest_first]


def _pattern(english: str) -> re.Pattern[str]:
    return re.compile("(.+?)".join(re.escape(part) for part in english.split("{}")), re.DOTALL)
