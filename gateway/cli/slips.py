"""`… slip`: one command under `permit`, `job` and `ledger`, each for the slips of its own things."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from gateway.cli.client import Caller
from gateway.cli.output import json_option, show

_PNG = click.option(
    "--png", type=click.Path(dir_okay=False, path_type=Path), help="Write a picture of it, marked as a preview, instead of printing."
)


def _slip(caller: Caller, kind: str, subject: str, png: Path | None, *, as_json: bool) -> None:
    """Print one more, or write the preview. Raises SlipPrinterError when the printer did not take it."""
    path = f"/slips/{kind}/{subject}"
    if png is not None:
        png.write_bytes(caller.raw("GET", f"{path}/preview"))
        click.echo(f"{png} written: a preview, not counted.", err=True)
        return
    result = caller.call("POST", path)
    show(result, as_json=as_json, text=_line)
    if result["problem"]:
        from gateway.slips import SlipPrinterError  # here, because it loads what draws slips

        raise SlipPrinterError("The slip is counted, but the printer did not take it.", "Mend the printer and print the slip again.")


def _line(result: dict[str, Any]) -> None:
    again = f", duplicate 重印 no. {result['serial']}" if result["duplicate"] else ""
    click.echo(f"Slip {result['kind']} {result['subject']}: {result['state']}{again}; ledger entry {result['ledger_seq']} {result['tag']}")


@click.command("slip")
@click.argument("permit_no")
@_PNG
@json_option
@click.pass_obj
def permit_slip(caller: Caller, permit_no: str, png: Path | None, as_json: bool) -> None:
    """Print an active permit's slip: number, QR code, what was approved by whom."""
    _slip(caller, "permit", permit_no, png, as_json=as_json)


@click.command("slip")
@click.argument("job_no")
@click.option("--waste", is_flag=True, help="The spoiled sheets, instead of the good copies to pick up.")
@_PNG
@json_option
@click.pass_obj
def job_slip(caller: Caller, job_no: str, waste: bool, png: Path | None, as_json: bool) -> None:
    """Print a finished job's pick-up slip, or the slip that goes with its spoiled sheets."""
    _slip(caller, "waste" if waste else "pick_up", job_no, png, as_json=as_json)


@click.command("slip")
@click.argument("entry", default="newest")
@_PNG
@json_option
@click.pass_obj
def checkpoint_slip(caller: Caller, entry: str, png: Path | None, as_json: bool) -> None:
    """Print a signed checkpoint, the newest or that of an ENTRY, to be kept outside the machine."""
    _slip(caller, "checkpoint", entry, png, as_json=as_json)
