"""The room's regular tasks 例行事务, and what its self-checks left to do."""

from __future__ import annotations

from datetime import date, datetime

from pydantic import Field

from admin_ui.api.answers import Answer, Listing, listing
from admin_ui.api.bodies import Body, Month, Query
from admin_ui.api.routes import Noun
from gateway.domain.deadlines import Duty
from gateway.domain.regular_tasks import Task
from gateway.domain.self_check_findings import FindingKind
from gateway.services import regular_tasks, self_check_findings
from gateway.services.gate import Actor, Gate
from gateway.services.regular_tasks import TaskDone

routes = Noun("tasks", "例行事务")


class TaskBody(Body):
    """A task that was done."""

    task: Task = Field(strict=False)
    done_on: date = Field(strict=False)
    tester: str = Field(min_length=1, max_length=80, description="Who did it.")
    defects: str = Field("", max_length=200, description="What was found; empty: all was well.")


class MonthQuery(Query):
    """Which month."""

    month: Month = Field("", description="YYYY-MM; empty: the present month.")


class FindingsQuery(Query):
    """Which findings."""

    all: bool = Field(False, description="Also closed ones.")


class AssignBody(Body):
    """Who answers for a finding, until when."""

    owner: str = Field(min_length=1, max_length=60, description="An account.")
    due_on: date = Field(strict=False)


class CloseBody(Body):
    """What came of it."""

    reason: str = Field(min_length=1, max_length=200)


class TaskStateAnswer(Answer):
    """A task or a device's maintenance, and when it is due again."""

    duty: Duty
    subject: str = Field(description="The month, the day, or the device.")
    done_on: date | None = Field(description="When it was done last.")
    due_at: datetime
    overdue: bool


class TaskRecordAnswer(Answer):
    """A line of the record."""

    number: int
    task: Task
    done_on: date
    tester: str
    defects: str
    at: datetime
    recorded_by: str


class TaskMonthAnswer(Answer):
    """What was done of a task in a month."""

    task: Task
    done: list[date]
    missing: bool = Field(description="Not at all, or with a gap that is too long.")


class SelfCheckFindingAnswer(Answer):
    """What a self-check left to do."""

    finding_no: str
    month: str
    kind: FindingKind
    about: str = Field(description="The duty or task; empty where the books disagree.")
    amount: int
    owner: str
    due_on: date
    overdue: bool
    opened_at: datetime
    closed_by: str
    closed_at: datetime | None
    reason: str


@routes.get("/room/tasks", "例行事务")
def list_tasks(gate: Gate, actor: Actor) -> Listing[TaskStateAnswer]:
    """Every regular task and every device's maintenance, what is due first before the others."""
    return listing(TaskStateAnswer, regular_tasks.list_tasks(gate, actor))


@routes.get("/room/tasks/month", "本月例行事务")
def tasks_of_month(gate: Gate, actor: Actor, query: MonthQuery) -> Listing[TaskMonthAnswer]:
    """What was done of each task in a month, and what is missing."""
    return listing(TaskMonthAnswer, regular_tasks.tasks_of_month(gate, actor, query.month))


@routes.get("/room/tasks/records", "例行事务记录")
def list_task_records(gate: Gate, actor: Actor) -> Listing[TaskRecordAnswer]:
    """What was written down, newest day first."""
    return listing(TaskRecordAnswer, regular_tasks.list_records(gate, actor))


@routes.post("/room/tasks", "登记例行事务", makes=True)
def record_task(gate: Gate, actor: Actor, body: TaskBody) -> TaskRecordAnswer:
    """Write down that a task was done."""
    return TaskRecordAnswer.of(regular_tasks.record_task(gate, actor, TaskDone(**body.model_dump())))


@routes.get("/room/findings", "自查问题")
def list_findings(gate: Gate, actor: Actor, query: FindingsQuery) -> Listing[SelfCheckFindingAnswer]:
    """What self-checks left to do, what is due first before the others."""
    return listing(SelfCheckFindingAnswer, self_check_findings.list_findings(gate, actor, everything=query.all))


@routes.post("/room/findings/<finding_no>/assign", "指定自查问题责任人")
def assign_finding(gate: Gate, actor: Actor, finding_no: str, body: AssignBody) -> SelfCheckFindingAnswer:
    """Give a finding to somebody until a day."""
    return SelfCheckFindingAnswer.of(self_check_findings.assign_finding(gate, actor, finding_no, body.owner, body.due_on))


@routes.post("/room/findings/<finding_no>/close", "了结自查问题")
def close_finding(gate: Gate, actor: Actor, finding_no: str, body: CloseBody) -> SelfCheckFindingAnswer:
    """Close a finding with what came of it; one about the books only as the auditor."""
    return SelfCheckFindingAnswer.of(self_check_findings.close_finding(gate, actor, finding_no, body.reason))
