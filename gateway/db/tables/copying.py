"""Copy sessions 复印: what the station scans, and what is known of the original (FORMS.md F5)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, Column, false
from sqlmodel import Field, SQLModel

from gateway.db.tables.times import time_column


class CopySession(SQLModel, table=True):
    """What only copy jobs have. The job is `receiving` while pages come; its pages are its documents, each with its codes."""

    __tablename__ = "copy_session"
    __table_args__ = (CheckConstraint("seconded_by_id IS NULL OR seconded_by_id <> declared_by_id", name="copy_session_two_people"),)
    job_id: int = Field(primary_key=True, foreign_key="job.id")
    method: str
    begun_by_id: int | None = Field(default=None, foreign_key="user.id")
    """The operator at the station; nobody where a device pushed the pages."""
    scan: str = Field(index=True)
    scanner: str = Field(default="", sa_column_kwargs={"server_default": ""})
    wish: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    """The scan that is wanted or runs: source, colours, resolution, and the page it replaces, if any."""
    fault: str = Field(default="", sa_column_kwargs={"server_default": ""})
    level: str | None = None
    """What the operator declared of pages without our code; its term, where it is from, whether it forbids copying, its number."""
    term: str = Field(default="", sa_column_kwargs={"server_default": ""})
    from_above: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    no_copy_notice: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    doc_no: str = Field(default="", sa_column_kwargs={"server_default": ""})
    declared_by_id: int | None = Field(default=None, foreign_key="user.id")
    declared_at: datetime | None = time_column(nullable=True)
    seconded_by_id: int | None = Field(default=None, foreign_key="user.id")
    seconded_at: datetime | None = time_column(nullable=True)
    counter_before: int | None = None
    """Of copies entered by hand: what the copier's counter showed before and after, in sides (FORMS.md F5)."""
    counter_after: int | None = None
    wet_stamp: bool | None = None
    """Whether the copies bear the copy stamp in ink; None while nobody has said."""
    parent_id: int | None = Field(default=None, foreign_key="carrier.id")
    """The carrier the copies are made from, where it is one of ours (R25)."""
