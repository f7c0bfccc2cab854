"""`imprimatur meter …`"""

from __future__ import annotations

from typing import Any

import click

from gateway.cli.client import Caller
from gateway.cli.output import json_option, show, table

_COLUMNS = [
    ("reading", "READING"),
    ("device", "DEVICE"),
    ("serial", "SERIAL"),
    ("impressions", "SIDES"),
    ("source", "SOURCE"),
    ("verdict", "VERDICT"),
    ("grown", "GROWN"),
    ("beyond", "BEYOND"),
    ("at", "AT"),
    ("finding", "FINDING"),
    ("cleared_by", "CLEARED BY"),
    ("reason", "REASON"),
]


def _told(result: dict[str, Any]) -> None:
    click.echo(f"{result['device']}: {result['impressions']} sides, {result['verdict']}.")
    if result["finding"] is not None and not result["cleared_at"]:
        finding = f"finding {result['finding']}"
        click.echo(f"  {result['beyond']:+d} sides beyond what the gate knows: no state secret comes out here until {finding} is cleared.")


@click.group()
def meter() -> None:
    """Devices' own counters against the ledger 计数核对."""


@meter.command("read")
@click.argument("device")
@json_option
@click.pass_obj
def meter_read(caller: Caller, device: str, as_json: bool) -> None:
    """Ask a device for its counter and compare."""
    show(caller.call("POST", f"/meters/{device}/read", {}), as_json=as_json, text=_told)


@meter.command("enter")
@click.argument("device")
@click.option("--serial", required=True, help="The device's serial number.")
@click.option("--impressions", required=True, type=int, help="Sides its counter shows now.")
@json_option
@click.pass_obj
def meter_enter(caller: Caller, /, device: str, as_json: bool, **given: Any) -> None:
    """Enter what the device's panel shows, and compare."""
    show(caller.call("POST", f"/meters/{device}/enter", given), as_json=as_json, text=_told)


@meter.command("list")
@click.option("--device", default="", help="Only of this device.")
@click.option("--open", "only_open", is_flag=True, help="Only findings nobody has cleared.")
@json_option
@click.pass_obj
def meter_list(caller: Caller, device: str, only_open: bool, as_json: bool) -> None:
    """Readings, newest first."""
    rows = caller.items("/meters", device=device, open="true" if only_open else "")
    show(rows, as_json=as_json, text=lambda found: table(found, _COLUMNS, "No reading yet."))


@meter.command("clear")
@click.argument("finding", type=int)
@click.option("--reason", required=True, help="The cause, and what was done.")
@json_option
@click.pass_obj
def meter_clear(caller: Caller, finding: int, reason: str, as_json: bool) -> None:
    """Clear a finding whose cause is known (secrecy office)."""
    show(
        caller.call("POST", f"/meters/findings/{finding}/clear", {"reason": reason}),
        as_json=as_json,
        text=lambda r: click.echo(f"Finding {r['finding']} of {r['device']} cleared."),
    )


COMMANDS = (meter,)
