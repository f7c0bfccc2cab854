"""The rows of what a unit decides about its room: policy versions, delegations, what holds the room, alerts (R05, R32, R86, R90, R101)."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Column, Index, Text
from sqlmodel import Field, SQLModel

from gateway.db.tables.times import time_column


class PolicyVersion(SQLModel, table=True):
    """One version of the policy. Its document is never edited: triggers refuse it; only its state moves, by guarded update (R86)."""

    __tablename__ = "policy_version"
    id: int | None = Field(default=None, primary_key=True)
    document: str = Field(sa_column=Column(Text, nullable=False))
    digest: str
    state: str = Field(index=True)
    comment: str = ""
    proposed_by_id: int | None = Field(default=None, foreign_key="user.id")
    """None for the profile a new gateway begins with."""
    proposed_at: datetime = time_column()
    decided_by_id: int | None = Field(default=None, foreign_key="user.id")
    decided_at: datetime | None = time_column(nullable=True)


class Delegation(SQLModel, table=True):
    """A written delegation of one approver's role to another person, by document number, from day to day, both included (RULES.md §3)."""

    __table_args__ = (CheckConstraint("last_day >= first_day", name="delegation_days_in_order"),)
    id: int | None = Field(default=None, primary_key=True)
    doc_no: str = Field(unique=True)
    role: str
    holder_id: int = Field(foreign_key="user.id")
    delegate_id: int = Field(foreign_key="user.id", index=True)
    first_day: date
    last_day: date
    recorded_by_id: int = Field(foreign_key="user.id")
    recorded_at: datetime = time_column()
    revoked_by_id: int | None = Field(default=None, foreign_key="user.id")
    revoked_at: datetime | None = time_column(nullable=True)


class RoomHold(SQLModel, table=True):
    """One mode that keeps the room from printing; the row is there while it holds. `first_leaver_id`: the first of two who end it."""

    __tablename__ = "room_hold"
    mode: str = Field(primary_key=True)
    since: datetime = time_column()
    entered_by: str
    reason: str = ""
    first_leaver_id: int | None = Field(default=None, foreign_key="user.id")
    first_left_at: datetime | None = time_column(nullable=True)


class Alert(SQLModel, table=True):
    """Something responsible people must look at, until one of them has acknowledged it (R101). `detail` holds codes and numbers only."""

    __table_args__ = (Index("alert_open", "acknowledged_at", "id"),)
    id: int | None = Field(default=None, primary_key=True)
    kind: str
    subject: str
    detail: str = ""
    at: datetime = time_column(index=True)
    acknowledged_by_id: int | None = Field(default=None, foreign_key="user.id")
    acknowledged_at: datetime | None = time_column(nullable=True)
    note: str = ""


class Denial(SQLModel, table=True):
    """One denial of one person's act, kept for a day so that a row of them is noticed (R101)."""

    __table_args__ = (Index("denial_of_person", "user_id", "at"),)
    id: int | None = Field(default=None, primary_key=True)
    user_id: int = Field(foreign_key="user.id")
    subject: str
    codes: str
    at: datetime = time_column()
