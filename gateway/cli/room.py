"""`imprimatur alert …`"""

from __future__ import annotations

from typing import Any

import click

from gateway.cli.client import Caller
from gateway.cli.output import json_option, show, table

_ALERTS = [
    ("alert", "ALERT"),
    ("kind", "KIND"),
    ("subject", "ABOUT"),
    ("detail", "DETAIL"),
    ("at", "AT"),
    ("acknowledged_by", "ACKNOWLEDGED BY"),
    ("note", "NOTE"),
]


@click.group()
def alert() -> None:
    """Alerts 告警."""


@alert.command("list")
@click.option("--all", "everything", is_flag=True, help="Also those somebody has acknowledged.")
@json_option
@click.pass_obj
def alert_list(caller: Caller, everything: bool, as_json: bool) -> None:
    """Alerts nobody has acknowledged yet, newest first."""
    rows = caller.items("/alerts", all="true" if everything else "")
    show(rows, as_json=as_json, text=lambda found: table(found, _ALERTS, "No alert."))


@alert.command("acknowledge")
@click.argument("number")
@click.option("--note", default="", help="What was found, what was done.")
@json_option
@click.pass_obj
def alert_acknowledge(caller: Caller, number: str, note: str, as_json: bool) -> None:
    """Say that you have seen alert NUMBER and seen to it."""

    def text(result: dict[str, Any]) -> None:
        click.echo(f"Alert {result['alert']} ({result['kind']}, {result['subject']}) acknowledged by {result['acknowledged_by']}.")

    show(caller.call("POST", f"/alerts/{number}/acknowledge", {"comment": note}), as_json=as_json, text=text)


COMMANDS = (alert,)
