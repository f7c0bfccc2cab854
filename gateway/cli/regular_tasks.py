"""`imprimatur room tasks|record|findings|assign-finding|close-finding`"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import click

from gateway.cli.client import Caller
from gateway.cli.output import json_option, show, table
from gateway.domain.regular_tasks import Task

_TASKS = [("duty", "TASK"), ("subject", "ABOUT"), ("done_on", "LAST"), ("due_at", "DUE"), ("overdue", "OVERDUE")]
_RECORDS = [("task", "TASK"), ("done_on", "DAY"), ("tester", "BY"), ("defects", "DEFECTS"), ("recorded_by", "RECORDED BY")]
_MONTH = [("task", "TASK"), ("done", "DONE ON"), ("missing", "MISSING")]
_FINDINGS = [
    ("finding_no", "FINDING"),
    ("month", "MONTH"),
    ("kind", "KIND"),
    ("about", "ABOUT"),
    ("amount", "AMOUNT"),
    ("owner", "OWNER"),
    ("due_on", "DUE"),
    ("closed_by", "CLOSED BY"),
    ("reason", "REASON"),
]


@click.command("tasks")
@click.option("--month", default="", help="YYYY-MM: what was done in that month, and what is missing.")
@click.option("--records", is_flag=True, help="What was written down, newest first.")
@json_option
@click.pass_obj
def tasks(caller: Caller, month: str, records: bool, as_json: bool) -> None:
    """Regular tasks and devices' maintenance: when each was done, when it is due."""
    if month:
        rows, columns = caller.items("/room/tasks/month", month=month), _MONTH
    elif records:
        rows, columns = caller.items("/room/tasks/records"), _RECORDS
    else:
        rows, columns = caller.items("/room/tasks"), _TASKS
    show(rows, as_json=as_json, text=lambda found: table(found, columns, "Nothing."))


@click.command("record")
@click.argument("task", type=click.Choice([task.value for task in Task]))
@click.option("--on", "day", type=click.DateTime(["%Y-%m-%d"]), required=True, help="The day it was done.")
@click.option("--tester", required=True, help="Who did it.")
@click.option("--defects", default="", help="What was found; left out: all was well.")
@json_option
@click.pass_obj
def record(caller: Caller, task: str, day: datetime, tester: str, defects: str, as_json: bool) -> None:
    """Write down that TASK was done."""
    body = {"task": task, "done_on": day.date().isoformat(), "tester": tester, "defects": defects}

    def text(done: dict[str, Any]) -> None:
        click.echo(f"{done['task']} of {done['done_on']} by {done['tester']}: {done['defects'] or 'no defects'}.")

    show(caller.call("POST", "/room/tasks", body), as_json=as_json, text=text)


@click.command("findings")
@click.option("--all", "everything", is_flag=True, help="Also closed ones.")
@json_option
@click.pass_obj
def findings(caller: Caller, everything: bool, as_json: bool) -> None:
    """What self-checks left to do."""
    rows = caller.items("/room/findings", all="true" if everything else "")
    show(rows, as_json=as_json, text=lambda found: table(found, _FINDINGS, "No finding."))


def _finding(found: dict[str, Any]) -> None:
    state = f"closed by {found['closed_by']}" if found["closed_by"] else f"{found['owner']}, due {found['due_on']}"
    click.echo(f"{found['finding_no']} ({found['kind']} {found['about']}): {state}.")


@click.command("assign-finding")
@click.argument("number")
@click.option("--owner", required=True, help="The account that answers for it.")
@click.option("--due", type=click.DateTime(["%Y-%m-%d"]), required=True)
@json_option
@click.pass_obj
def assign(caller: Caller, number: str, owner: str, due: datetime, as_json: bool) -> None:
    """Give finding NUMBER to somebody until a day."""
    body = {"owner": owner, "due_on": due.date().isoformat()}
    show(caller.call("POST", f"/room/findings/{number}/assign", body), as_json=as_json, text=_finding)


@click.command("close-finding")
@click.argument("number")
@click.option("--reason", required=True, help="What came of it.")
@json_option
@click.pass_obj
def close(caller: Caller, number: str, reason: str, as_json: bool) -> None:
    """Close finding NUMBER; one about the books only as the auditor."""
    show(caller.call("POST", f"/room/findings/{number}/close", {"reason": reason}), as_json=as_json, text=_finding)


TASK_COMMANDS = (tasks, record, findings, assign, close)
