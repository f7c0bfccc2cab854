"""Many rows of one table at once, so that a list costs a handful of queries and not some for each line."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

from sqlmodel import Session, col, select

from gateway.db.tables import Department, Device, Job, Permit, User

Row = TypeVar("Row", User, Device, Permit, Department, Job)


def by_id(session: Session, table: type[Row], ids: Iterable[int | None]) -> dict[int | None, Row]:
    """Rows by their ids, in one query; None is nobody's id."""
    wanted = sorted({number for number in ids if number is not None})
    return {row.id: row for row in session.exec(select(table).where(col(table.id).in_(wanted))).all()} if wanted else {}
