"""Alembic's entry: runs migrations on the engine that `gateway.db.schema` hands over."""

from __future__ import annotations

from alembic import context
from sqlmodel import SQLModel

import gateway.db.tables  # noqa: F401 — fills the metadata

engine = context.config.attributes["engine"]
with engine.connect() as connection:
    context.configure(connection=connection, target_metadata=SQLModel.metadata, render_as_batch=False)
    with context.begin_transaction():
        context.run_migrations()
    connection.commit()
