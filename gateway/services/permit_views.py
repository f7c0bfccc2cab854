"""Permits as everybody sees them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from itertools import islice
from typing import Any, TypeVar

from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from gateway.db.rows import by_id
from gateway.db.tables import (
    Department,
    Device,
    Job,
    Permit,
    PermitDevice,
    PermitKnower,
    PermitRecipient,
    PermitScope,
    PermitStep,
    StandingMonth,
    User,
)
from gateway.domain.approvals import approval_reason
from gateway.domain.duties import Act
from gateway.domain.marks import mark_to_stamp
from gateway.domain.permit_form import Consent, Monthly, Recipient, Vendor
from gateway.domain.permit_numbers import read_permit_number
from gateway.domain.vocabulary import AllowanceUnit, DocType, Level, Origin, PermitKind, PermitState, Role
from gateway.errors import NotFoundError
from gateway.services.chains import chains_of
from gateway.services.gate import Actor, Gate
from gateway.services.months import during, parse_month
from gateway.services.pages import Page, number_key, page_together

_LOOKED_AT = 100
"""Requested permits read at once while looking for those that wait for somebody."""


def permit_by_number(session: Session, permit_no: str) -> Permit:
    """The permit of this number, dashes and case as may be. Raises NotFoundError."""
    number = read_permit_number(permit_no)
    permit = session.exec(select(Permit).where(Permit.permit_no == number.text)).first()
    if permit is None:
        raise NotFoundError(f"There is no permit {number.text}.", "See `imprimatur permit list`.")
    return permit


@dataclass(frozen=True, slots=True)
class StepView:
    """One step of the chain as shown."""

    role: Role
    person: str
    person_name: str
    decision: str
    decided_at: datetime | None
    comment: str
    delegation: str
    """Document number of the delegation the person acted under, or empty."""


@dataclass(frozen=True, slots=True)
class PermitView:
    """A permit as UI, API and CLI show it."""

    permit_no: str
    kind: PermitKind
    state: PermitState
    department: str
    requester: str
    requester_name: str
    title: str
    level: Level
    term: str
    mark: str
    pages: int
    copies_approved: int
    copies_reserved: int
    copies_good: int
    archive_copies: int
    scope: tuple[tuple[str, int], ...]
    devices: tuple[str, ...]
    purpose: str
    valid_from: datetime
    valid_to: datetime
    page_hash: str
    job_no: str
    steps: tuple[StepView, ...]
    created_at: datetime
    doc_no: str
    doc_type: DocType
    origin: Origin
    issuer: str
    consent: Consent | None
    no_copy_notice: bool
    classifier: str
    recipients: tuple[Recipient, ...]
    vendor: Vendor | None
    knowers: tuple[str, ...]
    """Accounts of the persons who may know, from 机密 up (R28)."""
    monthly: Monthly | None
    months: tuple[tuple[str, int], ...]
    """Of a standing permit: what was used in which month (YYYY-MM), newest first."""

    @property
    def next_role(self) -> Role | None:
        """The role whose turn it is while the permit is requested."""
        if self.state is not PermitState.REQUESTED:
            return None
        return next((step.role for step in self.steps if not step.decision), None)

    @property
    def copies_left(self) -> int:
        """Approved copies that are neither good nor reserved."""
        return self.copies_approved - self.copies_reserved - self.copies_good


def view(session: Session, permit: Permit) -> PermitView:
    """Build the view of one permit."""
    return views(session, [permit])[0]


def views(session: Session, permits: Sequence[Permit]) -> list[PermitView]:
    """Build the views of many permits with a handful of queries."""
    lines = _Lines(session, [permit.id or 0 for permit in permits])
    departments = by_id(session, Department, [permit.department_id for permit in permits])
    people = by_id(session, User, [*(permit.requester_id for permit in permits), *lines.people])
    jobs = by_id(session, Job, [permit.requested_from_job_id for permit in permits])
    return [_view(permit, lines, departments, people, jobs) for permit in permits]


class _Lines:
    """The rows that belong to several permits, by permit id."""

    def __init__(self, session: Session, ids: Sequence[int]) -> None:
        self.steps = _grouped(
            session.exec(select(PermitStep).where(col(PermitStep.permit_id).in_(ids)).order_by(col(PermitStep.step))).all()
        )
        self.recipients = _grouped(
            session.exec(select(PermitRecipient).where(col(PermitRecipient.permit_id).in_(ids)).order_by(col(PermitRecipient.id))).all()
        )
        self.months = _grouped(
            session.exec(select(StandingMonth).where(col(StandingMonth.permit_id).in_(ids)).order_by(col(StandingMonth.month).desc())).all()
        )
        scope = select(PermitScope.permit_id, Department.code, PermitScope.copies).join(
            Department, col(PermitScope.department_id) == Department.id
        )
        devices = select(PermitDevice.permit_id, Device.code).join(Device, col(PermitDevice.device_id) == Device.id)
        knowers = select(PermitKnower.permit_id, User.username).join(User, col(PermitKnower.user_id) == User.id)
        self.scope: dict[int, list[tuple[str, int]]] = defaultdict(list)
        self.devices: dict[int, list[str]] = defaultdict(list)
        self.knowers: dict[int, list[str]] = defaultdict(list)
        for owner, code, copies in session.exec(scope.where(col(PermitScope.permit_id).in_(ids)).order_by(Department.code)).all():
            self.scope[owner].append((code, copies))
        for owner, code in session.exec(devices.where(col(PermitDevice.permit_id).in_(ids)).order_by(Device.code)).all():
            self.devices[owner].append(code)
        for owner, name in session.exec(knowers.where(col(PermitKnower.permit_id).in_(ids)).order_by(User.username)).all():
            self.knowers[owner].append(name)

    @property
    def people(self) -> list[int | None]:
        """Everybody who filled a step."""
        return [step.person_id for steps in self.steps.values() for step in steps]


Line = TypeVar("Line", PermitStep, PermitRecipient, StandingMonth)


def _grouped(rows: Sequence[Line]) -> dict[int, list[Line]]:
    groups: dict[int, list[Line]] = defaultdict(list)
    for row in rows:
        groups[row.permit_id].append(row)
    return groups


def _view(
    permit: Permit,
    lines: _Lines,
    departments: Mapping[int | None, Department],
    people: Mapping[int | None, User],
    jobs: Mapping[int | None, Job],
) -> PermitView:
    owner = permit.id or 0
    requester, job = people[permit.requester_id], jobs.get(permit.requested_from_job_id)
    return PermitView(
        permit_no=permit.permit_no,
        kind=PermitKind(permit.kind),
        state=PermitState(permit.state),
        department=departments[permit.department_id].code,
        requester=requester.username,
        requester_name=requester.display_name,
        title=permit.title or "",
        level=Level(permit.level),
        term=permit.term,
        mark=mark_to_stamp(Level(permit.level), permit.term),
        pages=permit.pages,
        copies_approved=permit.copies_approved,
        copies_reserved=permit.copies_reserved,
        copies_good=permit.copies_good,
        archive_copies=permit.archive_copies,
        scope=tuple(lines.scope[owner]),
        devices=tuple(lines.devices[owner]),
        purpose=permit.purpose,
        valid_from=permit.valid_from,
        valid_to=permit.valid_to,
        page_hash=permit.page_hash or "",
        job_no=job.job_no if job else "",
        steps=tuple(_step(step, people.get(step.person_id)) for step in lines.steps[owner]),
        created_at=permit.created_at,
        recipients=tuple(Recipient(one.unit, one.copies, one.person) for one in lines.recipients[owner]),
        knowers=tuple(lines.knowers[owner]),
        months=tuple((row.month, row.used) for row in lines.months[owner]),
        **_form(permit),
    )


def _step(step: PermitStep, person: User | None) -> StepView:
    who = (person.username, person.display_name) if person else ("", "")
    return StepView(Role(step.role), *who, step.decision or "", step.decided_at, step.comment, step.delegation)


def _form(permit: Permit) -> dict[str, Any]:
    """The parts of the form that stand in the permit's own row (FORMS.md F4)."""
    signed, digest = (permit.consent_doc_no, permit.consent_person), permit.consent_sha256
    consent = Consent(signed[0], permit.consent_date, signed[1], digest) if permit.consent_date else None
    level = Level(permit.vendor_level) if permit.vendor_level else None
    return {
        "doc_no": permit.doc_no,
        "doc_type": DocType(permit.doc_type),
        "origin": Origin(permit.origin),
        "issuer": permit.issuer,
        "consent": consent,
        "no_copy_notice": permit.no_copy_notice,
        "classifier": permit.classifier,
        "vendor": Vendor(permit.vendor, permit.vendor_licence_no, level) if permit.vendor else None,
        "monthly": Monthly(permit.monthly_amount, AllowanceUnit(permit.monthly_unit)) if permit.monthly_unit else None,
    }


