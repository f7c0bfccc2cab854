"""Resetting somebody's password or second factor takes two administrators, and neither can log in as him (I10, R32).

A new password consists of two halves: the proposer sees the first, the confirmer the second; only the person gets both. The first
half waits in the database until the decision, the second is never stored.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlmodel import Session, col, select

from gateway.db.tables import CredentialReset, User
from gateway.domain.duties import Act, reset_roles
from gateway.domain.vocabulary import Role
from gateway.errors import ConflictError, ForbiddenError, InvalidInputError, NotFoundError
from gateway.ledger.append import append
from gateway.services import second_factor, throttle
from gateway.services.credentials import hash_password
from gateway.services.gate import Actor, Gate
from gateway.services.people import roles_of, user_by_name
from gateway.services.roll import UserLine
from gateway.services.sessions import end_sessions_of

OPEN_FOR = timedelta(hours=24)
GOOD_FOR = timedelta(hours=72)
_SMALL, _LARGE, _DIGITS = "abcdefghjkmnpqrstuvwxyz", "ABCDEFGHJKLMNPQRSTUVWXYZ", "23456789"
_HALF = 8


class What(StrEnum):
    """What is reset."""

    PASSWORD = "password"  # noqa: S105 — a word, not a secret
    SECOND_FACTOR = "second_factor"


class ResetState(StrEnum):
    """A proposal waits for its decision, at most a day."""

    PROPOSED = "proposed"
    CONFIRMED = "confirmed"
    REFUSED = "refused"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class ResetView:
    """A proposal as it is shown; `half` only in the answer to the one who just proposed or confirmed a new password."""

    id: int
    username: str
    display_name: str
    what: What
    state: ResetState
    reason: str
    proposed_by: str
    proposed_at: datetime
    decided_by: str
    confirming_role: Role
    half: str = ""


def propose_reset(gate: Gate, actor: Actor, username: str, what: What, reason: str) -> ResetView:
    """Propose it; the answer holds the first half of the new password, told once. Raises ForbiddenError, ConflictError."""
    actor.require(Act.RESET_CREDENTIALS)
    if not reason.strip():
        raise InvalidInputError("A reset needs a reason.", "Say in a few words why.")
    now = gate.clock.now()
    with gate.database.writing() as session:
        user = user_by_name(session, username)
        _not_for_oneself(actor, user)
        proposer, _ = reset_roles(roles_of(session, user))
        if proposer not in actor.roles:
            raise ForbiddenError(f"This reset is proposed by the {proposer.value}.", "Ask that administrator.")
        if not user.active:
            raise ConflictError(f"The account {username} is closed.", "Open it first.")
        rows = session.exec(select(CredentialReset).where(CredentialReset.user_id == user.id, CredentialReset.what == what.value)).all()
        if any(_state(row, now) is ResetState.PROPOSED for row in rows):
            raise ConflictError("This reset is proposed already.", "Let the other administrator decide, or wait a day.")
        half = _random_half() if what is What.PASSWORD else ""
        row = CredentialReset(
            user_id=user.id or 0,
            what=what.value,
            state=ResetState.PROPOSED.value,
            reason=reason.strip()[:200],
            first_half=half,
            proposed_by_id=actor.user_id,
            proposed_at=now,
        )
        session.add(row)
        session.flush()
        append(session, kind="user.reset_proposed", at=now, actor=actor.username, subject=username, data={"what": what.value})
        return _view(session, row, now, half)


def confirm_reset(gate: Gate, actor: Actor, reset_id: int) -> ResetView:
    """Carry it out; the answer holds the second half of the new password, told once. The person's sessions end.

    Raises ForbiddenError for the proposer, the person and everybody whose part it is not, ConflictError when it is decided or too old.
    """
    half = _random_half()
    first_half = _first_half(gate, reset_id)
    password_hash = hash_password(f"{first_half}-{half}")
    now = gate.clock.now()
    with gate.database.writing() as session:
        row, user = _open_reset(session, actor, reset_id, now)
        if row.first_half != first_half:
            raise ConflictError("The reset has just changed.", "Look at it again.")
        is_password = row.what == What.PASSWORD
        if is_password:
            user.password_hash, user.password_until = password_hash, now + GOOD_FOR
            throttle.forgive(session, throttle.account_source(gate, user.username))
        else:
            second_factor.forget(session, user)
        session.add(user)
        _decide(row, ResetState.CONFIRMED, actor, now)
        session.add(row)
        end_sessions_of(gate, session, user.id or 0, "reset")
        append(session, kind="user.reset_confirmed", at=now, actor=actor.username, subject=user.username, data={"what": row.what})
        return _view(session, row, now, half if is_password else "")


def refuse_reset(gate: Gate, actor: Actor, reset_id: int) -> ResetView:
    """Decide against it; nothing changes for the person."""
    now = gate.clock.now()
    with gate.database.writing() as session:
        row, user = _open_reset(session, actor, reset_id, now)
        _decide(row, ResetState.REFUSED, actor, now)
        session.add(row)
        append(session, kind="user.reset_refused", at=now, actor=actor.username, subject=user.username, data={"what": row.what})
        return _view(session, row, now)


def list_resets(gate: Gate, actor: Actor, *, limit: int = 50) -> list[ResetView]:
    """Proposals, newest first."""
    actor.require(Act.RESET_CREDENTIALS)
    with gate.database.reading() as session:
        rows = session.exec(select(CredentialReset).order_by(col(CredentialReset.id).desc()).limit(limit)).all()
        return [_view(session, row, gate.clock.now()) for row in rows]


def waiting_resets(gate: Gate, actor: Actor) -> int:
    """How many wait for this administrator's decision."""
    return sum(1 for reset in list_resets(gate, actor) if may_decide(actor, reset))


