"""The room of the scenarios: six departments, fifteen people, two devices (docs/scenarios.md). Invented, all of them."""

from __future__ import annotations

from dataclasses import dataclass

from gateway.domain.vocabulary import Level, Role

DEPARTMENTS = (("D00", "领导"), ("D01", "机要室"), ("D02", "规划处"), ("D03", "财务处"), ("D04", "信息中心"), ("D05", "保密办"))


@dataclass(frozen=True, slots=True)
class Character:
    """One person of the story."""

    username: str
    name: str
    department: str
    role: Role
    clearance: Level | None = None


CHARACTERS = (
    Character("zhao", "赵敏", "D02", Role.REQUESTER, Level.JIMI),
    Character("qian", "钱涛", "D02", Role.REQUESTER, Level.MIMI),
    Character("sun", "孙丽", "D03", Role.REQUESTER, Level.JIMI),
    Character("li", "李强", "D00", Role.LEADER, Level.JIMI),
    Character("zhou", "周正", "D00", Role.PRINCIPAL_LEADER, Level.JUEMI),
    Character("wu", "吴芳", "D05", Role.SECRECY_DIRECTOR, Level.JUEMI),
    Character("he", "贺兰", "D05", Role.REQUESTER, Level.JIMI),
    Character("zheng", "郑洁", "D01", Role.OPERATOR, Level.JIMI),
    Character("wang", "王勇", "D01", Role.OPERATOR, Level.JIMI),
    Character("lin", "林岚", "D01", Role.ROOM_HEAD, Level.JIMI),
    Character("gu", "顾平", "D02", Role.DEPARTMENT_HEAD, Level.JIMI),
    Character("ma", "马骏", "D03", Role.DEPARTMENT_HEAD, Level.JIMI),
    Character("chen", "陈静", "D04", Role.SECURITY_ADMIN),
    Character("chu", "褚兰", "D04", Role.AUDITOR),
    Character("feng", "冯涛", "D04", Role.SYSTEM_ADMIN),
)
UNDERTAKING_SIGNED = "2026-01-01"
PASSWORD = "Correct-Horse-9"  # noqa: S105 — of a rehearsal; printed for the visitor
ROOM_PRINTER, FINANCE_PRINTER = "PRN-JY-01", "PRN-D03-02"
QUEUE = "jiyao"
