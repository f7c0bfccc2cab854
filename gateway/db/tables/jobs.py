"""Jobs and what becomes of them: documents, releases, copies, submissions, waste."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Column, Index, UniqueConstraint, false
from sqlmodel import Field, SQLModel

from gateway.db.tables.times import time_column


class Job(SQLModel, table=True):
    """A print job. The row is the workflow; its stage moves only by guarded update (invariant I2)."""

    __table_args__ = (Index("ix_job_recheck", "stage", "recheck_at"), Index("ix_job_of_requester", "requester_id", "stage"))
    id: int | None = Field(default=None, primary_key=True)
    job_no: str = Field(unique=True)
    source_key: str = Field(unique=True)
    attempt: str
    stage: str = Field(index=True)
    channel: str
    queue: str
    sender: str
    requester_id: int | None = Field(default=None, foreign_key="user.id", index=True)
    device_id: int | None = Field(default=None, foreign_key="device.id", index=True)
    permit_id: int | None = Field(default=None, foreign_key="permit.id", index=True)
    title: str | None = None
    title_salt: str
    copies: int
    options: dict[str, str] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    superseded: list[str] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    claims: list[dict[str, str]] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    declared_level: str | None = None
    documents: int = 1
    base_object: str | None = None
    verdict: str | None = None
    pages: int | None = None
    page_hash: str | None = None
    inspection: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    reasons: list[dict[str, str]] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    recheck_at: datetime | None = time_column(nullable=True)
    """When time alone changes what holds the job: its permit's validity begins or ends, or a new month's allowance."""
    found_ordinary: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    """A person has looked at words of page 1 that a cipher telegram bears, and found it is none (R17)."""
    fax_fault: str = Field(default="", sa_column_kwargs={"server_default": ""})
    """Why the gate could not make it a fax by itself; empty while nobody tried. Words of ours, never the sender's."""
    operator_id: int | None = Field(default=None, foreign_key="user.id")
    claimed_at: datetime | None = time_column(nullable=True, index=True)
    attendant_id: int | None = None
    """The second operator a paper of 绝密 takes, and when he said he was there. No foreign key: SQLite adds none to a table that is."""
    attended_at: datetime | None = time_column(nullable=True)
    device_says: str = Field(default="", sa_column_kwargs={"server_default": ""})
    received_at: datetime = time_column(index=True)
    stage_since: datetime = time_column()
    expires_at: datetime | None = time_column(nullable=True)
    content_destroyed_at: datetime | None = time_column(nullable=True)


class JobDocument(SQLModel, table=True):
    """One received document of a job; an attempt counts when all its documents have arrived."""

    __tablename__ = "job_document"
    __table_args__ = (UniqueConstraint("job_id", "attempt", "delivery", name="job_document_delivery_once"),)
    id: int | None = Field(default=None, primary_key=True)
    job_id: int = Field(foreign_key="job.id", index=True)
    attempt: str
    delivery: str
    spool_object: str
    length: int
    sha256: str
    position: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    """Place among a copy job's scanned pages; other documents come in the order of their arrival."""
    codes: list[str] = Field(default_factory=list, sa_column=Column(JSON, nullable=False, server_default="[]"))
    """Ids of the copies of ours whose codes are on a scanned page."""
    blank: bool = Field(default=False, sa_column_kwargs={"server_default": false()})


class Release(SQLModel, table=True):
    """One release 放行 of a job: which copy numbers, by whom, and the 64 bits of its ledger entry that go on paper."""

    id: int | None = Field(default=None, primary_key=True)
    job_id: int = Field(foreign_key="job.id", index=True)
    permit_id: int = Field(foreign_key="permit.id", index=True)
    device_id: int = Field(foreign_key="device.id")
    operator_id: int = Field(foreign_key="user.id")
    first_copy: int
    last_copy: int
    sheets_per_copy: int
    duplex: bool
    released_at: datetime = time_column()
    standing_month: str = Field(default="", sa_column_kwargs={"server_default": ""})
    """The month, YYYY-MM, whose standing allowance it uses; '' under other permits."""
    tag: str


class Copy(SQLModel, table=True):
    """One copy number 份号 of a permit (invariant I4): reserved, then exactly one of good or void."""

    __table_args__ = (UniqueConstraint("permit_id", "number", name="copy_number_once_per_permit"),)
    id: int | None = Field(default=None, primary_key=True)
    permit_id: int = Field(foreign_key="permit.id", index=True)
    release_id: int = Field(foreign_key="release.id", index=True)
    job_id: int = Field(foreign_key="job.id", index=True)
    number: int
    state: str
    code_id: str = Field(unique=True)
    reprints: int = 0


class Submission(SQLModel, table=True):
    """One device job, durable before the first byte goes out (invariant I5)."""

    id: int | None = Field(default=None, primary_key=True)
    release_id: int = Field(foreign_key="release.id", index=True)
    job_id: int = Field(foreign_key="job.id", index=True)
    token: str = Field(unique=True)
    copies: list[int] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    state: str
    device_job: int | None = None
    result: str = ""
    impressions: int | None = None
    impressions_expected: int
    created_at: datetime = time_column()
    ended_at: datetime | None = time_column(nullable=True)


class PageView(SQLModel, table=True):
    """A page of a held job that was shown to somebody: an approver pages through what he approves (R31)."""

    __tablename__ = "page_view"
    job_id: int = Field(foreign_key="job.id", primary_key=True)
    user_id: int = Field(foreign_key="user.id", primary_key=True)
    page: int = Field(primary_key=True)
    seen_at: datetime = time_column()


class Waste(SQLModel, table=True):
    """Spoiled sheets 废页 of one copy number (R34): open until a destruction list destroyed them (R33)."""

    id: int | None = Field(default=None, primary_key=True)
    copy_id: int = Field(foreign_key="copy.id", index=True)
    job_id: int = Field(foreign_key="job.id", index=True)
    sheets: int
    reason: str
    recorded_by_id: int = Field(foreign_key="user.id")
    recorded_at: datetime = time_column()
    kept_in: str = Field(default="", sa_column_kwargs={"server_default": ""})
    kept_by_id: int | None = None
    """Who has it since a hand-over (R82); else who recorded it."""
    withdrawn_from: str = Field(default="", sa_column_kwargs={"server_default": ""})
    """Who gave the spoiled copy back, where it had left the device (SC-22)."""
    destroyed_at: datetime | None = time_column(nullable=True)