def may_propose(actor: Actor, person: UserLine) -> bool:
    """Whether proposing a reset for this person is this administrator's."""
    proposer, _ = reset_roles(frozenset(Role(role) for role in person.roles))
    return person.active and proposer in actor.roles and actor.username != person.username


def may_decide(actor: Actor, reset: ResetView) -> bool:
    """Whether the decision is this administrator's."""
    others = {reset.proposed_by, reset.username}
    return reset.state is ResetState.PROPOSED and reset.confirming_role in actor.roles and actor.username not in others


def _first_half(gate: Gate, reset_id: int) -> str:
    with gate.database.reading() as session:
        row = session.get(CredentialReset, reset_id)
        return row.first_half if row else ""


def _open_reset(session: Session, actor: Actor, reset_id: int, now: datetime) -> tuple[CredentialReset, User]:
    """The proposal, if the actor may decide it now."""
    actor.require(Act.RESET_CREDENTIALS)
    row = session.get(CredentialReset, reset_id)
    if row is None:
        raise NotFoundError(f"There is no reset {reset_id}.", "See `imprimatur user resets`.")
    user = session.get_one(User, row.user_id)
    _not_for_oneself(actor, user)
    if row.proposed_by_id == actor.user_id:
        raise ForbiddenError("Who proposed a reset does not confirm it.", "Ask the other administrator.")
    _, confirmer = reset_roles(roles_of(session, user))
    if confirmer not in actor.roles:
        raise ForbiddenError(f"This reset is confirmed by the {confirmer.value}.", "Ask that administrator.")
    state = _state(row, now)
    if state is not ResetState.PROPOSED:
        raise ConflictError(f"This reset is {state.value}.", "Propose it again if it is still needed.")
    return row, user


def _not_for_oneself(actor: Actor, user: User) -> None:
    if user.id == actor.user_id:
        raise ForbiddenError("Nobody resets his own password or second factor.", "Other administrators do it.")


def _state(row: CredentialReset, now: datetime) -> ResetState:
    state = ResetState(row.state)
    return ResetState.EXPIRED if state is ResetState.PROPOSED and now - row.proposed_at >= OPEN_FOR else state


def _decide(row: CredentialReset, state: ResetState, actor: Actor, now: datetime) -> None:
    row.state, row.decided_by_id, row.decided_at, row.first_half = state.value, actor.user_id, now, ""


def _view(session: Session, row: CredentialReset, now: datetime, half: str = "") -> ResetView:
    user = session.get_one(User, row.user_id)
    decided_by = session.get(User, row.decided_by_id) if row.decided_by_id else None
    return ResetView(
        id=row.id or 0,
        username=user.username,
        display_name=user.display_name,
        what=What(row.what),
        state=_state(row, now),
        reason=row.reason,
        proposed_by=session.get_one(User, row.proposed_by_id).username,
        proposed_at=row.proposed_at,
        decided_by=decided_by.username if decided_by else "",
        confirming_role=reset_roles(roles_of(session, user))[1],
        half=half,
    )


def _random_half() -> str:
    """Eight characters a person can read aloud and type, of three kinds."""
    chosen = [secrets.choice(_SMALL), secrets.choice(_LARGE), secrets.choice(_DIGITS)]
    chosen += [secrets.choice(_SMALL + _LARGE + _DIGITS) for _ in range(_HALF - len(chosen))]
    secrets.SystemRandom().shuffle(chosen)
    return "".join(chosen)
