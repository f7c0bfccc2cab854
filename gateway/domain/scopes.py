"""What a program with a token may do, whatever its account may: file and follow, never approve, release or destroy (R30, I10)."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta
from enum import StrEnum

from gateway.domain.duties import Act, allowed
from gateway.domain.vocabulary import Role

LONGEST_TOKEN_LIFE = timedelta(days=366)


class Scope(StrEnum):
    """What a token is good for."""

    PERMITS_WRITE = "permits:write"
    """Ask for permits, ask for their extension, take back one's own."""
    PERMITS_READ = "permits:read"
    JOBS_READ = "jobs:read"
    REGISTERS_READ = "registers:read"


ACTS: dict[Scope, frozenset[Act]] = {
    Scope.PERMITS_WRITE: frozenset({Act.PRINT}),
    Scope.PERMITS_READ: frozenset(),
    Scope.JOBS_READ: frozenset(),
    Scope.REGISTERS_READ: frozenset({Act.SEE_BOOKS}),
}
"""Acts that need a role and that a scope opens, if the account's roles open them too. Everything else is closed."""


def acts_of(scopes: Collection[Scope], roles: frozenset[Role]) -> frozenset[Act]:
    """The acts a token with these scopes may do for an account with these roles."""
    return frozenset(act for scope in scopes for act in ACTS[scope] if allowed(roles, act))


def idle_scopes(scopes: Collection[Scope], roles: frozenset[Role]) -> list[Scope]:
    """Scopes that would be of no use, since the account itself may not do what they open."""
    return [scope for scope in scopes if ACTS[scope] and not acts_of({scope}, roles)]
