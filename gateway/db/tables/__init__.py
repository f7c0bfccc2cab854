"""The rows. SQLModel's `table=True` classes do not validate: values are checked at the edge, and constrained here.

One module a subject; everybody imports from here, and so the metadata is complete.
"""

from gateway.db.tables.books import Checkpoint, LedgerEntry, LedgerHead, MonthBalance, PrintRegisterRow, RegisterCorrection, Setting
from gateway.db.tables.callers import ApiToken, KeptAnswer
from gateway.db.tables.carriers import (
    Carrier,
    CustodyTransfer,
    DestructionLine,
    DestructionList,
    DestructionWitness,
    Handover,
    HandoverItem,
    NumberSeries,
)
from gateway.db.tables.copying import CopySession
from gateway.db.tables.credentials import CredentialReset, LoginFailure, SecondFactorSeen
from gateway.db.tables.custody import (
    CarryOut,
    CarryOutEscort,
    CarryOutItem,
    Circulation,
    CirculationReader,
    Incident,
    Inventory,
    InventoryLine,
)
from gateway.db.tables.fax import Fax, FaxAttempt, FaxGrant, FaxPeer, TechnicalProcessing
from gateway.db.tables.jobs import Copy, Job, JobDocument, PageView, Release, Submission, Waste
from gateway.db.tables.meters import MeterFinding, MeterReading
from gateway.db.tables.paper import PaperCorrection, PaperLine, PaperMonth
from gateway.db.tables.people import Department, Device, DeviceMaintenance, User, UserRole, WebSession
from gateway.db.tables.permits import (
    Permit,
    PermitDevice,
    PermitKnower,
    PermitRecipient,
    PermitScope,
    PermitStep,
    PermitYear,
    StandingMonth,
)
from gateway.db.tables.policy import Alert, Delegation, Denial, PolicyVersion, RoomHold
from gateway.db.tables.room_book import DayClose, RegularTask, SelfCheckFinding, Visitor
from gateway.db.tables.slips import SlipIssue
from gateway.db.tables.times import UtcDateTime

__all__ = [
    "Alert",
    "ApiToken",
    "Carrier",
    "CarryOut",
    "CarryOutEscort",
    "CarryOutItem",
    "Checkpoint",
    "Circulation",
    "CirculationReader",
    "Copy",
    "CopySession",
    "CredentialReset",
    "CustodyTransfer",
    "DayClose",
    "Delegation",
    "Denial",
    "Department",
    "DestructionLine",
    "DestructionList",
    "DestructionWitness",
    "Device",
    "DeviceMaintenance",
    "Fax",
    "FaxAttempt",
    "FaxGrant",
    "FaxPeer",
    "Handover",
    "HandoverItem",
    "Incident",
    "Inventory",
    "InventoryLine",
    "Job",
    "JobDocument",
    "KeptAnswer",
    "LedgerEntry",
    "LedgerHead",
    "LoginFailure",
    "MeterFinding",
    "MeterReading",
    "MonthBalance",
    "NumberSeries",
    "PageView",
    "PaperCorrection",
    "PaperLine",
    "PaperMonth",
    "Permit",
    "PermitDevice",
    "PermitKnower",
    "PermitRecipient",
    "PermitScope",
    "PermitStep",
    "PermitYear",
    "PolicyVersion",
    "PrintRegisterRow",
    "RegisterCorrection",
    "RegularTask",
    "Release",
    "RoomHold",
    "SecondFactorSeen",
    "SelfCheckFinding",
    "Setting",
    "SlipIssue",
    "StandingMonth",
    "Submission",
    "TechnicalProcessing",
    "User",
    "UserRole",
    "UtcDateTime",
    "Visitor",
    "Waste",
    "WebSession",
]
