"""What help says of each code: what happened, what to do, and the rule's own words.

Deny codes are explained by `gateway.domain.code_texts`; the words of rules and of all other codes stand in `help_texts.json`, which is made
of docs/rules.md and docs/errors.md (`tests/web/test_help.py` makes it and keeps it so).
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from gateway.domain.code_texts import CODE_TEXTS
from gateway.domain.codes import REFUSING, Code

TEXTS = "help_texts.json"


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule by its number, in the regulation's own words and in English."""

    number: str
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Help:
    """One code explained in both languages. `effect`: "holds" or "refuses" a job, "" where no job is meant."""

    code: str
    effect: str
    rules: tuple[Rule, ...]
    happened_zh: str
    happened_en: str
    next_zh: str
    next_en: str


@cache
def _texts() -> dict[str, Any]:
    return dict(json.loads((files("admin_ui") / TEXTS).read_text(encoding="utf-8")))


@cache
def all_help() -> dict[str, Help]:
    """By code, in the order of the documents."""
    rules = {number: Rule(number, *words) for number, words in _texts()["rules"].items()}
    of_rules = {
        code.value: Help(
            code.value,
            "refuses" if code in REFUSING else "holds",
            tuple(rules[number] for number in text.rules.split() if number in rules),
            text.message_zh,
            text.message_en,
            text.next_step_zh,
            text.next_step_en,
        )
        for code, text in CODE_TEXTS.items()
    }
    others = {code: Help(code, "", (), *words) for code, words in _texts()["errors"].items()}
    return of_rules | others


def is_explained(code: str) -> bool:
    """Whether there is a page for it."""
    return code in all_help()


def is_deny_code(code: str) -> bool:
    """Whether a rule says no by it."""
    return code in Code.__members__
