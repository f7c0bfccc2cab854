"""The rows of devices' meters: every reading, and what a reading found that a person must explain (R100, R101)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import false
from sqlmodel import Field, SQLModel

from gateway.db.tables.times import time_column


class MeterReading(SQLModel, table=True):
    """What a device's counter said. `source`: `device` when asked over IPP, `snmp`, or `panel` when a person read it."""

    __tablename__ = "meter_reading"
    id: int | None = Field(default=None, primary_key=True)
    device_id: int = Field(foreign_key="device.id", index=True)
    serial: str
    impressions: int
    source: str
    verdict: str
    """Against the reading before; the first of a device agrees."""
    grown: int | None = None
    beyond: int = 0
    last_submission: int
    """The device's last device job at that moment, 0 for none: what came later lies between this reading and the next."""
    at: datetime = time_column()
    read_by_id: int = Field(foreign_key="user.id")
    """Who read it, or, of the gate's own readings, who told the gate to read this meter."""
    by_gate: bool = Field(default=False, sa_column_kwargs={"server_default": false()})


class MeterFinding(SQLModel, table=True):
    """A reading that nobody has explained, until the secrecy office clears it with a reason; it blocks its device for ≥ 秘密."""

    __tablename__ = "meter_finding"
    id: int | None = Field(default=None, primary_key=True)
    device_id: int = Field(foreign_key="device.id", index=True)
    reading_id: int = Field(foreign_key="meter_reading.id", unique=True)
    cleared_by_id: int | None = Field(default=None, foreign_key="user.id")
    cleared_at: datetime | None = time_column(nullable=True)
    reason: str = ""
