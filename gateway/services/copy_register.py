"""The copy register 复印登记表 (docs/forms.md F5): the print register's rows of copy jobs, and what only copies have (R02, R25)."""

from __future__ import annotations

from collections.abc import Iterator

from sqlmodel import Session, col, select

from gateway.db.tables import Carrier, CopySession, Job, Permit
from gateway.domain.copying import CopyMethod
from gateway.domain.duties import Act
from gateway.services.job_counters import counters_around
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
        released = str(row["released_at"])[:10] if row["copy_from"] else ""
        yield {
            **row,
            **_original(session, job, copied),
            "declared_by": reading.person(copied.declared_by_id),
            "seconded_by": reading.person(copied.seconded_by_id),
            **_stamp(reading.gate.settings.unit, copied, released),
            "method": copied.method,
            **_counters(session, job, copied),
        }


def _stamp(unit: str, copied: CopySession, released: str) -> dict[str, object]:
    """The copy stamp: printed on what comes out of the gate; on what does not it is there only in ink."""
    inked = {True: "yes", False: "no", None: ""}[copied.wet_stamp]
    has_one = released and (copied.method != CopyMethod.BY_HAND.value or copied.wet_stamp)
    return {"copy_stamp": f"{unit} {released} 复制" if has_one else "", "wet_stamp": inked}


def _counters(session: Session, job: Job, copied: CopySession) -> dict[str, object]:
    """As entered by hand, or as the device's meter was read around the job."""
    entered = (copied.counter_before, copied.counter_after)
    before, after = entered if copied.method == CopyMethod.BY_HAND.value else counters_around(session, job)
    return {"counter_before": "" if before is None else before, "counter_after": "" if after is None else after}


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
