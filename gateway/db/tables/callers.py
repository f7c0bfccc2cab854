"""Who calls over and over: tokens of programs, and answers kept for acts that are asked for twice."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Column, Text
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


class KeptAnswer(SQLModel, table=True):
    """What was answered to an act under an idempotency key; erased after a day. `user_id` 0 is root, before there are accounts."""

    __tablename__ = "kept_answer"
    user_id: int = Field(primary_key=True)
    key_hash: str = Field(primary_key=True)
    digest: str
    status: int
    media_type: str
    content: str = Field(sa_column=Column(Text, nullable=False))
    at: datetime = time_column(index=True)
