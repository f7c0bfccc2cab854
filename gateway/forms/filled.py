"""A form with its rows, ready to be written out in one language."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from gateway.domain.register_form import Column, Kind, RegisterForm

Words = Callable[[str, str, str], str]
"""The house's word of a language, a group and a code; a code it does not know comes back as it is."""


@dataclass(frozen=True)
class Filled:
    """A month of one register. `head` and `code`: the ledger's head in words and as what its QR code holds."""

    form: RegisterForm
    unit: str
    month: str
    locale: str
    rows: Sequence[Mapping[str, object]]
    words: Words
    head: str = ""
    code: str = ""
    note: str = ""
    """A line under the title, such as who confirmed the month."""

    @property
    def title(self) -> str:
        """What the form is called."""
        return self.form.title(self.locale)

    def headings(self, columns: Sequence[Column]) -> list[str]:
        """The headings of these columns."""
        return [column.heading(self.locale) for column in columns]

    def told(self, row: Mapping[str, object], column: Column) -> object:
        """The cell: a number as a number, a code in the house's words, everything else as text."""
        value = row.get(column.key)
        if value is None or value == "":
            return ""
        if column.kind is Kind.NUMBER and isinstance(value, int | float):
            return int(value) if value == int(value) else value
        return self.words(self.locale, column.words, str(value)) if column.words else str(value)
