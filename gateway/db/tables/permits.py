"""Permits 准印证: form, scope, devices, approval chain, numbers."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlmodel import Field, SQLModel

from gateway.db.tables.times import time_column


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
    valid_from: datetime = time_column()
    valid_to: datetime = time_column()
    page_hash: str | None = None
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
