"""The rows of the permit register (docs/forms.md F4): every permit asked for in the month, as it stands now."""

from __future__ import annotations

from collections.abc import Iterator

from sqlmodel import col, select

from gateway.db.tables import Device, Permit, PermitDevice, PermitScope, PermitStep
from gateway.domain.marks import mark_to_stamp
from gateway.domain.vocabulary import Level
from gateway.services.months import during
from gateway.services.register_reading import Reading

_AT_ONCE = 200


def permit_rows(reading: Reading) -> Iterator[dict[str, object]]:
    """One row a permit, with its scope and its approvals in words."""
    own = (
        Permit.permit_no,
        Permit.title,
        Permit.doc_no,
        Permit.issuer,
        Permit.consent_doc_no,
        Permit.consent_person,
        Permit.classifier,
        Permit.purpose,
    )
    query = select(Permit).where(during(Permit.created_at, reading.month), reading.named(*own)).order_by(col(Permit.id))
    for permit in reading.session.exec(query.execution_options(yield_per=_AT_ONCE)):
        consent = (permit.consent_doc_no, f"{permit.consent_date or ''}", permit.consent_person)
        yield {
            "permit_no": permit.permit_no,
            "kind": permit.kind,
            "department": reading.department(permit.department_id),
            "requester": reading.person(permit.requester_id),
            "title": permit.title or "",
            "doc_no": permit.doc_no,
            "origin": permit.origin,
            "issuer": permit.issuer,
            "consent": " ".join(part for part in consent if part),
            "mark": mark_to_stamp(Level(permit.level), permit.term) or Level(permit.level).hanzi,
            "classifier": permit.classifier,
            "pages": permit.pages,
            "copies_approved": permit.copies_approved,
            "copies_good": permit.copies_good,
            "copies_reserved": permit.copies_reserved,
            "scope": _scope(reading, permit),
            "purpose": permit.purpose,
            "devices": _devices(reading, permit),
            "valid_from": reading.local(permit.valid_from),
            "valid_to": reading.local(permit.valid_to),
            "approvals": _approvals(reading, permit),
            "page_hash": permit.page_hash or "",
            "status": permit.state,
            "created_at": reading.local(permit.created_at),
        }


def _scope(reading: Reading, permit: Permit) -> str:
    lines = reading.session.exec(select(PermitScope).where(PermitScope.permit_id == permit.id)).all()
    parts = sorted(f"{reading.department(line.department_id)}×{line.copies}" for line in lines)
    return "; ".join([*parts, f"存档×{permit.archive_copies}"] if permit.archive_copies else parts)


def _devices(reading: Reading, permit: Permit) -> str:
    query = select(Device.code).join(PermitDevice, col(PermitDevice.device_id) == Device.id).where(PermitDevice.permit_id == permit.id)
    return " ".join(sorted(reading.session.exec(query).all()))


def _approvals(reading: Reading, permit: Permit) -> str:
    query = select(PermitStep).where(PermitStep.permit_id == permit.id, col(PermitStep.person_id).is_not(None))
    steps = reading.session.exec(query.order_by(col(PermitStep.step))).all()
    return "; ".join(f"{reading.person(step.person_id)} {reading.local(step.decided_at)[:16].replace('T', ' ')}" for step in steps)
