"""Times as columns: UTC, stored without zone as ISO text so that SQLite and PostgreSQL compare them alike."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import String
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator
from sqlmodel import Field


class UtcDateTime(TypeDecorator[datetime]):
    """An aware datetime, stored as sortable UTC text with microseconds. Naive values are refused."""

    impl = String(27)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> str | None:  # noqa: ARG002
        """To the database."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without zone must not reach the database")
        return value.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"

    def process_result_value(self, value: str | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """From the database."""
        if value is None:
            return None
        if not value.endswith("Z"):
            raise ValueError("a time without zone lies in the database")
        return datetime.fromisoformat(value)


def time_column(*, nullable: bool = False, index: bool = False) -> Any:
    """A column of times; its value must be given unless it is nullable."""
    return Field(default=None, sa_type=UtcDateTime, nullable=nullable, index=index)
