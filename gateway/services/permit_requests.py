"""Asking for a permit 准印证, in advance or from a held job (R07-R09, FORMS.md F4)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from gateway.db.tables import Department, Device, Job, Permit, PermitScope, User
from gateway.domain.codes import Code, Reason
from gateway.domain.duties import Act
from gateway.domain.matching import Person, device_may
from gateway.domain.permit_form import (
    KNOWERS_FROM,
    Consent,
    House,
    Monthly,
    PermitRequest,
    Recipient,
    Vendor,
    request_faults,
    usual_validity,
)
from gateway.domain.permits import channel_of, most_copies
from gateway.domain.vocabulary import Channel, DocType, JobStage, JuemiException, Level, Origin, PermitKind, Role
from gateway.errors import ConflictError, ForbiddenError, InvalidInputError, RefusedError
from gateway.services.devices import facts_of
from gateway.services.gate import Actor, Gate
from gateway.services.jobs import JobView, show, visible_job
from gateway.services.matching import rematch
from gateway.services.originals import original_permit
from gateway.services.people import person_of
from gateway.services.permit_rows import write_permit
from gateway.services.permit_views import PermitView, permit_by_number, view
from gateway.services.policies import policy_in_force


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What somebody filled in of the form; what he left out `draft_request` completes."""

    level: Level
    job_no: str | None = None
    kind: PermitKind = PermitKind.PRINT
    title: str | None = None
    term: str = ""
    pages: int | None = None
    copies: int | None = None
    scope: Mapping[str, int] = field(default_factory=dict)
    archive_copies: int = 0
    purpose: str = ""
    doc_no: str = ""
    doc_type: DocType = DocType.ORDINARY
    devices: Sequence[str] = ()
    valid_from: datetime | None = None
    valid_to: datetime | None = None
    origin: Origin = Origin.OWN
    issuer: str = ""
    consent: Consent | None = None
    no_copy_notice: bool = False
    classifier: str = ""
    recipients: Sequence[Recipient] = ()
    vendor: Vendor | None = None
    knowers: Sequence[str] = ()
    original: str = ""
    monthly: Monthly | None = None


def draft_request(gate: Gate, actor: Actor, wish: Wish) -> PermitRequest:
    """Complete a wish: pages, copies, title, device and whether it is a copy from the held job, all to the own department, 7 days.

    Without a device named, a state secret may go to every device fit for its level; without a knower list the requester is on it.
    Raises InvalidInputError when pages, copies or title are known from nowhere, or a time has no zone.
    """
    job = show(gate, actor, wish.job_no) if wish.job_no else None
    begin = wish.valid_from or gate.clock.now()
    standing = wish.kind is PermitKind.STANDING
    end = wish.valid_to or begin + usual_validity(wish.kind)
    for moment in (begin, end):
        if moment.tzinfo is None:
            raise InvalidInputError("A time needs its zone.", "Write it like 2026-03-10T09:00+08:00.")
    pages, copies, title = _amounts(gate, wish, job, begin, end)
    whole_department = not (wish.scope or wish.archive_copies or wish.recipients or standing)
    copying = job is not None and job.channel is Channel.COPY and wish.kind is PermitKind.PRINT
    return PermitRequest(
        kind=PermitKind.COPY if copying else wish.kind,
        department=actor.department,
        title=title,
        level=wish.level,
        term=wish.term,
        pages=pages,
        copies=copies,
        scope={actor.department: copies} if whole_department else wish.scope,
        archive_copies=wish.archive_copies,
        purpose=wish.purpose,
        valid_from=begin,
        valid_to=end,
        devices=tuple(wish.devices) or _usual_devices(gate, wish.level, job),
        doc_type=wish.doc_type,
        doc_no=wish.doc_no,
        origin=wish.origin,
        issuer=wish.issuer,
        consent=wish.consent,
        no_copy_notice=wish.no_copy_notice,
        classifier=wish.classifier,
        recipients=tuple(wish.recipients),
        vendor=wish.vendor,
        knowers=tuple(wish.knowers) or ((actor.username,) if wish.level.rank >= KNOWERS_FROM.rank else ()),
        original=wish.original,
        monthly=wish.monthly,
    )


def _amounts(gate: Gate, wish: Wish, job: JobView | None, begin: datetime, end: datetime) -> tuple[int, int, str]:
    if wish.kind is PermitKind.STANDING:
        zone = gate.settings.zone
        amount = wish.monthly.amount if wish.monthly else 0
        copies = most_copies(amount, begin.astimezone(zone).date(), (end - timedelta(microseconds=1)).astimezone(zone).date())
        return 0, copies, wish.title or "日常用纸"
    pages = wish.pages if wish.pages is not None else job.pages if job else None
    copies_asked = wish.copies if wish.copies is not None else job.copies if job else None
    title = wish.title or (job.title if job else None)
    if pages is None or copies_asked is None or not title:
        raise InvalidInputError(
            "A permit needs a title, a number of pages and of copies.", "Give them, or ask from a held job that has been counted."
        )
    return pages, copies_asked, title


