"""What happens to carriers on the way: circulation 传阅, carrying out 外出 (FORMS.md F9), inventory 清查 and incidents (F7)."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Field, SQLModel

from gateway.db.tables.times import time_column
from gateway.db.tables.unique import unique_where


class Circulation(SQLModel, table=True):
    """A reading list, frozen when it was made (R63); every leg goes back to the clerk (R62)."""

    __table_args__ = (unique_where("circulation_one_open", ("carrier_id",), "closed_at IS NULL"),)
    id: int | None = Field(default=None, primary_key=True)
    carrier_id: int = Field(foreign_key="carrier.id", index=True)
    opened_by_id: int = Field(foreign_key="user.id")
    opened_at: datetime = time_column()
    closed_at: datetime | None = time_column(nullable=True)


class CirculationReader(SQLModel, table=True):
    """One reader of the list, in order."""

    __tablename__ = "circulation_reader"
    circulation_id: int = Field(foreign_key="circulation.id", primary_key=True)
    position: int = Field(primary_key=True)
    user_id: int = Field(foreign_key="user.id")
    read_at: datetime | None = time_column(nullable=True)


class CarryOut(SQLModel, table=True):
    """外出携带 WC-YYYY-NNNN: asked for, approved by a leader, out until `due_back`, checked in by a clerk (R70-R73)."""

    __tablename__ = "carry_out"
    id: int | None = Field(default=None, primary_key=True)
    carry_out_no: str = Field(unique=True)
    state: str = Field(index=True)
    requester_id: int = Field(foreign_key="user.id", index=True)
    requested_at: datetime = time_column()
    purpose: str
    destination: str
    abroad: bool = False
    abroad_approval: str = ""
    due_back: datetime = time_column()
    approver_id: int | None = Field(default=None, foreign_key="user.id")
    decided_at: datetime | None = time_column(nullable=True)
    left_at: datetime | None = time_column(nullable=True)
    back_at: datetime | None = time_column(nullable=True)


class CarryOutItem(SQLModel, table=True):
    """A carrier of the request."""

    __tablename__ = "carry_out_item"
    carry_out_id: int = Field(foreign_key="carry_out.id", primary_key=True)
    carrier_id: int = Field(foreign_key="carrier.id", primary_key=True)


class CarryOutEscort(SQLModel, table=True):
    """Who goes along; for 绝密 two people carry (R71)."""

    __tablename__ = "carry_out_escort"
    carry_out_id: int = Field(foreign_key="carry_out.id", primary_key=True)
    user_id: int = Field(foreign_key="user.id", primary_key=True)


class Inventory(SQLModel, table=True):
    """清查 QC-2026Q1: every living carrier of one moment, found or not, signed by two (R60, R61)."""

    id: int | None = Field(default=None, primary_key=True)
    inventory_no: str = Field(unique=True)
    snapshot_at: datetime = time_column()
    due_at: datetime = time_column()
    responsible_id: int = Field(foreign_key="user.id")
    first_signed_by_id: int | None = Field(default=None, foreign_key="user.id")
    first_signed_at: datetime | None = time_column(nullable=True)
    second_signed_by_id: int | None = Field(default=None, foreign_key="user.id")
    second_signed_at: datetime | None = time_column(nullable=True)


class InventoryLine(SQLModel, table=True):
    """One carrier of the snapshot and what was found of it."""

    __tablename__ = "inventory_line"
    inventory_id: int = Field(foreign_key="inventory.id", primary_key=True)
    carrier_id: int = Field(foreign_key="carrier.id", primary_key=True)
    state: str
    custodian_id: int | None = Field(default=None, foreign_key="user.id")
    found: str | None = None
    found_by_id: int | None = Field(default=None, foreign_key="user.id")
    found_at: datetime | None = time_column(nullable=True)


class Incident(SQLModel, table=True):
    """事件 SJ-YYYY-NNNN: a carrier is missing; to be reported within 24 hours (条例 art. 61). It stays when the carrier is found."""

    id: int | None = Field(default=None, primary_key=True)
    incident_no: str = Field(unique=True)
    carrier_id: int = Field(foreign_key="carrier.id", index=True)
    inventory_id: int | None = Field(default=None, foreign_key="inventory.id", index=True)
    last_holder_id: int | None = Field(default=None, foreign_key="user.id")
    opened_by_id: int = Field(foreign_key="user.id")
    opened_at: datetime = time_column()
    report_due_at: datetime = time_column()
    reported_at: datetime | None = time_column(nullable=True)
    found_at: datetime | None = time_column(nullable=True)
    found_reason: str = ""
