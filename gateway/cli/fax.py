"""`imprimatur fax …`: the gate before the telephone line."""

from __future__ import annotations

from pathlib import Path

import click

from gateway.cli.client import Caller


@click.group()
def fax() -> None:
    """Faxes 传真."""


@fax.command("install")
@click.option("--spool", type=click.Path(path_type=Path), help="HylaFAX' spool, when it is not Debian's.")
@click.option("--etc", type=click.Path(path_type=Path), help="Its folder of settings, when it is not Debian's.")
@click.option("--dry-run", is_flag=True, help="Only show what would be done.")
@click.pass_obj
def fax_install_command(caller: Caller, spool: Path | None, etc: Path | None, dry_run: bool) -> None:
    """Put the gate before this machine's HylaFAX: no call is made without the gateway's word. Restart HylaFAX afterwards."""
    from gateway.fax_install import FaxPlaces, apply, plan

    usual = FaxPlaces()
    places = FaxPlaces(spool=spool or usual.spool, etc=etc or usual.etc)
    settings = caller.settings
    steps = plan(socket=settings.fax_socket, places=places, account=settings.fax_account, password_file=settings.fax_password_file)
    for step in steps:
        click.echo(("would " if dry_run else "") + step.description)
    if not dry_run:
        apply(steps)
        click.echo("Restart HylaFAX now: it reads its settings when it starts.")


COMMANDS = (fax,)
