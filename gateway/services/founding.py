"""The very first set-up has no account to act as: root makes departments and people until a system administrator exists."""

from __future__ import annotations

from sqlmodel import Session, select

from gateway.db.tables import UserRole
from gateway.domain.duties import Act
from gateway.domain.vocabulary import Role
from gateway.errors import ForbiddenError
from gateway.services.gate import SYSTEM, Actor


def authorise(session: Session, actor: Actor | None, act: Act) -> None:
    """A missing actor stands for the founder, while nobody holds the role yet. Raises ForbiddenError."""
    if actor is not None:
        actor.require(act)
    elif session.exec(select(UserRole).where(UserRole.role == Role.SYSTEM_ADMIN.value)).first():
        raise ForbiddenError("A system administrator exists.", "Act as that account.")


def name_of(actor: Actor | None) -> str:
    """The actor as the ledger names him."""
    return actor.username if actor else SYSTEM
