"""What waits for whom: the small numbers beside the doors."""

from __future__ import annotations

from gateway.domain.duties import Act
from gateway.domain.vocabulary import JobStage
from gateway.services.alerts import list_alerts
from gateway.services.gate import Actor, Gate
from gateway.services.jobs import list_jobs
from gateway.services.permit_views import list_permits
from gateway.services.policies import waiting_proposals
from gateway.services.release import jobs_to_release
from gateway.services.resets import waiting_resets

_MOST = 200


def waiting_for(gate: Gate, actor: Actor) -> dict[str, int]:
    """By door: own jobs held for a reason, permits to decide and jobs an approver releases, jobs to release or to settle, alerts."""
    found = {}
    if actor.may(Act.PRINT):
        found["mine"] = sum(1 for job in list_jobs(gate, actor, mine=True, stages=[JobStage.HELD], limit=_MOST) if job.reasons)
    if actor.may(Act.APPROVE):
        found["approve"] = len(list_permits(gate, actor, waiting_for_me=True, limit=_MOST)) + len(jobs_to_release(gate, actor))
    if actor.may(Act.RELEASE):
        open_jobs = list_jobs(gate, actor, stages=[JobStage.HELD, JobStage.UNRESOLVED], limit=_MOST)
        found["release"] = sum(1 for job in open_jobs if job.releasable or job.stage is JobStage.UNRESOLVED)
    if actor.may(Act.SEE_ALERTS):
        found["room"] = len(list_alerts(gate, actor, limit=_MOST))
    if actor.may(Act.RESET_CREDENTIALS):
        found["people"] = waiting_resets(gate, actor)
    if actor.may(Act.DECIDE_POLICY):
        found["policy"] = waiting_proposals(gate, actor)
    return found
