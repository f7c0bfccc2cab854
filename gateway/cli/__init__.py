"""The command `imprimatur` (DESIGN.md §7): a thin client of the daemon, and the few acts that need none."""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gateway.cli.client import Caller
from gateway.errors import GatewayError

if TYPE_CHECKING:
    from spool import SpoolError
    from watermark import WatermarkError

HOMES = {
    "alert": "room", "carrier": "carriers", "copy": "copying", "count": "paper",
    "cups": "system", "day": "room", "delegation": "policy", "dept": "people",
    "device": "devices", "doctor": "system", "fax": "fax", "init": "system",
    "job": "jobs", "ledger": "books", "meter": "meters", "migrate": "system", "notify": "notify",
    "permit": "permits", "policy": "policy", "register": "books", "room": "room", "serve": "system", "stamp": "stamping",
    "stats": "statistics", "token": "tokens", "user": "resets", "visitor": "visitors",
}  # fmt: skip
"""Which module of this package a command stands in. Only that one is loaded: a command answers before the hand has left the key."""


class _Group(click.Group):
    """Loads a command when it is called; turns our errors into `CODE: what happened. What to do.` on stderr and exit status 1."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 — click's signature
        """The commands' names."""
        return sorted(HOMES)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 — click's signature
        """The command of this name."""
        if cmd_name not in HOMES:
            return None
        home = import_module(f"gateway.cli.{HOMES[cmd_name]}")
        return next((command for command in home.COMMANDS if command.name == cmd_name), None)

    def invoke(self, ctx: click.Context) -> object:
        """Run the command."""
        try:
            return super().invoke(ctx)
        except GatewayError as error:
            click.echo(error.letter(), err=True)
        except (click.ClickException, click.exceptions.Exit, click.Abort):
            raise
        except _errors_of_the_libraries() as error:
            click.echo(f"{error.code}: {error}", err=True)
        sys.exit(1)


def _errors_of_the_libraries() -> tuple[type[SpoolError] | type[WatermarkError], ...]:
    """Loaded when something has failed, not before every command."""
    from spool import SpoolError
    from watermark import WatermarkError

    return SpoolError, WatermarkError


@click.group(cls=_Group)
@click.option("--config", type=click.Path(path_type=Path), help="Configuration file (default: IMPRIMATUR_CONFIG, then the system's).")
@click.option("--data", type=click.Path(path_type=Path), help="Data folder, instead of the configuration's.")
@click.option("--as", "act_as", envvar="IMPRIMATUR_ACT_AS", help="Rehearsal only: the account to act as (needs unsafe_act_as).")
@click.version_option(package_name="imprimatur", message="imprimatur %(version)s")
@click.pass_context
def main(ctx: click.Context, config: Path | None, data: Path | None, act_as: str | None) -> None:
    """Imprimatur 准印: no page leaves the gate without a permit."""
    ctx.obj = Caller(config, data, act_as)
