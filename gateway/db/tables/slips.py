"""Slips 凭条 that were issued."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, SQLModel

from gateway.db.tables.times import time_column


class SlipIssue(SQLModel, table=True):
    """One slip that was issued. `state`: issued until the printer's answer is known, then sent or failed."""

    __tablename__ = "slip_issue"
    __table_args__ = (UniqueConstraint("kind", "subject", "serial", name="slip_issue_serial_once"),)
    id: int | None = Field(default=None, primary_key=True)
    kind: str
    subject: str = Field(index=True)
    serial: int
    state: str
    problem: str = ""
    issued_by_id: int = Field(foreign_key="user.id")
    issued_at: datetime = time_column()
    ledger_seq: int
    tag: str
