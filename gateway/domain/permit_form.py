"""The form of a permit 准印证 as it is asked for, and everything that can be wrong with it (FORMS.md F4; R07-R09, R22, R24, R27-R29)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from gateway.domain.codes import Code, Reason
from gateway.domain.marks import Mark
from gateway.domain.matching import DeviceFacts, Person, device_may
from gateway.domain.permits import channel_of
from gateway.domain.vocabulary import AllowanceUnit, Channel, DocType, Level, Origin, PermitKind

LONGEST_VALIDITY = timedelta(days=30)
DEFAULT_VALIDITY = timedelta(days=7)
LONGEST_STANDING = timedelta(days=366)
DEFAULT_STANDING = timedelta(days=365)
LONGEST_EXCEPTION = timedelta(hours=24)
"""How long a JM-EX permit is valid (R16); also what it is where nothing is said."""
MAX_COPIES = 9999
MAX_PAGES = 5000
MAX_MONTHLY = 100_000
KNOWERS_FROM = Level.JIMI
"""From this level up the persons who may know are named one by one (R28; 条例 art. 20)."""


@dataclass(frozen=True, slots=True)
class Consent:
    """The issuer's consent 发文单位同意: number of its letter, its date, who signed (R13), and the SHA-256 of its scan (R16).

    The scan stays where the unit keeps its letters; the digest tells which letter was meant.
    """

    doc_no: str
    date: date
    person: str
    sha256: str = ""


@dataclass(frozen=True, slots=True)
class Recipient:
    """A unit outside that gets copies, and who signs for them there; a person alone is no recipient (R27, R29)."""

    unit: str
    copies: int
    person: str = ""


@dataclass(frozen=True, slots=True)
class Vendor:
    """An outside printer with its licence 印制资质 and the highest level that allows (R24)."""

    name: str
    licence_no: str
    level: Level | None


@dataclass(frozen=True, slots=True)
class Monthly:
    """The allowance of a standing permit 常年: so many sheets or copies in a calendar month."""

    amount: int
    unit: AllowanceUnit


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
    origin: Origin = Origin.OWN
    issuer: str = ""
    consent: Consent | None = None
    no_copy_notice: bool = False
    classifier: str = ""
    recipients: Sequence[Recipient] = ()
    vendor: Vendor | None = None
    knowers: Sequence[str] = ()
    original: str = ""
    """Of a copy: number of the permit its original was made under (R22)."""
    monthly: Monthly | None = None


@dataclass(frozen=True, slots=True)
class House:
    """What the form is checked against: departments by code, devices by code, people by account, the original's scope if named."""

    departments: frozenset[str]
    devices: Mapping[str, DeviceFacts]
    people: Mapping[str, Person]
    today: date
    original_scope: frozenset[str] | None = None
    top_secret_copies: bool = False
    """The policy's juemi_exception is `issuer`: copies of 绝密 can be asked for at all (R15, R16)."""


def request_faults(request: PermitRequest, house: House) -> list[Reason]:
    """Every reason why the request cannot be submitted; empty if it can."""
    faults = [
        *_document_faults(request, house),
        *_origin_faults(request),
        *_validity_faults(request),
        *_device_faults(request, house),
        *_knower_faults(request, house),
        *_top_secret_faults(request, house),
    ]
    if request.kind is PermitKind.STANDING:
        return [*faults, *_standing_faults(request)]
    return [*faults, *_quantity_faults(request), *_scope_faults(request, house)]


def _document_faults(request: PermitRequest, house: House) -> Iterator[Reason]:
    if request.doc_type is DocType.CIPHER_TELEGRAM:
        yield Reason(Code.E_CIPHER_TELEGRAM)
    if fault := Mark(request.level, request.term).fault(house.today):
        yield Reason(Code.E_MARKING_INVALID, fault)
    if request.level.is_state_secret and not request.term:
        yield Reason(Code.E_MARKING_INVALID, "a state secret needs a term, such as 5年")
    if not request.purpose.strip():
        yield Reason(Code.E_FORM, "purpose 用途")


def _origin_faults(request: PermitRequest) -> Iterator[Reason]:
    if request.origin is not Origin.OWN and not request.issuer.strip():
        yield Reason(Code.E_FORM, "issuer 发文单位")
    if request.consent is not None and (fault := consent_fault(request.consent)):
        yield fault
    vendor = request.vendor
    if vendor is not None and not (vendor.licence_no.strip() and vendor.level is not None and vendor.level.rank >= request.level.rank):
        yield Reason(Code.E_VENDOR, vendor.level.hanzi if vendor.level else "")


def _top_secret_faults(request: PermitRequest, house: House) -> Iterator[Reason]:
    """绝密 is copied under a JM-EX permit alone, where the policy knows it, with the issuer's letter (R15, R16)."""
    exception = request.kind is PermitKind.JM_EX
    if channel_of(request.kind) is Channel.COPY and request.level is Level.JUEMI and not (exception and house.top_secret_copies):
        yield Reason(Code.E_TOPSECRET_COPY)
    if not exception:
        return
    if request.level is not Level.JUEMI:
        yield Reason(Code.E_LEVEL_MISMATCH, f"JM-EX: {Level.JUEMI.hanzi} ≠ {request.level.hanzi}")
    if request.consent is None or not request.consent.sha256:
        yield Reason(Code.E_FORM, "issuer's consent 发文单位同意, with the SHA-256 of its scan")


