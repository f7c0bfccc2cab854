"""Carriers 载体 and their way from hand to hand (FORMS.md F7); waste and carriers on destruction lists (F6); hand-over (F10)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlmodel import Field, SQLModel

from gateway.db.tables.times import time_column
from gateway.db.tables.unique import unique_where


class NumberSeries(SQLModel, table=True):
    """The last serial of each series and year (ZT, XH, SJ, WC, JJ); numbers are never reused."""

    __tablename__ = "number_series"
    series: str = Field(primary_key=True)
    year: int = Field(primary_key=True)
    last_serial: int = 0


class Carrier(SQLModel, table=True):
    """One physical copy. Its custodian answers for it; from 秘密 up there always is one (R55)."""

    __table_args__ = (
        CheckConstraint("custodian_id IS NOT NULL OR level IN ('gongkai', 'neibu')", name="carrier_r55_has_a_custodian"),
        unique_where("carrier_one_living_per_copy", ("copy_id",), "state <> 'void'"),
    )
    id: int | None = Field(default=None, primary_key=True)
    carrier_no: str = Field(unique=True)
    permit_id: int = Field(foreign_key="permit.id", index=True)
    copy_id: int = Field(foreign_key="copy.id", index=True)
    job_id: int = Field(foreign_key="job.id", index=True)
    copy_number: int
    parent_id: int | None = Field(default=None, foreign_key="carrier.id", index=True)
    """The carrier it was copied from, for copies of copies (R25)."""
    level: str
    term: str = ""
    state: str = Field(index=True)
    custodian_id: int | None = Field(default=None, foreign_key="user.id", index=True)
    department_id: int | None = Field(default=None, foreign_key="department.id")
    """The department it counts for in the permit's scope, while it is issued to one."""
    location: str = ""
    since: datetime = time_column()
    due_at: datetime | None = time_column(nullable=True, index=True)
    transfer_id: int | None = None
    """The open transfer. No foreign key: carrier and transfer would then point at each other."""
    made_at: datetime = time_column()


class CustodyTransfer(SQLModel, table=True):
    """One passing from hand to hand, with both confirmations (R53). `to_id` is empty for the room: any clerk signs."""

    __tablename__ = "custody_transfer"
    __table_args__ = (unique_where("custody_transfer_one_open", ("carrier_id",), "state = 'offered'"),)
    id: int | None = Field(default=None, primary_key=True)
    carrier_id: int = Field(foreign_key="carrier.id", index=True)
    verb: str
    state: str
    from_id: int | None = Field(default=None, foreign_key="user.id")
    to_id: int | None = Field(default=None, foreign_key="user.id", index=True)
    department_id: int | None = Field(default=None, foreign_key="department.id")
    delivery: str = "in_person"
    place: str = ""
    offered_by_id: int = Field(foreign_key="user.id", index=True)
    offered_at: datetime = time_column()
    due_at: datetime | None = time_column(nullable=True)
    signed_by_id: int | None = Field(default=None, foreign_key="user.id")
    signed_at: datetime | None = time_column(nullable=True)
    reason: str = ""
    carry_out_id: int | None = None
    circulation_id: int | None = None


class DestructionList(SQLModel, table=True):
    """销毁清单 XH-YYYY-NNNN (FORMS.md F6): drafted, approved by a leader, done before two witnesses (R37-R39)."""

    __tablename__ = "destruction_list"
    __table_args__ = (CheckConstraint("approver_id IS NULL OR approver_id <> made_by_id", name="destruction_list_r38_two_people"),)
    id: int | None = Field(default=None, primary_key=True)
    list_no: str = Field(unique=True)
    state: str = Field(index=True)
    made_by_id: int = Field(foreign_key="user.id")
    made_at: datetime = time_column()
    reason: str = ""
    approver_id: int | None = Field(default=None, foreign_key="user.id")
    decided_at: datetime | None = time_column(nullable=True)
    method: str | None = None
    place: str = ""
    unit: str = ""
    """The shredder, or the unit the paper was sent to."""
    receipt_no: str = ""
    destroyed_by_id: int | None = Field(default=None, foreign_key="user.id")
    destroyed_at: datetime | None = time_column(nullable=True)


class DestructionLine(SQLModel, table=True):
    """One item of a destruction list: a carrier or a waste row, never a total (R37). `live` ends with a refused list."""

    __tablename__ = "destruction_line"
    __table_args__ = (
        UniqueConstraint("list_id", "line_no", name="destruction_line_no_once"),
        CheckConstraint("(carrier_id IS NULL) <> (waste_id IS NULL)", name="destruction_line_r37_one_item"),
        unique_where("destruction_line_carrier_once", ("carrier_id",), "live"),
        unique_where("destruction_line_waste_once", ("waste_id",), "live"),
    )
    id: int | None = Field(default=None, primary_key=True)
    list_id: int = Field(foreign_key="destruction_list.id", index=True)
    line_no: int
    carrier_id: int | None = Field(default=None, foreign_key="carrier.id")
    waste_id: int | None = Field(default=None, foreign_key="waste.id")
    sheets: int
    live: bool = True


class DestructionWitness(SQLModel, table=True):
    """A witness 监销人 who confirmed by his own log-in (R39), or an escort of paper sent away."""

    __tablename__ = "destruction_witness"
    list_id: int = Field(foreign_key="destruction_list.id", primary_key=True)
    user_id: int = Field(foreign_key="user.id", primary_key=True)
    confirmed_at: datetime = time_column()


class Handover(SQLModel, table=True):
    """交接单 JJ-YYYY-NNNN (FORMS.md F10): signed by leaver, successor and supervisor, three people (R82)."""

    __table_args__ = (
        CheckConstraint(
            "leaver_id <> successor_id AND leaver_id <> supervisor_id AND successor_id <> supervisor_id", name="handover_r82_three_people"
        ),
        unique_where("handover_one_open", ("leaver_id",), "completed_at IS NULL"),
    )
    id: int | None = Field(default=None, primary_key=True)
    handover_no: str = Field(unique=True)
    leaver_id: int = Field(foreign_key="user.id")
    successor_id: int = Field(foreign_key="user.id")
    supervisor_id: int = Field(foreign_key="user.id")
    reason: str
    opened_at: datetime = time_column()
    leaver_signed_at: datetime | None = time_column(nullable=True)
    successor_signed_at: datetime | None = time_column(nullable=True)
    supervisor_signed_at: datetime | None = time_column(nullable=True)
    completed_at: datetime | None = time_column(nullable=True)


class HandoverItem(SQLModel, table=True):
    """One thing that passed from the leaver to the successor: kept as it was at the third signature."""

    __tablename__ = "handover_item"
    handover_id: int = Field(foreign_key="handover.id", primary_key=True)
    kind: str = Field(primary_key=True)
    subject: str = Field(primary_key=True)
