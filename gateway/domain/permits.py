"""What a permit 准印证 is and what it still allows. Pure: the clock and the counts come from the caller."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from gateway.domain.codes import Code, Reason
from gateway.domain.marks import Mark
from gateway.domain.vocabulary import Channel, DocType, Level, PermitKind, PermitState

S = PermitState

TRANSITIONS: dict[PermitState, frozenset[PermitState]] = {
    S.DRAFT: frozenset({S.REQUESTED, S.CLOSED}),
    S.REQUESTED: frozenset({S.ACTIVE, S.REFUSED, S.REVOKED}),
    S.ACTIVE: frozenset({S.USED_UP, S.EXPIRED, S.REVOKED, S.REQUESTED, S.CLOSED}),
    S.USED_UP: frozenset({S.ACTIVE, S.CLOSED, S.REVOKED}),
    S.EXPIRED: frozenset({S.REQUESTED, S.CLOSED}),
    S.REVOKED: frozenset({S.CLOSED}),
    S.REFUSED: frozenset(),
    S.CLOSED: frozenset(),
}

LONGEST_VALIDITY = timedelta(days=30)
DEFAULT_VALIDITY = timedelta(days=7)
MAX_COPIES = 9999
MAX_PAGES = 5000
CHANNELS: Mapping[PermitKind, Channel] = {
    PermitKind.PRINT: Channel.PRINT,
    PermitKind.PROOF: Channel.PRINT,
    PermitKind.STANDING: Channel.PRINT,
    PermitKind.COPY: Channel.COPY,
    PermitKind.REPRODUCTION: Channel.COPY,
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


@dataclass(frozen=True, slots=True)
class PermitRequest:
    """What a requester asks for; `scope` maps department codes to numbers of copies (R08, R09, R27)."""

    kind: PermitKind
    department: str
    title: str
    level: Level
    term: str
    pages: int
    copies: int
    scope: Mapping[str, int]
    archive_copies: int
    purpose: str
    valid_from: datetime
    valid_to: datetime
    devices: Sequence[str]
    doc_type: DocType = DocType.ORDINARY
    doc_no: str = ""


def request_faults(request: PermitRequest, known_departments: frozenset[str]) -> list[Reason]:
    """Every reason why the request cannot be submitted (FORMS.md F4); empty if it can."""
    faults: list[Reason] = []
    if request.doc_type is DocType.CIPHER_TELEGRAM:
        faults.append(Reason(Code.E_CIPHER_TELEGRAM))
    if fault := Mark(request.level, request.term).fault():
        faults.append(Reason(Code.E_MARKING_INVALID, fault))
    if request.level.is_state_secret and not request.term:
        faults.append(Reason(Code.E_MARKING_INVALID, "a state secret needs a term, such as 5年"))
    if request.level is Level.JUEMI and channel_of(request.kind) is Channel.COPY:
        faults.append(Reason(Code.E_TOPSECRET_COPY))
    total = sum(request.scope.values()) + request.archive_copies
    if total != request.copies:
        faults.append(Reason(Code.E_SCOPE, f"Σ {total} ≠ {request.copies}"))
    if unknown := sorted(set(request.scope) - known_departments):
        faults.append(Reason(Code.E_SCOPE, "not a department: " + ", ".join(unknown)))
    if not 1 <= request.copies <= MAX_COPIES or request.archive_copies < 0 or any(n < 1 for n in request.scope.values()):
        faults.append(Reason(Code.E_SCOPE, f"copies must be 1…{MAX_COPIES}, every scope line at least 1"))
    if not 1 <= request.pages <= MAX_PAGES:
        faults.append(Reason(Code.E_PAGES_MISMATCH, f"pages must be 1…{MAX_PAGES}"))
    if not timedelta(0) < request.valid_to - request.valid_from <= LONGEST_VALIDITY:
        faults.append(Reason(Code.E_PERMIT_EXPIRED, f"valid for more than nothing and at most {LONGEST_VALIDITY.days} days"))
    return faults


def state_reason(permit: PermitFacts, now: datetime) -> Reason | None:
    """Why this permit opens nothing at `now`, or None. A used-up permit is a matter of quantity, not of state."""
    if permit.state in (S.DRAFT, S.REQUESTED):
        return Reason(Code.E_PERMIT_PENDING)
    if permit.state in (S.REVOKED, S.REFUSED, S.CLOSED):
        return Reason(Code.E_PERMIT_REVOKED)
    if permit.state is S.EXPIRED or not permit.valid_from <= now < permit.valid_to:
        return Reason(Code.E_PERMIT_EXPIRED)
    return None
