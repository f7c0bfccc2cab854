"""People and where they work: departments, accounts, sessions, devices."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import false
from sqlmodel import Field, SQLModel

from gateway.db.tables.times import time_column


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
    undertaking_until: date | None = None
    training_date: date | None = None
    unix_user: str | None = Field(default=None, unique=True)
    password_hash: str | None = None
    password_until: datetime | None = time_column(nullable=True)
    """Set while the password is a one-time one: it must be changed before this moment."""
    totp_secret: str | None = None
    totp_pending: str | None = None
    totp_step: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    """The last time step whose code was used; no code is taken twice."""
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
    created_at: datetime = time_column()
    seen_at: datetime = time_column()
    address: str = Field(default="", sa_column_kwargs={"server_default": ""})


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
    meter_hold: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    """A meter finding nobody has cleared keeps it from state secrets (SC-25)."""
    meter_kind: str = Field(default="none", sa_column_kwargs={"server_default": "none"})
    meter_address: str = Field(default="", sa_column_kwargs={"server_default": ""})
    meter_access: str = Field(default="", sa_column_kwargs={"server_default": ""})
    """SNMP's community or user with its pass phrases, sealed (`gateway.services.sealing`)."""
    meter_set_by_id: int | None = None
    functions: str = Field(default="print", sa_column_kwargs={"server_default": "print"})
    """What may be done at it, words with blanks between (`gateway.domain.devices.Function`)."""
    in_repair: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    maintenance_days: int = Field(default=90, sa_column_kwargs={"server_default": "90"})
    """Days between two maintenances (R84)."""


class DeviceMaintenance(SQLModel, table=True):
    """What was done to a device, by whom, on which day (R84)."""

    __tablename__ = "device_maintenance"
    id: int | None = Field(default=None, primary_key=True)
    device_id: int = Field(foreign_key="device.id", index=True)
    kind: str
    done_on: str
    done_by: str
    note: str = ""
    at: datetime = time_column()
    recorded_by_id: int = Field(foreign_key="user.id")
