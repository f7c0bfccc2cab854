"""Delegations: the holder of an approver's role puts another in his place, in writing, for some days (RULES.md §3, SC-16)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import update
from sqlmodel import Session, col, select

from gateway.db.tables import Delegation, User, UserRole
from gateway.domain.delegations import NewDelegation, covers, delegation_faults
from gateway.domain.duties import APPROVERS, Act
from gateway.domain.vocabulary import Role
from gateway.errors import ConflictError, ForbiddenError, InvalidInputError, NotFoundError
from gateway.ledger.append import append
from gateway.services.gate import Actor, Gate
from gateway.services.people import user_by_name
from gateway.services.reopening import reopen_permits_under


@dataclass(frozen=True, slots=True)
class DelegationView:
    """A delegation as UI, API and CLI show it."""

    doc_no: str
    role: Role
    holder: str
    delegate: str
    first_day: date
    last_day: date
    in_force: bool
    revoked: bool


def _view(gate: Gate, session: Session, row: Delegation) -> DelegationView:
    holder, delegate = session.get_one(User, row.holder_id), session.get_one(User, row.delegate_id)
    in_force = row.revoked_at is None and covers(row.first_day, row.last_day, gate.today())
    return DelegationView(
        row.doc_no, Role(row.role), holder.username, delegate.username, row.first_day, row.last_day, in_force, row.revoked_at is not None
    )


def delegate_role(gate: Gate, actor: Actor, new: NewDelegation) -> DelegationView:
    """The holder of a role delegates it. Raises ForbiddenError for who holds none, InvalidInputError naming every fault, ConflictError."""
    own = actor.roles - {role for role, _ in actor.delegations}
    if not own & APPROVERS:
        raise ForbiddenError(f"The account {actor.username} holds no role that approves.", "The holder of the role delegates it.")
    with gate.database.writing() as session:
        delegate = user_by_name(session, new.delegate)
        roles = session.exec(select(UserRole.role).where(UserRole.user_id == delegate.id)).all()
        faults = list(delegation_faults(new, actor.username, own, frozenset(Role(role) for role in roles)))
        if not delegate.active:
            faults.append(f"the account {new.delegate} is closed")
        if faults:
            raise InvalidInputError(f"{'; '.join(faults)}.", "Correct the delegation; docs/policy.md explains it.")
        if session.exec(select(Delegation).where(Delegation.doc_no == new.doc_no.strip())).first():
            raise ConflictError(f"The delegation {new.doc_no.strip()} exists.", "Each delegation has a document number of its own.")
        row = Delegation(
            doc_no=new.doc_no.strip(),
            role=new.role.value,
            holder_id=actor.user_id,
            delegate_id=delegate.id or 0,
            first_day=new.first_day,
            last_day=new.last_day,
            recorded_by_id=actor.user_id,
            recorded_at=gate.clock.now(),
        )
        session.add(row)
        data = {"role": row.role, "to": delegate.username, "first_day": f"{row.first_day}", "last_day": f"{row.last_day}"}
        append(session, kind="delegation.made", at=gate.clock.now(), actor=actor.username, subject=row.doc_no, data=data)
        session.flush()
        return _view(gate, session, row)


def revoke_delegation(gate: Gate, actor: Actor, doc_no: str) -> DelegationView:
    """Take a delegation back: its holder or the security administrator may. What was approved under it and not released opens again."""
    with gate.database.writing() as session:
        row = session.exec(select(Delegation).where(Delegation.doc_no == doc_no.strip())).first()
        if row is None:
            raise NotFoundError(f"There is no delegation {doc_no.strip()[:60]}.", "See `imprimatur delegation list`.")
        if row.holder_id != actor.user_id and not actor.may(Act.DECIDE_POLICY):
            raise ForbiddenError("A delegation is revoked by who made it, or by the security administrator.", "Ask one of them.")
        now = gate.clock.now()
        done = session.execute(
            update(Delegation)
            .where(col(Delegation.id) == row.id, col(Delegation.revoked_at).is_(None))
            .values(revoked_at=now, revoked_by_id=actor.user_id)
        )
        if done.rowcount != 1:  # type: ignore[attr-defined]  # an UPDATE's result has rowcount
            raise ConflictError(f"The delegation {row.doc_no} was revoked already.", "See `imprimatur delegation list`.")
        session.refresh(row)
        append(session, kind="delegation.revoked", at=now, actor=actor.username, subject=row.doc_no, data={})
        reopen_permits_under(gate, session, row.doc_no)
        return _view(gate, session, row)


def list_delegations(gate: Gate, actor: Actor) -> list[DelegationView]:
    """All delegations, newest first. Raises ForbiddenError."""
    actor.require(Act.SEE_POLICY)
    with gate.database.reading() as session:
        return [_view(gate, session, row) for row in session.exec(select(Delegation).order_by(col(Delegation.id).desc())).all()]
