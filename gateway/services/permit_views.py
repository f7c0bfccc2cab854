"""Permits as everybody sees them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from sqlmodel import Session, col, select

from gateway.db.tables import Department, Device, Job, Permit, PermitDevice, PermitScope, User
from gateway.domain.approvals import approval_reason
from gateway.domain.duties import Act
from gateway.domain.marks import mark_to_stamp
from gateway.domain.permit_numbers import read_permit_number
from gateway.domain.vocabulary import Level, PermitKind, PermitState, Role
from gateway.errors import NotFoundError
from gateway.services.chains import chain_of, steps_of
from gateway.services.gate import Actor, Gate
from gateway.services.months import during, parse_month
from gateway.services.pages import Page, number_key, page_of

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
    requester = session.get_one(User, permit.requester_id)
    steps = steps_of(session, permit)
    people = {step.person_id: session.get_one(User, step.person_id) for step in steps if step.person_id}
    scope = session.exec(
        select(Department.code, PermitScope.copies)
        .join(Department, col(PermitScope.department_id) == Department.id)
        .where(PermitScope.permit_id == permit.id)
        .order_by(Department.code)
    ).all()
    devices = session.exec(
        select(Device.code)
        .join(PermitDevice, col(PermitDevice.device_id) == Device.id)
        .where(PermitDevice.permit_id == permit.id)
        .order_by(Device.code)
    ).all()
    job = session.get(Job, permit.requested_from_job_id) if permit.requested_from_job_id else None
    return PermitView(
        permit.permit_no,
        PermitKind(permit.kind),
        PermitState(permit.state),
        session.get_one(Department, permit.department_id).code,
        requester.username,
        requester.display_name,
        permit.title or "",
        Level(permit.level),
        permit.term,
        mark_to_stamp(Level(permit.level), permit.term),
        permit.pages,
        permit.copies_approved,
        permit.copies_reserved,
        permit.copies_good,
        permit.archive_copies,
        tuple((code, copies) for code, copies in scope),
        tuple(devices),
        permit.purpose,
        permit.valid_from,
        permit.valid_to,
        permit.page_hash or "",
        job.job_no if job else "",
        tuple(
            StepView(
                Role(step.role),
                people[step.person_id].username if step.person_id else "",
                people[step.person_id].display_name if step.person_id else "",
                step.decision or "",
                step.decided_at,
                step.comment,
                step.delegation,
            )
            for step in steps
        ),
        permit.created_at,
    )


def visible_permit(session: Session, actor: Actor, permit_no: str) -> Permit:
    """The permit: for its requester, approvers, operators; otherwise it does not exist. Raises NotFoundError."""
    permit = permit_by_number(session, permit_no)
    if permit.requester_id != actor.user_id and not (actor.may(Act.APPROVE) or actor.may(Act.RELEASE)):
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
    states: Sequence[PermitState] = (),
    department: str = "",
    month: str = "",
    after: str = "",
    limit: int = 100,
) -> Page[PermitView]:
    """Newest first: one's own, those whose next step one may fill, or (approvers, operators) all.

    Of these, those in these states, of this department, asked for in this month (YYYY-MM).
    """
    query = select(Permit).order_by(col(Permit.id).desc())
    if waiting_for_me:
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
            waiting = (permit for permit in session.exec(query).yield_per(_LOOKED_AT) if _waits_for(gate, session, actor, permit))
            rows = list(islice(waiting, limit + 1))
        else:
            rows = list(session.exec(query.limit(limit + 1)).all())
        return page_of(rows, limit, lambda permit: view(session, permit), lambda permit: permit.id)


def _waits_for(gate: Gate, session: Session, actor: Actor, permit: Permit) -> bool:
    requester = session.get_one(User, permit.requester_id).username
    return approval_reason(chain_of(gate, session, permit), actor.username, actor.roles, requester) is None
