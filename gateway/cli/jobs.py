"""`imprimatur job …`"""

from __future__ import annotations

import sys
import time
from typing import Any

import click

from gateway.cli.client import Caller, said
from gateway.cli.destruction import reprint
from gateway.cli.output import json_option, show, table
from gateway.cli.slips import job_slip
from gateway.domain.settlement import Outcome
from gateway.domain.vocabulary import ENTERED_REASONS, JobStage
from gateway.errors import InvalidInputError

_COLUMNS = [
    ("job", "JOB"),
    ("stage", "STAGE"),
    ("requester", "REQUESTER"),
    ("queue", "QUEUE"),
    ("pages", "PAGES"),
    ("copies", "COPIES"),
    ("permit", "PERMIT"),
    ("mark", "MARK"),
    ("codes", "HELD BY"),
]
_ENDS = {"completed", "unresolved", "canceled", "refused", "aborted"}


@click.group()
def job() -> None:
    """Print jobs 作业."""


def _line(result: dict[str, Any]) -> None:
    click.echo(
        f"{result['job']} {result['stage']}: {result['copies']} copies of {result['pages'] if result['pages'] is not None else '?'} pages"
        + (f", permit {result['permit']}" if result["permit"] else "")
        + (", ready for release" if result["releasable"] else "")
    )
    for reason in result["reasons"]:
        click.echo(f"  {said(reason)}")
    if result["suggested"]:
        click.echo(f"  It would fit {', '.join(result['suggested'])}: imprimatur job match {result['job']} {result['suggested'][0]}")


@job.command("list")
@click.option("--mine", is_flag=True, help="Only my own.")
@click.option("--stage", type=click.Choice([stage.value for stage in JobStage]), help="Only this stage.")
@click.option("--department", default="", help="Only of requesters of this department.")
@click.option("--month", default="", help="Only received in this month, YYYY-MM.")
@click.option("--limit", "most", type=click.IntRange(1), default=50, show_default=True, help="Most jobs to list.")
@click.option("--watch", is_flag=True, help="Show again every 2 seconds until Ctrl-C.")
@json_option
@click.pass_obj
def list_jobs(caller: Caller, /, mine: bool, stage: str | None, most: int, watch: bool, as_json: bool, **only: str) -> None:
    """Jobs, newest first."""
    while True:
        rows = caller.items("/jobs", most=most, mine="1" if mine else "", stage=stage or "", **only)
        if watch:
            click.clear()
        show(rows, as_json=as_json, text=lambda found: table(found, _COLUMNS, "No job."))
        if not watch:
            return
        time.sleep(2)


@job.command("show")
@click.argument("job_no")
@json_option
@click.pass_obj
def show_job(caller: Caller, job_no: str, as_json: bool) -> None:
    """One job with everything that holds it."""
    show(caller.call("GET", f"/jobs/{job_no}"), as_json=as_json, text=_line)


@job.command("page")
@click.argument("job_no")
@click.argument("page", type=click.IntRange(1))
@click.pass_obj
def page(caller: Caller, job_no: str, page: int) -> None:
    """Hand one page of a held job to a picture viewer: a PNG on stdout. It counts as looked at (R31)."""
    if sys.stdout.isatty():
        raise InvalidInputError("A picture is not for the terminal.", f"Pipe it: imprimatur job page {job_no} {page} | display")
    picture = caller.raw("GET", f"/jobs/{job_no}/pages/{page}")
    sys.stdout.buffer.write(picture)


@job.command("judge")
@click.argument("job_no")
@click.option("--telegram/--ordinary", default=None, required=True, help="A cipher telegram: refuse and destroy it. Or an ordinary paper.")
@json_option
@click.pass_obj
def judge(caller: Caller, job_no: str, telegram: bool, as_json: bool) -> None:
    """Say of a paper held for words of a cipher telegram what it is; look at its first page before."""
    show(caller.call("POST", f"/jobs/{job_no}/judge", {"telegram": telegram}), as_json=as_json, text=_line)


@job.command("match")
@click.argument("job_no")
@click.argument("permit_no")
@json_option
@click.pass_obj
def match(caller: Caller, job_no: str, permit_no: str, as_json: bool) -> None:
    """Say which permit a held job belongs to."""
    show(caller.call("POST", f"/jobs/{job_no}/match", {"permit": permit_no}), as_json=as_json, text=_line)


