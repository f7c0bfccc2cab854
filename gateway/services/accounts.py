"""Making and closing departments and accounts; roles that exclude each other never meet in one (I10, R32, R87)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from sqlmodel import Session, col, select

from gateway.db.tables import Department, User, UserRole
from gateway.domain.duties import Act, conflicting_roles
from gateway.domain.vocabulary import Level, Role
from gateway.errors import ConflictError, ForbiddenError, InvalidInputError
from gateway.ledger.append import append
from gateway.services.credentials import check_password_strength, hash_password
from gateway.services.gate import SYSTEM, Actor, Gate
from gateway.services.people import department_by_code, user_by_name

_NAME = re.compile(r"^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$")


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
            password_hash=hash_password(new.password) if new.password else None,
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
