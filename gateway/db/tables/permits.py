"""Permits 准印证: form, scope, devices, approval chain, numbers."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, false
from sqlmodel import Field, SQLModel

from gateway.db.tables.times import time_column


class Permit(SQLModel, table=True):
    """A print permit 准印证 (FORMS.md F4). The CHECK is invariant I3 in the database."""

    __table_args__ = (
        CheckConstraint("copies_reserved >= 0 AND copies_good >= 0", name="permit_counts_not_negative"),
        CheckConstraint("copies_reserved + copies_good <= copies_approved", name="permit_i3_never_more_than_approved"),
        Index("ix_permit_of_requester", "requester_id", "state"),
        Index("ix_permit_of_department", "kind", "department_id", "state"),
        Index("ix_permit_validity", "state", "valid_to"),
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
    valid_from: datetime = time_column()
    valid_to: datetime = time_column()
    page_hash: str | None = None
    origin: str = Field(default="own", sa_column_kwargs={"server_default": "own"})
    issuer: str = Field(default="", sa_column_kwargs={"server_default": ""})
    no_copy_notice: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    consent_doc_no: str = Field(default="", sa_column_kwargs={"server_default": ""})
    consent_date: date | None = None
    consent_person: str = Field(default="", sa_column_kwargs={"server_default": ""})
    consent_sha256: str = Field(default="", sa_column_kwargs={"server_default": ""})
    """Of the scan of the issuer's letter; a JM-EX permit has it (R16)."""
    classifier: str = Field(default="", sa_column_kwargs={"server_default": ""})
    vendor: str = Field(default="", sa_column_kwargs={"server_default": ""})
    vendor_licence_no: str = Field(default="", sa_column_kwargs={"server_default": ""})
    vendor_level: str | None = None
    monthly_amount: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    """Of a standing permit: how many of `monthly_unit` may be used in one calendar month; 0 for all others."""
    monthly_unit: str = Field(default="", sa_column_kwargs={"server_default": ""})
    original_permit_id: int | None = None
    """Of a copy: the permit its original was made under; its scope bounds this one's (R22). No foreign key, as below."""
    sole_job_id: int | None = None
    """Of a JM-EX permit: the one job that was released under it (R16). No foreign key, as below."""
    requested_from_job_id: int | None = None
    """The held job it was asked for from. No foreign key: job and permit would then point at each other."""
    created_at: datetime = time_column()


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


class PermitRecipient(SQLModel, table=True):
    """A unit outside that gets copies of a permit, and who signs for them there (R29)."""

    __tablename__ = "permit_recipient"
    id: int | None = Field(default=None, primary_key=True)
    permit_id: int = Field(foreign_key="permit.id", index=True)
    unit: str
    person: str = ""
    copies: int


class PermitKnower(SQLModel, table=True):
    """One person of the knower list 知悉人员 of a permit of 机密 or above (R28)."""

    __tablename__ = "permit_knower"
    permit_id: int = Field(foreign_key="permit.id", primary_key=True)
    user_id: int = Field(foreign_key="user.id", primary_key=True)


class StandingMonth(SQLModel, table=True):
    """What a standing permit 常年 has used of its allowance in one month. The CHECK keeps the limit in the database."""

    __tablename__ = "standing_month"
    __table_args__ = (CheckConstraint("used >= 0 AND used <= allowed", name="standing_month_never_more_than_allowed"),)
    permit_id: int = Field(foreign_key="permit.id", primary_key=True)
    month: str = Field(primary_key=True)
    allowed: int
    used: int = 0


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
    delegation: str = Field(default="", sa_column_kwargs={"server_default": ""})
    """Document number of the delegation the person acted under; empty when the role is his own."""
    decided_at: datetime | None = time_column(nullable=True)


class PermitYear(SQLModel, table=True):
    """The last permit serial of each year; numbers are never reused."""

    __tablename__ = "permit_year"
    year: int = Field(primary_key=True)
    last_serial: int = 0
