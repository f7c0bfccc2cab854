"""`imprimatur init|serve|migrate|doctor|cups …`: acts on the machine itself."""

from __future__ import annotations

import json
from pathlib import Path

import click

from gateway.cli.client import Caller
from gateway.cli.output import json_option, show
from gateway.config import config_path, load_settings

_TEMPLATE = """\
# Settings of one Imprimatur gateway; docs/settings.md explains every key.
unit = {unit}
data = {data}
run = {run}
"""


@click.command()
@click.option("--unit", default="示范单位", help="Name of the unit 单位.")
@click.option(
    "--run", "run_folder", type=click.Path(path_type=Path), help="Folder of the sockets; default beside the data for --rehearsal."
)
@click.option("--rehearsal", is_flag=True, help="A data folder for a demo or a test, where unsafe_ settings are accepted.")
@json_option
@click.pass_obj
def init(caller: Caller, unit: str, run_folder: Path | None, rehearsal: bool, as_json: bool) -> None:
    """Make configuration, keys, spool and database where they are missing; replaces nothing."""
    from gateway.services import installation

    file = config_path(caller.config)
    data = caller.data or Path("/var/lib/imprimatur")
    if rehearsal:
        installation.mark_as_rehearsal(data)
    made = []
    if not file.exists():
        run_folder = run_folder or (data.with_name(data.name + "-run") if rehearsal else Path("/run/imprimatur"))
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(
            _TEMPLATE.format(unit=json.dumps(unit, ensure_ascii=False), data=json.dumps(str(data)), run=json.dumps(str(run_folder)))
        )
        made.append(str(file))
    made += installation.initialise(load_settings(file, caller.data))
    show(
        {"made": made},
        as_json=as_json,
        text=lambda r: click.echo("Made: " + ", ".join(r["made"]) if r["made"] else "Everything is there already."),
    )


@click.command()
@click.option("--verbose", is_flag=True, help="Also log debug events.")
@click.pass_obj
def serve(caller: Caller, verbose: bool) -> None:
    """Run the gateway until SIGTERM or Ctrl-C."""
    from gateway.logs import configure_logs
    from gateway.wiring import Daemon

    configure_logs(verbose=verbose)
    Daemon(caller.settings).serve_until_told()


@click.command()
@click.pass_obj
def migrate(caller: Caller) -> None:
    """Bring the database to this version. Stop the gateway first."""
    from gateway.services import installation

    changed = installation.migrate(caller.settings)
    click.echo("The database was brought to this version." if changed else "The database is of this version already.")


@click.command()
@click.option("--cupsd-conf", type=click.Path(path_type=Path), help="cupsd.conf of a CUPS in another place.")
@click.option("--cups-server-bin", type=click.Path(path_type=Path), help="Its folder of backends and filters.")
@json_option
@click.pass_obj
@click.pass_context
def doctor(ctx: click.Context, caller: Caller, cupsd_conf: Path | None, cups_server_bin: Path | None, as_json: bool) -> None:
    """Check gateway, CUPS and machine line by line, with the cure for what is wrong. Exit 1 when something is; advice does not count."""
    from gateway.cups_install import CupsPlaces
    from gateway.doctor import Verdict, examine

    usual = CupsPlaces()
    places = CupsPlaces(server_bin=cups_server_bin or usual.server_bin, cupsd_conf=cupsd_conf or usual.cupsd_conf)
    found = examine(caller.settings, places)
    show([check.to_json() for check in found], as_json=as_json, text=_report)
    ctx.exit(1 if any(check.verdict is Verdict.FAULT for check in found) else 0)


_SIGNS = {"ok": "ok    ", "advice": "advice", "fault": "FAULT "}


def _report(rows: list[dict[str, str]]) -> None:
    for row in rows:
        click.echo(f"{_SIGNS[row['verdict']]}  {row['name']}: {row['found']}")
        if row["cure"]:
            click.echo(f"        → {row['cure']}")


@click.group()
def cups() -> None:
    """The machine's CUPS."""


@cups.command("install")
@click.option("--queue", help="Public queue to make; jiyao, for faxes chuanzhen.")
@click.option("--fax", is_flag=True, help="Make a fax queue: what comes by it is a fax, and never printed.")
@click.option("--dry-run", is_flag=True, help="Only show what would be done.")
@click.pass_obj
def cups_install_command(caller: Caller, queue: str | None, fax: bool, dry_run: bool) -> None:
    """Install backend, filter, PPD, policy and queue in this machine's CUPS."""
    from gateway.cups_install import apply, plan

    queue = queue or ("chuanzhen" if fax else "jiyao")
    steps = plan(queue=queue, intake_socket=caller.settings.intake_socket, server_id=caller.settings.server_id, fax=fax)
    for step in steps:
        click.echo(("would " if dry_run else "") + step.description)
    if not dry_run:
        apply(steps)


@cups.command("hidden")
@click.argument("queue")
@click.option("--device", "device_uri", required=True, help="The device's own address, such as ipp://host/ipp/print.")
@click.option("--dry-run", is_flag=True, help="Only show what would be done.")
def cups_hidden_command(queue: str, device_uri: str, dry_run: bool) -> None:
    """Make a hidden queue for a device that needs CUPS' filters; its address is cups://QUEUE."""
    from gateway.cups_install import apply, plan_hidden

    steps = plan_hidden(queue=queue, device_uri=device_uri)
    for step in steps:
        click.echo(("would " if dry_run else "") + step.description)
    if not dry_run:
        apply(steps)


COMMANDS = (init, serve, migrate, doctor, cups)
