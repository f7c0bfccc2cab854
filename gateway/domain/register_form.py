"""What a register is as a form: its columns in the order of the paper, and who signs below. The forms: `gateway.domain.register_forms`."""

from __future__ import annotations

from collections.abc import Mapping
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


CORRECTIONS = Column("corrections", "更正", "Corrections", on_paper=False)
"""Notes on a row, each a row of its own (R56): every register that is corrected so ends with them; on paper only where there are some."""
_NEVER = frozenset({"seq", "line_no", "ledger_seq", CORRECTIONS.key})


@dataclass(frozen=True, slots=True)
class RegisterForm:
    """One register. `signatures`: who signs each printed page, in both languages.

    `key`: the columns that name a row; a register without has entries of its own for what was wrong.
    """

    name: str
    number: str
    zh: str
    en: str
    columns: tuple[Column, ...]
    signatures: tuple[tuple[str, str], ...] = (("机要管理员", "Operator"), ("机要室负责人", "Head of the room"))
    key: tuple[str, ...] = ()

    @property
    def keys(self) -> list[str]:
        """The keys of its rows."""
        return [column.key for column in self.columns]

    def title(self, locale: str) -> str:
        """What it is called in this language."""
        return self.zh if locale == "zh_CN" else self.en

    def row_no(self, row: Mapping[str, object]) -> str:
        """What a row is called, such as H000012 or QC-2026Q1/ZT-2026-000010."""
        return "/".join(str(row[part]) for part in self.key)

    @property
    def correctable(self) -> tuple[Column, ...]:
        """Columns of which one may say that they are wrong: not what names the row, no hash."""
        if not self.key:
            return ()
        return tuple(one for one in self.columns if one.key not in {*self.key, *_NEVER} and one.kind is not Kind.HASH)


def needs_second(column: Column) -> bool:
    """Whether a correction counts only when the secrecy office has seen it: paper, copies, pages hang on numbers (R56)."""
    return column.kind is Kind.NUMBER
