"""What a permit 准印证 is and what it still allows. Pure: the clock and the counts come from the caller."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from gateway.domain.codes import Code, Reason
from gateway.domain.copying import CopyTerms
from gateway.domain.moves import PERMIT_MOVES, arrows
from gateway.domain.vocabulary import AllowanceUnit, Channel, DocType, Level, PermitKind, PermitState

S = PermitState

TRANSITIONS = arrows(PERMIT_MOVES, PermitState)
"""From state to states, made of the rows of `gateway.domain.moves`."""

ONE_JOB = "JM-EX: one job"
"""What is said with E_QTY_EXCEEDED when a JM-EX permit has served another job (R16)."""

TAKEN_BACK = frozenset({S.REVOKED, S.REFUSED, S.CLOSED})
"""States in which nothing more may come out, not even what was released before and has not begun (invariant I1)."""

CHANNELS: Mapping[PermitKind, Channel] = {
    PermitKind.PRINT: Channel.PRINT,
    PermitKind.PROOF: Channel.PRINT,
    PermitKind.STANDING: Channel.PRINT,
    PermitKind.COPY: Channel.COPY,
    PermitKind.REPRODUCTION: Channel.COPY,
    PermitKind.JM_EX: Channel.COPY,
    PermitKind.FAX: Channel.FAX,
}


def channel_of(kind: PermitKind) -> Channel:
    """The channel a kind of permit opens."""
    return CHANNELS[kind]


@dataclass(frozen=True, slots=True)
class Allowance:
    """Copies of one permit: approved, reserved by running jobs, good on paper (invariant I3)."""

    approved: int
    reserved: int
    good: int

    @property
    def left(self) -> int:
        """How many more copies may be released."""
        return self.approved - self.reserved - self.good

    def covers(self, copies: int) -> bool:
        """Whether `copies` more may be released; never for zero or less."""
        return 1 <= copies <= self.left


@dataclass(frozen=True, slots=True)
class MonthAllowance:
    """What a standing permit 常年 allows in one calendar month and what is used of it, in its unit."""

    unit: AllowanceUnit
    allowed: int
    used: int

    @property
    def left(self) -> int:
        """How much may still be used this month."""
        return self.allowed - self.used

    def cost(self, copies: int, sheets: int) -> int:
        """What `copies` of `sheets` media sheets each take of it."""
        return copies * sheets if self.unit is AllowanceUnit.SHEETS else copies


def month_of(day: date) -> str:
    """The calendar month, YYYY-MM, whose allowance a release on this local day uses."""
    return f"{day:%Y-%m}"


def first_of_next_month(day: date) -> date:
    """When the next month's allowance begins."""
    return date(day.year + day.month // 12, day.month % 12 + 1, 1)


def most_copies(monthly: int, valid_from: date, valid_to: date) -> int:
    """Most copies a standing permit can ever bring out: its allowance for every month it touches, a copy being a sheet at least."""
    months = (valid_to.year - valid_from.year) * 12 + valid_to.month - valid_from.month + 1
    return monthly * months


@dataclass(frozen=True, slots=True)
class PermitFacts:
    """Everything matching needs to know of a permit."""

    permit_no: str
    kind: PermitKind
    state: PermitState
    department: str
    level: Level
    term: str
    doc_type: DocType
    pages: int
    allowance: Allowance
    valid_from: datetime
    valid_to: datetime
    page_hash: str | None
    devices: frozenset[str]
    month: MonthAllowance | None = None
    faults: tuple[Reason, ...] = ()
    """What is against the permit itself whatever the job: a consent that is missing (R13), a knower no longer cleared (R28)."""
    copy_terms: CopyTerms | None = None
    """What a copy permit says of its original; None for other kinds."""
    sole_job: int | None = None
    """Of a JM-EX permit: the one job it has served (R16)."""


def sole_job_reason(permit: PermitFacts, job: int) -> Reason | None:
    """Why a JM-EX permit opens nothing for this job, or None: it serves one job only (R16)."""
    served = permit.kind is PermitKind.JM_EX and permit.sole_job not in (None, job)
    return Reason(Code.E_QTY_EXCEEDED, ONE_JOB) if served else None


def excepts(permit: PermitFacts, job: int, now: datetime) -> bool:
    """Whether this permit lets a 绝密 original be scanned for this job now (R16): JM-EX, in force, unserved, nothing against it."""
    if permit.kind is not PermitKind.JM_EX or permit.state is not S.ACTIVE:
        return False
    return state_reason(permit, now) is None and sole_job_reason(permit, job) is None and not permit.faults


def state_reason(permit: PermitFacts, now: datetime) -> Reason | None:
    """Why this permit opens nothing at `now`, or None. A used-up permit is a matter of quantity, not of state."""
    if permit.state in (S.DRAFT, S.REQUESTED):
        return Reason(Code.E_PERMIT_PENDING)
    if permit.state in TAKEN_BACK:
        return Reason(Code.E_PERMIT_REVOKED)
    if permit.state is S.EXPIRED or not permit.valid_from <= now < permit.valid_to:
        begin, end = (moment.astimezone(now.tzinfo) for moment in (permit.valid_from, permit.valid_to))
        return Reason(Code.E_PERMIT_EXPIRED, f"{begin:%m-%d %H:%M} – {end:%m-%d %H:%M}")
    return None
