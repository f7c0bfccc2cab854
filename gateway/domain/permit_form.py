"""The form of a permit 准印证 as it is asked for, and everything that can be wrong with it (FORMS.md F4; R07-R09, R27)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from gateway.domain.codes import Code, Reason
from gateway.domain.marks import Mark
from gateway.domain.permits import channel_of
from gateway.domain.vocabulary import Channel, DocType, Level, PermitKind

LONGEST_VALIDITY = timedelta(days=30)
DEFAULT_VALIDITY = timedelta(days=7)
MAX_COPIES = 9999
MAX_PAGES = 5000


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
