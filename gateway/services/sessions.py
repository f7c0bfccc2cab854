"""Web sessions on the server's side: the browser holds a random token, we hold its SHA-256 (R87, R88, SC-33)."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import update
from sqlmodel import Session, col, select

from gateway.db.tables import User, WebSession
from gateway.domain.idleness import SessionState
from gateway.errors import UnauthenticatedError
from gateway.ledger.append import append
from gateway.services import second_factor
from gateway.services.credentials import Proof, authenticate
from gateway.services.gate import Actor, Gate
from gateway.services.leases import return_claims, state_of
from gateway.services.people import actor_of
from gateway.services.second_factor import Place

_TOKEN_BYTES = 32
_SEEN_EVERY = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class OpenSession:
    """A session that has not ended. While `locked` only its own password opens it again."""

    key: str
    """Names the session as long as it lasts, whatever its token is at the moment."""
    token_hash: str
    actor: Actor
    locked: bool
    opened_at: datetime
    address: str
    must_change_password: bool
    has_second_factor: bool
    needs_code: bool
    """Whether the next act asks for a one-time code beside the password."""


def _key(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def open_session(gate: Gate, username: str, proof: Proof) -> tuple[str, Actor]:
    """Log in: the new token and the account. Other sessions of the account end. Raises UnauthenticatedError."""
    actor = authenticate(gate, username, proof, first=True, log_in=True)
    token = secrets.token_urlsafe(_TOKEN_BYTES)
    now = gate.clock.now()
    with gate.database.writing() as session:
        for row in session.exec(select(WebSession).where(WebSession.user_id == actor.user_id)).all():
            session.delete(row)
            append(session, kind="session.ended", at=now, actor=actor.username, subject=actor.username, data={"reason": "second log-in"})
        session.add(WebSession(token_hash=_key(token), user_id=actor.user_id, created_at=now, seen_at=now, address=proof.address))
        append(session, kind="session.opened", at=now, actor=actor.username, subject=actor.username, data={"address": proof.address})
    return token, actor


def find_session(gate: Gate, token: str, *, active: bool) -> OpenSession | None:
    """The session of this token, or None when it has ended. `active` says that a person did something, not a page by itself."""
    now = gate.clock.now()
    with gate.database.reading() as session:
        row = session.get(WebSession, _key(token))
        user = session.get(User, row.user_id) if row else None
        if row is None or user is None or not user.active:
            return None
        state = state_of(gate, row)
        if state is SessionState.OVER:
            return None
        found = OpenSession(
            key=_key(f"{row.user_id} {row.created_at}"),
            token_hash=row.token_hash,
            actor=actor_of(gate, session, user),
            locked=state is SessionState.LOCKED,
            opened_at=row.created_at,
            address=row.address,
            must_change_password=user.password_until is not None,
            has_second_factor=user.totp_secret is not None,
            needs_code=second_factor.is_needed(gate, session, user, Place.WEB, now),
        )
    if active and not found.locked and abs(now - row.seen_at) >= _SEEN_EVERY:
        with gate.database.writing() as session:
            session.execute(update(WebSession).where(col(WebSession.token_hash) == found.token_hash).values(seen_at=now))
    return found


def unlock(gate: Gate, opened: OpenSession, proof: Proof) -> str:
    """Open a locked session again with its own account's password: its new token. Raises UnauthenticatedError."""
    authenticate(gate, opened.actor.username, proof, first=True)
    return renew_token(gate, opened)


def renew_token(gate: Gate, opened: OpenSession) -> str:
    """A new token for the same session, after its person has proved himself. Raises UnauthenticatedError when it ended meanwhile."""
    token = secrets.token_urlsafe(_TOKEN_BYTES)
    renewed = update(WebSession).where(col(WebSession.token_hash) == opened.token_hash)
    with gate.database.writing() as session:
        done = session.execute(renewed.values(token_hash=_key(token), seen_at=gate.clock.now()))
        if done.rowcount != 1:  # type: ignore[attr-defined]  # an UPDATE's result has rowcount
            raise UnauthenticatedError("The session has ended.", "Log in again.")
    return token


def end_session(gate: Gate, token: str) -> None:
    """Log out."""
    with gate.database.writing() as session:
        row = session.get(WebSession, _key(token))
        if row is not None:
            _end(gate, session, row, "log-out")


def end_forgotten_sessions(gate: Gate) -> int:
    """Sessions nobody used for too long, or that lasted too long; returns how many ended."""
    with gate.database.reading() as session:
        over = [row.token_hash for row in session.exec(select(WebSession)).all() if state_of(gate, row) is SessionState.OVER]
    ended = 0
    for key in over:
        with gate.database.writing() as session:
            row = session.get(WebSession, key)
            if row is not None and state_of(gate, row) is SessionState.OVER:
                _end(gate, session, row, "forgotten")
                ended += 1
    return ended


def end_sessions_of(gate: Gate, session: Session, user_id: int, reason: str) -> None:
    """Inside another act: the account's sessions end, and its claims with them."""
    for row in session.exec(select(WebSession).where(WebSession.user_id == user_id)).all():
        _end(gate, session, row, reason)
    return_claims(gate, session, user_id, reason)


def end_all_sessions(gate: Gate, session: Session, reason: str) -> None:
    """Inside another act: everybody is logged out (R102)."""
    for row in session.exec(select(WebSession)).all():
        _end(gate, session, row, reason)


def _end(gate: Gate, session: Session, row: WebSession, reason: str) -> None:
    user = session.get_one(User, row.user_id)
    session.delete(row)
    second_factor.forget_place(session, row.user_id, Place.WEB)
    jobs = return_claims(gate, session, row.user_id, reason)
    data = {"reason": reason, "jobs": jobs}
    append(session, kind="session.ended", at=gate.clock.now(), actor=user.username, subject=user.username, data=data)
