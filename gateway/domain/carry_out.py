"""Who approves carrying out, who goes along, what never leaves (RULES.md §3; R70-R73, 条例 art. 29)."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from gateway.domain.codes import Code, Reason
from gateway.domain.vocabulary import Level, Role

APPROVERS: dict[Level, frozenset[Role]] = {
    Level.NEIBU: frozenset({Role.DEPARTMENT_HEAD, Role.LEADER, Role.PRINCIPAL_LEADER}),
    Level.MIMI: frozenset({Role.LEADER, Role.PRINCIPAL_LEADER}),
    Level.JIMI: frozenset({Role.LEADER, Role.PRINCIPAL_LEADER}),
    Level.JUEMI: frozenset({Role.PRINCIPAL_LEADER}),
}
"""Who may approve, by the highest level carried. 分管领导 or above; for 绝密 only the unit's head (R71)."""
ESCORTS_OF_TOP_SECRET = 2


@dataclass(frozen=True, slots=True)
class Journey:
    """What the rules need to know: the highest level carried, where to, by whom, with whom."""

    level: Level
    cipher: bool
    abroad: bool
    abroad_approval: str
    bearer: str
    escorts: frozenset[str]


def request_reasons(journey: Journey) -> list[Reason]:
    """Everything that forbids even to ask (R71, R72, R73)."""
    reasons = []
    if journey.cipher:
        reasons.append(Reason(Code.E_CIPHER_TELEGRAM))
    if journey.abroad and journey.level is Level.JUEMI:
        reasons.append(Reason(Code.E_CARRY_OUT, "绝密 never leaves the country"))
    elif journey.abroad and not journey.abroad_approval:
        reasons.append(Reason(Code.E_CARRY_OUT, "leaving the country needs its approval number"))
    return reasons


def approval_reasons(level: Level, approver: str, roles: Collection[Role], *, bearer: str, escorts: Collection[str]) -> list[Reason]:
    """Why this person cannot approve it as it is (R70, R71, I10)."""
    reasons = []
    if approver == bearer or approver in escorts:
        reasons.append(Reason(Code.E_SELF_RELEASE))
    if not APPROVERS.get(level, frozenset()) & set(roles):
        reasons.append(Reason(Code.E_CARRY_OUT, f"{level.hanzi}: {' or '.join(sorted(APPROVERS.get(level, ())))} approves"))
    if level is Level.JUEMI and len(set(escorts) - {bearer}) < ESCORTS_OF_TOP_SECRET:
        reasons.append(Reason(Code.E_CARRY_OUT, f"escorts {len(set(escorts) - {bearer})} < {ESCORTS_OF_TOP_SECRET}"))
    return reasons
