"""Web sessions on the server's side: the browser holds a random token, we hold its SHA-256 (R87, R88, SC-33)."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import delete
from sqlmodel import col, select

from gateway.db.tables import User, WebSession
from gateway.errors import UnauthenticatedError
from gateway.ledger.append import append
from gateway.services.credentials import authenticate
from gateway.services.gate import Actor, Gate
from gateway.services.people import actor_of

_TOKEN_BYTES = 32
_SEEN_EVERY = timedelta(seconds=20)


@dataclass(frozen=True, slots=True)
class OpenSession:
    """A session that has not ended. While `locked` only its own password opens it again."""

    key: str
    actor: Actor
    locked: bool


def _key(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def open_session(gate: Gate, username: str, password: str) -> tuple[str, Actor]:
    """Log in: the new token and the account. Older sessions of the account end. Raises UnauthenticatedError."""
    actor = authenticate(gate, username, password)
    token = secrets.token_urlsafe(_TOKEN_BYTES)
    now = gate.clock.now()
    with gate.database.writing() as session:
        session.execute(delete(WebSession).where(col(WebSession.user_id) == actor.user_id))
        session.add(WebSession(token_hash=_key(token), user_id=actor.user_id, created_at=now, seen_at=now))
        append(session, kind="session.opened", at=now, actor=actor.username, subject=actor.username, data={})
    return token, actor


def find_session(gate: Gate, token: str, *, active: bool) -> OpenSession | None:
    """The session of this token, or None when it has ended. `active` says that a person did something, not a page by itself."""
    now = gate.clock.now()
    with gate.database.reading() as session:
        row = session.get(WebSession, _key(token))
        user = session.get(User, row.user_id) if row else None
        if row is None or user is None or not user.active:
            return None
        idle = now - row.seen_at
        if idle >= timedelta(minutes=gate.settings.session_minutes):
            return None
        found = OpenSession(row.token_hash, actor_of(session, user), idle >= timedelta(minutes=gate.settings.lock_minutes))
    if active and not found.locked and idle >= _SEEN_EVERY:
        _seen(gate, found.key)
    return found


def unlock(gate: Gate, opened: OpenSession, password: str) -> None:
    """Open a locked session again with its own account's password. Raises UnauthenticatedError."""
    actor = authenticate(gate, opened.actor.username, password)
    if actor.user_id != opened.actor.user_id:
        raise UnauthenticatedError("This session belongs to somebody else.", "Log out first.")
    _seen(gate, opened.key)


def end_session(gate: Gate, token: str) -> None:
    """Log out."""
    with gate.database.writing() as session:
        session.execute(delete(WebSession).where(col(WebSession.token_hash) == _key(token)))


def _seen(gate: Gate, key: str) -> None:
    with gate.database.writing() as session:
        row = session.exec(select(WebSession).where(WebSession.token_hash == key)).first()
        if row is not None:
            row.seen_at = gate.clock.now()
            session.add(row)
