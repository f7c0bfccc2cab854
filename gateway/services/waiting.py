"""What waits for whom: the small numbers beside the doors. Counted, up to a limit; no line is made for it."""

from __future__ import annotations

from sqlalchemy import ColumnElement, String, and_, cast, func, or_
from sqlmodel import col, select

from gateway.db.tables import Job
from gateway.domain.duties import Act
from gateway.domain.vocabulary import JobStage
from gateway.services.alerts import list_alerts
from gateway.services.gate import Actor, Gate
from gateway.services.permit_views import count_waiting
from gateway.services.policies import waiting_proposals
from gateway.services.release import jobs_to_release
from gateway.services.resets import waiting_resets

_MOST = 200
_HELD = col(Job.stage) == JobStage.HELD.value
_FITS = cast(Job.reasons, String) == "[]"


def waiting_for(gate: Gate, actor: Actor) -> dict[str, int]:
    """By door: own jobs held for a reason, permits to decide and jobs an approver releases, jobs to release or to settle, alerts."""
    found = {}
    if actor.may(Act.PRINT):
        found["mine"] = _jobs(gate, col(Job.requester_id) == actor.user_id, _HELD, ~_FITS)
    if actor.may(Act.APPROVE):
        found["approve"] = count_waiting(gate, actor, _MOST) + len(jobs_to_release(gate, actor))
    if actor.may(Act.RELEASE):
        releasable = and_(_HELD, col(Job.permit_id).is_not(None), _FITS)
        found["release"] = _jobs(gate, or_(releasable, col(Job.stage) == JobStage.UNRESOLVED.value))
    if actor.may(Act.SEE_ALERTS):
        found["room"] = len(list_alerts(gate, actor, limit=_MOST))
    if actor.may(Act.RESET_CREDENTIALS):
        found["people"] = waiting_resets(gate, actor)
    if actor.may(Act.DECIDE_POLICY):
        found["policy"] = waiting_proposals(gate, actor)
    return found


def _jobs(gate: Gate, *conditions: ColumnElement[bool]) -> int:
    """How many jobs are so, counted up to the limit."""
    some = select(Job.id).where(*conditions).limit(_MOST).subquery()
    with gate.database.reading() as session:
        return session.exec(select(func.count()).select_from(some)).one()
