"""Making, closing and opening departments; paper is charged to them, so none is ever deleted."""

from __future__ import annotations

import re

from sqlmodel import Session, col, select

from gateway.db.tables import Department, User
from gateway.domain.duties import Act
from gateway.errors import ConflictError, InvalidInputError, NotFoundError
from gateway.ledger.append import append
from gateway.services.founding import authorise, name_of
from gateway.services.gate import Actor, Gate

CODE = re.compile(r"^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$")
LONGEST_NAME = 80


def add_department(gate: Gate, actor: Actor | None, code: str, name: str) -> Department:
    """Make a department. Raises InvalidInputError, ConflictError for a code in use."""
    with gate.database.writing() as session:
        authorise(session, actor, Act.MANAGE_PEOPLE)
        return insert_department(gate, session, actor, code, name)


def insert_department(gate: Gate, session: Session, actor: Actor | None, code: str, name: str) -> Department:
    """The same inside a transaction, once the actor's right was checked."""
    if not CODE.match(code) or not 0 < len(name.strip()) <= LONGEST_NAME:
        raise InvalidInputError("A department needs a code of letters, digits, . _ - and a name.", "Give both.")
    if session.exec(select(Department).where(Department.code == code)).first():
        raise ConflictError(f"The department {code} exists.", "Choose another code.")
    department = Department(code=code, name=name.strip())
    session.add(department)
    append(session, kind="department.added", at=gate.clock.now(), actor=name_of(actor), subject=code, data={"name": name.strip()})
    return department


def disable_department(gate: Gate, actor: Actor, code: str) -> None:
    """Close a department nobody works in any more; its past stays in the books. Raises ConflictError while it has open accounts."""
    _set_active(gate, actor, code, active=False)


def enable_department(gate: Gate, actor: Actor, code: str) -> None:
    """Open it again."""
    _set_active(gate, actor, code, active=True)


def _set_active(gate: Gate, actor: Actor, code: str, *, active: bool) -> None:
    actor.require(Act.MANAGE_PEOPLE)
    with gate.database.writing() as session:
        department = session.exec(select(Department).where(Department.code == code)).first()
        if department is None:
            raise NotFoundError(f"There is no department {code}.", "See `imprimatur dept list`.")
        people = select(User.username).where(User.department_id == department.id, col(User.active).is_(True))
        if not active and (first := session.exec(people).first()):
            raise ConflictError(
                f"{first} and perhaps others still work in {code}.", "Move them to another department, or close their accounts."
            )
        if department.active == active:
            raise ConflictError(f"The department {code} is {'open' if active else 'closed'} already.", "Nothing is to do.")
        department.active = active
        session.add(department)
        kind = "department.enabled" if active else "department.disabled"
        append(session, kind=kind, at=gate.clock.now(), actor=actor.username, subject=code, data={})
