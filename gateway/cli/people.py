"""`imprimatur user|dept …`"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from gateway.cli.client import Caller, ask_code
from gateway.cli.output import json_option, show, table
from gateway.cli.spreadsheets import read_roster
from gateway.domain.rosters import Kind
from gateway.domain.vocabulary import Role

_ROLES = [role.value for role in Role]
_NONE = "none"
"""What empties a field of an account."""


def import_command(kind: Kind, group: click.Group) -> None:
    """Give a group its `import FILE.csv`: all lines or none, every faulty line named."""

    @group.command("import", help=f"Make {kind.value} from a CSV file; docs/people.md lists the columns.")
    @click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
    @click.option("--dry-run", is_flag=True, help="Check every line, make nothing.")
    @json_option
    @click.pass_obj
    def import_file(caller: Caller, file: Path, dry_run: bool, as_json: bool) -> None:
        lines = read_roster(file, kind)
        made = caller.call("POST", f"/{kind.value}/import", {"lines": lines, "dry_run": dry_run})
        verb = "would be made; nothing was" if dry_run else "made"
        show(made, as_json=as_json, text=lambda r: click.echo(f"{len(r['made'])} {kind.value} {verb}: {' '.join(r['made'])}"))


@click.group()
def dept() -> None:
    """Departments 部门."""


import_command(Kind.DEPARTMENTS, dept)


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


@dept.command("disable")
@click.argument("code")
@json_option
@click.pass_obj
def dept_disable(caller: Caller, code: str, as_json: bool) -> None:
    """Close a department nobody works in any more."""
    result = caller.call("POST", f"/departments/{code}/disable", {})
    show(result, as_json=as_json, text=lambda r: click.echo(f"Department {r['code']} closed."))


@dept.command("enable")
@click.argument("code")
@json_option
@click.pass_obj
def dept_enable(caller: Caller, code: str, as_json: bool) -> None:
    """Open a closed department again."""
    result = caller.call("POST", f"/departments/{code}/enable", {})
    show(result, as_json=as_json, text=lambda r: click.echo(f"Department {r['code']} open."))


@click.group()
def user() -> None:
    """Accounts 人员."""


import_command(Kind.USERS, user)


@user.command("add")
@click.argument("username")
@click.option("--name", "display_name", required=True, help="Display name.")
@click.option("--dept", "department", required=True, help="Department code.")
@click.option("--role", "roles", multiple=True, type=click.Choice(_ROLES), help="May be given several times.")
@click.option("--clearance", help="Highest level the person may know, pinyin or Chinese.")
@click.option("--undertaking", "undertaking_date", help="Day the undertaking 承诺书 was signed, YYYY-MM-DD.")
@click.option("--undertaking-until", help="Last day the undertaking holds; without it, it has no end.")
@click.option("--training", "training_date", help="Day of the last training, YYYY-MM-DD.")
@click.option("--unix-user", help="Unix user whose jobs and commands are this account's.")
@click.option("--password-stdin", is_flag=True, help="First set-up only: read the password from standard input.")
@json_option
@click.pass_obj
def user_add(caller: Caller, /, as_json: bool, password_stdin: bool, roles: tuple[str, ...], **given: str | None) -> None:
    """Make an account. Its password comes from two administrators: `imprimatur user reset`."""
    password = sys.stdin.readline().rstrip("\n") if password_stdin else None
    body: dict[str, Any] = {key: value for key, value in given.items() if value is not None}
    body |= {"roles": list(roles) or [Role.REQUESTER.value]} | ({"password": password} if password else {})
    show(caller.call("POST", "/users", body), as_json=as_json, text=lambda r: click.echo(f"Account {r['username']} made."))


@user.command("change")
@click.argument("username")
@click.option("--name", "display_name", help="Display name.")
@click.option("--dept", "department", help="Department code.")
@click.option("--role", "roles", multiple=True, type=click.Choice(_ROLES), help="All roles from now on; may be given several times.")
@click.option("--clearance", help="Pinyin or Chinese; `none` takes it away.")
@click.option("--undertaking", "undertaking_date", help="Day it was signed, or `none`.")
@click.option("--undertaking-until", help="Last day it holds, or `none`.")
@click.option("--training", "training_date", help="Day of the last training, or `none`.")
@click.option("--unix-user", help="Unix user, or `none`.")
@json_option
@click.pass_obj
def user_change(caller: Caller, /, username: str, as_json: bool, roles: tuple[str, ...], **given: str | None) -> None:
    """Change an account; before and after stand in the ledger, held jobs are matched anew."""
    body: dict[str, Any] = {key: None if value == _NONE else value for key, value in given.items() if value is not None}
    body |= {"roles": list(roles)} if roles else {}
    show(
        caller.call("POST", f"/users/{username}/change", body),
        as_json=as_json,
        text=lambda r: click.echo(f"Account {r['username']} changed."),
    )


@user.command("list")
@json_option
@click.pass_obj
def user_list(caller: Caller, as_json: bool) -> None:
    """All accounts, and what is due about their papers."""
    columns = [
        ("username", "ACCOUNT"),
        ("display_name", "NAME"),
        ("department", "DEPT"),
        ("roles", "ROLES"),
        ("clearance", "CLEARANCE"),
        ("unix_user", "UNIX USER"),
        ("second_factor", "TOTP"),
        ("reminders", "DUE"),
        ("active", "ACTIVE"),
    ]
    show(caller.items("/users"), as_json=as_json, text=lambda rows: table(rows, columns, "No account yet."))


@user.command("show")
@click.argument("username")
@json_option
@click.pass_obj
def user_show(caller: Caller, username: str, as_json: bool) -> None:
    """One account; one's own may be seen by everybody."""

    def lines(one: dict[str, Any]) -> None:
        for key, value in one.items():
            click.echo(f"{key:18} {' '.join(value) if isinstance(value, list) else value}")

    show(caller.call("GET", f"/users/{username}"), as_json=as_json, text=lines)


@user.command("disable")
@click.argument("username")
@json_option
@click.pass_obj
def user_disable(caller: Caller, username: str, as_json: bool) -> None:
    """Close an account; what it did stays in the books."""
    result = caller.call("POST", f"/users/{username}/disable", {})
    show(result, as_json=as_json, text=lambda r: click.echo(f"Account {r['username']} closed."))


@user.command("enable")
@click.argument("username")
@json_option
@click.pass_obj
def user_enable(caller: Caller, username: str, as_json: bool) -> None:
    """Open a closed account again; it needs a new password from two administrators."""
    result = caller.call("POST", f"/users/{username}/enable", {})
    show(result, as_json=as_json, text=lambda r: click.echo(f"Account {r['username']} open."))


@user.command("password")
@click.option("--stdin", is_flag=True, help="Read the present and the new password as two lines from standard input.")
@json_option
@click.pass_obj
def user_password(caller: Caller, stdin: bool, as_json: bool) -> None:
    """Change one's own password; the present one may be a one-time password."""
    code = ask_code(caller.call("GET", "/me")) if not stdin else ""
    if stdin:
        present, chosen = (sys.stdin.readline().rstrip("\n") for _ in range(2))
    else:
        present = click.prompt("Present password", hide_input=True, err=True)
        chosen = click.prompt("New password", hide_input=True, confirmation_prompt=True, err=True)
    result = caller.call("POST", "/me/password", {"present": present, "chosen": chosen, "code": code})
    show(result, as_json=as_json, text=lambda r: click.echo(f"The password of {r['username']} is changed."))


COMMANDS = (dept,)
"""`user` is complete with `resets`, which adds to it."""
