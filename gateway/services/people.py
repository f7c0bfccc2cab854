"""Departments, accounts and log-in (R28, R32, R87)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError
from sqlmodel import Session, col, select

from gateway.db.engine import Database
from gateway.db.tables import Department, User, UserRole
from gateway.domain.duties import Act, conflicting_roles
from gateway.domain.matching import Person
from gateway.domain.vocabulary import Level, Role
from gateway.errors import ConflictError, ForbiddenError, InvalidInputError, NotFoundError, UnauthenticatedError
from gateway.ledger.append import append
from gateway.services.gate import SYSTEM, Actor, Gate

_NAME = re.compile(r"^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$")
_HASHER = PasswordHasher()
_NO_SUCH_USER_HASH = _HASHER.hash("the time a wrong name takes must not tell it from a wrong password")
MAX_FAILURES = 5
LOCKED_FOR = timedelta(minutes=15)
SHORTEST_PASSWORD = 10


@dataclass(frozen=True, slots=True)
class NewUser:
    """An account to be made."""

    username: str
    display_name: str
    department: str
    roles: frozenset[Role] = frozenset({Role.REQUESTER})
    clearance: Level | None = None
    undertaking_date: date | None = None
    unix_user: str | None = None
    password: str | None = None


def _actor_name(actor: Actor | None) -> str:
    return actor.username if actor else SYSTEM


def _authorise(session: Session, actor: Actor | None, act: Act) -> None:
    """A missing actor stands for the very first set-up, while nobody holds the role yet."""
    if actor is not None:
        actor.require(act)
    elif session.exec(select(UserRole).where(UserRole.role == Role.SYSTEM_ADMIN.value)).first():
        raise ForbiddenError("A system administrator exists.", "Act as that account.")


def add_department(gate: Gate, actor: Actor | None, code: str, name: str) -> Department:
    """Make a department. Raises InvalidInputError, ConflictError for a code in use."""
    if not _NAME.match(code) or not name.strip():
        raise InvalidInputError("A department needs a code of letters, digits, . _ - and a name.", "Give both.")
    with gate.database.writing() as session:
        _authorise(session, actor, Act.MANAGE_PEOPLE)
        if session.exec(select(Department).where(Department.code == code)).first():
            raise ConflictError(f"The department {code} exists.", "Choose another code.")
        department = Department(code=code, name=name.strip())
        session.add(department)
        append(session, kind="department.added", at=gate.clock.now(), actor=_actor_name(actor), subject=code, data={"name": name.strip()})
    return department


def add_user(gate: Gate, actor: Actor | None, new: NewUser) -> User:
    """Make an account with its roles. Raises InvalidInputError for conflicting roles (I10) or a weak password (R87)."""
    if not _NAME.match(new.username) or not new.display_name.strip():
        raise InvalidInputError("An account needs a name of letters, digits, . _ - and a display name.", "Give both.")
    if clash := conflicting_roles(new.roles):
        pair = " and ".join(role.value for role in clash[0])
        raise InvalidInputError(f"One person may not be {pair}.", "Give the roles to different people.")
    if new.password is not None:
        check_password_strength(new.password)
    with gate.database.writing() as session:
        _authorise(session, actor, Act.MANAGE_PEOPLE)
        if session.exec(
            select(User).where(
                (col(User.username) == new.username) | ((col(User.unix_user) == new.unix_user) & col(User.unix_user).is_not(None))
            )
        ).first():
            raise ConflictError(f"The account {new.username}, or its Unix user, is taken.", "Choose another.")
        user = User(
            username=new.username,
            display_name=new.display_name.strip(),
            department_id=department_by_code(session, new.department).id or 0,
            clearance=new.clearance.value if new.clearance else None,
            undertaking_date=new.undertaking_date,
            unix_user=new.unix_user,
            password_hash=_HASHER.hash(new.password) if new.password else None,
        )
        session.add(user)
        session.flush()
        for role in sorted(new.roles):
            session.add(UserRole(user_id=user.id or 0, role=role.value))
        append(
            session,
            kind="user.added",
            at=gate.clock.now(),
            actor=_actor_name(actor),
            subject=new.username,
            data={
                "department": new.department,
                "roles": sorted(role.value for role in new.roles),
                "clearance": user.clearance or "",
                "unix_user": new.unix_user or "",
            },
        )
    return user


def disable_user(gate: Gate, actor: Actor, username: str) -> None:
    """Close an account: its sessions end, its open approvals no longer count at release."""
    with gate.database.writing() as session:
        actor.require(Act.MANAGE_PEOPLE)
        user = user_by_name(session, username)
        user.active = False
        session.add(user)
        append(session, kind="user.disabled", at=gate.clock.now(), actor=actor.username, subject=username, data={})


def check_password_strength(password: str) -> None:
    """At least 10 characters of 3 classes (R87). Raises InvalidInputError."""
    classes = sum(bool(re.search(pattern, password)) for pattern in (r"[a-z]", r"[A-Z]", r"\d", r"[^A-Za-z0-9]"))
    if len(password) < SHORTEST_PASSWORD or classes < 3:
        raise InvalidInputError("The password is too weak.", "Use at least 10 characters of 3 kinds: small, capital, digit, other.")


def authenticate(gate: Gate, username: str, password: str) -> Actor:
    """Check a password. Five failures lock the account for 15 minutes (R87, SC-40). Raises UnauthenticatedError."""
    with gate.database.writing() as session:
        user = session.exec(select(User).where(User.username == username)).first()
        now = gate.clock.now()
        locked = user is not None and user.locked_until is not None and user.locked_until > now
        known = user.password_hash if user and user.active and user.password_hash else None
        right = _verify(known or _NO_SUCH_USER_HASH, password) and known is not None and not locked
        if user is not None and right:
            user.failed_logins, user.locked_until = 0, None
        elif user is not None and not locked:
            user.failed_logins += 1
            if user.failed_logins >= MAX_FAILURES:
                user.failed_logins, user.locked_until = 0, now + LOCKED_FOR
                append(session, kind="user.locked", at=now, actor=SYSTEM, subject=username, data={"minutes": 15})
        actor = actor_of(session, user) if user is not None and right else None
    if actor is None:
        if locked:
            raise UnauthenticatedError("The account is locked after five wrong passwords.", "Wait 15 minutes, or ask the administrators.")
        raise UnauthenticatedError("Name or password is wrong.", "Try again; five failures lock the account for 15 minutes.")
    return actor


def _verify(password_hash: str, password: str) -> bool:
    try:
        return _HASHER.verify(password_hash, password)
    except (VerifyMismatchError, InvalidHashError):
        return False


def actor_of(session: Session, user: User) -> Actor:
    """The account as an actor, with the roles it has now."""
    roles = session.exec(select(UserRole.role).where(UserRole.user_id == user.id)).all()
    department = session.get_one(Department, user.department_id)
    return Actor(
        user.id or 0,
        user.username,
        user.display_name,
        user.department_id,
        department.code,
        frozenset(Role(role) for role in roles),
        Level(user.clearance) if user.clearance else None,
    )


def actor_by_name(gate: Gate, username: str) -> Actor:
    """The active account of this name as an actor. Raises UnauthenticatedError."""
    with gate.database.reading() as session:
        user = session.exec(select(User).where(User.username == username, col(User.active).is_(True))).first()
        if user is None:
            raise UnauthenticatedError(f"There is no active account {username}.", "Ask the system administrator.")
        return actor_of(session, user)


def actor_by_id(gate: Gate, user_id: int) -> Actor | None:
    """The account as an actor, or None when it is gone or disabled."""
    with gate.database.reading() as session:
        user = session.get(User, user_id)
        return actor_of(session, user) if user and user.active else None


def actor_by_unix_user(gate: Gate, unix_user: str) -> Actor:
    """The account mapped to a Unix user (peer credentials). Raises UnauthenticatedError."""
    with gate.database.reading() as session:
        user = session.exec(select(User).where(User.unix_user == unix_user, col(User.active).is_(True))).first()
        if user is None:
            raise UnauthenticatedError(f"No account belongs to the Unix user {unix_user}.", "Ask the system administrator to map it.")
        return actor_of(session, user)


def person_of(session: Session, user: User) -> Person:
    """What the rules need to know of somebody."""
    department = session.get_one(Department, user.department_id)
    clearance = Level(user.clearance) if user.clearance else None
    return Person(user.username, department.code, clearance, user.undertaking_date, user.active)


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


@dataclass(frozen=True, slots=True)
class UserLine:
    """An account as a listing shows it."""

    username: str
    display_name: str
    department: str
    roles: tuple[str, ...]
    clearance: str
    unix_user: str
    active: bool


def all_names(database: Database) -> str:
    """Every name a stamp may show: people and departments, joined."""
    with database.reading() as session:
        return "".join([*session.exec(select(User.display_name)).all(), *session.exec(select(Department.name)).all()])


def list_users(gate: Gate) -> list[UserLine]:
    """All accounts by name."""
    with gate.database.reading() as session:
        departments = {department.id: department.code for department in session.exec(select(Department)).all()}
        roles: dict[int, list[str]] = {}
        for row in session.exec(select(UserRole)).all():
            roles.setdefault(row.user_id, []).append(row.role)
        return [
            UserLine(
                user.username,
                user.display_name,
                departments[user.department_id],
                tuple(sorted(roles.get(user.id or 0, []))),
                user.clearance or "",
                user.unix_user or "",
                user.active,
            )
            for user in session.exec(select(User).order_by(User.username)).all()
        ]
