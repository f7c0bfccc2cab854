"""Making and upgrading the schema with Alembic; the triggers that keep the ledger append-only (invariant I9)."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from gateway.db.engine import Database

_MIGRATIONS = Path(__file__).parent / "migrations"


def _alembic(database: Database) -> Config:
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    config.attributes["engine"] = database.engine
    return config


def upgrade(database: Database) -> None:
    """Bring the schema to the newest revision; does nothing when it is there already."""
    command.upgrade(_alembic(database), "head")
    with database.writing():  # an empty transaction, forced with all before it: Alembic's own commits are not
        pass


def is_current(database: Database) -> bool:
    """Whether the schema is the one this code was written for."""
    head = ScriptDirectory(str(_MIGRATIONS)).get_current_head()
    with database.engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision() == head
