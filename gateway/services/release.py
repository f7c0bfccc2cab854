"""Release 放行: the one act that turns approval into paper (R01, R05, R10, R76; invariants I1-I4).

One transaction: every rule is checked again, the copies are reserved by guarded update, the numbers 份号 are given,
the ledger entry is written, and 64 bits of it go on the paper.
"""

from __future__ import annotations

from sqlalchemy import String, cast
from sqlmodel import Session, col, select

from gateway.db.rows import by_id
from gateway.db.tables import Device, Job, Permit, PermitStep, User
from gateway.domain import moves
from gateway.domain.codes import Code, Reason
from gateway.domain.duties import Act
from gateway.domain.matching import match_reasons
from gateway.domain.policy import Policy
from gateway.domain.vocabulary import Channel, JobStage, Level, PermitKind, PermitState, ReleaseMode
from gateway.errors import ConflictError, ForbiddenError, RefusedError
from gateway.ledger.append import append
from gateway.ledger.entry import commitment, utc_text
from gateway.services.attendance import attendance_reason, attendant_of
from gateway.services.clock_watch import watch_clock
from gateway.services.denials import record_refusal
from gateway.services.facts import job_facts, permit_facts
from gateway.services.gate import SYSTEM, Actor, Gate
from gateway.services.handling import handling_reasons
from gateway.services.jobs import JobView, move, reasons_of, view, views, visible_job
from gateway.services.leases import claim_holds
from gateway.services.matching import rematch
from gateway.services.paper_use import paper_told, used_paper
from gateway.services.policies import policy_in_force
from gateway.services.reopening import reopen_broken
from gateway.services.reservation import give_back_reserved, reserve, write_release
from gateway.services.room import reasons_of_room

_MOST_SHOWN = 200


def claim_job(gate: Gate, actor: Actor, job_no: str) -> JobView:
    """An operator takes a held job to the device. A lease, not a stage: it ends with the session (services.leases)."""
    actor.require(Act.RELEASE)
    with gate.database.writing() as session:
        job = visible_job(session, actor, job_no)
        _expect_held(job)
        _not_claimed_by_another(session, gate, job, actor)
        job.operator_id, job.claimed_at = actor.user_id, gate.clock.now()
        session.add(job)
        append(session, kind="job.claimed", at=gate.clock.now(), actor=actor.username, subject=job.job_no, data={})
        return view(session, job)


def release_job(gate: Gate, actor: Actor, job_no: str) -> JobView:
    """Release all copies of a held job: an operator, or where the policy says so whoever approved its permit (R76).

    Raises RefusedError with every reason against it, and records the refusal (I11).
    """
    reasons: list[Reason] = []
    watch_clock(gate)
    with gate.database.writing() as session:
        job = visible_job(session, actor, job_no)
        _expect_held(job)
        _not_claimed_by_another(session, gate, job, actor)
        permit = session.get(Permit, job.permit_id) if job.permit_id else None
        if permit is not None:
            reopen_broken(gate, session, permit)
        reasons = reasons_against(gate, session, actor, job, permit)
        if permit is not None and not reasons and (missing := reserve(gate, session, permit, job)):
            reasons = [missing]
        if permit is not None and not reasons:
            attendant = attendant_of(gate, session, job, Level(permit.level))
            beside = attendant.username if attendant else ""
            write_release(gate, session, job, permit, by=actor.username, operator_id=actor.user_id, beside=beside)
            return view(session, job)
    record_refusal(gate, actor, "job.release_refused", job.job_no, reasons)
    raise RefusedError(reasons)


def release_standing(gate: Gate) -> int:
    """Release the held jobs a standing permit 常年 fits: nobody need be asked for the day's paper (SC-03); returns how many.

    Everything is checked again; whoever sent the job answers for its paper. What no longer fits gets its reasons and stays held.
    """
    with gate.database.reading() as session:
        if policy_in_force(session).release_mode(Level.GONGKAI, "", standing=True) is not ReleaseMode.SELF:
            return 0
    active = select(Permit.id).where(Permit.kind == PermitKind.STANDING.value, Permit.state == PermitState.ACTIVE.value)
    query = select(Job.id).where(col(Job.permit_id).in_(active), Job.stage == JobStage.HELD.value, cast(Job.reasons, String) == "[]")
    with gate.database.reading() as session:
        ready = session.exec(query.order_by(col(Job.id))).all()
    if ready:
        watch_clock(gate)
    return sum(_release_by_itself(gate, job_id or 0) for job_id in ready)


def _release_by_itself(gate: Gate, job_id: int) -> bool:
    with gate.database.writing() as session:
        job = session.get_one(Job, job_id)
        if JobStage(job.stage) is not JobStage.HELD or reasons_of_room(session):
            return False
        if rematch(gate, session, job) or job.permit_id is None:
            return False
        permit = session.get_one(Permit, job.permit_id)
        if permit.kind != PermitKind.STANDING.value or reopen_broken(gate, session, permit):
            return False
        if reserve(gate, session, permit, job) is not None:
            return False
        write_release(gate, session, job, permit, by=SYSTEM, operator_id=job.requester_id or 0)
        return True


def _expect_held(job: Job) -> None:
    if JobStage(job.stage) is not JobStage.HELD:
        raise ConflictError(f"Job {job.job_no} is {job.stage}, not held.", "It may have been released or withdrawn already.")


