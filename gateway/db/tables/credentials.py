"""How people prove who they are: wrong log-ins, one-time codes, resets."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Field, SQLModel

from gateway.db.tables.times import time_column


class LoginFailure(SQLModel, table=True):
    """Wrong passwords of late, by account name (as a keyed hash: people type passwords into name fields) or by address (R87)."""

    __tablename__ = "login_failure"
    key: str = Field(primary_key=True)
    failures: int
    last_at: datetime = time_column(index=True)
    blocked_until: datetime | None = time_column(nullable=True)


class SecondFactorSeen(SQLModel, table=True):
    """When an account last gave a one-time code at a place: in its web session, or on the control socket."""

    __tablename__ = "second_factor_seen"
    user_id: int = Field(foreign_key="user.id", primary_key=True)
    place: str = Field(primary_key=True)
    at: datetime = time_column()


class CredentialReset(SQLModel, table=True):
    """A proposal to reset somebody's password or second factor; another administrator confirms it (I10)."""

    __tablename__ = "credential_reset"
    id: int | None = Field(default=None, primary_key=True)
    user_id: int = Field(foreign_key="user.id", index=True)
    what: str
    state: str = Field(index=True)
    reason: str = ""
    first_half: str = ""
    """The proposer's half of the one-time password; erased when the proposal is decided."""
    proposed_by_id: int = Field(foreign_key="user.id")
    proposed_at: datetime = time_column()
    decided_by_id: int | None = Field(default=None, foreign_key="user.id")
    decided_at: datetime | None = time_column(nullable=True)
