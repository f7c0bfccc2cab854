"""Making, changing, closing and opening accounts; roles that exclude each other never meet in one (I10, R32, R87, R94, R95)."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import date
from enum import Enum
from typing import Any, Final

from sqlmodel import Session, col, delete, select

from gateway.db.tables import Department, Job, User, UserRole
from gateway.domain.duties import Act, conflicting_roles
from gateway.domain.vocabulary import JobStage, Level, Role
from gateway.errors import ConflictError, ForbiddenError, InvalidInputError, RefusedError
from gateway.ledger.append import append
from gateway.services.credentials import check_password_strength, hash_password
from gateway.services.departments import CODE, LONGEST_NAME
from gateway.services.founding import authorise, name_of
from gateway.services.gate import Actor, Gate
from gateway.services.holdings import handover_reason
from gateway.services.matching import rematch
from gateway.services.people import department_by_code, roles_of, user_by_name
from gateway.services.reopening import reopen_permits_of
from gateway.services.sessions import end_sessions_of


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
    """At the first set-up only; later a password is given by two (services.resets)."""
    undertaking_until: date | None = None
    training_date: date | None = None


class Leave(Enum):
    """Says of a field that it stays as it is, where None means that it becomes empty."""

    AS_IT_IS = "as_it_is"


AS_IT_IS: Final = Leave.AS_IT_IS


@dataclass(frozen=True, slots=True)
class Change:
    """What is to become different about an account."""

    display_name: str | Leave = AS_IT_IS
    department: str | Leave = AS_IT_IS
    roles: frozenset[Role] | Leave = AS_IT_IS
    clearance: Level | Leave | None = AS_IT_IS
    undertaking_date: date | Leave | None = AS_IT_IS
    undertaking_until: date | Leave | None = AS_IT_IS
    training_date: date | Leave | None = AS_IT_IS
    unix_user: str | Leave | None = AS_IT_IS


def add_user(gate: Gate, actor: Actor | None, new: NewUser) -> User:
    """Make an account with its roles. Raises InvalidInputError for conflicting roles (I10) or a weak password (R87)."""
    password_hash = None
    if new.password is not None:
        check_password_strength(new.password, new.username)
        password_hash = hash_password(new.password)
    with gate.database.writing() as session:
        authorise(session, actor, Act.MANAGE_PEOPLE)
        if password_hash and actor is not None:
            raise ForbiddenError(
                "No administrator alone gives somebody a password (I10).", "Make the account, then `imprimatur user reset`."
            )
        return insert_user(gate, session, actor, new, password_hash)


def insert_user(gate: Gate, session: Session, actor: Actor | None, new: NewUser, password_hash: str | None = None) -> User:
    """The same inside a transaction, once the actor's right was checked."""
    if not CODE.match(new.username):
        raise InvalidInputError("An account needs a name of letters, digits, . _ -.", "Give another.")
    _check(new.display_name, new.roles, new.undertaking_date, new.undertaking_until)
    if session.exec(select(User).where(User.username == new.username)).first():
        raise ConflictError(f"The account {new.username} exists.", "Choose another name.")
    _unix_user_is_free(session, new.unix_user, None)
    user = User(
        username=new.username,
        display_name=new.display_name.strip(),
        department_id=department_by_code(session, new.department).id or 0,
        clearance=new.clearance.value if new.clearance else None,
        undertaking_date=new.undertaking_date,
        undertaking_until=new.undertaking_until,
        training_date=new.training_date,
        unix_user=new.unix_user,
        password_hash=password_hash,
    )
    session.add(user)
    session.flush()
    for role in sorted(new.roles):
        session.add(UserRole(user_id=user.id or 0, role=role.value))
    data = _as_told(session, user)
    append(session, kind="user.added", at=gate.clock.now(), actor=name_of(actor), subject=new.username, data=data)
    return user


def change_user(gate: Gate, actor: Actor, username: str, change: Change) -> User:
    """Change department, roles, clearance, papers or Unix user; before and after stand in the ledger. Held jobs are matched anew.

    Raises ForbiddenError for one's own account (I10), InvalidInputError for conflicting roles, ConflictError when nothing changes.
    """
    actor.require(Act.MANAGE_PEOPLE)
    with gate.database.writing() as session:
        user = user_by_name(session, username)
        _not_oneself(actor, user)
        before = _as_told(session, user)
        _apply(session, user, change)
        after = _as_told(session, user)
        _check(user.display_name, roles_of(session, user), user.undertaking_date, user.undertaking_until)
        changed = {name: {"before": before[name], "after": after[name]} for name in after if before[name] != after[name]}
        if not changed:
            raise ConflictError(f"Nothing would change about {username}.", "Say what is to become different.")
        append(session, kind="user.changed", at=gate.clock.now(), actor=actor.username, subject=username, data=changed)
        if "roles" in changed:
            reopen_permits_of(gate, session, user.id or 0)
        for job in session.exec(select(Job).where(Job.requester_id == user.id, Job.stage == JobStage.HELD.value)).all():
            rematch(gate, session, job)
        reopen_permits_of(gate, session, user.id or 0)
        return user


