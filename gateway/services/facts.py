"""What the rules need to know of a job and of a permit, read from their rows."""

from __future__ import annotations

from collections.abc import Iterator

from sqlmodel import Session, col, select

from gateway.db.tables import Department, Device, Fax, Job, Permit, PermitDevice, PermitKnower, PermitStep, User
from gateway.domain.codes import Code, Reason
from gateway.domain.copying import CopyTerms
from gateway.domain.counting import is_duplex, sheets_per_copy
from gateway.domain.matching import DeviceFacts, JobFacts
from gateway.domain.permit_form import KNOWERS_FROM
from gateway.domain.permits import Allowance, PermitFacts, channel_of
from gateway.domain.vocabulary import Channel, DocType, JuemiException, Level, Origin, PermitKind, PermitState, Role
from gateway.services.devices import facts_of
from gateway.services.gate import Gate
from gateway.services.handling import handler_of
from gateway.services.originals import original_of, units_of
from gateway.services.people import person_of
from gateway.services.policies import policy_in_force
from gateway.services.standing import month_allowance


def job_facts(gate: Gate, session: Session, job: Job) -> JobFacts:
    """What the rules need to know of a job."""
    requester = session.get(User, job.requester_id) if job.requester_id else None
    device: DeviceFacts | None = facts_of(session.get(Device, job.device_id)) if job.device_id else None
    words = () if job.found_ordinary else tuple(job.inspection.get("header_words", ()))
    return JobFacts(
        channel=Channel(job.channel),
        requester=handler_of(gate, session, requester) if requester else None,
        copies=job.copies,
        pages=job.pages,
        page_hash=job.page_hash,
        declared_level=Level(job.declared_level) if job.declared_level else None,
        marks=tuple(job.inspection.get("marks", ())),
        verdict=job.verdict,
        device=device,
        sheets=None if job.pages is None else sheets_of(job),
        telegram_words=words,
        original=original_of(session, job) if job.channel == Channel.COPY.value else None,
        id=job.id or 0,
        fax_fault=job.fax_fault if job.channel == Channel.FAX.value and not _is_filed(session, job) else None,
    )


def _is_filed(session: Session, job: Job) -> bool:
    return session.exec(select(Fax.id).where(Fax.job_id == job.id)).first() is not None


def sheets_of(job: Job) -> int:
    """Media sheets one copy of a counted job takes."""
    return sheets_per_copy(job.pages or 0, duplex=is_duplex(job.options.get("sides")))


def permit_facts(gate: Gate, session: Session, permit: Permit) -> PermitFacts:
    """What the rules need to know of a permit."""
    devices = session.exec(
        select(Device.code).join(PermitDevice, col(PermitDevice.device_id) == Device.id).where(PermitDevice.permit_id == permit.id)
    ).all()
    kind = PermitKind(permit.kind)
    return PermitFacts(
        permit_no=permit.permit_no,
        kind=kind,
        state=PermitState(permit.state),
        department=session.get_one(Department, permit.department_id).code,
        level=Level(permit.level),
        term=permit.term,
        doc_type=DocType(permit.doc_type),
        pages=permit.pages,
        allowance=Allowance(permit.copies_approved, permit.copies_reserved, permit.copies_good),
        valid_from=permit.valid_from,
        valid_to=permit.valid_to,
        page_hash=permit.page_hash,
        devices=frozenset(devices),
        month=month_allowance(session, permit, gate.today()) if kind is PermitKind.STANDING else None,
        faults=tuple(_faults(gate, session, permit)),
        copy_terms=_copy_terms(session, permit) if channel_of(kind) is Channel.COPY else None,
        sole_job=permit.sole_job_id,
    )


def _copy_terms(session: Session, permit: Permit) -> CopyTerms:
    return CopyTerms(
        level=Level(permit.level),
        term=permit.term,
        units=units_of(session, permit),
        from_own=permit.origin == Origin.OWN.value,
        no_copy_notice=permit.no_copy_notice,
        issuer_consented=permit.consent_date is not None,
    )


def _faults(gate: Gate, session: Session, permit: Permit) -> Iterator[Reason]:
    """What is against the permit itself: an exception the policy took back (R16), a consent that is missing (R13), a person on its
    knower list no longer cleared (R28)."""
    level, origin, today = Level(permit.level), Origin(permit.origin), gate.today()
    if permit.kind == PermitKind.JM_EX.value and policy_in_force(session).juemi_exception is JuemiException.OFF:
        yield Reason(Code.E_TOPSECRET_COPY)
    if origin is not Origin.OWN:
        approved = select(PermitStep.role).where(PermitStep.permit_id == permit.id, PermitStep.decision == "approved")
        reason = policy_in_force(session).consent_reason(
            level,
            origin,
            channel_of(PermitKind(permit.kind)),
            issuer_consented=permit.consent_date is not None,
            no_copy_notice=permit.no_copy_notice,
            approvers=[Role(role) for role in session.exec(approved).all()],
        )
        yield from [reason] if reason else []
    if level.rank >= KNOWERS_FROM.rank:
        knowers = select(User).join(PermitKnower, col(PermitKnower.user_id) == User.id).where(PermitKnower.permit_id == permit.id)
        people = [person_of(session, user) for user in session.exec(knowers).all()]
        yield from (Reason(Code.E_CLEARANCE, person.username) for person in people if not person.may_know(level, today))
