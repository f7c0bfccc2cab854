"""What a register is as a form: its columns in the order of the paper, and who signs below. The forms: `gateway.domain.register_forms`."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What a column holds, for how it is written: text, a whole number, a local time as ISO text, a hash."""

    TEXT = "text"
    NUMBER = "number"
    TIME = "time"
    HASH = "hash"


@dataclass(frozen=True, slots=True)
class Column:
    """One column: key of the row, headings as on the form. `words`: the house's group of words its codes are told with.

    `on_paper`: whether the printed form has it; files always have.
    """

    key: str
    zh: str
    en: str
    kind: Kind = Kind.TEXT
    words: str = ""
    on_paper: bool = True

    def heading(self, locale: str) -> str:
        """The heading in this language."""
        return self.zh if locale == "zh_CN" else self.en


@dataclass(frozen=True, slots=True)
class RegisterForm:
    """One register. `signatures`: who signs each printed page, in both languages."""

    name: str
    number: str
    zh: str
    en: str
    columns: tuple[Column, ...]
    signatures: tuple[tuple[str, str], ...] = (("机要管理员", "Operator"), ("机要室负责人", "Head of the room"))

    @property
    def keys(self) -> list[str]:
        """The keys of its rows."""
        return [column.key for column in self.columns]

    def title(self, locale: str) -> str:
        """What it is called in this language."""
        return self.zh if locale == "zh_CN" else self.en
