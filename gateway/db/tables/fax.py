"""Faxes out and in (FORMS.md F2), each attempt, the grants for calls, technical processing records, and the address book."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlmodel import Field, SQLModel

from gateway.db.tables.times import time_column


class FaxPeer(SQLModel, table=True):
    """One line of the address book: who may be faxed to."""

    __tablename__ = "fax_peer"
    id: int | None = Field(default=None, primary_key=True)
    unit: str
    person: str = ""
    number: str = Field(unique=True)
    active: bool = True


class TechnicalProcessing(SQLModel, table=True):
    """技术处理记录 TPR-YYYY-NNNN: classified matter made unclassified, looked over by a second person, bound to the result (R42)."""

    __tablename__ = "technical_processing"
    __table_args__ = (
        CheckConstraint("reviewer_id IS NULL OR reviewer_id <> processor_id", name="technical_processing_r42_two_people"),
        CheckConstraint("result_level IN ('gongkai', 'neibu')", name="technical_processing_r42_unclassified"),
    )
    id: int | None = Field(default=None, primary_key=True)
    tpr_no: str = Field(unique=True)
    source_level: str
    source_carrier: str = ""
    method: str
    result_level: str
    result_hash: str
    processor_id: int = Field(foreign_key="user.id")
    recorded_at: datetime = time_column()
    reviewer_id: int | None = Field(default=None, foreign_key="user.id")
    reviewed_at: datetime | None = time_column(nullable=True)


class Fax(SQLModel, table=True):
    """One row of the fax register 传真信息登记表; written before the first dial (R47). Number and document never change."""

    __table_args__ = (
        CheckConstraint("pages_sent >= 0 AND pages_sent <= pages", name="fax_f2_sent_never_more_than_pages"),
        CheckConstraint("direction = 'in' OR level IN ('gongkai', 'neibu')", name="fax_r41_unclassified"),
        CheckConstraint("direction = 'in' OR crypt_class = 'plain'", name="fax_r44_plain"),
    )
    id: int | None = Field(default=None, primary_key=True)
    fax_no: str = Field(unique=True)
    direction: str
    state: str = Field(index=True)
    result: str = ""
    job_id: int | None = Field(default=None, unique=True)
    """The held job its pages were counted as; of a received one, the print job. No foreign key, like the permit's."""
    number: str
    peer: str
    person: str = ""
    salt: str
    summary: str = ""
    doc_no: str = ""
    level: str | None = None
    source_level: str = ""
    crypt_class: str
    answers_id: int | None = Field(default=None, foreign_key="fax.id")
    processing_id: int | None = Field(default=None, foreign_key="technical_processing.id")
    department_id: int | None = Field(default=None, foreign_key="department.id")
    requester_id: int | None = Field(default=None, foreign_key="user.id", index=True)
    operator_id: int | None = Field(default=None, foreign_key="user.id")
    sha256: str
    pages: int
    picture_pages: str = ""
    """Pages, from 1, with words that may be no text: `2,5`."""
    pictures_read: bool = False
    """Whether those were read by machine; if not, only eyes have looked for marks there."""
    spool_object: str = ""
    pages_sent: int = 0
    uncertain: bool = False
    attempts: int = 0
    next_try_at: datetime | None = time_column(nullable=True)
    registered_at: datetime = time_column(index=True)
    ended_at: datetime | None = time_column(nullable=True)
    signed_by: str = ""
    signed_at: datetime | None = time_column(nullable=True)


class FaxGrant(SQLModel, table=True):
    """The right to one call, durable before it is made and used up once (invariant I5)."""

    __tablename__ = "fax_grant"
    id: int | None = Field(default=None, primary_key=True)
    tag: str = Field(unique=True)
    fax_id: int = Field(foreign_key="fax.id", index=True)
    attempt: int
    made_at: datetime = time_column()
    used_at: datetime | None = time_column(nullable=True)
    withdrawn_at: datetime | None = time_column(nullable=True)


class FaxAttempt(SQLModel, table=True):
    """What became of one grant: one sub-row of the register."""

    __tablename__ = "fax_attempt"
    __table_args__ = (UniqueConstraint("fax_id", "attempt", name="fax_attempt_once"),)
    id: int | None = Field(default=None, primary_key=True)
    fax_id: int = Field(foreign_key="fax.id", index=True)
    grant_id: int = Field(foreign_key="fax_grant.id", unique=True)
    attempt: int
    started_at: datetime = time_column()
    ended_at: datetime = time_column()
    result: str
    pages: int
    uncertain: bool
    seconds: int
    remote: str
    call: str
