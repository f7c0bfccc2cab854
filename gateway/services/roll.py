"""The roll: everybody's account as administrators see it, and one's own; what is missing about people (R94-R97)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlmodel import Session, col, select

from gateway.db.tables import Department, User, UserRole
from gateway.domain.duties import Act
from gateway.domain.personnel import Papers, Reminder, reminders
from gateway.domain.vocabulary import Level, Role
from gateway.services.founding import authorise
from gateway.services.gate import Actor, Gate
from gateway.services.pages import Page, page_of
from gateway.services.people import user_by_name


@dataclass(frozen=True, slots=True)
class UserLine:
    """An account as a listing shows it."""

    username: str
    display_name: str
    department: str
    roles: tuple[str, ...]
    clearance: str
    undertaking_date: date | None
    undertaking_until: date | None
    training_date: date | None
    unix_user: str
    has_password: bool
    second_factor: bool
    reminders: tuple[Reminder, ...]
    active: bool


@dataclass(frozen=True, slots=True)
class Shortcomings:
    """What the unit lacks: whether somebody heads the room 机要室负责人 (R97), and whose papers are due."""

    room_heads: int
    due: int


def list_users(
    gate: Gate,
    actor: Actor | None,
    *,
    department: str = "",
    role: Role | None = None,
    active: bool | None = None,
    after: str = "",
    limit: int | None = None,
) -> Page[UserLine]:
    """Accounts by name, for those who look after people; None is the founder. Without `limit` all. Raises ForbiddenError."""
    query = select(User).order_by(User.username)
    if department:
        query = query.where(col(User.department_id).in_(select(Department.id).where(Department.code == department)))
    if role:
        query = query.where(col(User.id).in_(select(UserRole.user_id).where(UserRole.role == role.value)))
    if active is not None:
        query = query.where(col(User.active).is_(active))
    if after:
        query = query.where(User.username > after)
    with gate.database.reading() as session:
        authorise(session, actor, Act.SEE_PEOPLE)
        rows = session.exec(query.limit(limit + 1) if limit else query).all()
        lines = {line.username: line for line in _lines(gate, session, rows)}
        return page_of(rows, limit or len(rows), lambda user: lines[user.username], lambda user: user.username)


def show_user(gate: Gate, actor: Actor, username: str) -> UserLine:
    """One account: one's own, or anybody's for those who look after people. Raises ForbiddenError, NotFoundError."""
    if username != actor.username:
        actor.require(Act.SEE_PEOPLE)
    with gate.database.reading() as session:
        return _lines(gate, session, [user_by_name(session, username)])[0]


def shortcomings(lines: Sequence[UserLine]) -> Shortcomings:
    """Read from the whole roll."""
    active = [line for line in lines if line.active]
    return Shortcomings(sum(Role.ROOM_HEAD.value in line.roles for line in active), sum(bool(line.reminders) for line in active))


def _lines(gate: Gate, session: Session, users: Sequence[User]) -> list[UserLine]:
    departments = {department.id: department.code for department in session.exec(select(Department)).all()}
    roles: dict[int, list[str]] = {}
    for row in session.exec(select(UserRole).where(col(UserRole.user_id).in_([user.id for user in users]))).all():
        roles.setdefault(row.user_id, []).append(row.role)
    return [_line(gate, user, departments[user.department_id], sorted(roles.get(user.id or 0, []))) for user in users]


def _line(gate: Gate, user: User, department: str, roles: list[str]) -> UserLine:
    papers = Papers(Level(user.clearance) if user.clearance else None, user.undertaking_date, user.undertaking_until, user.training_date)
    return UserLine(
        username=user.username,
        display_name=user.display_name,
        department=department,
        roles=tuple(roles),
        clearance=user.clearance or "",
        undertaking_date=user.undertaking_date,
        undertaking_until=user.undertaking_until,
        training_date=user.training_date,
        unix_user=user.unix_user or "",
        has_password=user.password_hash is not None,
        second_factor=user.totp_secret is not None,
        reminders=tuple(reminders(papers, gate.today(), gate.settings.training_months)) if user.active else (),
        active=user.active,
    )
