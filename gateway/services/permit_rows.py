"""A permit asked for becomes rows: number, form, scope, recipients, devices, knower list, chain, and its ledger entry."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlmodel import Session, col, select

from gateway.db.tables import Job, Permit, PermitDevice, PermitKnower, PermitRecipient, PermitScope, PermitStep, PermitYear, User
from gateway.domain.permit_form import PermitRequest, written
from gateway.domain.permit_numbers import format_permit_number
from gateway.domain.vocabulary import PermitState, Role
from gateway.ledger.append import append
from gateway.ledger.entry import commitment
from gateway.services.devices import device_by_code
from gateway.services.gate import Actor, Gate, new_salt
from gateway.services.people import department_by_code
from gateway.services.permits import allowance, stamp


def write_permit(
    gate: Gate, session: Session, actor: Actor, request: PermitRequest, roles: Sequence[Role], *, job: Job | None, original: Permit | None
) -> Permit:
    """Write a permit in state `requested`, waiting for the first of `roles`."""
    permit = _permit_row(gate, session, actor, request, job, original)
    session.add(permit)
    session.flush()
    _write_lines(session, permit.id or 0, request)
    for step, role in enumerate(roles):
        session.add(PermitStep(permit_id=permit.id or 0, step=step, role=role.value))
    session.flush()
    data = (
        _told(permit, request)
        | {"department": actor.department, "job": job.job_no if job else "", "allowance": allowance(permit)}
        | actor.by_token
    )
    append(session, kind="permit.requested", at=permit.created_at, actor=actor.username, subject=permit.permit_no, data=data)
    return permit


def _next_number(session: Session, year: int) -> str:
    row = session.get(PermitYear, year) or PermitYear(year=year)
    row.last_serial += 1
    session.add(row)
    return format_permit_number(year, row.last_serial)


def _permit_row(gate: Gate, session: Session, actor: Actor, request: PermitRequest, job: Job | None, original: Permit | None) -> Permit:
    consent, vendor, monthly = request.consent, request.vendor, request.monthly
    return Permit(
        permit_no=_next_number(session, gate.today().year),
        kind=request.kind.value,
        state=PermitState.REQUESTED.value,
        department_id=actor.department_id,
        requester_id=actor.user_id,
        title=request.title,
        title_salt=new_salt(),
        doc_no=request.doc_no,
        level=request.level.value,
        term=request.term,
        doc_type=request.doc_type.value,
        pages=request.pages,
        copies_approved=request.copies,
        archive_copies=request.archive_copies,
        purpose=request.purpose,
        valid_from=request.valid_from,
        valid_to=request.valid_to,
        page_hash=job.page_hash if job else None,
        origin=request.origin.value,
        issuer=request.issuer,
        no_copy_notice=request.no_copy_notice,
        consent_doc_no=consent.doc_no if consent else "",
        consent_date=consent.date if consent else None,
        consent_person=consent.person if consent else "",
        consent_sha256=consent.sha256 if consent else "",
        classifier=request.classifier,
        vendor=vendor.name if vendor else "",
        vendor_licence_no=vendor.licence_no if vendor else "",
        vendor_level=vendor.level.value if vendor and vendor.level else None,
        monthly_amount=monthly.amount if monthly else 0,
        monthly_unit=monthly.unit.value if monthly else "",
        original_permit_id=original.id if original else None,
        requested_from_job_id=job.id if job else None,
        created_at=gate.clock.now(),
    )


def _write_lines(session: Session, permit_id: int, request: PermitRequest) -> None:
    for code, copies in request.scope.items():
        session.add(PermitScope(permit_id=permit_id, department_id=department_by_code(session, code).id or 0, copies=copies))
    for one in request.recipients:
        session.add(PermitRecipient(permit_id=permit_id, unit=one.unit, person=one.person, copies=one.copies))
    for code in dict.fromkeys(request.devices):
        session.add(PermitDevice(permit_id=permit_id, device_id=device_by_code(session, code).id or 0))
    for user_id in session.exec(select(User.id).where(col(User.username).in_(list(request.knowers)))).all():
        session.add(PermitKnower(permit_id=permit_id, user_id=user_id or 0))


def _told(permit: Permit, request: PermitRequest) -> dict[str, Any]:
    """What the ledger keeps of the form: facts as they are, words that may betray the paper as salted commitments."""

    def hidden(text: str) -> str:
        return commitment(permit.title_salt, text)

    scope = [f"{code}={copies}" for code, copies in sorted(request.scope.items())]
    scope += [f"{one.unit}={one.copies}" for one in request.recipients]
    consent = request.consent
    return {
        "kind": permit.kind,
        "level": permit.level,
        "term": permit.term,
        "origin": permit.origin,
        "pages": permit.pages,
        "copies": permit.copies_approved,
        "archive": permit.archive_copies,
        "devices": sorted(request.devices),
        "knowers": sorted(request.knowers),
        "scope": hidden(",".join(scope)),
        "title": hidden(request.title),
        "consent": hidden(written(consent)) if consent else "",
        "no_copy_notice": permit.no_copy_notice,
        "monthly": f"{permit.monthly_amount} {permit.monthly_unit}" if request.monthly else "",
        "valid_from": stamp(request.valid_from),
        "valid_to": stamp(request.valid_to),
        "page_hash": permit.page_hash or "",
    }
