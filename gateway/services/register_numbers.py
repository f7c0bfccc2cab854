"""The print register by its numbers: what a closing month needs of it costs the same however many years lie before."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from itertools import pairwise
from typing import Any

from sqlalchemy import func
from sqlmodel import Session, col, select

from gateway.db.tables import PrintRegisterRow

_ROW = PrintRegisterRow
_CHUNK = 1000


def last_numbers(session: Session) -> dict[str, int]:
    """The last number of each year that has rows."""
    first, last = (session.exec(select(bound(_ROW.year))).one() for bound in (func.min, func.max))
    found = {year: session.exec(select(func.max(_ROW.seq)).where(_ROW.year == year)).one() for year in _years(first, last)}
    return {str(year): number for year, number in found.items() if number is not None}


def _years(first: int | None, last: int | None) -> range:
    return range(first, last + 1) if first is not None and last is not None else range(0)


def rows_between(session: Session, after: Mapping[str, int], to: Mapping[str, int]) -> Iterator[PrintRegisterRow]:
    """Rows with a number behind `after` and up to `to`, both by year, in order; a year `after` does not name from its beginning."""
    for year in sorted(to):
        query = select(_ROW).where(_ROW.year == int(year), col(_ROW.seq) > after.get(year, 0), col(_ROW.seq) <= to[year])
        yield from session.exec(query.order_by(col(_ROW.seq)).execution_options(yield_per=_CHUNK))


def none_of(column: Any, values: Collection[str]) -> list[Any]:
    """That the text is none of the values, as conditions of which one holds: each a stretch of an index, while NOT IN reads every row."""
    edges = sorted(values)
    inner = [(col(column) > low) & (col(column) < high) for low, high in pairwise(edges)]
    return [col(column) < edges[0], *inner, col(column) > edges[-1]]
