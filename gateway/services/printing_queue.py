"""What waits at which device: released jobs, and jobs a former process left in the middle."""

from __future__ import annotations

from sqlmodel import col, select

from gateway.db.tables import Device, Job, Submission
from gateway.domain.vocabulary import JobStage
from gateway.services.gate import Gate
from gateway.services.printing import open_submissions

_BEGUN = (JobStage.PREPARING.value, JobStage.SUBMITTING.value, JobStage.PRINTING.value)


def devices_with_work(gate: Gate) -> list[int]:
    """Ids of devices with a job that is released or begun."""
    with gate.database.reading() as session:
        query = select(Job.device_id).where(col(Job.stage).in_([JobStage.QUEUED.value, *_BEGUN])).distinct()
        return sorted(device for device in session.exec(query).all() if device is not None)


def queued_jobs(gate: Gate, device_id: int) -> list[int]:
    """Ids of released jobs that wait for this device, oldest release first."""
    with gate.database.reading() as session:
        query = select(Job.id).where(Job.stage == JobStage.QUEUED.value, Job.device_id == device_id).order_by(col(Job.stage_since))
        return [job_id for job_id in session.exec(query).all() if job_id is not None]


def interrupted_jobs(gate: Gate, device_id: int) -> list[tuple[int, JobStage, list[Submission], Device]]:
    """Jobs left between `preparing` and `printing` at this device, with their open submissions and the device."""
    with gate.database.reading() as session:
        device = session.get_one(Device, device_id)
        jobs = session.exec(select(Job).where(col(Job.stage).in_(_BEGUN), Job.device_id == device_id).order_by(col(Job.id))).all()
        return [(job.id or 0, JobStage(job.stage), list(open_submissions(session, job.id or 0)), device) for job in jobs]
