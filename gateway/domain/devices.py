"""What may be done at a device, and what is recorded of its care (R84)."""

from __future__ import annotations

from enum import StrEnum


class Function(StrEnum):
    """What a device may be used for; whatever is not named must be switched off at its panel."""

    PRINT = "print"
    COPY = "copy"
    SCAN = "scan"
    FAX = "fax"


class Care(StrEnum):
    """A line of a device's maintenance record."""

    MAINTENANCE = "maintenance"
    REPAIR = "repair"
    """It is being repaired from this day on: no new job fits it."""
    BACK = "back"
    """It is back from repair."""


def functions_of(words: str) -> tuple[Function, ...]:
    """The functions of a device's row, in the order of the table. Raises ValueError for an unknown one."""
    named = {Function(word) for word in words.split()}
    return tuple(one for one in Function if one in named)
