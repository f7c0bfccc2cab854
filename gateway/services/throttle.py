"""Wrong log-ins are counted by account and by address, known or not, so that a guesser learns nothing and gets few tries (R87, SC-40)."""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete
from sqlmodel import Session, col

from gateway.db.tables import LoginFailure
from gateway.services.gate import Gate

PAUSE = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Source:
    """What is counted: a key that tells no name, and how many failures within 15 minutes close it for 15 minutes."""

    key: str
    failures: int


def account_source(gate: Gate, username: str) -> Source:
    """An account name as it was typed. Keyed hash, since people type passwords into name fields."""
    digest = hmac.digest(gate.code_key, b"imprimatur.login.v1\n" + username.encode(), "sha256")
    return Source(f"account:{digest.hex()[:32]}", 5)


def address_source(address: str) -> Source:
    """Where it came from; several people may sit behind one address."""
    return Source(f"address:{address}", 30)


def is_closed(session: Session, sources: list[Source], now: datetime) -> bool:
    """Whether any of the sources must wait."""
    rows = [session.get(LoginFailure, source.key) for source in sources]
    return any(row is not None and row.blocked_until is not None and row.blocked_until > now for row in rows)


def note_failure(session: Session, source: Source, now: datetime) -> bool:
    """Count one failure; True when it was the one that closes the source."""
    row = session.get(LoginFailure, source.key) or LoginFailure(key=source.key, failures=0, last_at=now)
    row.failures = 1 if now - row.last_at >= PAUSE else row.failures + 1
    row.last_at = now
    closes = row.failures >= source.failures
    if closes:
        row.failures, row.blocked_until = 0, now + PAUSE
    session.add(row)
    return closes


def forgive(session: Session, source: Source) -> None:
    """Forget the failures of a source that has proved itself."""
    session.execute(delete(LoginFailure).where(col(LoginFailure.key) == source.key))


def has_failures(session: Session, source: Source) -> bool:
    """Whether there is anything to forgive."""
    return session.get(LoginFailure, source.key) is not None


def sweep(gate: Gate) -> None:
    """Drop what no longer closes anything."""
    now = gate.clock.now()
    old = (col(LoginFailure.last_at) < now - PAUSE) & (col(LoginFailure.blocked_until).is_(None) | (col(LoginFailure.blocked_until) < now))
    with gate.database.writing() as session:
        session.execute(delete(LoginFailure).where(old))
