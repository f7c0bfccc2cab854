"""Every move of a job from stage to stage and of a permit from state to state, as rows: who, by which rules, told in the ledger as what.

The transition tables the services obey (`stages.TRANSITIONS`, `permits.TRANSITIONS`) are made of these rows, and docs/states.md is them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

from gateway.domain.vocabulary import JobStage, PermitState

J = JobStage
P = PermitState


class By(StrEnum):
    """Who may make a move."""

    GATEWAY = "gateway"
    OWNER = "owner"
    """Whose job or permit it is."""
    OPERATOR = "operator"
    """机要管理员."""
    NEXT_APPROVER = "next_approver"
    """Who holds the role of the next open step, and is neither the owner nor an earlier approver."""
    ITS_APPROVERS = "its_approvers"
    """Who has approved a step of it."""


State = TypeVar("State", JobStage, PermitState)


@dataclass(frozen=True, slots=True)
class Move(Generic[State]):
    """One row. `tag` is the kind of the ledger entry that tells it; empty where it moves no paper and no right, and is told by others."""

    verb: str
    sources: frozenset[State]
    to: State
    by: frozenset[By]
    rules: str
    tag: str = ""


def _job(verb: str, sources: Iterable[JobStage], to: JobStage, by: Iterable[By], rules: str, tag: str = "") -> Move[JobStage]:
    return Move(verb, frozenset(sources), to, frozenset(by), rules, tag)


def _permit(verb: str, sources: Iterable[PermitState], to: PermitState, by: Iterable[By], rules: str, tag: str) -> Move[PermitState]:
    return Move(verb, frozenset(sources), to, frozenset(by), rules, tag)


_GATEWAY = (By.GATEWAY,)

HOLD = _job("hold", [J.RECEIVING], J.HELD, _GATEWAY, "R01 R02 I8", "job.received")
GIVE_UP = _job("give_up", [J.RECEIVING], J.CANCELED, _GATEWAY, "I8", "job.canceled")
REFUSE = _job("refuse", [J.HELD], J.REFUSED, _GATEWAY, "R10 R15 R17", "job.refused")
# An approver where the policy says so for the level; the gateway under a standing permit (R76, SC-03).
RELEASE = _job("release", [J.HELD], J.QUEUED, [By.OPERATOR, By.ITS_APPROVERS, By.GATEWAY], "R01 R05 R10 R76", "job.released")
WITHDRAW = _job("withdraw", [J.HELD, J.QUEUED], J.CANCELED, [By.OWNER, By.OPERATOR], "R92 I4", "job.canceled")
EXPIRE = _job("expire", [J.HELD], J.CANCELED, _GATEWAY, "R92", "job.canceled")
TAKE_BACK = _job("take_back", [J.QUEUED], J.CANCELED, _GATEWAY, "R01 I1", "job.canceled")
PREPARE = _job("prepare", [J.QUEUED], J.PREPARING, _GATEWAY, "I2")
# Until the first submission row is durable no byte can have left: going back to the queue is safe.
PUT_BACK = _job("put_back", [J.PREPARING], J.QUEUED, _GATEWAY, "I5")
SUBMIT = _job("submit", [J.PREPARING], J.SUBMITTING, _GATEWAY, "I5", "job.submitting")
PRINT = _job("print", [J.SUBMITTING], J.PRINTING, _GATEWAY, "I1 I5")
# Back to the queue only where it is certain that the device got nothing of what is left.
NOT_SENT = _job("not_sent", [J.SUBMITTING, J.PRINTING], J.QUEUED, _GATEWAY, "I5")
# A fax makes no copy and goes to no printer: its job is done when a call has brought a page there, or may have.
DELIVER = _job("deliver", [J.HELD], J.COMPLETED, _GATEWAY, "R47 I5", "job.completed")
COMPLETE = _job("complete", [J.PRINTING], J.COMPLETED, _GATEWAY, "R11 R56", "job.completed")
# Copied at a stand-alone copier: the paper is there when it is entered, numbers and all in one transaction.
ENTER = _job("enter", [J.QUEUED], J.COMPLETED, [By.OPERATOR], "R02 R25", "job.completed")
DOUBT = _job("doubt", [J.SUBMITTING, J.PRINTING], J.UNRESOLVED, _GATEWAY, "R34 I5", "job.unresolved")
# Only a person leaves `unresolved`, by counting paper: all accounted for, or the rest is printed.
RESUME = _job("resume", [J.UNRESOLVED], J.QUEUED, [By.OPERATOR], "R11 R33 I5", "job.resumed")
SETTLE = _job("settle", [J.UNRESOLVED], J.COMPLETED, [By.OPERATOR], "R11 R34 I5", "job.completed")

JOB_MOVES: tuple[Move[JobStage], ...] = (
    HOLD,
    GIVE_UP,
    REFUSE,
    RELEASE,
    WITHDRAW,
    EXPIRE,
    TAKE_BACK,
    PREPARE,
    PUT_BACK,
    SUBMIT,
    PRINT,
    NOT_SENT,
    DELIVER,
    COMPLETE,
    ENTER,
    DOUBT,
    RESUME,
    SETTLE,
)
"""A job's moves, in the order of its life. `services.jobs.move` takes one of them, and only from its sources."""

CLOSE = _permit("close", [P.USED_UP, P.EXPIRED, P.REVOKED], P.CLOSED, [By.OWNER, By.OPERATOR], "R33 R36", "permit.closed")

PERMIT_MOVES: tuple[Move[PermitState], ...] = (
    _permit("approve", [P.REQUESTED], P.ACTIVE, [By.NEXT_APPROVER], "R05 R06 R14 R32", "permit.approved"),
    _permit("refuse", [P.REQUESTED], P.REFUSED, [By.NEXT_APPROVER], "R05 R06 R32", "permit.refused"),
    _permit("revoke", [P.REQUESTED, P.ACTIVE, P.USED_UP], P.REVOKED, [By.OWNER, By.ITS_APPROVERS], "R01", "permit.revoked"),
    _permit("extend", [P.ACTIVE, P.EXPIRED], P.REQUESTED, [By.OWNER], "R01 R05", "permit.extension_requested"),
    _permit("reopen", [P.ACTIVE], P.REQUESTED, _GATEWAY, "R06 R32", "permit.reopened"),
    _permit("use_up", [P.ACTIVE], P.USED_UP, _GATEWAY, "R10", "copies.good"),
    _permit("fax", [P.ACTIVE], P.USED_UP, _GATEWAY, "R47", "job.completed"),
    _permit("free", [P.USED_UP], P.ACTIVE, [By.OPERATOR], "R33 R34", "copies.spoiled"),
    _permit("expire", [P.ACTIVE], P.EXPIRED, _GATEWAY, "R01", "permit.expired"),
    CLOSE,
)
"""A permit's moves. `approve` is told at each step; the last one makes the permit active."""


def arrows(moves: Iterable[Move[State]], states: Iterable[State]) -> Mapping[State, frozenset[State]]:
    """Where each state may lead: what the guarded updates ask."""
    rows = tuple(moves)
    return {state: frozenset(move.to for move in rows if state in move.sources) for state in states}
