"""The rows. SQLModel's `table=True` classes do not validate: values are checked at the edge, and constrained here.

Times are UTC, stored without zone as ISO text by `UtcDateTime` so that SQLite and PostgreSQL compare them alike.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, Column, String, Text, UniqueConstraint
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator
from sqlmodel import Field, SQLModel


class UtcDateTime(TypeDecorator[datetime]):
    """An aware datetime, stored as sortable UTC text with microseconds. Naive values are refused."""

    impl = String(27)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> str | None:  # noqa: ARG002
        """To the database."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without zone must not reach the database")
        return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")

    def process_result_value(self, value: str | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """From the database."""
        return None if value is None else datetime.strptime(value, "%Y-%m-%dT%H:%M:%S.%f%z")


def _time(*, nullable: bool = False, index: bool = False) -> Any:
    return Field(default=None, sa_type=UtcDateTime, nullable=nullable, index=index)


class Department(SQLModel, table=True):
    """A department of the unit; paper is charged to it."""

    id: int | None = Field(default=None, primary_key=True)
    code: str = Field(unique=True)
    name: str
    active: bool = True


class User(SQLModel, table=True):
    """A person's account. `unix_user` maps the CUPS and socket peer to it."""

    id: int | None = Field(default=None, primary_key=True)
    username: str = Field(unique=True)
    display_name: str
    department_id: int = Field(foreign_key="department.id")
    clearance: str | None = None
    undertaking_date: date | None = None
    unix_user: str | None = Field(default=None, unique=True)
    password_hash: str | None = None
    failed_logins: int = 0
    locked_until: datetime | None = _time(nullable=True)
    active: bool = True


class UserRole(SQLModel, table=True):
    """One role of one person."""

    __tablename__ = "user_role"
    user_id: int = Field(foreign_key="user.id", primary_key=True)
    role: str = Field(primary_key=True)


class WebSession(SQLModel, table=True):
    """A server-side session; the cookie holds only the random token whose SHA-256 is the key (R88)."""

    __tablename__ = "web_session"
    token_hash: str = Field(primary_key=True)
    user_id: int = Field(foreign_key="user.id", index=True)
    created_at: datetime = _time()
    seen_at: datetime = _time()


class Device(SQLModel, table=True):
    """A registered output device and the public queue it serves (R03, R04)."""

    id: int | None = Field(default=None, primary_key=True)
    code: str = Field(unique=True)
    name: str
    location: str = ""
    designated: bool = False
    max_level: str = "gongkai"
    adapter: str = "ipp"
    uri: str
    queue: str | None = Field(default=None, unique=True)
    active: bool = True


class Permit(SQLModel, table=True):
    """A print permit 准印证 (FORMS.md F4). The CHECK is invariant I3 in the database."""

    __table_args__ = (
        CheckConstraint("copies_reserved >= 0 AND copies_good >= 0", name="permit_counts_not_negative"),
        CheckConstraint("copies_reserved + copies_good <= copies_approved", name="permit_i3_never_more_than_approved"),
    )
    id: int | None = Field(default=None, primary_key=True)
    permit_no: str = Field(unique=True)
    kind: str
    state: str = Field(index=True)
    department_id: int = Field(foreign_key="department.id")
    requester_id: int = Field(foreign_key="user.id", index=True)
    title: str | None = None
    title_salt: str
    doc_no: str = ""
    level: str
    term: str = ""
    doc_type: str
    pages: int
    copies_approved: int
    archive_copies: int
    copies_reserved: int = 0
    copies_good: int = 0
    next_copy_number: int = 1
    purpose: str = ""
    valid_from: datetime = _time()
    valid_to: datetime = _time()
    page_hash: str | None = None
    requested_from_job_id: int | None = None
    """The held job it was asked for from. No foreign key: job and permit would then point at each other."""
    created_at: datetime = _time()


class PermitScope(SQLModel, table=True):
    """One line of a permit's distribution scope 发行范围 (R08)."""

    __tablename__ = "permit_scope"
    permit_id: int = Field(foreign_key="permit.id", primary_key=True)
    department_id: int = Field(foreign_key="department.id", primary_key=True)
    copies: int


class PermitDevice(SQLModel, table=True):
    """A device the permit names."""

    __tablename__ = "permit_device"
    permit_id: int = Field(foreign_key="permit.id", primary_key=True)
    device_id: int = Field(foreign_key="device.id", primary_key=True)


class PermitStep(SQLModel, table=True):
    """One step of a permit's approval chain; unfilled until `person_id` is set. Never deleted."""

    __tablename__ = "permit_step"
    __table_args__ = (UniqueConstraint("permit_id", "step", name="permit_step_once"),)
    id: int | None = Field(default=None, primary_key=True)
    permit_id: int = Field(foreign_key="permit.id", index=True)
    step: int
    role: str
    person_id: int | None = Field(default=None, foreign_key="user.id")
    decision: str | None = None
    comment: str = ""
    decided_at: datetime | None = _time(nullable=True)


class PermitYear(SQLModel, table=True):
    """The last permit serial of each year; numbers are never reused."""

    __tablename__ = "permit_year"
    year: int = Field(primary_key=True)
    last_serial: int = 0


class Job(SQLModel, table=True):
    """A print job. The row is the workflow; its stage moves only by guarded update (invariant I2)."""

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
    operator_id: int | None = Field(default=None, foreign_key="user.id")
    device_says: str = Field(default="", sa_column_kwargs={"server_default": ""})
    received_at: datetime = _time(index=True)
    stage_since: datetime = _time()
    expires_at: datetime | None = _time(nullable=True)
    content_destroyed_at: datetime | None = _time(nullable=True)


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
    released_at: datetime = _time()
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
    created_at: datetime = _time()
    ended_at: datetime | None = _time(nullable=True)


class Waste(SQLModel, table=True):
    """Spoiled sheets 废页 of one copy number (R34)."""

    id: int | None = Field(default=None, primary_key=True)
    copy_id: int = Field(foreign_key="copy.id", index=True)
    job_id: int = Field(foreign_key="job.id", index=True)
    sheets: int
    reason: str
    recorded_by_id: int = Field(foreign_key="user.id")
    recorded_at: datetime = _time()


class PrintRegisterRow(SQLModel, table=True):
    """打印涉密信息登记表 (FORMS.md F3): one row a job, folded from the ledger and re-derivable from it."""

    __tablename__ = "print_register"
    __table_args__ = (UniqueConstraint("year", "seq", name="print_register_seq_gap_free"),)
    job_no: str = Field(primary_key=True)
    year: int
    seq: int
    received_at: datetime = _time(index=True)
    released_at: datetime | None = _time(nullable=True)
    completed_at: datetime | None = _time(nullable=True, index=True)
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
    status: str
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
    at: datetime = _time(index=True)
    subject: str = Field(default="", index=True)
    body: str = Field(sa_column=Column(Text, nullable=False))
    prev_hash: str
    hash: str = Field(unique=True)


class Checkpoint(SQLModel, table=True):
    """A signed statement of the ledger's head (校验点). Kept in a file beside the database and on paper as well."""

    id: int | None = Field(default=None, primary_key=True)
    seq: int
    hash: str
    at: datetime = _time()
    key_id: str
    signature: str


class Setting(SQLModel, table=True):
    """Facts about this installation: its epoch, its server id, when it was made."""

    key: str = Field(primary_key=True)
    value: str