def _not_claimed_by_another(session: Session, gate: Gate, job: Job, actor: Actor) -> None:
    if job.operator_id not in (None, actor.user_id) and claim_holds(gate, session, job):
        other = session.get_one(User, job.operator_id)
        raise ConflictError(
            f"Job {job.job_no} is claimed by {other.display_name}.", "Let that operator release it, or wait for the lease to end."
        )


def may_release(session: Session, actor: Actor, job: Job, permit: Permit | None) -> bool:
    """Whether this is one of those who release this job: operators, and by the policy's word whoever approved its permit (R76)."""
    if actor.may(Act.RELEASE) or permit is None:
        return actor.may(Act.RELEASE)
    device = session.get(Device, job.device_id) if job.device_id else None
    approved = select(PermitStep.id).where(PermitStep.permit_id == permit.id, PermitStep.person_id == actor.user_id)
    return _by_its_approvers(policy_in_force(session), permit, device) and session.exec(approved).first() is not None


def _by_its_approvers(policy: Policy, permit: Permit, device: Device | None) -> bool:
    standing = permit.kind == PermitKind.STANDING.value
    return policy.release_mode(Level(permit.level), device.code if device else "", standing=standing) is ReleaseMode.APPROVER


def jobs_to_release(gate: Gate, actor: Actor) -> list[JobView]:
    """Held jobs with nothing against them that the actor may release because he approved their permit (profile office; R76)."""
    mine = select(PermitStep.permit_id).where(PermitStep.person_id == actor.user_id, PermitStep.decision == "approved")
    ready = select(Job).where(col(Job.permit_id).in_(mine), Job.stage == JobStage.HELD.value, cast(Job.reasons, String) == "[]")
    with gate.database.reading() as session:
        policy = policy_in_force(session)
        if not policy.approvers_release:
            return []
        jobs = session.exec(ready.order_by(col(Job.id)).limit(_MOST_SHOWN)).all()
        permits, devices = by_id(session, Permit, [job.permit_id for job in jobs]), by_id(session, Device, [job.device_id for job in jobs])
        return views(session, [job for job in jobs if _by_its_approvers(policy, permits[job.permit_id], devices.get(job.device_id))])


def is_released_by(gate: Gate, actor: Actor, job_no: str) -> bool:
    """Whether this job could be released now and the actor is one of those who may."""
    with gate.database.reading() as session:
        job = visible_job(session, actor, job_no)
        permit = session.get(Permit, job.permit_id) if job.permit_id else None
        return view(session, job).releasable and may_release(session, actor, job, permit)


def reasons_against(gate: Gate, session: Session, actor: Actor, job: Job, permit: Permit | None) -> list[Reason]:
    """Everything against the actor's releasing this job now: the room, the match with its permit, what he may handle and has approved."""
    if not may_release(session, actor, job, permit):
        return [Reason(Code.E_OPERATOR_REQUIRED)]
    room = reasons_of_room(session)
    if job.channel == Channel.FAX.value:
        return [*room, Reason(Code.E_PERMIT_CHANNEL, "it is filed as a fax")]
    if permit is None:
        return [*room, *(reasons_of(job) or [Reason(Code.E_NO_PERMIT)])]
    terms = permit_facts(gate, session, permit)
    reasons = room + match_reasons(job_facts(gate, session, job), terms, gate.now(), gate.today())
    reasons += handling_reasons(gate, session, actor, terms.level)
    if alone := attendance_reason(gate, session, actor, job, terms.level):
        reasons.append(alone)
    steps = session.exec(select(PermitStep).where(PermitStep.permit_id == permit.id)).all()
    if terms.level.is_state_secret and any(step.person_id == actor.user_id for step in steps):
        reasons.append(Reason(Code.E_SELF_RELEASE, "the operator approved this permit"))
    return reasons


def cancel_job(gate: Gate, actor: Actor, job_no: str, reason: str = "") -> JobView:
    """Withdraw a job that has not begun to print: its owner or an operator may. Reserved numbers become void (I4)."""
    with gate.database.writing() as session:
        job = visible_job(session, actor, job_no)
        if job.requester_id != actor.user_id and not actor.may(Act.RELEASE):
            raise ForbiddenError("A job is withdrawn by its owner or an operator.", "Ask one of them.")
        cancel(gate, session, job, moves.WITHDRAW, actor.username, "withdrawn", words=reason)
        return view(session, job)


def cancel(gate: Gate, session: Session, job: Job, row: moves.Move[JobStage], actor: str, reason: str, *, words: str = "") -> None:
    """Move a job to `canceled` and give back what it had reserved. A person's words may hold a title: only a commitment is kept."""
    now = gate.clock.now()
    move(session, job, row, now)
    given_back = give_back_reserved(session, job)
    ended = {"status": "canceled", **({"completed_at": utc_text(now)} if used_paper(session, job) else {})}
    append(
        session,
        kind="job.canceled",
        at=now,
        actor=actor,
        subject=job.job_no,
        data={
            "reason": reason,
            "words": commitment(job.title_salt, words),
            **given_back,
            "print_register": ended,
            **paper_told(gate, session, job, ended),
        },
    )
