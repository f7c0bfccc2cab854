"""`imprimatur stats …`: paper of a month, entered by hand, confirmed, told again from the ledger."""

from __future__ import annotations

from typing import Any

import click

from gateway.cli.client import Caller
from gateway.cli.output import json_option, show, table
from gateway.domain.paper import Dimension
from gateway.domain.vocabulary import Channel

_PAPER = [
    ("department", "DEPT"),
    ("name", "NAME"),
    ("paper", "PAPER"),
    ("jobs", "JOBS"),
    ("denied", "REFUSED"),
    ("impressions", "IMPRESSIONS"),
    ("sheets_print", "PRINT"),
    ("sheets_copy", "COPY"),
    ("sheets_fax", "FAX"),
    ("sheets_waste", "WASTE"),
    ("sheets_total", "TOTAL"),
    ("a4_equivalent", "A4 EQUIVALENT"),
    ("delta_pct", "CHANGE %"),
]
_CORRECTIONS = [
    ("at", "AT"),
    ("made_by", "BY"),
    ("subject", "ABOUT"),
    ("department", "DEPT"),
    ("paper", "PAPER"),
    ("good", "GOOD"),
    ("waste", "WASTE"),
    ("late", "AFTER CONFIRMATION"),
    ("reason", "REASON"),
]
_MONTH = "YYYY-MM; default the present month."


def _month(state: dict[str, Any]) -> None:
    who = f" by {state['confirmed_by']} on {state['confirmed_at']}" if state["confirmed_by"] else ""
    click.echo(f"{state['month']} is {state['state']}{who}: {state['sheets_total']} sheets, of them {state['sheets_waste']} waste;")
    click.echo(f"  {state['impressions']} impressions, {state['a4_equivalent']:g} in A4; the month before {state['last_month']} sheets,")
    click.echo(f"  the same month last year {state['last_year']}; with corrections since {state['sheets_corrected']}.")
    if state["corrections"]:
        table(state["corrections"], _CORRECTIONS, "")


@click.group()
def stats() -> None:
    """Statistics 统计."""


@stats.command("paper")
@click.option("--month", default="", help=_MONTH)
@click.option("--by", type=click.Choice([one.value for one in Dimension]), default=Dimension.DEPARTMENT.value)
@click.option("--format", "file_format", type=click.Choice(["table", "json"]), default="table")
@json_option
@click.pass_obj
def paper(caller: Caller, month: str, by: str, file_format: str, as_json: bool) -> None:
    """Paper of a month by department (or level, device, requester, channel) and size."""
    lines = caller.items("/statistics/paper", month=month, by=by)
    show(lines, as_json=as_json or file_format == "json", text=lambda found: table(found, _PAPER, "No paper."))


@stats.command("month")
@click.option("--month", default="", help=_MONTH)
@json_option
@click.pass_obj
def month_state(caller: Caller, month: str, as_json: bool) -> None:
    """Whether the month is confirmed, its totals beside earlier ones, its corrections."""
    show(caller.call("GET", "/statistics/paper/month", month=month), as_json=as_json, text=_month)


@stats.command("confirm")
@click.argument("month")
@json_option
@click.pass_obj
def confirm(caller: Caller, month: str, as_json: bool) -> None:
    """Confirm a finished MONTH (YYYY-MM): its table stands still from now on."""
    show(caller.call("POST", "/statistics/paper/confirm", {"month": month}, confirm=True), as_json=as_json, text=_month)


@stats.command("enter")
@click.option("--month", default="", help=_MONTH)
@click.option("--channel", type=click.Choice([one.value for one in Channel]), default=Channel.PRINT.value)
@click.option("--department", required=True)
@click.option("--paper", "size", default="A4", show_default=True)
@click.option("--good", type=int, default=0, help="Good sheets; negative takes off again.")
@click.option("--waste", type=int, default=0, help="Spoiled sheets.")
@click.option("--impressions", type=int, default=0)
@click.option("--jobs", type=int, default=0)
@click.option("--reason", required=True, help="Where the number comes from.")
@json_option
@click.pass_obj
def enter(caller: Caller, /, as_json: bool, size: str, **entry: object) -> None:
    """Enter paper that did not pass the gate, or a correction."""
    show(caller.call("POST", "/statistics/paper/enter", {**entry, "paper": size}), as_json=as_json, text=_month)


@stats.command("verify")
@json_option
@click.pass_obj
@click.pass_context
def verify(ctx: click.Context, caller: Caller, as_json: bool) -> None:
    """Make all months' paper again from the ledger and compare. For the account that holds the database. Exit 1 if something differs."""
    from gateway.services.paper_months import verify_statistics
    from gateway.wiring import open_gate

    gate = open_gate(caller.settings)
    try:
        findings = verify_statistics(gate)
    finally:
        gate.close()
    result = {"verdict": "bad" if findings else "ok", "findings": [{"seq": one.seq, "what": one.what} for one in findings]}

    def text(verdict: dict[str, Any]) -> None:
        click.echo("OK: every month's paper is what the ledger says." if verdict["verdict"] == "ok" else "BAD:")
        for one in verdict["findings"]:
            click.echo(f"  entry {one['seq'] or '-'}: {one['what']}")

    show(result, as_json=as_json, text=text)
    ctx.exit(1 if findings else 0)


COMMANDS = (stats,)
