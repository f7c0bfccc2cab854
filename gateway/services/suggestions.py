"""Which of his permits a held job would fit: the way out beside the reasons (I11)."""

from __future__ import annotations

from collections.abc import Sequence

from sqlmodel import Session, col, select

from gateway.db.tables import Job, Permit
from gateway.domain.matching import match_reasons
from gateway.domain.vocabulary import JobStage, PermitKind, PermitState
from gateway.services.facts import job_facts, permit_facts
from gateway.services.gate import Gate

_LOOKED_AT = 200
"""Newest active permits of one requester that are tried."""
_MOST = 3


def suggestions(gate: Gate, session: Session, jobs: Sequence[Job]) -> dict[int, tuple[str, ...]]:
    """By job id: numbers of permits of the job's requester that would release it as it is, newest first; at most three each."""
    found: dict[int, tuple[str, ...]] = {}
    open_jobs = [job for job in jobs if job.stage == JobStage.HELD.value and job.reasons and job.verdict == "ok" and job.requester_id]
    for requester_id in {job.requester_id for job in open_jobs}:
        his = [job for job in open_jobs if job.requester_id == requester_id]
        permits = _active_permits(session, requester_id or 0, {job.pages for job in his})
        for job in his:
            found[job.id or 0] = _fitting(gate, session, job, permits)
    return found


def _active_permits(session: Session, requester_id: int, pages: set[int | None]) -> list[Permit]:
    query = select(Permit).where(
        Permit.requester_id == requester_id,
        Permit.state == PermitState.ACTIVE.value,
        Permit.kind != PermitKind.STANDING.value,
        col(Permit.pages).in_([count for count in pages if count]),
    )
    return list(session.exec(query.order_by(col(Permit.id).desc()).limit(_LOOKED_AT)).all())


def _fitting(gate: Gate, session: Session, job: Job, permits: Sequence[Permit]) -> tuple[str, ...]:
    facts, now, today = job_facts(session, job), gate.now(), gate.today()
    likely = [permit for permit in permits if permit.pages == job.pages and permit.page_hash in (None, job.page_hash)]
    fits: list[str] = []
    for permit in likely:
        if permit.id != job.permit_id and not match_reasons(facts, permit_facts(gate, session, permit), now, today):
            fits.append(permit.permit_no)
        if len(fits) == _MOST:
            break
    return tuple(fits)
