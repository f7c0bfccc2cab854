"""Which of his permits a held job would fit: the way out beside the reasons (I11)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from sqlmodel import Session, col, select

from gateway.db.tables import Job, Permit
from gateway.domain.matching import match_reasons
from gateway.domain.permits import PermitFacts
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
        permits = _Permits(gate, session, requester_id or 0, {job.pages for job in his})
        for job in his:
            found[job.id or 0] = permits.that_fit(job)
    return found


class _Permits:
    """The newest active permits of one requester, by pages; the facts of each are read once, and only if it is tried."""

    def __init__(self, gate: Gate, session: Session, requester_id: int, pages: set[int | None]) -> None:
        self._gate, self._session = gate, session
        self._facts: dict[int, PermitFacts] = {}
        self._of_pages: dict[int, list[Permit]] = defaultdict(list)
        query = select(Permit).where(
            Permit.requester_id == requester_id,
            Permit.state == PermitState.ACTIVE.value,
            Permit.kind != PermitKind.STANDING.value,
            col(Permit.pages).in_([count for count in pages if count]),
        )
        for permit in session.exec(query.order_by(col(Permit.id).desc()).limit(_LOOKED_AT)).all():
            self._of_pages[permit.pages].append(permit)

    def that_fit(self, job: Job) -> tuple[str, ...]:
        """Numbers of the newest that would release the job."""
        gate, facts, fits = self._gate, job_facts(self._gate, self._session, job), list[str]()
        now, today = gate.now(), gate.today()
        for permit in self._of_pages.get(job.pages or 0, ()):
            likely = permit.page_hash in (None, job.page_hash) and permit.id != job.permit_id
            if likely and not match_reasons(facts, self._facts_of(permit), now, today):
                fits.append(permit.permit_no)
            if len(fits) == _MOST:
                break
        return tuple(fits)

    def _facts_of(self, permit: Permit) -> PermitFacts:
        number = permit.id or 0
        if number not in self._facts:
            self._facts[number] = permit_facts(self._gate, self._session, permit)
        return self._facts[number]
