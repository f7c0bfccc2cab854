"""Tokens of programs, such as an office system that files permits: made, listed, revoked, and who calls with one (R30, R87)."""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from gateway.db.tables import ApiToken, User
from gateway.domain.duties import Act
from gateway.domain.scopes import LONGEST_TOKEN_LIFE, Scope, acts_of, idle_scopes
from gateway.errors import ConflictError, InvalidInputError, NotFoundError, UnauthenticatedError
from gateway.ledger.append import append
from gateway.services.gate import Actor, Gate
from gateway.services.people import actor_of, user_by_name

PREFIX = "imprimatur_"
"""How a token begins, so that searches for secrets left lying about find it."""
_NAME = re.compile(r"^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$")
_TOKEN_BYTES = 32
_USED_EVERY = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class TokenLine:
    """A token as a listing shows it; the token itself was shown once, when it was made."""

    name: str
    account: str
    scopes: tuple[Scope, ...]
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None
    last_used_at: datetime | None


def _hash(token: str) -> str:
    """Plain SHA-256 is enough: there are 2²⁵⁶ tokens to try."""
    return hashlib.sha256(token.encode()).hexdigest()


def make_token(
    gate: Gate, actor: Actor, *, name: str, account: str, scopes: Collection[Scope], expires_at: datetime
) -> tuple[str, TokenLine]:
    """Make a token for an account: the token, shown this once, and its line.

    Raises InvalidInputError for no or idle scopes and for an end that is past or too far away, ConflictError for a name in use.
    """
    actor.require(Act.MANAGE_TOKENS)
    now = gate.clock.now()
    if not _NAME.match(name):
        raise InvalidInputError("A token needs a name of letters, digits, . _ -.", "Give the name of the program that will use it.")
    if not scopes:
        raise InvalidInputError("A token without scopes opens nothing.", f"Give some of {', '.join(Scope)}.")
    if not now < expires_at <= now + LONGEST_TOKEN_LIFE:
        raise InvalidInputError(f"A token ends in the future, within {LONGEST_TOKEN_LIFE.days} days.", "Give another end.")
    token = PREFIX + secrets.token_urlsafe(_TOKEN_BYTES)
    with gate.database.writing() as session:
        user = user_by_name(session, account)
        if not user.active:
            raise ConflictError(f"The account {account} is closed.", "Name an open account.")
        if idle := idle_scopes(scopes, actor_of(gate, session, user).roles):
            raise InvalidInputError(f"The account {account} itself may not do what {', '.join(idle)} is for.", "Choose another account.")
        if session.exec(select(ApiToken).where(ApiToken.name == name)).first():
            raise ConflictError(f"There is, or was, a token named {name}.", "Choose another name: the books tell tokens apart by it.")
        row = ApiToken(
            name=name,
            token_hash=_hash(token),
            user_id=user.id or 0,
            scopes=" ".join(sorted(set(scopes))),
            created_by_id=actor.user_id,
            created_at=now,
            expires_at=expires_at,
        )
        session.add(row)
        data = {"account": account, "scopes": row.scopes, "expires_at": expires_at.isoformat(timespec="seconds")}
        append(session, kind="token.made", at=now, actor=actor.username, subject=name, data=data)
        return token, _line(session, row)


def revoke_token(gate: Gate, actor: Actor, name: str) -> TokenLine:
    """End a token at once. Raises NotFoundError, ConflictError when it was revoked before."""
    actor.require(Act.MANAGE_TOKENS)
    with gate.database.writing() as session:
        row = session.exec(select(ApiToken).where(ApiToken.name == name)).first()
        if row is None:
            raise NotFoundError(f"There is no token {name[:40]}.", "See `imprimatur token list`.")
        if row.revoked_at is not None:
            raise ConflictError(f"The token {name} was revoked before.", "Nothing is left to do.")
        row.revoked_at = gate.clock.now()
        session.add(row)
        append(session, kind="token.revoked", at=row.revoked_at, actor=actor.username, subject=name, data={})
        return _line(session, row)


def list_tokens(gate: Gate, actor: Actor) -> list[TokenLine]:
    """All tokens there are or were, by name."""
    actor.require(Act.MANAGE_TOKENS)
    with gate.database.reading() as session:
        return [_line(session, row) for row in session.exec(select(ApiToken).order_by(col(ApiToken.name))).all()]


def actor_by_token(gate: Gate, token: str) -> Actor:
    """The account a token stands for, with no role and only the acts its scopes open. Raises UnauthenticatedError."""
    now = gate.clock.now()
    with gate.database.reading() as session:
        row = session.exec(select(ApiToken).where(ApiToken.token_hash == _hash(token))).first()
        user = session.get(User, row.user_id) if row else None
        if row is None or user is None or not user.active or row.revoked_at is not None or row.expires_at <= now:
            raise UnauthenticatedError("The token is not known, has ended or was revoked.", "Have a new one made.")
        account = actor_of(gate, session, user)
    if row.last_used_at is None or now - row.last_used_at >= _USED_EVERY:
        _note_use(gate, row.id or 0, now)
    scopes = _scopes_of(row)
    return replace(
        account, roles=frozenset(), delegations=(), acts=acts_of(scopes, account.roles), token=row.name, scopes=frozenset(scopes)
    )


def _note_use(gate: Gate, token_id: int, now: datetime) -> None:
    with gate.database.writing() as session:
        row = session.get_one(ApiToken, token_id)
        row.last_used_at = now
        session.add(row)


def _scopes_of(row: ApiToken) -> tuple[Scope, ...]:
    return tuple(Scope(scope) for scope in row.scopes.split())


def _line(session: Session, row: ApiToken) -> TokenLine:
    account = session.get_one(User, row.user_id).username
    return TokenLine(row.name, account, _scopes_of(row), row.created_at, row.expires_at, row.revoked_at, row.last_used_at)
