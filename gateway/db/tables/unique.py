"""Partial unique indexes: at most one row of a kind at a time, kept by the database itself."""

from __future__ import annotations

from sqlalchemy import Index, text


def unique_where(name: str, columns: tuple[str, ...], condition: str) -> Index:
    """An index that lets `columns` be equal in two rows only where `condition` (SQL both databases read) does not hold."""
    return Index(name, *columns, unique=True, sqlite_where=text(condition), postgresql_where=text(condition))
