"""Who people are: departments and accounts as the other services look them up (R28, R94)."""

from __future__ import annotations

from collections.abc import Sequence

from sqlmodel import Session, col, select

from gateway.db.engine import Database
from gateway.db.tables import Department, User, UserRole
from gateway.domain.matching import Person
from gateway.domain.vocabulary import Level, Role
from gateway.errors import NotFoundError, UnauthenticatedError
from gateway.services.chains import delegations_to
from gateway.services.gate import Actor, Gate


def roles_of(session: Session, user: User) -> frozenset[Role]:
    """The roles an account has now."""
    return frozenset(Role(role) for role in session.exec(select(UserRole.role).where(UserRole.user_id == user.id)).all())


def actor_of(gate: Gate, session: Session, user: User) -> Actor:
    """The account as an actor, with the roles it has now, own and delegated ones."""
    own = roles_of(session, user)
    delegated = {role: doc_no for role, doc_no in delegations_to(gate, session, user.id or 0).items() if role not in own}
    department = session.get_one(Department, user.department_id)
    return Actor(
        user.id or 0,
        user.username,
        user.display_name,
        user.department_id,
        department.code,
        own | delegated.keys(),
        Level(user.clearance) if user.clearance else None,
        tuple(sorted(delegated.items())),
    )


def actor_by_name(gate: Gate, username: str) -> Actor:
    """The active account of this name as an actor. Raises UnauthenticatedError."""
    with gate.database.reading() as session:
        user = session.exec(select(User).where(User.username == username, col(User.active).is_(True))).first()
        if user is None:
            raise UnauthenticatedError(f"There is no active account {username}.", "Ask the system administrator.")
        return actor_of(gate, session, user)


def actor_by_id(gate: Gate, user_id: int) -> Actor | None:
    """The account as an actor, or None when it is gone or disabled."""
    with gate.database.reading() as session:
        user = session.get(User, user_id)
        return actor_of(gate, session, user) if user and user.active else None


def actor_by_unix_user(gate: Gate, unix_user: str) -> Actor:
    """The account mapped to a Unix user (peer credentials). Raises UnauthenticatedError."""
    with gate.database.reading() as session:
        user = session.exec(select(User).where(User.unix_user == unix_user, col(User.active).is_(True))).first()
        if user is None:
            raise UnauthenticatedError(f"No account belongs to the Unix user {unix_user}.", "Ask the system administrator to map it.")
        return actor_of(gate, session, user)


def person_of(session: Session, user: User) -> Person:
    """What the rules need to know of somebody."""
    department = session.get_one(Department, user.department_id)
    clearance = Level(user.clearance) if user.clearance else None
    return Person(user.username, department.code, clearance, user.undertaking_date, user.active, user.undertaking_until)


def department_by_code(session: Session, code: str) -> Department:
    """The active department of this code. Raises NotFoundError."""
    department = session.exec(select(Department).where(Department.code == code, col(Department.active).is_(True))).first()
    if department is None:
        raise NotFoundError(f"There is no department {code}.", "See `imprimatur dept list`.")
    return department


def user_by_name(session: Session, username: str) -> User:
    """The account of this name. Raises NotFoundError."""
    user = session.exec(select(User).where(User.username == username)).first()
    if user is None:
        raise NotFoundError(f"There is no account {username}.", "See `imprimatur user list`.")
    return user


def list_departments(gate: Gate) -> Sequence[Department]:
    """All departments by code."""
    with gate.database.reading() as session:
        return session.exec(select(Department).order_by(Department.code)).all()


def all_names(database: Database) -> str:
    """Every name a stamp may show: people and departments, joined."""
    with database.reading() as session:
        return "".join([*session.exec(select(User.display_name)).all(), *session.exec(select(Department.name)).all()])
