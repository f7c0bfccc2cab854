"""The copy register 复印登记表 (docs/forms.md F5): the print register's rows of copy jobs, and what only copies have (R02, R25)."""

from __future__ import annotations

from collections.abc import Iterator

from sqlmodel import Session, col, select

from gateway.db.tables import Carrier, CopySession, Job, Permit
from gateway.domain.duties import Act
from gateway.services.register_reading import Reading
from gateway.services.registers import print_register

_ORIGINAL = ("original_carrier", "original_copy", "origin", "issuer_consent")


def copy_rows(reading: Reading) -> Iterator[dict[str, object]]:
    """Copy jobs of the month, refused and withdrawn ones too."""
    reading.actor.require(Act.SEE_BOOKS)
    session = reading.session
    pairs = select(Job, CopySession).join(CopySession, col(CopySession.job_id) == Job.id)
    for row in print_register(reading.gate, reading.actor, reading.month.label):
        found = session.exec(pairs.where(Job.job_no == row["job"])).first()
        if found is None:
            continue
        job, copied = found
        stamped = row["copy_from"] and row["released_at"]
        yield {
            **row,
            **_original(session, job, copied),
            "declared_by": reading.person(copied.declared_by_id),
            "seconded_by": reading.person(copied.seconded_by_id),
            "copy_stamp": f"{reading.gate.settings.unit} {str(row['released_at'])[:10]} 复制" if stamped else "",
            "method": copied.method,
        }


def _original(session: Session, job: Job, copied: CopySession) -> dict[str, object]:
    carrier = session.get(Carrier, copied.parent_id) if copied.parent_id else None
    permit = session.get(Permit, job.permit_id) if job.permit_id else None
    consent = (permit.consent_doc_no, f"{permit.consent_date or ''}", permit.consent_person) if permit else ()
    values = (
        carrier.carrier_no if carrier else "",
        f"{carrier.copy_number:06d}" if carrier else "",
        permit.origin if permit else "",
        " ".join(part for part in consent if part),
    )
    return dict(zip(_ORIGINAL, values, strict=True))
