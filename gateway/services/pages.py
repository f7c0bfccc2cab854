"""Part of a list, and where it goes on: keyset pages. A page begins after a row, not at a number of rows, so that what is added
meanwhile moves nothing, and page 1,000 costs what page 1 costs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from gateway.errors import InvalidInputError

T = TypeVar("T")
Row = TypeVar("Row")
_LONGEST_KEY = 18
"""Digits; more do not fit into a database's whole number."""


class Page(list[T]):
    """A list with `after`: the key its next page is asked for with, or None at the end."""

    def __init__(self, items: Sequence[T], after: str | None = None) -> None:
        super().__init__(items)
        self.after = after


def page_of(rows: Sequence[Row], limit: int, show: Callable[[Row], T], key: Callable[[Row], object]) -> Page[T]:
    """The page of `rows`, of which one more than `limit` were looked for, to know whether anything follows."""
    return page_together(rows, limit, lambda kept: [show(row) for row in kept], key)


def page_together(rows: Sequence[Row], limit: int, show: Callable[[Sequence[Row]], Sequence[T]], key: Callable[[Row], object]) -> Page[T]:
    """The same where `show` makes all lines at once, with a handful of queries."""
    kept = rows[:limit]
    return Page(show(kept), str(key(kept[-1])) if len(rows) > limit else None)


def number_key(after: str) -> int:
    """A key that is a row's number. Raises InvalidInputError."""
    if not after.isascii() or not after.isdigit() or len(after) > _LONGEST_KEY:
        raise InvalidInputError(f"'{after[:20]}' is not where a page begins.", "Follow the `next` address of the page before.")
    return int(after)
