"""Passwords and who is who: asked for, checked with the second factor, changed by their owners (R87, SC-40).

A guesser learns nothing from time or words: unknown, closed and passwordless accounts cost the same work and get the same
answer, and a name that was guessed at too often is closed whether it exists or not.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from datetime import datetime

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import update
from sqlmodel import Session, col, select

from gateway.db.tables import User
from gateway.domain.passwords import as_kept, weakness
from gateway.errors import InvalidInputError, UnauthenticatedError
from gateway.ledger.append import append
from gateway.services import second_factor, throttle
from gateway.services.gate import SYSTEM, Actor, Gate
from gateway.services.people import actor_of
from gateway.services.second_factor import Place

_HASHER = PasswordHasher()
_AT_ONCE = threading.BoundedSemaphore(4)
"""Argon2 takes 64 MiB each: a flood of log-ins must wait, not eat the memory."""


def hash_password(password: str) -> str:
    """What is kept of a password: argon2id with its own salt."""
    with _AT_ONCE:
        return _HASHER.hash(as_kept(password))


def _nobodys_hash() -> str:
    """No password has it, and to find that out costs as much as with any other: the time must not tell a wrong name from a wrong password.

    Written, not computed: a process that only reads the books would spend 64 MiB on it.
    """
    cost = f"m={_HASHER.memory_cost},t={_HASHER.time_cost},p={_HASHER.parallelism}"
    return f"$argon2id$v=19${cost}${'A' * 22}${'A' * 43}"


def _is_right(password_hash: str, password: str) -> bool:
    with _AT_ONCE:
        try:
            return _HASHER.verify(password_hash, as_kept(password))
        except (VerificationError, InvalidHashError):
            return False


def check_password_strength(password: str, username: str = "") -> None:
    """Raises InvalidInputError saying what is weak (R87)."""
    if fault := weakness(password, username or password):
        raise InvalidInputError(fault, "Use at least 10 characters of 3 kinds: small, capital, digit, other.")


@dataclass(frozen=True, slots=True)
class Proof:
    """What somebody gave to prove himself, and where from: `place` remembers a one-time code for a few minutes."""

    password: str
    code: str = ""
    address: str = ""
    place: Place | None = None


def authenticate(gate: Gate, username: str, proof: Proof, *, first: bool = False, log_in: bool = False) -> Actor:
    """Check a password, and a one-time code where the account has a second factor. Raises UnauthenticatedError.

    A one-time password is good for nothing but changing it: only callers that lead there pass `first`.
    At log-in a code is asked for whenever the account has a second factor, elsewhere if none was given at this place of late.
    Five failures close the account for 15 minutes, thirty the address.
    """
    sources = [throttle.account_source(gate, username), throttle.address_source(proof.address)]
    now = gate.clock.now()
    with gate.database.reading() as session:
        _refuse_if_closed(session, sources, now)
        user = session.exec(select(User).where(User.username == username, col(User.active).is_(True))).first()
        needs_code = user is not None and second_factor.is_needed(gate, session, user, None if log_in else proof.place, now)
    known = user.password_hash if user and (user.password_until is None or now < user.password_until) else None
    right = _is_right(known or _nobodys_hash(), proof.password) and known is not None
    step = second_factor.step_of(gate, user, proof.code, now) if user is not None and needs_code and right else None
    if user is None or not right or (needs_code and step is None):
        _record_failure(gate, username if user else None, sources, now)
        raise UnauthenticatedError(*_WRONG)
    actor = _let_in(gate, user, proof, sources, step)
    if user.password_until is not None and not first:
        raise UnauthenticatedError(
            "This is a one-time password.", "Change it first: log in to the web pages, or `imprimatur user password`."
        )
    return actor


_WRONG = (
    "Name, password or one-time code is wrong.",
    "Try again; a code is good once and for half a minute, and five failures close the account for 15 minutes.",
)


def _refuse_if_closed(session: Session, sources: list[throttle.Source], now: datetime) -> None:
    if throttle.is_closed(session, sources, now):
        raise UnauthenticatedError("Log-in is locked after too many wrong passwords.", "Wait 15 minutes.")


def _record_failure(gate: Gate, username: str | None, sources: list[throttle.Source], now: datetime) -> None:
    """One failure for account and address. An unknown name enters neither ledger nor log."""
    account, address = sources
    with gate.database.writing() as session:
        _refuse_if_closed(session, sources, now)  # of guesses at the same time only the first five get an answer
        if throttle.note_failure(session, account, now) and username:
            append(session, kind="user.locked", at=now, actor=SYSTEM, subject=username, data={"minutes": 15})
        if throttle.note_failure(session, address, now):
            append(session, kind="session.throttled", at=now, actor=SYSTEM, subject=address.key, data={"minutes": 15})


def _let_in(gate: Gate, user: User, proof: Proof, sources: list[throttle.Source], step: int | None) -> Actor:
    """The account as an actor, once more against what happened meanwhile. Writes only when there is something to write."""
    account = sources[0]
    stale = user.password_hash is not None and _HASHER.check_needs_rehash(user.password_hash)
    renewed = hash_password(proof.password) if stale else None
    now = gate.clock.now()
    with gate.database.reading() as session:
        _refuse_if_closed(session, sources, now)
        actor = actor_of(gate, session, user)
        to_forgive = throttle.has_failures(session, account)
    if renewed or to_forgive or step is not None:
        with gate.database.writing() as session:
            _refuse_if_closed(session, sources, now)
            if step is not None and not second_factor.use_step(session, user, step, proof.place, now):
                raise UnauthenticatedError(*_WRONG)
            throttle.forgive(session, account)
            if renewed:
                unchanged = (col(User.id) == user.id) & (col(User.password_hash) == user.password_hash)
                session.execute(update(User).where(unchanged).values(password_hash=renewed))
    return actor


def change_password(gate: Gate, username: str, proof: Proof, chosen: str) -> None:
    """One's own password, with the present one (which may be a one-time one). Raises UnauthenticatedError, InvalidInputError (R87)."""
    actor = authenticate(gate, username, proof, first=True)
    check_password_strength(chosen, username)
    if as_kept(chosen) == as_kept(proof.password):
        raise InvalidInputError("The new password is the present one.", "Choose another.")
    password_hash = hash_password(chosen)
    with gate.database.writing() as session:
        user = session.get_one(User, actor.user_id)
        user.password_hash, user.password_until = password_hash, None
        session.add(user)
        append(session, kind="user.password_changed", at=gate.clock.now(), actor=username, subject=username, data={})
