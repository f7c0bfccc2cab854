"""`imprimatur copy …`: the copy station from the command line."""

from __future__ import annotations

import time
from typing import Any

import click

from gateway.cli.client import Caller, said
from gateway.cli.output import json_option, show, table
from gateway.domain.vocabulary import ENTERED_REASONS, DocType, Level, WasteReason
from gateway.scanners import Colours, Source
from gateway.scanners.interface import Fault, ScannerError

_COLUMNS = [
    ("job", "JOB"),
    ("stage", "STAGE"),
    ("requester", "FOR"),
    ("device", "DEVICE"),
    ("copies", "COPIES"),
    ("page_count", "PAGES"),
    ("level", "LEVEL"),
    ("original", "ORIGINAL"),
]
_POLL_SECONDS = 0.3
_source = click.option("--source", type=click.Choice([source.value for source in Source]), default=Source.FEEDER.value)
_colours = click.option("--colours", type=click.Choice([colours.value for colours in Colours]), default=Colours.GREY.value)
_resolution = click.option("--resolution", type=click.IntRange(75, 600), default=300, help="Dots per inch.")


@click.group()
def copy() -> None:
    """Copying 复印: scan, permit, numbered copies."""


def _one(found: dict[str, Any]) -> None:
    _many([found])
    for page in found["pages"]:
        click.echo(f"  page {page['number']}: {' '.join(page['carriers']) or ('blank' if page['blank'] else 'no code of ours')}")
    for reason in found["reasons"]:
        click.echo("  " + said(reason))


def _many(found: list[dict[str, Any]]) -> None:
    table([{**one, "page_count": len(one["pages"])} for one in found], _COLUMNS, "No copy session is open.")


@copy.command("scan")
@click.option("--for", "requester", help="The account the copies are made for; begins a session.")
@click.option("--device", help="Where they come out.")
@click.option("--copies", type=click.IntRange(1, 9999), default=1)
@click.option("--title", default="", help="What the paper is called.")
@click.option("--duplex", is_flag=True, help="Print on both sides.")
@click.option("--permit", default="", help="Its permit, if one was asked for in advance; 绝密 needs it (JM-EX).")
@click.option("--job", help="Go on with this session instead of beginning one.")
@click.option("--scanner", help="Its name in the settings; the only one need not be named.")
@click.option("--page", "replace_page", type=int, default=0, help="Scan this page again.")
@click.option("--more", is_flag=True, help="Keep the session open for more pages.")
@_source
@_colours
@_resolution
@json_option
@click.pass_obj
def scan(caller: Caller, /, job: str | None, scanner: str | None, more: bool, as_json: bool, **wish: Any) -> None:
    """Scan an original. When its end came without a fault, the job is held and waits for its permit."""
    how = {name: wish.pop(name) for name in ("source", "colours", "resolution", "replace_page")}
    if job is None:
        if not wish["requester"] or not wish["device"]:
            raise click.UsageError("Say --for whom and --device, or go on with --job.")
        job = str(caller.call("POST", "/copies", wish)["job"])
    found = _scanned(caller, job, {**how, "scanner": scanner or _only_scanner(caller)}, quiet=as_json)
    if found["fault"]:
        _say_fault(found, job)
        raise SystemExit(1)
    if found["stage"] == "receiving" and not (more or how["replace_page"]):
        caller.call("POST", f"/copies/{job}/finish", {})
        found = caller.call("GET", f"/copies/{job}")
    show(found, as_json=as_json, text=_one)


def _scanned(caller: Caller, job: str, order: dict[str, Any], *, quiet: bool) -> Any:
    """Wait for the end of a scan, telling each page."""
    found, told = caller.call("POST", f"/copies/{job}/scan", order), 0
    while found["scan"] != "idle":
        time.sleep(_POLL_SECONDS)
        found = caller.call("GET", f"/copies/{job}")
        if not quiet and len(found["pages"]) > told:
            told = len(found["pages"])
            click.echo(f"page {told}", err=True)
    return found


def _only_scanner(caller: Caller) -> str:
    names = [row["name"] for row in caller.items("/scanners")]
    if len(names) != 1:
        raise click.UsageError(f"Say --scanner: {', '.join(names) or 'the settings name none'}.")
    return str(names[0])


def _say_fault(found: dict[str, Any], job: str) -> None:
    known = found["fault"] in list(Fault)
    letter = ScannerError(Fault(found["fault"])).letter() if known else f"E_SCANNER: The scan was stopped ({found['fault']})."
    click.echo(f"{letter} {len(found['pages'])} pages are kept: `imprimatur copy scan --job {job}`.", err=True)