def written(consent: Consent) -> str:
    """The letter in one line: what the ledger keeps a commitment of."""
    return f"{consent.doc_no} {consent.date} {consent.person} {consent.sha256}".rstrip()


def consent_fault(consent: Consent) -> Reason | None:
    """What is missing of an issuer's consent, or None (R13)."""
    if consent.sha256 and not re.fullmatch("[0-9a-f]{64}", consent.sha256):
        return Reason(Code.E_FORM, "SHA-256: 64 × 0-9 a-f")
    if consent.doc_no.strip() and consent.person.strip():
        return None
    return Reason(Code.E_FORM, "issuer's consent 发文单位同意: number, date and person")


def _validity_faults(request: PermitRequest) -> Iterator[Reason]:
    longest = longest_validity(request.kind)
    if not timedelta(0) < request.valid_to - request.valid_from <= longest:
        yield Reason(Code.E_PERMIT_EXPIRED, f"valid for more than nothing and at most {longest.days} days")


def longest_validity(kind: PermitKind) -> timedelta:
    """How long a permit of this kind may be valid."""
    return {PermitKind.STANDING: LONGEST_STANDING, PermitKind.JM_EX: LONGEST_EXCEPTION}.get(kind, LONGEST_VALIDITY)


def usual_validity(kind: PermitKind) -> timedelta:
    """How long it is valid where nothing is said."""
    return {PermitKind.STANDING: DEFAULT_STANDING, PermitKind.JM_EX: LONGEST_EXCEPTION}.get(kind, DEFAULT_VALIDITY)


def _device_faults(request: PermitRequest, house: House) -> Iterator[Reason]:
    if request.level.is_state_secret and not request.devices and channel_of(request.kind) is not Channel.FAX:
        yield Reason(Code.E_DEVICE_LEVEL, "name at least one device")
    for code in request.devices:
        device = house.devices.get(code)
        if device is None or not device.active or not device_may(device, request.level):
            yield Reason(Code.E_DEVICE_LEVEL, code)


def _knower_faults(request: PermitRequest, house: House) -> Iterator[Reason]:
    """From 机密 up a list; everybody on it is cleared, and of a department that gets copies or asks for them (R28)."""
    if request.level.rank >= KNOWERS_FROM.rank and not request.knowers:
        yield Reason(Code.E_FORM, "knower list 知悉人员")
    for name in request.knowers:
        person = house.people.get(name)
        if person is None or not person.may_know(request.level, house.today):
            yield Reason(Code.E_CLEARANCE, name)
        elif person.department not in {*request.scope, request.department}:
            yield Reason(Code.E_SCOPE, f"{name}: {person.department}")


def _quantity_faults(request: PermitRequest) -> Iterator[Reason]:
    total = sum(request.scope.values()) + sum(one.copies for one in request.recipients) + request.archive_copies
    if total != request.copies:
        yield Reason(Code.E_SCOPE, f"Σ {total} ≠ {request.copies}")
    lines = [*request.scope.values(), *(one.copies for one in request.recipients)]
    if not 1 <= request.copies <= MAX_COPIES or request.archive_copies < 0 or any(n < 1 for n in lines):
        yield Reason(Code.E_SCOPE, f"copies must be 1…{MAX_COPIES}, every scope line at least 1")
    if not 1 <= request.pages <= MAX_PAGES:
        yield Reason(Code.E_PAGES_MISMATCH, f"pages must be 1…{MAX_PAGES}")
    if request.kind is PermitKind.PROOF and request.copies != 1:
        yield Reason(Code.E_QTY_EXCEEDED, f"{request.copies} > 1")
    if request.monthly is not None:
        yield Reason(Code.E_FORM, "only a standing permit 常年 has a monthly allowance")


def _scope_faults(request: PermitRequest, house: House) -> Iterator[Reason]:
    """Papers go to units, not to persons (R27), and a copy to nobody its original does not go to (R22)."""
    if unknown := sorted(set(request.scope) - house.departments):
        yield Reason(Code.E_SCOPE, "not a department: " + ", ".join(unknown))
    if any(not one.unit.strip() for one in request.recipients):
        yield Reason(Code.E_SCOPE, "a person is no recipient: name the unit")
    if house.original_scope is not None and (wider := sorted(set(request.scope) - house.original_scope)):
        yield Reason(Code.E_SCOPE, "wider than the original's: " + ", ".join(wider))


def _standing_faults(request: PermitRequest) -> Iterator[Reason]:
    """A department's daily paper: 公开 or 内部 only, own papers, an amount a month."""
    if request.level.is_state_secret:
        yield Reason(Code.E_LEVEL_MISMATCH, f"常年: 公开, 内部 ≠ {request.level.hanzi}")
    if request.monthly is None or not 1 <= request.monthly.amount <= MAX_MONTHLY:
        yield Reason(Code.E_FORM, f"monthly allowance 每月限额 1…{MAX_MONTHLY}")
    if request.recipients or request.scope or request.archive_copies or request.origin is not Origin.OWN:
        yield Reason(Code.E_SCOPE, "常年: own papers of the own department only")
