"""例行与自查: regular tasks, maintenance that is due, what self-checks left to do (R83, R84, R93, R100)."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from admin_ui import forms
from admin_ui.session import actor
from gateway.domain.duties import Act
from gateway.domain.regular_tasks import Task
from gateway.services import regular_tasks, self_check, self_check_findings
from gateway.services.gate import Gate
from gateway.services.months import parse_month
from gateway.services.regular_tasks import TaskDone


def blueprint(gate: Gate) -> Blueprint:
    """The routes."""
    pages = Blueprint("tasks", __name__, url_prefix="/tasks")

    @pages.before_request
    def only_readers() -> None:
        actor().require(Act.SEE_BOOKS)

    @pages.get("")
    def index() -> ResponseReturnValue:
        month = parse_month(gate, request.args.get("month", "")).label
        return render_template(
            "tasks.html",
            month=month,
            states=regular_tasks.list_tasks(gate, actor()),
            report=regular_tasks.tasks_of_month(gate, actor(), month),
            records=regular_tasks.list_records(gate, actor(), limit=12),
            findings=self_check_findings.list_findings(gate, actor()),
            checked=self_check.newest_self_check(gate, actor()),
            kinds=list(Task),
            today=gate.today(),
        )

    @pages.post("")
    def record() -> ResponseReturnValue:
        task = forms.choice("task", Task, missing=Task.ALARM_TEST)
        done_on = forms.day("done_on") or gate.today()
        done = TaskDone(task, done_on, forms.words("tester", longest=80), forms.words("defects"))
        regular_tasks.record_task(gate, actor(), done)
        return redirect(url_for("tasks.index"))

    @pages.post("/findings/<finding_no>/<any(assign, close):step>")
    def settle(finding_no: str, step: str) -> ResponseReturnValue:
        if step == "close":
            self_check_findings.close_finding(gate, actor(), finding_no, forms.words("reason"))
        else:
            owner, due_on = forms.words("owner", longest=60), forms.day("due_on") or gate.today()
            self_check_findings.assign_finding(gate, actor(), finding_no, owner, due_on)
        return redirect(url_for("tasks.index"))

    return pages
