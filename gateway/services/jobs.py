"""Jobs as everybody sees them, and the guarded move from stage to stage (invariant I2)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

from sqlalchemy import func, update
from sqlmodel import Session, col, select

from gateway.db.rows import by_id
from gateway.db.tables import Copy, Department, Device, Job, Permit, User, Waste
from gateway.domain.codes import Reason
from gateway.domain.duties import Act, needs_two_operators
from gateway.domain.marks import mark_to_stamp
from gateway.domain.moves import Move
from gateway.domain.stages import IPP_STATES
from gateway.domain.vocabulary import Channel, CopyState, JobStage, Level
from gateway.errors import ConflictError, ForbiddenError, NotFoundError
from gateway.services.gate import Actor, Gate
from gateway.services.months import during, parse_month
from gateway.services.pages import Page, number_key, page_together
from gateway.services.suggestions import suggestions


def move(session: Session, job: Job, row: Move[JobStage], at: datetime) -> None:
    """Make one move of the table (`gateway.domain.moves`) by guarded update: exactly one row, only from the move's sources.

    Raises ConflictError when somebody else moved the job first, or the table has no such move from its stage.
    """
    if JobStage(job.stage) not in row.sources:
        raise ConflictError(f"Job {job.job_no} is {job.stage}; it cannot become {row.to.value}.", "Look at the job again.")
    moved = session.execute(
        update(Job)
        .where(col(Job.id) == job.id, col(Job.stage) == job.stage)
        .values(stage=row.to.value, stage_since=at, device_says="", claimed_at=None)
    )
    if moved.rowcount != 1:  # type: ignore[attr-defined]  # an UPDATE's result has rowcount
        raise ConflictError(f"Job {job.job_no} has just moved on.", "Look at the job again.")
    job.stage, job.stage_since, job.device_says, job.claimed_at = row.to.value, at, "", None


def job_by_number(session: Session, job_no: str) -> Job:
    """The job of this number, upper or lower case. Raises NotFoundError."""
    job = session.exec(select(Job).where(Job.job_no == job_no.strip().upper())).first()
    if job is None:
        raise NotFoundError(f"There is no job {job_no.strip()[:20]}.", "See `imprimatur job list`.")
    return job


def may_see(actor: Actor, job: Job) -> bool:
    """Owners see their own jobs; operators and approvers see jobs of all departments (R32: the 三员 do not)."""
    return job.requester_id == actor.user_id or actor.may(Act.RELEASE) or actor.may(Act.APPROVE)


def visible_job(session: Session, actor: Actor, job_no: str) -> Job:
    """The job, if the actor may know of it; otherwise it does not exist for him. Raises NotFoundError.

    Raises ForbiddenError for accounts that may know of no job at all, such as the 三员 (SC-35).
    """
    if not actor.token and not any(actor.may(act) for act in (Act.PRINT, Act.RELEASE, Act.APPROVE)):
        raise ForbiddenError(f"The account {actor.username} may not look at jobs.", "Ask a person who may print, approve or release.")
    job = job_by_number(session, job_no)
    if not may_see(actor, job):
        raise NotFoundError(f"There is no job {job_no.strip()[:20]}.", "See `imprimatur job list`.")
    return job


def reasons_of(job: Job) -> list[Reason]:
    """The stored reasons that hold a job."""
    return [Reason.from_json(reason) for reason in job.reasons]


@dataclass(frozen=True, slots=True)
class JobView:
    """A job as UI, API and CLI show it."""

    job_no: str
    channel: Channel
    stage: JobStage
    title: str
    requester: str
    requester_name: str
    sender: str
    queue: str
    device: str
    permit_no: str
    permit_state: str
    mark: str
    copies: int
    pages: int | None
    paper: str
    sides: str
    reasons: tuple[Reason, ...]
    operator: str
    received_at: datetime
    stage_since: datetime
    expires_at: datetime | None
    copies_good: int
    copies_reserved: int
    sheets_waste: int
    """Spoiled sheets, once the job is completed."""
    has_pages: bool
    device_says: tuple[str, ...]
    """IPP state keywords of the device, while the job waits for it or is on it."""
    attendant: str = ""
    """The second operator who said he was there, for a paper that takes two; '' while nobody has, or when one is enough."""
    needs_two: bool = False
    """Whether it takes two operators to release it."""
    suggested: tuple[str, ...] = ()
    """Numbers of the requester's permits that would release the job as it is; only looked for where somebody looks at it."""

    @property
    def releasable(self) -> bool:
        """Held, with a permit and nothing against it."""
        return self.stage is JobStage.HELD and bool(self.permit_no) and not self.reasons

    @property
    def ipp_state(self) -> tuple[str, str]:
        """job-state and job-state-reasons in IPP's words."""
        return IPP_STATES[self.stage]


def view(session: Session, job: Job) -> JobView:
    """Build the view of one job."""
    return views(session, [job])[0]


