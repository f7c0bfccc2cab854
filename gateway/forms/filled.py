"""A form with its rows, ready to be written out in one language."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from gateway.domain.register_form import CORRECTIONS, Column, Kind, RegisterForm

_WAITS = {"zh_CN": "，待保密办确认", "en": ", not acknowledged yet"}

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

    @property
    def on_paper(self) -> list[Column]:
        """The columns of the printed form and of the screen: corrections where a row has some."""
        corrected = any(row.get(CORRECTIONS.key) for row in self.rows)
        return [column for column in self.form.columns if column.on_paper or (corrected and column.key == CORRECTIONS.key)]

    def told(self, row: Mapping[str, object], column: Column) -> object:
        """The cell: a number as a number, a code in the house's words, everything else as text."""
        value = row.get(column.key)
        if isinstance(value, list):
            return "; ".join(self._correction(one) for one in value)
        if value is None or value == "":
            return ""
        if column.kind is Kind.NUMBER and isinstance(value, int | float):
            return int(value) if value == int(value) else value
        return self.words(self.locale, column.words, str(value)) if column.words else str(value)

    def _correction(self, one: Mapping[str, object]) -> str:
        """A note on the row: number, column, what it says, what is right, why, who, when, and whether it still waits."""
        column = next((column for column in self.form.columns if column.key == one["field"]), None)
        said = [str(self.told({column.key: one[side]}, column)) if column else str(one[side]) for side in ("old", "new")]
        heading = column.heading(self.locale) if column else str(one["field"])
        waits = _WAITS[self.locale] if one["waits"] else ""
        why = f"{one['reason']}, {one['by']} {str(one['at'])[:10]}{waits}"
        return f"[{one['number']}] {heading} {said[0] or '—'} → {said[1] or '—'} ({why})"
