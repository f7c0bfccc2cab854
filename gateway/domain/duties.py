"""Separation of duties: which roles may not meet in one person, who may do what (invariant I10, R32, 条例 art. 34)."""

from __future__ import annotations

from enum import StrEnum
from itertools import combinations

from gateway.domain.vocabulary import AlertKind, Level, Role

THREE_ADMINISTRATORS = frozenset({Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDITOR})
APPROVERS = frozenset({Role.DEPARTMENT_HEAD, Role.LEADER, Role.PRINCIPAL_LEADER, Role.SECRECY_DIRECTOR})
ROOM = frozenset({Role.OPERATOR, Role.ROOM_HEAD})


class Act(StrEnum):
    """Acts that need a role."""

    PRINT = "print"
    APPROVE = "approve"
    RELEASE = "release"
    SEE_BOOKS = "see_books"
    VERIFY_LEDGER = "verify_ledger"
    KEEP_CARRIERS = "keep_carriers"
    KEEP_BOOKS = "keep_books"
    APPROVE_DESTRUCTION = "approve_destruction"
    MANAGE_PEOPLE = "manage_people"
    MANAGE_DEVICES = "manage_devices"
    MANAGE_TOKENS = "manage_tokens"
    SEE_POLICY = "see_policy"
    PROPOSE_POLICY = "propose_policy"
    DECIDE_POLICY = "decide_policy"
    SEE_ALERTS = "see_alerts"
    ACKNOWLEDGE_ALERTS = "acknowledge_alerts"
    SEE_PEOPLE = "see_people"
    SEE_DEVICES = "see_devices"
    RESET_CREDENTIALS = "reset_credentials"
    READ_METERS = "read_meters"
    SEE_METERS = "see_meters"
    CLEAR_METERS = "clear_meters"
    CLOSE_FINDINGS = "close_findings"
    ACKNOWLEDGE_CORRECTIONS = "acknowledge_corrections"


MAY: dict[Act, frozenset[Role]] = {
    Act.PRINT: frozenset({Role.REQUESTER}) | APPROVERS | ROOM,
    Act.APPROVE: APPROVERS,
    Act.RELEASE: frozenset({Role.OPERATOR}),
    Act.SEE_BOOKS: ROOM | APPROVERS | frozenset({Role.AUDITOR, Role.INSPECTOR}),
    Act.VERIFY_LEDGER: ROOM | frozenset({Role.AUDITOR, Role.INSPECTOR, Role.SECURITY_ADMIN}),
    Act.KEEP_CARRIERS: ROOM,
    Act.KEEP_BOOKS: ROOM,
    Act.APPROVE_DESTRUCTION: frozenset({Role.LEADER, Role.PRINCIPAL_LEADER, Role.SECRECY_DIRECTOR}),
    Act.MANAGE_PEOPLE: frozenset({Role.SYSTEM_ADMIN}),
    Act.MANAGE_DEVICES: frozenset({Role.SYSTEM_ADMIN}),
    Act.MANAGE_TOKENS: frozenset({Role.SYSTEM_ADMIN}),
    Act.SEE_POLICY: ROOM | APPROVERS | THREE_ADMINISTRATORS | frozenset({Role.INSPECTOR}),
    Act.PROPOSE_POLICY: frozenset({Role.SYSTEM_ADMIN}),
    Act.DECIDE_POLICY: frozenset({Role.SECURITY_ADMIN}),
    Act.SEE_ALERTS: ROOM | frozenset({Role.SECURITY_ADMIN, Role.AUDITOR, Role.SECRECY_DIRECTOR}),
    Act.ACKNOWLEDGE_ALERTS: frozenset({Role.ROOM_HEAD, Role.SECURITY_ADMIN}),
    Act.SEE_PEOPLE: THREE_ADMINISTRATORS | ROOM | frozenset({Role.INSPECTOR}),
    Act.SEE_DEVICES: THREE_ADMINISTRATORS | ROOM | frozenset({Role.INSPECTOR, Role.SECRECY_DIRECTOR}),
    Act.RESET_CREDENTIALS: THREE_ADMINISTRATORS,
    Act.READ_METERS: ROOM,
    Act.SEE_METERS: THREE_ADMINISTRATORS | ROOM | frozenset({Role.INSPECTOR, Role.SECRECY_DIRECTOR}),
    Act.CLEAR_METERS: frozenset({Role.SECRECY_DIRECTOR}),
    Act.CLOSE_FINDINGS: frozenset({Role.ROOM_HEAD, Role.AUDITOR}),
    Act.ACKNOWLEDGE_CORRECTIONS: frozenset({Role.SECRECY_DIRECTOR}),
}


TOLD_OF: dict[AlertKind, frozenset[Role]] = {
    kind: frozenset({Role.ROOM_HEAD, Role.SECURITY_ADMIN})
    | {
        AlertKind.LEDGER_BROKEN: frozenset({Role.AUDITOR}),
        AlertKind.DENIED_JOB: frozenset({Role.SECRECY_DIRECTOR, Role.OPERATOR}),
        AlertKind.METER: frozenset({Role.SECRECY_DIRECTOR}),
    }.get(kind, frozenset())
    for kind in AlertKind
}
"""Who is told of an alert (R101): head of the room and security administrator, of some kinds others too (SC-19, SC-35)."""


def needs_two_operators(level: Level) -> bool:
    """Whether a paper of this level is released by one operator in the presence of another (RULES.md §3)."""
    return level is Level.JUEMI


def allowed(roles: frozenset[Role], act: Act) -> bool:
    """Whether somebody with these roles may do the act."""
    return bool(roles & MAY[act])


def conflicting_roles(roles: frozenset[Role]) -> list[tuple[Role, Role]]:
    """Pairs of roles that may not meet in one person; empty if all is well.

    三员 exclude each other and every role that prints, approves or releases; operators do not approve.
    """
    pairs: list[tuple[Role, Role]] = []
    for first, second in combinations(sorted(roles), 2):
        pair = {first, second}
        if pair & THREE_ADMINISTRATORS or (pair & APPROVERS and Role.OPERATOR in pair):
            pairs.append((first, second))
    return pairs


def reset_roles(person: frozenset[Role]) -> tuple[Role, Role]:
    """Who proposes and who confirms that somebody's password or second factor is reset: two administrators, never his own kind (I10)."""
    if Role.SYSTEM_ADMIN in person:
        return Role.SECURITY_ADMIN, Role.AUDITOR
    if Role.SECURITY_ADMIN in person:
        return Role.SYSTEM_ADMIN, Role.AUDITOR
    return Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN
