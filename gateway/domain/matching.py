"""Does this job fit this permit? All failing conditions at once, each with its code (R01, R10, R28, I11)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from gateway.domain.codes import Code, Reason
from gateway.domain.copying import Original, fit_reasons, forbidden_reason, original_reasons
from gateway.domain.marks import parse_mark
from gateway.domain.permits import PermitFacts, channel_of, sole_job_reason, state_reason
from gateway.domain.personnel import undertaking_holds
from gateway.domain.vocabulary import UNKNOWN_LEVEL_COUNTS_AS, Channel, Level, PermitKind


@dataclass(frozen=True, slots=True)
class Person:
    """What the rules need to know of somebody: department code, clearance, and whether the undertaking is signed."""

    username: str
    department: str
    clearance: Level | None
    undertaking: date | None
    active: bool = True
    undertaking_until: date | None = None
    training_over: bool = False
    """The policy blocks who is not trained, and his training is missing or over (R95)."""

    def may_know(self, level: Level, today: date) -> bool:
        """Cleared for the level, with a signed undertaking where it is a state secret (R28, R94)."""
        if not self.active:
            return False
        if not level.is_state_secret:
            return True
        signed = undertaking_holds(self.undertaking, self.undertaking_until, today)
        return signed and self.clearance is not None and self.clearance.rank >= level.rank


def person_reasons(person: Person, level: Level, today: date, who: str = "") -> list[Reason]:
    """Why somebody may not print, approve, look at or release papers of this level; `who` is said with it (R28, R94, R95)."""
    reasons = [] if person.may_know(level, today) else [Reason(Code.E_CLEARANCE, who)]
    if level.is_state_secret and person.training_over:
        reasons.append(Reason(Code.E_TRAINING, who))
    return reasons


@dataclass(frozen=True, slots=True)
class DeviceFacts:
    """A registered device: highest level, whether it stands in the room or at a designated place (R03, R04)."""

    code: str
    max_level: Level
    designated: bool
    active: bool = True
    meter_hold: bool = False
    """Its meter disagreed with the ledger, and the secrecy office has not cleared that (SC-25)."""


@dataclass(frozen=True, slots=True)
class JobFacts:
    """Everything matching needs to know of a held job; `pages` and `sheets` (of one copy) are None until the base has been counted."""

    channel: Channel
    requester: Person | None
    copies: int
    pages: int | None
    page_hash: str | None
    declared_level: Level | None
    marks: Sequence[str]
    verdict: str | None
    device: DeviceFacts | None
    sheets: int | None = None
    telegram_words: Sequence[str] = ()
    """Words of page 1 that a cipher telegram bears, until a person has looked and found that it is none (R17)."""
    original: Original | None = None
    """What a copy job's pages are copies of; None for every other job."""
    fax_fault: str | None = None
    """Of a job that shall be a fax and is none yet: what a person has to say, perhaps nothing; None for every other job."""
    id: int = 0


def job_reasons(job: JobFacts) -> list[Reason]:
    """Reasons that hold the job whatever the permit says."""
    reasons: list[Reason] = []
    if job.requester is None:
        reasons.append(Reason(Code.E_USER_UNKNOWN))
    if job.verdict is None:
        reasons.append(Reason(Code.E_COUNTING))
    elif job.verdict != "ok":
        reasons.append(Reason(Code(job.verdict)))
    reasons += [Reason(Code.E_MARKING_INVALID, fault) for text in job.marks if (mark := parse_mark(text)) and (fault := mark.fault())]
    if job.telegram_words:
        reasons.append(Reason(Code.E_TELEGRAM_SUSPECTED, ", ".join(job.telegram_words)))
    if job.original is not None:
        reasons += original_reasons(job.original)
    if job.fax_fault is not None:
        reasons.append(Reason(Code.E_FAX_UNFILED, job.fax_fault))
    return reasons


def level_of(job: JobFacts, permit: PermitFacts | None) -> Level:
    """The level a job counts as: the permit's, else declared, else 机密 until somebody says (R26)."""
    if permit is not None:
        return permit.level
    return job.declared_level or UNKNOWN_LEVEL_COUNTS_AS


def match_reasons(job: JobFacts, permit: PermitFacts, now: datetime, today: date) -> list[Reason]:
    """Every reason why `permit` does not release `job` at `now`; empty means it may be released."""
    reasons = job_reasons(job)
    if state := state_reason(permit, now):
        reasons.append(state)
    if served := sole_job_reason(permit, job.id):
        reasons.append(served)
    if channel_of(permit.kind) is not job.channel:
        reasons.append(Reason(Code.E_PERMIT_CHANNEL))
    reasons += permit.faults
    reasons += _people_and_place(job, permit, today)
    if not permit.allowance.covers(job.copies):
        reasons.append(Reason(Code.E_QTY_EXCEEDED, f"{job.copies} > {max(permit.allowance.left, 0)}"))
    if permit.kind is PermitKind.STANDING:
        reasons += _daily_paper(job, permit)
    else:
        reasons += _same_document(job, permit)
    reasons += _marks_agree(job, permit)
    if job.original is not None:
        forbidden = forbidden_reason(job.original, excepted=permit.kind is PermitKind.JM_EX)
        reasons += [forbidden] if forbidden else []
        reasons += fit_reasons(job.original, permit.copy_terms) if permit.copy_terms else []
    return reasons


def _daily_paper(job: JobFacts, permit: PermitFacts) -> list[Reason]:
    """Under a standing permit: of its very level, said by somebody, and within the month's allowance."""
    reasons: list[Reason] = []
    if job.declared_level is None or job.declared_level.rank < permit.level.rank:
        said = job.declared_level.hanzi if job.declared_level else "?"
        reasons.append(Reason(Code.E_LEVEL_MISMATCH, f"{said} ≠ {permit.level.hanzi}"))
    if permit.month is not None and job.sheets is not None:
        wanted = permit.month.cost(job.copies, job.sheets)
        if wanted > permit.month.left:
            reasons.append(Reason(Code.E_ALLOWANCE_SPENT, f"{wanted} > {permit.month.left}"))
    return reasons


def _people_and_place(job: JobFacts, permit: PermitFacts, today: date) -> list[Reason]:
    reasons: list[Reason] = []
    if job.requester is not None:
        if job.requester.department != permit.department:
            reasons.append(Reason(Code.E_DEPT_MISMATCH))
        reasons += person_reasons(job.requester, permit.level, today)
    device = job.device
    if device is None or not device.active:
        reasons.append(Reason(Code.E_DEVICE_LEVEL, "no registered device serves this queue"))
    elif not device_may(device, permit.level) or (permit.devices and device.code not in permit.devices):
        reasons.append(Reason(Code.E_DEVICE_LEVEL, device.code))
    if device is not None and device.meter_hold and permit.level.is_state_secret:
        reasons.append(Reason(Code.E_METER, device.code))
    return reasons


def device_may(device: DeviceFacts, level: Level) -> bool:
    """Whether a device may put out papers of this level: high enough, and at a designated place for state secrets (R03, R04)."""
    return device.max_level.rank >= level.rank and (device.designated or not level.is_state_secret)


def _same_document(job: JobFacts, permit: PermitFacts) -> list[Reason]:
    reasons: list[Reason] = []
    if job.pages is not None and job.pages != permit.pages:
        reasons.append(Reason(Code.E_PAGES_MISMATCH, f"{job.pages} ≠ {permit.pages}"))
    if permit.page_hash and job.page_hash and job.page_hash != permit.page_hash:
        reasons.append(Reason(Code.E_HASH_MISMATCH, f"{_short(job.page_hash)} ≠ {_short(permit.page_hash)}"))
    return reasons


def _short(page_hash: str) -> str:
    return page_hash.removeprefix("sha256:")[:12]


def _marks_agree(job: JobFacts, permit: PermitFacts) -> list[Reason]:
    reasons: list[Reason] = []
    if job.original is None and job.declared_level is not None and job.declared_level.rank > permit.level.rank:
        reasons.append(Reason(Code.E_LEVEL_MISMATCH, f"{job.declared_level.hanzi} ≠ {permit.level.hanzi}"))
    for text in job.marks:
        mark = parse_mark(text)
        if mark and (mark.level is not permit.level or (mark.term and mark.term != permit.term)):
            reasons.append(Reason(Code.E_LEVEL_MISMATCH, f"{mark} ≠ {permit.level.hanzi}★{permit.term}"))
    return reasons
