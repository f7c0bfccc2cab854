"""The command `imprimatur` (DESIGN.md §7): a thin client of the daemon, and the few acts that need none."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from gateway.cli import (
    books,
    carriers,
    devices,
    jobs,
    notify,
    paper,
    people,
    permits,
    policy,
    resets,
    room,
    stamping,
    statistics,
    system,
    tokens,
    visitors,
)
from gateway.cli.client import Caller
from gateway.errors import GatewayError
from spool import SpoolError
from watermark import WatermarkError


class _Group(click.Group):
    """Turns our errors into `CODE: what happened. What to do.` on stderr and exit status 1."""

    def invoke(self, ctx: click.Context) -> object:
        """Run the command."""
        try:
            return super().invoke(ctx)
        except GatewayError as error:
            click.echo(error.letter(), err=True)
        except (SpoolError, WatermarkError) as error:
            click.echo(f"{error.code}: {error}", err=True)
        sys.exit(1)


@click.group(cls=_Group)
@click.option("--config", type=click.Path(path_type=Path), help="Configuration file (default: IMPRIMATUR_CONFIG, then the system's).")
@click.option("--data", type=click.Path(path_type=Path), help="Data folder, instead of the configuration's.")
@click.option("--as", "act_as", envvar="IMPRIMATUR_ACT_AS", help="Rehearsal only: the account to act as (needs unsafe_act_as).")
@click.version_option(package_name="imprimatur", message="imprimatur %(version)s")
@click.pass_context
def main(ctx: click.Context, config: Path | None, data: Path | None, act_as: str | None) -> None:
    """Imprimatur 准印: no page leaves the gate without a permit."""
    ctx.obj = Caller(config, data, act_as)


for part in (
    *(system, people, resets, devices, tokens, permits, policy, room, jobs, notify),
    *(carriers, visitors, books, statistics, paper, stamping),
):
    for command in part.COMMANDS:
        main.add_command(command)