def visible_permit(session: Session, actor: Actor, permit_no: str) -> Permit:
    """The permit: for its requester, approvers, operators; a standing one for its department; nobody else. Raises NotFoundError."""
    permit = permit_by_number(session, permit_no)
    his_department = permit.kind == PermitKind.STANDING.value and permit.department_id == actor.department_id
    if permit.requester_id != actor.user_id and not (his_department or actor.may(Act.APPROVE) or actor.may(Act.RELEASE)):
        raise NotFoundError(f"There is no permit {permit.permit_no}.", "See `imprimatur permit list`.")
    return permit


def show_permit(gate: Gate, actor: Actor, permit_no: str) -> PermitView:
    """One permit, if the actor may know of it. Raises NotFoundError otherwise."""
    with gate.database.reading() as session:
        return view(session, visible_permit(session, actor, permit_no))


def list_permits(  # noqa: PLR0913 — one argument per filter
    gate: Gate,
    actor: Actor,
    *,
    mine: bool = False,
    waiting_for_me: bool = False,
    standing: bool = False,
    states: Sequence[PermitState] = (),
    department: str = "",
    month: str = "",
    after: str = "",
    limit: int = 100,
) -> Page[PermitView]:
    """Newest first: one's own, the standing ones of one's department, those whose next step one may fill, or (approvers, operators) all.

    Of these, those in these states, of this department, asked for in this month (YYYY-MM).
    """
    query = select(Permit).order_by(col(Permit.id).desc())
    if standing:
        query = query.where(Permit.kind == PermitKind.STANDING.value)
        if mine or not (actor.may(Act.APPROVE) or actor.may(Act.RELEASE)):
            query = query.where(Permit.department_id == actor.department_id)
    elif waiting_for_me:
        query = query.where(Permit.state == PermitState.REQUESTED.value)
    elif mine or not (actor.may(Act.APPROVE) or actor.may(Act.RELEASE)):
        query = query.where(Permit.requester_id == actor.user_id)
    if states:
        query = query.where(col(Permit.state).in_([state.value for state in states]))
    if department:
        query = query.where(col(Permit.department_id).in_(select(Department.id).where(Department.code == department)))
    if month:
        query = query.where(during(Permit.created_at, parse_month(gate, month)))
    if after:
        query = query.where(col(Permit.id) < number_key(after))
    with gate.database.reading() as session:
        if waiting_for_me:
            rows = list(islice(_waiting_for(gate, session, actor, query), limit + 1))
        else:
            rows = list(session.exec(query.limit(limit + 1)).all())
        return page_together(rows, limit, partial(views, session), lambda permit: permit.id)


def count_waiting(gate: Gate, actor: Actor, most: int) -> int:
    """How many permits wait for this approver; counted up to `most`."""
    requested = select(Permit).where(Permit.state == PermitState.REQUESTED.value).order_by(col(Permit.id).desc())
    with gate.database.reading() as session:
        return sum(1 for _ in islice(_waiting_for(gate, session, actor, requested), most))


def _waiting_for(gate: Gate, session: Session, actor: Actor, query: SelectOfScalar[Permit]) -> Iterator[Permit]:
    """Of the permits asked for: those whose next step the actor may fill. Looks at many at once."""
    for some in session.exec(query.execution_options(yield_per=_LOOKED_AT)).partitions():
        chains = chains_of(gate, session, some)
        requesters = by_id(session, User, [permit.requester_id for permit in some])
        for permit in some:
            if approval_reason(chains[permit.id or 0], actor.username, actor.roles, requesters[permit.requester_id].username) is None:
                yield permit
