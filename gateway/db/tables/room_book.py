"""The room's own books: who came in (FORMS.md F1, R78-R81), how each day ended (R89), what is done regularly and found (R83, R93, R100)."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, Column
from sqlmodel import Field, SQLModel

from gateway.db.tables.times import time_column


class Visitor(SQLModel, table=True):
    """来访登记 LF-YYYY-NNNN: one person, one visit. Who he is stands here only, where it can be erased; the ledger has a commitment."""

    __table_args__ = (
        CheckConstraint("enter_at IS NULL OR (approved_at IS NOT NULL AND approved_at <= enter_at)", name="visitor_r79_approved_first"),
        CheckConstraint("leave_at IS NULL OR (enter_at IS NOT NULL AND enter_at < leave_at)", name="visitor_r81_left_after_entering"),
    )
    id: int | None = Field(default=None, primary_key=True)
    visit_no: str = Field(unique=True)
    visitor_name: str
    visitor_org: str
    visitor_title: str = ""
    id_type: str
    id_no: str
    phone: str = ""
    salt: str
    reason_kind: str
    reason: str = ""
    device_id: int | None = Field(default=None, foreign_key="device.id")
    escort_id: int = Field(foreign_key="user.id")
    officer_id: int = Field(foreign_key="user.id")
    note: str = ""
    registered_at: datetime = time_column(index=True)
    approver_id: int | None = Field(default=None, foreign_key="user.id")
    approved_at: datetime | None = time_column(nullable=True)
    items: list[dict[str, Any]] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    """What he left with the room (R80): kind, how many, in which compartment; empty when he said that he has nothing."""
    enter_at: datetime | None = time_column(nullable=True, index=True)
    items_returned_at: datetime | None = time_column(nullable=True)
    leave_at: datetime | None = time_column(nullable=True, index=True)


class DayClose(SQLModel, table=True):
    """A day whose checklist was signed: nothing lay about any more, and the room was closed (R89)."""

    __tablename__ = "day_close"
    day: date = Field(primary_key=True)
    signed_by_id: int = Field(foreign_key="user.id")
    signed_at: datetime = time_column()


class RegularTask(SQLModel, table=True):
    """A regular task that was done: the test of the alarm, the search for viruses (R83, R93)."""

    __tablename__ = "regular_task"
    __table_args__ = (CheckConstraint("sound = (defects = '')", name="regular_task_r83_defects_told"),)
    id: int | None = Field(default=None, primary_key=True)
    task: str = Field(index=True)
    done_on: date
    tester: str
    sound: bool
    defects: str = ""
    at: datetime = time_column()
    recorded_by_id: int = Field(foreign_key="user.id")


class SelfCheckFinding(SQLModel, table=True):
    """ZC-YYYY-NNNN: what a monthly self-check left to do, who answers for it until when, and how it ended (R100)."""

    __tablename__ = "self_check_finding"
    __table_args__ = (CheckConstraint("closed_at IS NULL OR reason <> ''", name="self_check_finding_r100_closed_with_reason"),)
    id: int | None = Field(default=None, primary_key=True)
    finding_no: str = Field(unique=True)
    month: str
    kind: str
    about: str
    """The duty or task concerned; empty where the books disagree."""
    amount: int
    owner_id: int | None = Field(default=None, foreign_key="user.id")
    due_on: date
    opened_at: datetime = time_column()
    closed_by_id: int | None = Field(default=None, foreign_key="user.id")
    closed_at: datetime | None = time_column(nullable=True, index=True)
    reason: str = ""
