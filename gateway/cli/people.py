"""`imprimatur user|dept|device …`"""

from __future__ import annotations

import csv
import sys
from pathlib import Path
from typing import Any

import click

from gateway.cli.client import Caller
from gateway.cli.output import json_option, show, table
from gateway.domain.vocabulary import Role
from gateway.errors import InvalidInputError


@click.group()
def dept() -> None:
    """Departments 部门."""


@dept.command("add")
@click.argument("code")
@click.argument("name")
@json_option
@click.pass_obj
def dept_add(caller: Caller, code: str, name: str, as_json: bool) -> None:
    """Make a department: CODE NAME."""
    result = caller.call("POST", "/departments", {"code": code, "name": name})
    show(result, as_json=as_json, text=lambda r: click.echo(f"Department {r['code']} {r['name']} made."))


@dept.command("list")
@json_option
@click.pass_obj
def dept_list(caller: Caller, as_json: bool) -> None:
    """All departments."""
    show(
        caller.items("/departments"),
        as_json=as_json,
        text=lambda rows: table(rows, [("code", "CODE"), ("name", "NAME"), ("active", "ACTIVE")], "No department yet."),
    )


@click.group()
def user() -> None:
    """Accounts 人员."""


@user.command("add")
@click.argument("username")
@click.option("--name", "display_name", required=True, help="Display name.")
@click.option("--dept", "department", required=True, help="Department code.")
@click.option("--role", "roles", multiple=True, type=click.Choice([role.value for role in Role]), help="May be given several times.")
@click.option("--clearance", help="Highest level the person may know, pinyin or Chinese.")
@click.option("--undertaking", "undertaking_date", help="Day the undertaking 承诺书 was signed, YYYY-MM-DD.")
@click.option("--unix-user", help="Unix user whose jobs and commands are this account's.")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input; otherwise no log-in.")
@json_option
@click.pass_obj
def user_add(caller: Caller, /, as_json: bool, password_stdin: bool, roles: tuple[str, ...], **given: str | None) -> None:
    """Make an account."""
    password = sys.stdin.readline().rstrip("\n") if password_stdin else None
    body: dict[str, Any] = {key: value for key, value in given.items() if value is not None}
    body |= {"roles": list(roles) or [Role.REQUESTER.value]} | ({"password": password} if password else {})
    show(caller.call("POST", "/users", body), as_json=as_json, text=lambda r: click.echo(f"Account {r['username']} made."))


@user.command("list")
@json_option
@click.pass_obj
def user_list(caller: Caller, as_json: bool) -> None:
    """All accounts."""
    columns = [
        ("username", "ACCOUNT"),
        ("display_name", "NAME"),
        ("department", "DEPT"),
        ("roles", "ROLES"),
        ("clearance", "CLEARANCE"),
        ("unix_user", "UNIX USER"),
        ("active", "ACTIVE"),
    ]
    show(caller.items("/users"), as_json=as_json, text=lambda rows: table(rows, columns, "No account yet."))


@user.command("disable")
@click.argument("username")
@json_option
@click.pass_obj
def user_disable(caller: Caller, username: str, as_json: bool) -> None:
    """Close an account; what it did stays in the books."""
    show(
        caller.call("POST", f"/users/{username}/disable", {}),
        as_json=as_json,
        text=lambda r: click.echo(f"Account {r['username']} closed."),
    )


@user.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@json_option
@click.pass_obj
def user_import(caller: Caller, file: Path, as_json: bool) -> None:
    """Make accounts from a CSV with the columns username,display_name,department,roles,clearance,undertaking_date,unix_user."""
    with file.open(newline="", encoding="utf-8-sig") as rows:
        bodies = [_user_of(line, row) for line, row in enumerate(csv.DictReader(rows), start=2)]
    made = [caller.call("POST", "/users", body)["username"] for body in bodies]
    show({"made": made}, as_json=as_json, text=lambda r: click.echo(f"{len(r['made'])} accounts made."))


def _user_of(line: int, row: dict[str, Any]) -> dict[str, Any]:
    if not row.get("username") or not row.get("display_name") or not row.get("department") or None in row:
        raise InvalidInputError(
            f"Line {line} needs username, display_name and department, and no more columns than the heading.",
            "Correct the file; nothing was imported.",
        )
    body = {key: value for key, value in row.items() if value and key != "roles"}
    return body | {"roles": (row.get("roles") or Role.REQUESTER.value).split()}


@click.group()
def device() -> None:
    """Output devices 设备."""


@device.command("add")
@click.argument("code")
@click.option("--uri", required=True, help="ipp://host/ipp/print, or cups://hidden-queue with --adapter cups.")
@click.option("--queue", help="Public queue whose jobs come out here.")
@click.option("--name", default="", help="Display name.")
@click.option("--location", default="", help="Where it stands.")
@click.option("--designated", is_flag=True, help="It stands in the room 机要室 or at a designated place 指定地点.")
@click.option("--max-level", default="gongkai", help="Highest level it may put out (R03); default 公开.")
@click.option("--adapter", type=click.Choice(["ipp", "cups"]), default="ipp", help="How copies are sent.")
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


COMMANDS = (dept, user, device)
