"""The books: register, ledger, checkpoints, facts about the installation."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Column, Index, Text, UniqueConstraint
from sqlmodel import Field, SQLModel

from gateway.db.tables.times import time_column


class PrintRegisterRow(SQLModel, table=True):
    """打印涉密信息登记表 (FORMS.md F3): one row a job, folded from the ledger and re-derivable from it."""

    __tablename__ = "print_register"
    __table_args__ = (UniqueConstraint("year", "seq", name="print_register_seq_gap_free"),)
    job_no: str = Field(primary_key=True)
    year: int
    seq: int
    received_at: datetime = time_column(index=True)
    released_at: datetime | None = time_column(nullable=True)
    completed_at: datetime | None = time_column(nullable=True, index=True)
    permit_no: str = ""
    level: str = ""
    term: str = ""
    pages: int | None = None
    copies_approved: int | None = None
    copies_this: int = 0
    copies_total: int | None = None
    copy_from: str = ""
    copy_to: str = ""
    copies_good: int = 0
    paper: str = ""
    duplex: bool = False
    sheets_good: int = 0
    sheets_waste: int = 0
    impressions: int = 0
    department: str = ""
    requester: str = ""
    approvers: str = ""
    operator: str = ""
    device: str = ""
    page_hash: str = ""
    status: str = Field(index=True)
    codes: str = ""
    ledger_seq: int = Field(index=True)


class LedgerHead(SQLModel, table=True):
    """The single row that serialises appends: last sequence number and hash."""

    __tablename__ = "ledger_head"
    id: int = Field(default=1, primary_key=True)
    seq: int = 0
    hash: str


class LedgerEntry(SQLModel, table=True):
    """One entry of the ledger, byte for byte as it was hashed. Triggers refuse UPDATE and DELETE (invariant I9)."""

    __tablename__ = "ledger_entry"
    seq: int = Field(primary_key=True)
    kind: str = Field(index=True)
    at: datetime = time_column(index=True)
    subject: str = Field(default="", index=True)
    body: str = Field(sa_column=Column(Text, nullable=False))
    prev_hash: str
    hash: str = Field(unique=True)


class Checkpoint(SQLModel, table=True):
    """A signed statement of the ledger's head (校验点). Kept in a file beside the database and on paper as well."""

    id: int | None = Field(default=None, primary_key=True)
    seq: int
    hash: str
    at: datetime = time_column()
    key_id: str
    signature: str


class MonthBalance(SQLModel, table=True):
    """What the books carried over at a month's end; its hash stands in the ledger entry `seq`."""

    __tablename__ = "month_balance"
    month: str = Field(primary_key=True)
    seq: int
    body: str = Field(sa_column=Column(Text, nullable=False))


class Setting(SQLModel, table=True):
    """Facts about this installation: its epoch, its server id, when it was made."""

    key: str = Field(primary_key=True)
    value: str


class RegisterCorrection(SQLModel, table=True):
    """更正: says that a cell of a register's row is wrong, and what is right; the row itself stays as it is (R56)."""

    __tablename__ = "register_correction"
    __table_args__ = (Index("register_correction_of_month", "register_name", "month"),)
    id: int | None = Field(default=None, primary_key=True)
    register_name: str
    month: str
    """The month the row stands in."""
    row: str
    field: str
    old: str
    new: str
    reason: str
    salt: str
    counts: bool
    """Whether it waits for the secrecy office: paper, copies or pages hang on it."""
    made_at: datetime = time_column()
    made_by_id: int = Field(foreign_key="user.id")
    acknowledged_at: datetime | None = time_column(nullable=True)
    acknowledged_by_id: int | None = Field(default=None, foreign_key="user.id")
