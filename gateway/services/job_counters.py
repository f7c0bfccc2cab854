"""What a device's counter showed right before and right after a job, as far as somebody or the gate read it (FORMS.md F5, R100)."""

from __future__ import annotations

from sqlalchemy import func
from sqlmodel import Session, col, select

from gateway.db.tables import Job, MeterReading, Release, Submission
from gateway.services.printing import NOT_SENT


def counters_around(session: Session, job: Job) -> tuple[int | None, int | None]:
    """The counter in sides before and after; None where nothing was read, or other jobs lie between the reading and this one."""
    span = select(func.min(Submission.id), func.max(Submission.id)).where(Submission.job_id == job.id)
    first, last = session.exec(span).one()
    before = reading_before(session, job, first or 0)
    if before is None:
        return None, None
    later = select(MeterReading).where(MeterReading.device_id == before.device_id, MeterReading.source == before.source)
    after = session.exec(later.where(col(MeterReading.last_submission) >= last).order_by(col(MeterReading.id))).first()
    known = after is not None and not _others(session, before.device_id, last or 0, after.last_submission + 1)
    return before.impressions, after.impressions if after and known else None


def reading_before(session: Session, job: Job, first: int) -> MeterReading | None:
    """The newest reading of the job's device before its device job `first`, unless another job lies between."""
    earlier = select(MeterReading).where(MeterReading.device_id == job.device_id, col(MeterReading.last_submission) < first)
    before = session.exec(earlier.order_by(col(MeterReading.id).desc())).first()
    return None if before is None or _others(session, before.device_id, before.last_submission, first) else before


def _others(session: Session, device_id: int, above: int, below: int) -> bool:
    """Whether the device had jobs between two numbers that may have moved its counter."""
    ours = select(Submission.id).join(Release, col(Submission.release_id) == Release.id).where(Release.device_id == device_id)
    between = ours.where(col(Submission.id) > above, col(Submission.id) < below, Submission.state != NOT_SENT)
    return session.exec(between).first() is not None
