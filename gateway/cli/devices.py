"""`imprimatur device …`"""

from __future__ import annotations

from typing import Any

import click

from gateway.cli.client import Caller
from gateway.cli.output import json_option, show, table
from gateway.cli.people import import_command
from gateway.domain.rosters import Kind


@click.group()
def device() -> None:
    """Output devices 设备."""


import_command(Kind.DEVICES, device)


@device.command("add")
@click.argument("code")
@click.option("--uri", default="", help="ipp://host/ipp/print, or cups://hidden-queue with --adapter cups; none of a stand-alone copier.")
@click.option("--queue", help="Public queue whose jobs come out here.")
@click.option("--name", default="", help="Display name.")
@click.option("--location", default="", help="Where it stands.")
@click.option("--designated", is_flag=True, help="It stands in the room 机要室 or at a designated place 指定地点.")
@click.option("--max-level", default="gongkai", help="Highest level it may put out (R03); default 公开.")
@click.option(
    "--adapter", type=click.Choice(["ipp", "cups", "none"]), default="ipp", help="How copies are sent; none: a stand-alone copier."
)
@json_option
@click.pass_obj
def device_add(caller: Caller, /, as_json: bool, **given: Any) -> None:
    """Register a device."""
    show(caller.call("POST", "/devices", given), as_json=as_json, text=lambda r: click.echo(f"Device {r['code']} registered."))


@device.command("list")
@json_option
@click.pass_obj
def device_list(caller: Caller, as_json: bool) -> None:
    """All devices."""
    columns = [
        ("code", "DEVICE"),
        ("location", "LOCATION"),
        ("max_level", "MAX LEVEL"),
        ("queue", "QUEUE"),
        ("adapter", "ADAPTER"),
        ("uri", "ADDRESS"),
        ("active", "ACTIVE"),
    ]
    show(caller.items("/devices"), as_json=as_json, text=lambda rows: table(rows, columns, "No device yet."))


@device.command("disable")
@click.argument("code")
@json_option
@click.pass_obj
def device_disable(caller: Caller, code: str, as_json: bool) -> None:
    """Take a device out of service."""
    show(
        caller.call("POST", f"/devices/{code}/disable", {}),
        as_json=as_json,
        text=lambda r: click.echo(f"Device {r['code']} out of service."),
    )


@device.command("enable")
@click.argument("code")
@json_option
@click.pass_obj
def device_enable(caller: Caller, code: str, as_json: bool) -> None:
    """Put a device into service again."""
    result = caller.call("POST", f"/devices/{code}/enable", {})
    show(result, as_json=as_json, text=lambda r: click.echo(f"Device {r['code']} in service."))


@device.command("meter")
@click.argument("code")
@click.option("--kind", type=click.Choice(["snmp", "ipp", "none"]), required=True, help="How the gate reads its counter by itself.")
@click.option("--address", default="", help="host or host:port of SNMP.")
@click.option("--user", default="", help="SNMP v3 user; without one v2c is spoken, with a community.")
@click.option("--hash", "hash_name", type=click.Choice(["sha256", "sha1"]), default="sha256", help="Of the v3 user, as the device has it.")
@json_option
@click.pass_obj
def device_meter(caller: Caller, /, code: str, as_json: bool, **given: Any) -> None:
    """Say how a device's counter is read; secrets are asked for, never given as options."""
    if given["kind"] == "snmp" and given["user"]:
        given["authentication"] = click.prompt("Authentication pass phrase", hide_input=True, err=True)
        given["privacy"] = click.prompt("Privacy pass phrase", hide_input=True, err=True)
    elif given["kind"] == "snmp":
        given["community"] = click.prompt("Community", hide_input=True, err=True)
    result = caller.call("POST", f"/devices/{code}/meter", given)
    show(result, as_json=as_json, text=lambda r: click.echo(f"Meter of {r['code']}: {r['kind']} {r['version']} {r['address']}".rstrip()))


@device.command("change")
@click.argument("code")
@click.option("--location", help="Where it stands.")
@click.option("--designated/--not-designated", default=None, help="It stands in the room 机要室 or at a designated place 指定地点, or not.")
@click.option("--max-level", help="Highest level it may put out (R03).")
@click.option("--function", "functions", multiple=True, type=click.Choice(["print", "copy", "scan", "fax"]), help="What may be done at it.")
@click.option("--maintenance-days", type=int, help="Days between two maintenances (R84).")
@json_option
@click.pass_obj
def device_change(caller: Caller, /, code: str, as_json: bool, functions: tuple[str, ...], **given: Any) -> None:
    """Change what the register says of a device."""
    body = {name: value for name, value in given.items() if value is not None} | ({"functions": list(functions)} if functions else {})
    show(caller.call("POST", f"/devices/{code}/change", body), as_json=as_json, text=lambda r: click.echo(f"Device {r['code']} changed."))


@device.command("maintain")
@click.argument("code")
@click.option("--kind", type=click.Choice(["maintenance", "repair", "back"]), default="maintenance", help="repair: no new job until back.")
@click.option("--on", "done_on", required=True, help="Day, YYYY-MM-DD.")
@click.option("--by", "done_by", required=True, help="Who did it.")
@click.option("--note", default="", help="What was done.")
@json_option
@click.pass_obj
def device_maintain(caller: Caller, /, code: str, as_json: bool, **given: Any) -> None:
    """Write down a maintenance, or that a device goes to repair or is back (R84)."""
    result = caller.call("POST", f"/devices/{code}/maintenance", given)
    show(result, as_json=as_json, text=lambda r: click.echo(f"Device {r['device']}: {r['kind']} of {r['done_on']} recorded."))


@device.command("record")
@click.argument("code")
@json_option
@click.pass_obj
def device_record(caller: Caller, code: str, as_json: bool) -> None:
    """A device's maintenance record, newest first."""
    columns = [("done_on", "DAY"), ("kind", "KIND"), ("done_by", "BY"), ("note", "NOTE"), ("recorded_by", "RECORDED BY")]
    rows = caller.items(f"/devices/{code}/maintenance")
    show(rows, as_json=as_json, text=lambda found: table(found, columns, "Nothing recorded yet."))


COMMANDS = (device,)
