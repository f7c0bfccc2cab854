"""Findings of the monthly self-check (R100): opened with it, owned, due, reminded of, closed with a reason."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from gateway.db.tables import SelfCheckFinding, User, UserRole
from gateway.domain.deadlines import Due, Duty, end_of_that_day
from gateway.domain.duties import Act
from gateway.domain.self_check_findings import SETTLED_WITHIN, FindingKind
from gateway.domain.vocabulary import Role
from gateway.errors import ConflictError, ForbiddenError, InvalidInputError, NotFoundError
from gateway.ledger.append import append
from gateway.services.carriers import next_number
from gateway.services.gate import Actor, Gate

SERIES = "ZC"


@dataclass(frozen=True, slots=True)
class Found:
    """Something a self-check met: what, about which duty or task, how much of it."""

    kind: FindingKind
    about: str
    amount: int


@dataclass(frozen=True, slots=True)
class FindingView:
    """A finding as UI, API and CLI show it."""

    finding_no: str
    month: str
    kind: FindingKind
    about: str
    amount: int
    owner: str
    due_on: date
    overdue: bool
    opened_at: datetime
    closed_by: str
    closed_at: datetime | None
    reason: str


def open_findings(gate: Gate, session: Session, month: str, found: Iterable[Found], at: datetime) -> list[str]:
    """Open what is not open already, in the transaction of the self-check; the numbers. The head of the room answers first (R97)."""
    waiting = {(row.kind, row.about) for row in session.exec(_open()).all()}
    owner, numbers = _head_of_room(session), []
    for one in found:
        if (one.kind.value, one.about) in waiting:
            continue
        number = next_number(session, SERIES, gate.today().year)[0]
        session.add(
            SelfCheckFinding(
                finding_no=number,
                month=month,
                kind=one.kind.value,
                about=one.about,
                amount=one.amount,
                owner_id=owner,
                due_on=gate.today() + SETTLED_WITHIN,
                opened_at=at,
            )
        )
        numbers.append(number)
    session.flush()
    return numbers


def list_findings(gate: Gate, actor: Actor, *, everything: bool = False, limit: int = 200) -> Sequence[FindingView]:
    """Open ones, what is due first before the others; or all, newest first. Raises ForbiddenError."""
    actor.require(Act.SEE_BOOKS)
    newest = select(SelfCheckFinding).order_by(col(SelfCheckFinding.id).desc())
    query = newest if everything else _open().order_by(col(SelfCheckFinding.due_on), col(SelfCheckFinding.id))
    with gate.database.reading() as session:
        return [_view(gate, session, row) for row in session.exec(query.limit(limit)).all()]


def assign_finding(gate: Gate, actor: Actor, finding_no: str, owner: str, due_on: date) -> FindingView:
    """Give a finding to somebody until a day. Raises ForbiddenError, NotFoundError, InvalidInputError, ConflictError when it is closed."""
    actor.require(Act.CLOSE_FINDINGS)
    if due_on < gate.today():
        raise InvalidInputError("A finding is due today or later.", "Give another day.")
    with gate.database.writing() as session:
        row = _waiting(session, finding_no)
        person = session.exec(select(User).where(User.username == owner, col(User.active).is_(True))).first()
        if person is None:
            raise NotFoundError(f"There is no account {owner[:40]}.", "See `imprimatur user list`.")
        row.owner_id, row.due_on = person.id, due_on
        session.add(row)
        data = {"owner": owner, "due_on": due_on.isoformat()}
        append(session, kind="finding.assigned", at=gate.clock.now(), actor=actor.username, subject=finding_no, data=data)
        return _view(gate, session, row)


def close_finding(gate: Gate, actor: Actor, finding_no: str, reason: str) -> FindingView:
    """Close a finding with what came of it; one about the books only by the auditor, who keeps none.

    Raises ForbiddenError, NotFoundError, InvalidInputError without a reason, ConflictError when it is closed already.
    """
    actor.require(Act.CLOSE_FINDINGS)
    if not reason.strip():
        raise InvalidInputError("A finding is closed with a reason.", "Say in a few words what came of it.")
    with gate.database.writing() as session:
        row = _waiting(session, finding_no)
        if FindingKind(row.kind).is_of_books and Role.AUDITOR not in actor.roles:
            raise ForbiddenError("Only the auditor closes a finding about the books.", "Tell him what came of it.")
        row.closed_by_id, row.closed_at, row.reason = actor.user_id, gate.clock.now(), reason.strip()[:200]
        session.add(row)
        append(session, kind="finding.closed", at=row.closed_at, actor=actor.username, subject=finding_no, data={})
        return _view(gate, session, row)


def finding_dues(gate: Gate, session: Session) -> Iterator[Due]:
    """Open findings, due at the end of their day."""
    for row in session.exec(_open()).all():
        owner = session.get_one(User, row.owner_id).username if row.owner_id else ""
        yield Due(Duty.FINDING, row.finding_no, owner, end_of_that_day(row.due_on, gate.settings.zone))


def _open() -> SelectOfScalar[SelfCheckFinding]:
    return select(SelfCheckFinding).where(col(SelfCheckFinding.closed_at).is_(None))


def _waiting(session: Session, finding_no: str) -> SelfCheckFinding:
    row = session.exec(select(SelfCheckFinding).where(SelfCheckFinding.finding_no == finding_no)).first()
    if row is None:
        raise NotFoundError(f"There is no finding {finding_no[:20]}.", "See `imprimatur room findings`.")
    if row.closed_at is not None:
        raise ConflictError(f"Finding {finding_no} is closed.", "The next self-check opens it again if it is still there.")
    return row


def _head_of_room(session: Session) -> int | None:
    heads = select(User.id).join(UserRole, col(UserRole.user_id) == User.id).where(UserRole.role == Role.ROOM_HEAD.value)
    return session.exec(heads.where(col(User.active).is_(True)).order_by(col(User.id)).limit(1)).first()


def _view(gate: Gate, session: Session, row: SelfCheckFinding) -> FindingView:
    owner = session.get_one(User, row.owner_id).username if row.owner_id else ""
    closer = session.get_one(User, row.closed_by_id).username if row.closed_by_id else ""
    overdue = row.closed_at is None and end_of_that_day(row.due_on, gate.settings.zone) <= gate.clock.now()
    return FindingView(
        finding_no=row.finding_no,
        month=row.month,
        kind=FindingKind(row.kind),
        about=row.about,
        amount=row.amount,
        owner=owner,
        due_on=row.due_on,
        overdue=overdue,
        opened_at=row.opened_at,
        closed_by=closer,
        closed_at=row.closed_at,
        reason=row.reason,
    )
