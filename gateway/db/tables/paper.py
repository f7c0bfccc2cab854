"""A month's paper as it adds up while the month goes on, what was corrected, and who confirmed it (F8, R59)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from gateway.db.tables.times import time_column


class PaperLine(SQLModel, table=True):
    """The sum of all postings of the ledger with this key (`gateway.domain.paper`); it stands still once its month is confirmed."""

    __tablename__ = "paper_line"
    month: str = Field(primary_key=True)
    channel: str = Field(primary_key=True)
    department: str = Field(primary_key=True)
    paper: str = Field(primary_key=True)
    level: str = Field(primary_key=True)
    device: str = Field(primary_key=True)
    requester: str = Field(primary_key=True)
    jobs: int = 0
    impressions: int = 0
    good: int = 0
    waste: int = 0


class PaperCorrection(SQLModel, table=True):
    """A posting that was made by hand, or after its month was confirmed (`late`): then it stands beside the table, not in it."""

    __tablename__ = "paper_correction"
    __table_args__ = (Index("paper_correction_of_month", "month", "ledger_seq"),)
    ledger_seq: int = Field(primary_key=True)
    place: int = Field(primary_key=True)
    late: bool
    at: datetime = time_column()
    made_by: str
    subject: str
    """The job it is about; the month, where a person entered it."""
    reason: str = ""
    """A person's words: here only, where they can be erased."""
    month: str
    channel: str
    department: str
    paper: str
    level: str
    device: str
    requester: str
    jobs: int
    impressions: int
    good: int
    waste: int


class PaperMonth(SQLModel, table=True):
    """A month whose statistics somebody has confirmed; the digest of its lines stands in the entry `ledger_seq`."""

    __tablename__ = "paper_month"
    month: str = Field(primary_key=True)
    confirmed_by_id: int = Field(foreign_key="user.id")
    confirmed_at: datetime = time_column()
    digest: str
    ledger_seq: int = 0
