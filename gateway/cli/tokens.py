"""`imprimatur token …`"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import click

from gateway.cli.client import Caller
from gateway.cli.output import json_option, show, table
from gateway.domain.scopes import Scope

_COLUMNS = [
    ("name", "TOKEN"),
    ("account", "ACCOUNT"),
    ("scopes", "SCOPES"),
    ("expires_at", "EXPIRES"),
    ("last_used_at", "LAST USED"),
    ("revoked_at", "REVOKED"),
]


@click.group()
def token() -> None:
    """Tokens 令牌 of programs that file permits and follow them."""


@token.command("add")
@click.option("--name", required=True, help="Name of the program; the books tell tokens apart by it.")
@click.option("--account", required=True, help="Account the program acts for.")
@click.option("--scope", "scopes", required=True, multiple=True, help=f"Some of {', '.join(Scope)}; several times, or with commas.")
@click.option("--expires", required=True, help="Days such as 90d, or an ISO time; at most 366 days.")
@json_option
@click.pass_obj
def add(caller: Caller, name: str, account: str, scopes: tuple[str, ...], expires: str, as_json: bool) -> None:
    """Make a token. It is shown this once."""
    body = {"name": name, "account": account, "scopes": ",".join(scopes).split(","), "expires_at": _end(caller, expires)}

    def text(made: dict[str, Any]) -> None:
        click.echo(made["token"])
        click.echo(f"The token {made['name']} of {made['account']} is shown this once; it ends {made['expires_at']}.", err=True)

    show(caller.call("POST", "/tokens", body, confirm=True), as_json=as_json, text=text)


def _end(caller: Caller, expires: str) -> str:
    from gateway.wiring import clock_of

    if expires.endswith("d") and expires[:-1].isdigit() and len(expires) < 6:
        return (clock_of(caller.settings).now() + timedelta(days=int(expires[:-1]))).isoformat()
    try:
        moment = datetime.fromisoformat(expires)
    except ValueError as error:
        raise click.BadParameter(f"'{expires}' is neither days such as 90d nor an ISO time.", param_hint="--expires") from error
    return (moment if moment.tzinfo else moment.replace(tzinfo=caller.settings.zone)).isoformat()


@token.command("list")
@json_option
@click.pass_obj
def list_tokens(caller: Caller, as_json: bool) -> None:
    """All tokens there are or were."""
    show(caller.items("/tokens"), as_json=as_json, text=lambda rows: table(rows, _COLUMNS, "No token yet."))


@token.command("revoke")
@click.argument("name")
@json_option
@click.pass_obj
def revoke(caller: Caller, name: str, as_json: bool) -> None:
    """End a token at once."""
    result = caller.call("POST", f"/tokens/{name}/revoke", {}, confirm=True)
    show(result, as_json=as_json, text=lambda r: click.echo(f"The token {r['name']} is revoked."))


COMMANDS = (token,)
