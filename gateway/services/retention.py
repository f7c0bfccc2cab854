"""Nothing is kept longer than needed: held jobs expire, content is destroyed within 60 s of the end (I7, R92)."""

from __future__ import annotations

from sqlalchemy import update
from sqlmodel import col, select

from gateway.db.tables import Fax, Job, JobDocument
from gateway.domain import moves
from gateway.domain.stages import TERMINAL
from gateway.domain.vocabulary import JobStage
from gateway.ledger.append import append
from gateway.logs import log
from gateway.services.gate import SYSTEM, Gate
from gateway.services.release import cancel

MOST_AT_ONCE = 500
"""So many objects are destroyed in one go: their keys are overwritten with two forced writes for all, not for each."""


def expire_held_jobs(gate: Gate) -> int:
    """Withdraw jobs held longer than `hold_hours` (SC-02); returns how many."""
    now = gate.clock.now()
    with gate.database.reading() as session:
        due = session.exec(
            select(Job.id).where(Job.stage == JobStage.HELD.value, col(Job.expires_at).is_not(None), col(Job.expires_at) <= now)
        ).all()
    for job_id in due:
        with gate.database.writing() as session:
            job = session.get_one(Job, job_id)
            if JobStage(job.stage) is JobStage.HELD:
                cancel(gate, session, job, moves.EXPIRE, SYSTEM, "expired")
    return len(due)


def destroy_finished_content(gate: Gate) -> int:
    """Destroy what jobs in a terminal stage still have in the spool; returns how many jobs."""
    with gate.database.reading() as session:
        terminal = [stage.value for stage in TERMINAL]
        ended = select(Job).where(col(Job.stage).in_(terminal), col(Job.content_destroyed_at).is_(None))
        jobs = session.exec(ended.order_by(col(Job.id)).limit(MOST_AT_ONCE)).all()
        objects = {
            job.id: [
                *session.exec(select(JobDocument.spool_object).where(JobDocument.job_id == job.id, JobDocument.spool_object != "")).all(),
                *filter(None, [job.base_object]),
            ]
            for job in jobs
        }
    gate.spool.destroy(*(spool_object for of_job in objects.values() for spool_object in of_job))
    for job in jobs:
        with gate.database.writing() as session:
            row = session.get_one(Job, job.id)
            row.content_destroyed_at, row.base_object = gate.clock.now(), None
            session.add(row)
            append(
                session,
                kind="job.content_destroyed",
                at=gate.clock.now(),
                actor=SYSTEM,
                subject=row.job_no,
                data={"objects": len(objects[job.id])},
            )
    return len(jobs)


def destroy_sources_of_counted_jobs(gate: Gate) -> int:
    """Once the base is durable the received documents are no longer needed; returns how many were destroyed."""
    with gate.database.reading() as session:
        rows = session.exec(
            select(JobDocument)
            .join(Job, col(JobDocument.job_id) == Job.id)
            .where(col(Job.base_object).is_not(None), JobDocument.spool_object != "")
            .limit(MOST_AT_ONCE)
        ).all()
    if rows:
        gate.spool.destroy(*(row.spool_object for row in rows))
        with gate.database.writing() as session:
            session.execute(update(JobDocument).where(col(JobDocument.id).in_([row.id for row in rows])).values(spool_object=""))
    return len(rows)


def reconcile_spool(gate: Gate) -> None:
    """At start: objects no job knows, and jobs whose object is gone, are reported; nothing is deleted unseen (I8)."""
    result = gate.spool.reconcile(_known_objects(gate))
    unknown = result.unknown_objects - _known_objects(gate)  # what arrived while we looked is known by now
    if unknown or result.missing_objects:
        log.warning("spool_differs_from_database", count=len(unknown), objects=len(result.missing_objects))
        data = {"unknown": sorted(unknown), "missing": sorted(result.missing_objects)}
        with gate.database.writing() as session:
            append(session, kind="spool.differs", at=gate.clock.now(), actor=SYSTEM, subject="", data=data)


def _known_objects(gate: Gate) -> set[str]:
    with gate.database.reading() as session:
        live = session.exec(select(Job).where(col(Job.content_destroyed_at).is_(None))).all()
        ids = [job.id for job in live]
        documents = session.exec(
            select(JobDocument.spool_object).where(col(JobDocument.job_id).in_(ids), JobDocument.spool_object != "")
        ).all()
        faxes = session.exec(select(Fax.spool_object).where(Fax.spool_object != "")).all()
    return set(documents) | set(faxes) | {job.base_object for job in live if job.base_object}