def _apply(session: Session, user: User, change: Change) -> None:
    if change.department is not AS_IT_IS:
        user.department_id = department_by_code(session, change.department).id or 0
    if change.unix_user is not AS_IT_IS:
        _unix_user_is_free(session, change.unix_user, user.id)
    if change.clearance is not AS_IT_IS:
        user.clearance = change.clearance.value if change.clearance else None
    if change.roles is not AS_IT_IS:
        session.execute(delete(UserRole).where(col(UserRole.user_id) == user.id))
        for role in sorted(change.roles):
            session.add(UserRole(user_id=user.id or 0, role=role.value))
    for name in ("display_name", "undertaking_date", "undertaking_until", "training_date", "unix_user"):
        if (value := getattr(change, name)) is not AS_IT_IS:
            setattr(user, name, value.strip() if isinstance(value, str) else value)
    session.add(user)
    session.flush()


def disable_user(gate: Gate, actor: Actor, username: str) -> None:
    """Close an account that holds nothing, else E_HANDOVER (R82). Its approvals no longer count; what it did stays."""
    actor.require(Act.MANAGE_PEOPLE)
    with gate.database.writing() as session:
        user = _in_state(session, actor, username, active=True)
        if reason := handover_reason(session, user):
            raise RefusedError([reason])
        close_account(gate, session, user, actor.username)


def close_account(gate: Gate, session: Session, user: User, actor: str) -> None:
    """Close an account that answers for nothing any more: by an administrator, or by the third signature of its hand-over."""
    user.active = False
    session.add(user)
    end_sessions_of(gate, session, user.id or 0, "account closed")
    append(session, kind="user.disabled", at=gate.clock.now(), actor=actor, subject=user.username, data={})
    reopen_permits_of(gate, session, user.id or 0)


def enable_user(gate: Gate, actor: Actor, username: str) -> None:
    """Open a closed account again. Its old password is gone: two administrators give a new one."""
    actor.require(Act.MANAGE_PEOPLE)
    with gate.database.writing() as session:
        user = _in_state(session, actor, username, active=False)
        if not session.get_one(Department, user.department_id).active:
            raise ConflictError(f"The department of {username} is closed.", "Open it, or move the account first.")
        user.active, user.password_hash, user.password_until = True, None, None
        session.add(user)
        append(session, kind="user.enabled", at=gate.clock.now(), actor=actor.username, subject=username, data={})


def _in_state(session: Session, actor: Actor, username: str, *, active: bool) -> User:
    user = user_by_name(session, username)
    _not_oneself(actor, user)
    if user.active != active:
        raise ConflictError(f"The account {username} is {'open' if user.active else 'closed'} already.", "Nothing is to do.")
    return user


def _not_oneself(actor: Actor, user: User) -> None:
    if user.id == actor.user_id:
        raise ForbiddenError("Nobody changes his own account.", "Another system administrator does it.")


def _check(display_name: str, roles: frozenset[Role], signed: date | None, until: date | None) -> None:
    if not 0 < len(display_name.strip()) <= LONGEST_NAME or not display_name.strip().isprintable():
        raise InvalidInputError("An account needs the name of its person.", f"Give it, in at most {LONGEST_NAME} characters.")
    if not roles:
        raise InvalidInputError("An account needs a role.", "Give at least one.")
    if clash := conflicting_roles(roles):
        one, other = clash[0]
        raise InvalidInputError(f"One person may not be {one.value} and {other.value}.", "Give the roles to different people.")
    if until is not None and (signed is None or until < signed):
        raise InvalidInputError("An undertaking ends after it was signed.", "Correct the two days.")


def _unix_user_is_free(session: Session, unix_user: str | None, user_id: int | None) -> None:
    if unix_user is None:
        return
    if not CODE.match(unix_user):
        raise InvalidInputError("That is not the name of a Unix user.", "Give its login name.")
    holder = session.exec(select(User).where(User.unix_user == unix_user)).first()
    if holder is not None and holder.id != user_id:
        raise ConflictError(f"The Unix user {unix_user} belongs to {holder.username}.", "Choose another, or take it away there first.")


def _as_told(session: Session, user: User) -> dict[str, Any]:
    """An account as the ledger tells it."""
    told: dict[str, Any] = {
        name: str(getattr(user, name) or "") for name in (field.name for field in fields(Change)) if hasattr(user, name)
    }
    department = session.get_one(Department, user.department_id).code
    return told | {"department": department, "roles": sorted(role.value for role in roles_of(session, user))}
