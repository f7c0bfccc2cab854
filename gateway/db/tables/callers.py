"""Programs that call: their tokens."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Field, SQLModel

from gateway.db.tables.times import time_column


class ApiToken(SQLModel, table=True):
    """A token of a program that acts for an account; only its SHA-256 is kept. Never deleted: the books name it."""

    __tablename__ = "api_token"
    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(unique=True)
    token_hash: str = Field(unique=True)
    user_id: int = Field(foreign_key="user.id", index=True)
    scopes: str
    """Names of scopes, separated by blanks."""
    created_by_id: int = Field(foreign_key="user.id")
    created_at: datetime = time_column()
    expires_at: datetime = time_column()
    revoked_at: datetime | None = time_column(nullable=True)
    last_used_at: datetime | None = time_column(nullable=True)
