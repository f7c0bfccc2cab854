"""What waits at which device: released jobs, and jobs a former process left in the middle."""

from __future__ import annotations

from sqlmodel import col, select

from gateway.db.tables import Device, Job, Permit, Release, Submission
from gateway.domain.vocabulary import JobStage, Level
from gateway.services.gate import Gate
from gateway.services.printing import OPEN, open_submissions
from gateway.services.room import reasons_of_room

_BEGUN = (JobStage.PREPARING.value, JobStage.SUBMITTING.value, JobStage.PRINTING.value)

_STATE_SECRETS = [level.value for level in Level if level.is_state_secret]


def devices_with_work(gate: Gate) -> list[int]:
    """Ids of devices with a job that is released or begun."""
    with gate.database.reading() as session:
        query = select(Job.device_id).where(col(Job.stage).in_([JobStage.QUEUED.value, *_BEGUN])).distinct()
        return sorted(device for device in session.exec(query).all() if device is not None)


def queued_jobs(gate: Gate, device_id: int) -> list[int]:
    """Ids of released jobs that wait for this device, oldest release first; none while the room is not open (R86, R90, R101, R102)."""
    with gate.database.reading() as session:
        if reasons_of_room(session):
            return []
        query = select(Job.id).where(Job.stage == JobStage.QUEUED.value, Job.device_id == device_id).order_by(col(Job.stage_since))
        if session.get_one(Device, device_id).meter_hold:
            query = query.join(Permit, col(Job.permit_id) == Permit.id).where(col(Permit.level).not_in(_STATE_SECRETS))
        return [job_id for job_id in session.exec(query).all() if job_id is not None]


def interrupted_jobs(gate: Gate, device_id: int) -> list[tuple[int, JobStage, list[Submission], Device]]:
    """Jobs left between `preparing` and `printing` at this device, with their open submissions and the device."""
    with gate.database.reading() as session:
        device = session.get_one(Device, device_id)
        jobs = session.exec(select(Job).where(col(Job.stage).in_(_BEGUN), Job.device_id == device_id).order_by(col(Job.id))).all()
        return [(job.id or 0, JobStage(job.stage), list(open_submissions(session, job.id or 0)), device) for job in jobs]


def device_jobs_under_way(gate: Gate) -> list[tuple[int, str, str, int]]:
    """What is at devices now: submission, adapter and address of its device, and the device's number of the job."""
    query = (
        select(Submission.id, Device.adapter, Device.uri, Submission.device_job)
        .join(Release, col(Submission.release_id) == Release.id)
        .join(Device, col(Release.device_id) == Device.id)
        .where(col(Submission.state).in_(sorted(OPEN)), col(Submission.device_job).is_not(None))
    )
    with gate.database.reading() as session:
        return [(number or 0, adapter, uri, device_job or 0) for number, adapter, uri, device_job in session.exec(query).all()]