@copy.command("assign")
@click.argument("job")
@click.option("--for", "requester", required=True, help="The account the copies are made for.")
@click.option("--device", required=True, help="Where they come out.")
@click.option("--copies", type=click.IntRange(1, 9999), default=1)
@click.option("--title", default="")
@click.option("--duplex", is_flag=True)
@click.option("--permit", default="", help="Its permit, if one was asked for in advance.")
@json_option
@click.pass_obj
def assign(caller: Caller, /, job: str, as_json: bool, **wish: Any) -> None:
    """Say for whom a session is, such as of what a device pushed into a drop folder."""
    show(caller.call("POST", f"/copies/{job}/assign", wish), as_json=as_json, text=_one)


@copy.command("list")
@json_option
@click.pass_obj
def list_copies(caller: Caller, as_json: bool) -> None:
    """Sessions whose pages still come."""
    show(caller.items("/copies"), as_json=as_json, text=_many)


@copy.command("show")
@click.argument("job")
@json_option
@click.pass_obj
def show_copy(caller: Caller, job: str, as_json: bool) -> None:
    """One copy job: its pages, and what is known of the original."""
    show(caller.call("GET", f"/copies/{job}"), as_json=as_json, text=_one)


@copy.command("remove")
@click.argument("job")
@click.argument("page", type=int)
@json_option
@click.pass_obj
def remove(caller: Caller, job: str, page: int, as_json: bool) -> None:
    """Take a page out."""
    show(caller.call("POST", f"/copies/{job}/pages/{page}/remove", {}), as_json=as_json, text=_one)


@copy.command("place")
@click.argument("job")
@click.argument("page", type=int)
@click.argument("to", type=int)
@json_option
@click.pass_obj
def place(caller: Caller, job: str, page: int, to: int, as_json: bool) -> None:
    """Put a page in another place."""
    show(caller.call("POST", f"/copies/{job}/pages/{page}/place", {"to": to}), as_json=as_json, text=_one)


@copy.command("declare")
@click.argument("job")
@click.option("--level", type=click.Choice([level.value for level in Level]), default=Level.JIMI.value)
@click.option("--term", default="", help="保密期限, such as 10年.")
@click.option("--doc-type", type=click.Choice([kind.value for kind in DocType]), default=DocType.ORDINARY.value)
@click.option("--from-above", is_flag=True, help="It comes from a superior or another unit.")
@click.option("--no-copy-notice", is_flag=True, help="It says that it must not be copied.")
@click.option("--doc-no", default="")
@click.option("--carrier", default="", help="A carrier of ours whose code cannot be read.")
@json_option
@click.pass_obj
def declare(caller: Caller, /, job: str, as_json: bool, **wish: Any) -> None:
    """Say what an original without our code is; a second person looks and agrees."""
    show(caller.call("POST", f"/copies/{job}/declare", wish), as_json=as_json, text=_one)


@copy.command("enter")
@click.option("--device", required=True, help="The stand-alone copier.")
@click.option("--permit", required=True)
@click.option("--copies", type=click.IntRange(1, 9999), required=True, help="Good copies.")
@click.option("--before", "counter_before", type=click.IntRange(0), required=True, help="Its counter before, in sides.")
@click.option("--after", "counter_after", type=click.IntRange(0), required=True, help="Its counter after.")
@click.option("--serial", default="", help="Its serial number; not needed when it was entered before.")
@click.option("--duplex", is_flag=True, help="Copied on both sides.")
@click.option("--paper", default="A4", help="A3, A4, A5, B4 or B5.")
@click.option("--waste", "waste_sheets", type=click.IntRange(0), default=0, help="Spoiled sheets.")
@click.option("--reason", "waste_reason", type=click.Choice([one.value for one in ENTERED_REASONS]), default=WasteReason.JAM.value)
@click.option("--original", default="", help="The carrier it was copied from, if one of ours.")
@click.option("--wet-stamp", is_flag=True, help="The copies bear the copy stamp 复制戳记 in ink.")
@json_option
@click.pass_obj
def enter(caller: Caller, /, as_json: bool, **wish: Any) -> None:
    """Enter copies made at a stand-alone copier. Detection only: what its counter does not explain is a finding."""
    show(caller.call("POST", "/copies/by-hand", wish), as_json=as_json, text=_entered)


def _entered(job: dict[str, Any]) -> None:
    click.echo(f"{job['job']} {job['stage']}: {job['copies_good']} copies entered by hand; detected by the counter, not prevented")


def _on_copy(name: str, help_text: str) -> None:
    @copy.command(name, help=help_text)
    @click.argument("job")
    @json_option
    @click.pass_obj
    def act(caller: Caller, job: str, as_json: bool) -> None:
        caller.call("POST", f"/copies/{job}/{name}", {})
        show(caller.call("GET", f"/copies/{job}"), as_json=as_json, text=_one)


_on_copy("finish", "All pages are there: hold the job, count it, look for its permit.")
_on_copy("give-up", "End a session before it became a job; its pages are destroyed.")
_on_copy("second", "Agree with what was declared, having paged through the job.")

COMMANDS = (copy,)
