"""The one way a 绝密 original is copied: under a JM-EX permit that is in force while it is scanned (R15, R16, SC-19).

The permit comes before the scan: without it nothing of the paper is kept, and what was scanned under one that ended is destroyed.
"""

from __future__ import annotations

from sqlmodel import Session, col, or_, select

from gateway.db.tables import Job, Permit
from gateway.domain.approvals import current_step
from gateway.domain.codes import Reason
from gateway.domain.copying import forbidden_reason
from gateway.domain.permits import excepts
from gateway.domain.vocabulary import Channel, JobStage, Level, PermitKind
from gateway.services.chains import chain_of
from gateway.services.facts import permit_facts
from gateway.services.gate import Gate
from gateway.services.originals import original_of

_OPEN = (JobStage.RECEIVING.value, JobStage.HELD.value)


def forbidden(gate: Gate, session: Session, job: Job) -> Reason | None:
    """Why nothing of this copy job may be kept, or None."""
    original = original_of(session, job)
    reason = forbidden_reason(original) if original else None
    return reason if reason and not is_excepted(gate, session, job) else None


def is_excepted(gate: Gate, session: Session, job: Job) -> bool:
    """Whether the job's permit lets a 绝密 original be copied now: whole chain, one job, and no older one waits under it."""
    permit = session.get(Permit, job.permit_id) if job.permit_id else None
    if permit is None or permit.kind != PermitKind.JM_EX.value:
        return False
    older = select(Job.id).where(Job.permit_id == permit.id, col(Job.id) < job.id, col(Job.stage).in_(_OPEN))
    if session.exec(older).first() is not None or current_step(chain_of(gate, session, permit)) is not None:
        return False
    return excepts(permit_facts(gate, session, permit), job.id or 0, gate.clock.now())


def jobs_to_look_at(session: Session) -> list[int]:
    """Open copy jobs that are, or may be, of a 绝密 original: declared so, or scanned under a JM-EX permit."""
    under = select(Permit.id).where(Permit.kind == PermitKind.JM_EX.value)
    suspect = or_(Job.declared_level == Level.JUEMI.value, col(Job.permit_id).in_(under))
    query = select(Job.id).where(Job.channel == Channel.COPY.value, col(Job.stage).in_(_OPEN), suspect)
    return [job_id for job_id in session.exec(query).all() if job_id]
