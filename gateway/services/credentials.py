"""Passwords: how strong, how kept, how asked for (R87, SC-40)."""

from __future__ import annotations

import re
from datetime import timedelta

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError
from sqlmodel import select

from gateway.db.tables import User
from gateway.errors import InvalidInputError, UnauthenticatedError
from gateway.ledger.append import append
from gateway.services.gate import SYSTEM, Actor, Gate
from gateway.services.people import actor_of

_HASHER = PasswordHasher()
_NO_SUCH_USER_HASH = _HASHER.hash("the time a wrong name takes must not tell it from a wrong password")
MAX_FAILURES = 5
LOCKED_FOR = timedelta(minutes=15)
SHORTEST_PASSWORD = 10


def hash_password(password: str) -> str:
    """What is kept of a password: argon2id with its own salt."""
    return _HASHER.hash(password)


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