def _usual_devices(gate: Gate, level: Level, job: JobView | None) -> tuple[str, ...]:
    """The job's own device where it may put out the level, else all that may; papers that are no state secrets need none named."""
    if not level.is_state_secret:
        return ()
    with gate.database.reading() as session:
        fit = [facts for device in session.exec(select(Device).order_by(Device.code)).all() if (facts := facts_of(device))]
    codes = [device.code for device in fit if device.active and device_may(device, level)]
    return (job.device,) if job and job.device in codes else tuple(codes)


def request_permit(gate: Gate, actor: Actor, request: PermitRequest, job_no: str | None = None) -> PermitView:
    """Ask for a permit, in advance or from a held job (then pages and page hash are the job's, bound at once).

    Raises RefusedError with every fault of the request, ConflictError when the job is not held or not counted.
    """
    actor.require(Act.PRINT)
    with gate.database.writing() as session:
        job = _held_and_counted(session, actor, job_no) if job_no else None
        if job is not None:
            _same_as_job(request, job)
        if request.department != actor.department:
            raise RefusedError([Reason(Code.E_DEPT_MISMATCH, request.department)])
        original = permit_by_number(session, request.original) if request.original else original_permit(session, job) if job else None
        faults = request_faults(request, _house(gate, session, request, original))
        roles = _chain(session, request)
        if roles is None:
            faults.append(Reason(Code.E_PERMIT_CHANNEL, f"no approval chain for {request.level.hanzi} {channel_of(request.kind).value}"))
        if faults or roles is None:
            raise RefusedError(faults)
        permit = write_permit(gate, session, actor, request, roles, job=job, original=original)
        if job is not None:
            job.permit_id = permit.id
            session.add(job)
            rematch(gate, session, job, actor=actor.username)
        return view(session, permit)


def _chain(session: Session, request: PermitRequest) -> tuple[Role, ...] | None:
    """The steps the policy in force asks for; a standing permit's copies are no one paper's, and meet no cap (R12)."""
    copies = 1 if request.kind is PermitKind.STANDING else request.copies
    policy = policy_in_force(session)
    return policy.steps(request.level, request.origin, channel_of(request.kind), copies=copies, outside=bool(request.recipients))


def _house(gate: Gate, session: Session, request: PermitRequest, original: Permit | None) -> House:
    devices = session.exec(select(Device).where(col(Device.code).in_(list(request.devices)))).all()
    people: dict[str, Person] = {
        user.username: person_of(session, user)
        for user in session.exec(select(User).where(col(User.username).in_(list(request.knowers)))).all()
    }
    scope = None
    if original is not None:
        lines = select(Department.code).join(PermitScope, col(PermitScope.department_id) == Department.id)
        scope = frozenset(session.exec(lines.where(PermitScope.permit_id == original.id)).all())
    return House(
        departments=frozenset(session.exec(select(Department.code).where(col(Department.active).is_(True))).all()),
        devices={facts.code: facts for device in devices if (facts := facts_of(device))},
        people=people,
        today=gate.today(),
        original_scope=scope,
        top_secret_copies=policy_in_force(session).juemi_exception is JuemiException.ISSUER,
    )


def _held_and_counted(session: Session, actor: Actor, job_no: str) -> Job:
    job = visible_job(session, actor, job_no)
    if job.requester_id != actor.user_id:
        raise ForbiddenError("A permit is asked for by the person whose job it is.", "Let the job's owner ask.")
    if JobStage(job.stage) is not JobStage.HELD:
        raise ConflictError(f"Job {job.job_no} is {job.stage}, not held.", "Ask for a permit in advance instead.")
    if job.verdict != "ok" or job.pages is None:
        raise ConflictError(f"The pages of job {job.job_no} are not counted.", "Wait a moment and look at its reasons.")
    return job


def _same_as_job(request: PermitRequest, job: Job) -> None:
    if request.kind is PermitKind.STANDING:
        raise InvalidInputError("A standing permit is not asked for from a job.", "Ask for it in advance.")
    if request.kind is PermitKind.JM_EX:
        raise InvalidInputError("A JM-EX permit comes before the paper is scanned.", "Ask for it in advance.")
    if request.pages != job.pages:
        raise RefusedError([Reason(Code.E_PAGES_MISMATCH, f"{request.pages} ≠ {job.pages}")])
