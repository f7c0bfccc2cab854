"""`imprimatur room|day|alert …`"""

from __future__ import annotations

from typing import Any

import click

from gateway.cli.client import Caller
from gateway.cli.output import json_option, show, table
from gateway.cli.regular_tasks import TASK_COMMANDS

_ALERTS = [
    ("alert", "ALERT"),
    ("kind", "KIND"),
    ("subject", "ABOUT"),
    ("detail", "DETAIL"),
    ("at", "AT"),
    ("acknowledged_by", "ACKNOWLEDGED BY"),
    ("note", "NOTE"),
]


_MODES = {
    "open": "open",
    "closed": "closed for the day",
    "sealed": "sealed",
    "clock": "held: the clock was set back",
    "safe": "in safe mode: settings or policy were changed by hand",
    "emergency": "locked in an emergency",
}


def _room(result: dict[str, Any]) -> None:
    click.echo(f"The room is {_MODES[result['mode']]}.")
    for hold in result["holds"]:
        why = f": {hold['reason']}" if hold["reason"] else ""
        second = f"; {hold['first_leaver']} wants to end it, a second person must agree" if hold["first_leaver"] else ""
        click.echo(f"  {hold['mode']} since {hold['since']} by {hold['entered_by']}{why}{second}")
    counts = ("waiting", "released and waiting"), ("under_way", "at a device"), ("unresolved", "to be counted by a person")
    for key, words in counts:
        if result[key]:
            click.echo(f"  {result[key]} jobs {words}")


@click.group()
def room() -> None:
    """The room 机要室: open, closed, sealed, locked."""


@room.command("show")
@json_option
@click.pass_obj
def room_show(caller: Caller, as_json: bool) -> None:
    """How the room stands, and why nothing is printed if so."""
    show(caller.call("GET", "/room"), as_json=as_json, text=_room)


def _begin(name: str, help_text: str) -> click.Command:
    @click.command(name, help=help_text)
    @click.option("--reason", default="", help="Why; everybody who looks at the room sees it.")
    @json_option
    @click.pass_obj
    def act(caller: Caller, reason: str, as_json: bool) -> None:
        show(caller.call("POST", f"/room/{name}", {"reason": reason}), as_json=as_json, text=_room)

    return act


def _end(name: str, help_text: str, *, confirm: bool = True) -> click.Command:
    @click.command(name, help=help_text)
    @json_option
    @click.pass_obj
    def act(caller: Caller, as_json: bool) -> None:
        show(caller.call("POST", f"/room/{name}", {}, confirm=confirm), as_json=as_json, text=_room)

    return act


room.add_command(_begin("close", "Close the room for the day."))
room.add_command(_end("open", "Open the room again.", confirm=False))
room.add_command(_begin("seal", "Seal the room, for instance over a holiday."))
room.add_command(_end("unseal", "Unseal the room; it takes two people within half an hour."))
room.add_command(_begin("emergency", "Lock the room at once: stop what is at a device, end all sessions, release nothing."))
room.add_command(_end("unlock", "End the emergency lock; it takes two people within half an hour."))
room.add_command(_end("confirm-clock", "Say that the clock is right as it stands."))
room.add_command(_end("accept-settings", "Accept the settings the gateway runs with; safe mode ends."))


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


def _day(state: dict[str, Any]) -> None:
    click.echo(f"{state['day']}: " + (f"signed by {state['signed_by']} at {state['signed_at']}." if state["signed_by"] else "not signed."))
    for point, count in state["checklist"].items():
        sheets = f" ({state['sheets_uncollected']} sheets)" if point == "uncollected" and count else ""
        click.echo(f"  {count:>4} {point.replace('_', ' ')}{sheets}")


@click.group()
def day() -> None:
    """The end of the day 下班检查."""


@day.command("show")
@json_option
@click.pass_obj
def day_show(caller: Caller, as_json: bool) -> None:
    """Today's checklist: all must be 0 before it is signed."""
    show(caller.call("GET", "/room/day"), as_json=as_json, text=_day)


@day.command("close")
@json_option
@click.pass_obj
def day_close(caller: Caller, as_json: bool) -> None:
    """Sign today's checklist and close the room."""
    show(caller.call("POST", "/room/day/close", {}, confirm=True), as_json=as_json, text=_day)


for command in TASK_COMMANDS:
    room.add_command(command)

COMMANDS = (room, day, alert)
