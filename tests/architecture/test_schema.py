"""The migrations make exactly the tables the models describe."""

from __future__ import annotations

from pathlib import Path

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlmodel import SQLModel

import gateway.db.tables  # noqa: F401 — fills the metadata
from gateway.db.engine import Database
from gateway.db.schema import upgrade


def test_migrations_make_what_the_models_describe(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'empty.db'}")
    upgrade(database)
    with database.engine.connect() as connection:
        differences = compare_metadata(MigrationContext.configure(connection), SQLModel.metadata)
    database.close()
    assert SQLModel.metadata.tables
    assert differences == []