def _decision(name: str, help_text: str) -> click.Command:
    @click.command(name, help=help_text)
    @click.argument("job_no")
    @click.option("--comment", "--reason", "comment", default="")
    @json_option
    @click.pass_obj
    def act(caller: Caller, job_no: str, comment: str, as_json: bool) -> None:
        show(
            caller.call("POST", f"/jobs/{job_no}/{name}", {"comment": comment}, confirm=True),
            as_json=as_json,
            text=lambda r: click.echo(f"{r['permit']} {r['state']}" + (f"; waits for {r['next_role']}" if r["next_role"] else "")),
        )

    return act


job.add_command(_decision("approve", "Approve the permit asked for from this job."))
job.add_command(_decision("refuse", "Refuse the permit asked for from this job, with a reason."))


@job.command("attend")
@click.argument("job_no")
@json_option
@click.pass_obj
def attend(caller: Caller, job_no: str, as_json: bool) -> None:
    """Be the second operator at the device for a paper of 绝密, which another releases within half an hour."""
    show(caller.call("POST", f"/jobs/{job_no}/attend", {}), as_json=as_json, text=_line)


@job.command("claim")
@click.argument("job_no")
@json_option
@click.pass_obj
def claim(caller: Caller, job_no: str, as_json: bool) -> None:
    """Take a held job to the device (operators)."""
    show(caller.call("POST", f"/jobs/{job_no}/claim", {}), as_json=as_json, text=_line)


@job.command("release")
@click.argument("job_no")
@click.option("--wait", is_flag=True, help="Wait until the job is completed or needs a person.")
@json_option
@click.pass_obj
def release(caller: Caller, job_no: str, wait: bool, as_json: bool) -> None:
    """Release a held job: its copies are printed now (operators)."""
    result = caller.call("POST", f"/jobs/{job_no}/release", {}, confirm=True)
    while wait and result["stage"] not in _ENDS:
        time.sleep(0.3)
        result = caller.call("GET", f"/jobs/{job_no}")
    show(result, as_json=as_json, text=_line)


@job.command("cancel")
@click.argument("job_no")
@click.option("--reason", "comment", default="")
@json_option
@click.pass_obj
def cancel(caller: Caller, job_no: str, comment: str, as_json: bool) -> None:
    """Withdraw a job that has not begun to print."""
    show(caller.call("POST", f"/jobs/{job_no}/cancel", {"comment": comment}), as_json=as_json, text=_line)


@job.command("settle")
@click.argument("job_no")
@click.option("--good", "good", multiple=True, metavar="N|N-M", help="Numbers whose paper is whole.")
@click.option("--spoiled", "spoiled", multiple=True, metavar="N=SHEETS", help="Spoiled numbers with their spoiled sheets.")
@click.option("--reason", type=click.Choice([reason.value for reason in ENTERED_REASONS]), default="jam", help="Why sheets were spoiled.")
@click.option("--resume/--close", default=None, required=True, help="Print what is not good, or make it void and close the job.")
@json_option
@click.pass_obj
def settle(caller: Caller, job_no: str, good: tuple[str, ...], spoiled: tuple[str, ...], reason: str, resume: bool, as_json: bool) -> None:
    """Account for the paper of an unresolved job. Open numbers not named count as unprinted."""
    outcomes = {copy["number"]: Outcome.UNPRINTED for copy in caller.items(f"/jobs/{job_no}/settlement")}
    outcomes |= dict.fromkeys(_numbers(good), Outcome.GOOD)
    waste = {}
    for item in spoiled:
        number, _, sheets = item.partition("=")
        if not number.isdigit() or not sheets.isdigit():
            raise InvalidInputError(f"'{item[:20]}' does not name spoiled sheets.", "Write NUMBER=SHEETS, such as 4=5.")
        waste[int(number)] = int(sheets)
        outcomes[int(number)] = Outcome.SPOILED
    body = {
        "outcomes": {str(number): outcome.value for number, outcome in outcomes.items()},
        "waste_reason": reason,
        "resume": resume,
        "waste_sheets": {str(number): sheets for number, sheets in waste.items()},
    }
    show(caller.call("POST", f"/jobs/{job_no}/settle", body, confirm=True), as_json=as_json, text=_line)


def _numbers(items: tuple[str, ...]) -> list[int]:
    numbers: list[int] = []
    for item in items:
        first, _, last = item.partition("-")
        if not first.isdigit() or (last and not last.isdigit()):
            raise InvalidInputError(f"'{item[:20]}' does not name copy numbers.", "Write 3 or 1-3.")
        numbers += range(int(first), int(last or first) + 1)
    return numbers


job.add_command(job_slip)

job.add_command(reprint)

COMMANDS = (job,)
