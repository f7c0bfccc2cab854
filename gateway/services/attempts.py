"""A job that tries what is forbidden raises an alert for the secrecy office and the operators (SC-08, SC-12, SC-14, SC-17, R101)."""

from __future__ import annotations

from collections.abc import Collection

from sqlmodel import Session

from gateway.db.tables import Job, Permit
from gateway.domain.anomalies import attempts_among
from gateway.domain.codes import Reason
from gateway.domain.marks import parse_mark
from gateway.domain.vocabulary import AlertKind, Level, PermitState
from gateway.services.alerts import is_open, raise_alert
from gateway.services.gate import Gate


def note_attempt(gate: Gate, session: Session, job: Job, permit: Permit | None, reasons: Collection[Reason]) -> None:
    """In the transaction that holds or refuses a job: an alert, unless one about this job waits already."""
    codes = attempts_among(
        [reason.code for reason in reasons],
        downgraded=permit is not None and _is_marked_higher(job, Level(permit.level)),
        used_up=permit is not None and permit.state == PermitState.USED_UP.value,
    )
    if codes and not is_open(session, AlertKind.DENIED_JOB, job.job_no):
        raise_alert(gate, session, AlertKind.DENIED_JOB, job.job_no, " ".join(codes))


def _is_marked_higher(job: Job, level: Level) -> bool:
    marks = [mark for text in job.inspection.get("marks", ()) if (mark := parse_mark(text))]
    return any(mark.level.rank > level.rank for mark in marks)