def views(session: Session, jobs: Sequence[Job]) -> list[JobView]:
    """Build the views of many jobs with a handful of queries."""
    people = by_id(
        session, User, {job.requester_id for job in jobs} | {job.operator_id for job in jobs} | {job.attendant_id for job in jobs}
    )
    devices = by_id(session, Device, {job.device_id for job in jobs})
    permits = by_id(session, Permit, {job.permit_id for job in jobs})
    counts = _copy_counts(session, [job.id for job in jobs if job.stage != JobStage.HELD.value])
    waste = _sheets_waste(session, [job.id for job in jobs if job.stage == JobStage.COMPLETED.value])
    return [
        _view(
            job,
            people.get(job.requester_id),
            people.get(job.operator_id),
            people.get(job.attendant_id),
            devices.get(job.device_id),
            permits.get(job.permit_id),
            counts.get(job.id, {}),
            waste.get(job.id, 0),
        )
        for job in jobs
    ]


def _copy_counts(session: Session, job_ids: Sequence[int | None]) -> dict[int | None, dict[str, int]]:
    counts: dict[int | None, dict[str, int]] = {}
    if job_ids:
        query = select(Copy.job_id, Copy.state, func.count()).where(col(Copy.job_id).in_(job_ids))
        for job_id, state, count in session.exec(query.group_by(col(Copy.job_id), col(Copy.state))).all():
            counts.setdefault(job_id, {})[state] = count
    return counts


def _sheets_waste(session: Session, job_ids: Sequence[int | None]) -> dict[int | None, int]:
    query = select(Waste.job_id, func.sum(Waste.sheets)).where(col(Waste.job_id).in_(job_ids)).group_by(col(Waste.job_id))
    return {job_id: int(sheets) for job_id, sheets in session.exec(query).all()} if job_ids else {}


def _view(
    job: Job,
    requester: User | None,
    operator: User | None,
    attendant: User | None,
    device: Device | None,
    permit: Permit | None,
    counts: Mapping[str, int],
    sheets_waste: int,
) -> JobView:
    return JobView(
        job_no=job.job_no,
        channel=Channel(job.channel),
        stage=JobStage(job.stage),
        title=job.title or "",
        requester=requester.username if requester else "",
        requester_name=requester.display_name if requester else job.sender,
        sender=job.sender,
        queue=job.queue,
        device=device.code if device else "",
        permit_no=permit.permit_no if permit else "",
        permit_state=permit.state if permit else "",
        mark=mark_to_stamp(Level(permit.level), permit.term) if permit else "",
        copies=job.copies,
        pages=job.pages,
        paper=str(job.inspection.get("paper", "")),
        sides=job.options.get("sides", "one-sided"),
        reasons=tuple(reasons_of(job)),
        operator=operator.username if operator else "",
        received_at=job.received_at,
        stage_since=job.stage_since,
        expires_at=job.expires_at,
        copies_good=counts.get(CopyState.GOOD.value, 0),
        copies_reserved=counts.get(CopyState.RESERVED.value, 0),
        sheets_waste=sheets_waste,
        device_says=tuple(job.device_says.split()),
        attendant=attendant.username if attendant else "",
        needs_two=permit is not None and needs_two_operators(Level(permit.level)),
        has_pages=job.base_object is not None and job.content_destroyed_at is None,
    )


def show(gate: Gate, actor: Actor, job_no: str) -> JobView:
    """One job, if the actor may know of it."""
    with gate.database.reading() as session:
        job = visible_job(session, actor, job_no)
        return _with_suggestions(gate, session, [job])[0]


def list_jobs(
    gate: Gate,
    actor: Actor,
    *,
    mine: bool = False,
    stages: Sequence[JobStage] = (),
    department: str = "",
    month: str = "",
    after: str = "",
    limit: int = 50,
) -> Page[JobView]:
    """Newest first, only what the actor may see: of these stages, this requesters' department, received in this month (YYYY-MM)."""
    everything = not mine and (actor.may(Act.RELEASE) or actor.may(Act.APPROVE))
    query = select(Job).order_by(col(Job.id).desc()).limit(limit + 1)
    if not everything:
        query = query.where(Job.requester_id == actor.user_id)
    if stages:
        query = query.where(col(Job.stage).in_([stage.value for stage in stages]))
    if department:
        members = select(User.id).join(Department, col(User.department_id) == Department.id).where(Department.code == department)
        query = query.where(col(Job.requester_id).in_(members))
    if month:
        query = query.where(during(Job.received_at, parse_month(gate, month)))
    if after:
        query = query.where(col(Job.id) < number_key(after))
    with gate.database.reading() as session:
        show_all = partial(_with_suggestions, gate, session) if mine else partial(views, session)
        return page_together(session.exec(query).all(), limit, show_all, lambda job: job.id)


def _with_suggestions(gate: Gate, session: Session, jobs: Sequence[Job]) -> list[JobView]:
    fitting = suggestions(gate, session, jobs)
    return [replace(view, suggested=fitting.get(job.id or 0, ())) for job, view in zip(jobs, views(session, jobs), strict=True)]
