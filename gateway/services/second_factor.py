"""The second factor: setting up an authenticator, and checking its one-time codes, each taken once (RFC 6238, R87)."""

from __future__ import annotations

import base64
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import delete, update
from sqlmodel import Session, col

from gateway.db.tables import SecondFactorSeen, User
from gateway.domain.one_time_codes import SECRET_BYTES, accepted_step, provisioning_uri
from gateway.errors import ConflictError, UnauthenticatedError
from gateway.ledger.append import append
from gateway.services.gate import Actor, Gate
from gateway.services.sealing import opened, seal

_PURPOSE = "imprimatur.totp.v1"


class Place(StrEnum):
    """Where a code was given, so that it covers later acts there and nowhere else."""

    WEB = "web"
    CONTROL = "control"


@dataclass(frozen=True, slots=True)
class Enrolment:
    """What an authenticator program needs, shown to its owner only: the secret for typing, the address for the QR code."""

    secret: str
    uri: str


def _open(gate: Gate, user_id: int, sealed: str) -> bytes:
    secret = opened(gate, _PURPOSE, user_id, sealed)
    if secret is None:
        raise UnauthenticatedError(
            "The account's second factor was made with another key of this gateway.", "Have it reset by two administrators."
        )
    return secret


def begin_setup(gate: Gate, actor: Actor) -> None:
    """Make a new secret, which counts only after `finish_setup`. The caller has just confirmed who he is."""
    with gate.database.writing() as session:
        user = session.get_one(User, actor.user_id)
        user.totp_pending = seal(gate, _PURPOSE, actor.user_id, secrets.token_bytes(SECRET_BYTES))
        session.add(user)


def pending_setup(gate: Gate, actor: Actor) -> Enrolment | None:
    """What is to be entered into the authenticator now, if a set-up was begun."""
    with gate.database.reading() as session:
        user = session.get_one(User, actor.user_id)
    if user.totp_pending is None:
        return None
    secret = _open(gate, actor.user_id, user.totp_pending)
    return Enrolment(base64.b32encode(secret).decode(), provisioning_uri(secret, user.username, f"Imprimatur {gate.settings.unit}"))


def finish_setup(gate: Gate, actor: Actor, code: str) -> None:
    """The first code proves that the authenticator has the secret; from now on it is asked for. Raises UnauthenticatedError."""
    now = gate.clock.now()
    with gate.database.writing() as session:
        user = session.get_one(User, actor.user_id)
        if user.totp_pending is None:
            raise ConflictError("No set-up of a second factor was begun.", "Begin it on your account's page.")
        step = accepted_step(_open(gate, actor.user_id, user.totp_pending), code, now, 0)
        if step is None:
            raise UnauthenticatedError("The one-time code is wrong.", "Compare the clocks of phone and gateway, and enter the newest code.")
        replaced = user.totp_secret is not None
        user.totp_secret, user.totp_pending, user.totp_step = user.totp_pending, None, step
        session.add(user)
        append(session, kind="user.second_factor_set", at=now, actor=actor.username, subject=actor.username, data={"replaced": replaced})


def forget(session: Session, user: User) -> None:
    """Take the second factor away, inside the transaction of a reset."""
    user.totp_secret, user.totp_pending, user.totp_step = None, None, 0
    session.execute(delete(SecondFactorSeen).where(col(SecondFactorSeen.user_id) == user.id))
    session.add(user)


def is_needed(gate: Gate, session: Session, user: User, place: Place | None, now: datetime) -> bool:
    """Whether a code must be given now: the account has a second factor, and none was given here within `code_minutes`."""
    if user.totp_secret is None:
        return False
    seen = session.get(SecondFactorSeen, (user.id, place.value)) if place else None
    return seen is None or not timedelta(0) <= now - seen.at < timedelta(minutes=gate.settings.code_minutes)


def step_of(gate: Gate, user: User, code: str, now: datetime) -> int | None:
    """The unused time step a code belongs to, or None when it is wrong or was used."""
    if user.totp_secret is None:
        return None
    return accepted_step(_open(gate, user.id or 0, user.totp_secret), code, now, user.totp_step)


def use_step(session: Session, user: User, step: int, place: Place | None, now: datetime) -> bool:
    """Use a time step up, by guarded update: of two who give the same code at the same time one is refused."""
    used = session.execute(update(User).where(col(User.id) == user.id, col(User.totp_step) < step).values(totp_step=step))
    if used.rowcount != 1:  # type: ignore[attr-defined]  # an UPDATE's result has rowcount
        return False
    if place is not None:
        seen = session.get(SecondFactorSeen, (user.id, place.value)) or SecondFactorSeen(user_id=user.id or 0, place=place.value)
        seen.at = now
        session.add(seen)
    return True


def forget_place(session: Session, user_id: int, place: Place) -> None:
    """The place is left: what was given there covers nothing any more."""
    session.execute(delete(SecondFactorSeen).where(col(SecondFactorSeen.user_id) == user_id, col(SecondFactorSeen.place) == place.value))
