"""`imprimatur fax …`: the gate before the telephone line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from gateway.cli.client import Caller
from gateway.cli.output import json_option, show, table
from gateway.domain.fax import CryptClass, ProcessingMethod
from gateway.domain.vocabulary import Level


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


_COLUMNS = [
    ("fax", "FAX"),
    ("direction", "WAY"),
    ("state", "STATE"),
    ("result", "RESULT"),
    ("peer", "PEER"),
    ("number", "NUMBER"),
    ("pages_sent", "SENT"),
    ("pages", "PAGES"),
    ("permit", "PERMIT"),
    ("job", "JOB"),
]
_LEVEL = click.Choice([level.value for level in Level])
_CRYPT = click.Choice([kind.value for kind in CryptClass])


def _one(found: dict[str, Any]) -> None:
    table([found], _COLUMNS, "")
    for call in found["attempts"]:
        doubt = ", one more is uncertain" if call["uncertain"] else ""
        click.echo(f"  attempt {call['attempt']}: {call['result']}, {call['pages']} pages{doubt}")


@fax.command("list")
@json_option
@click.pass_obj
def list_faxes(caller: Caller, as_json: bool) -> None:
    """Faxes, newest first."""
    show(caller.items("/faxes"), as_json=as_json, text=lambda found: table(found, _COLUMNS, "No fax."))


@fax.command("show")
@click.argument("fax_no")
@json_option
@click.pass_obj
def show_fax(caller: Caller, fax_no: str, as_json: bool) -> None:
    """One fax with its attempts."""
    show(caller.call("GET", f"/faxes/{fax_no}"), as_json=as_json, text=_one)


@fax.command("pages")
@click.argument("job")
@json_option
@click.pass_obj
def pages(caller: Caller, job: str, as_json: bool) -> None:
    """SHA-256 of the pages a held job would be faxed as, for its technical processing record."""
    show(caller.call("GET", f"/jobs/{job}/fax-pages"), as_json=as_json, text=lambda found: click.echo(found["sha256"]))


@fax.command("file")
@click.argument("job")
@click.option("--number", default="", help="Asked for when it is not given, since others see arguments.")
@click.option("--peer", required=True, help="The unit it goes to.")
@click.option("--person", required=True, help="Who is to get it there.")
@click.option("--level", type=_LEVEL, required=True)
@click.option("--source-level", type=_LEVEL, default=Level.GONGKAI.value, help="Level of the paper its text was made from.")
@click.option("--tpr", "tpr_no", default="", help="Its technical processing record.")
@click.option("--answers", default="", help="The received fax it replies to.")
@click.option("--doc-no", default="")
@json_option
@click.pass_obj
def file_fax(caller: Caller, /, job: str, as_json: bool, **wish: str) -> None:
    """Make a held job a fax; then ask for its fax permit from the same job."""
    wish["number"] = wish["number"] or click.prompt("Number", err=True)
    show(caller.call("POST", f"/jobs/{job}/fax", wish), as_json=as_json, text=_one)


@fax.command("register")
@click.argument("fax_no")
@click.option("--level", type=_LEVEL, required=True)
@click.option("--department", required=True)
@click.option("--peer", required=True, help="The unit it came from.")
@click.option("--person", default="")
@click.option("--crypt-class", type=_CRYPT, default=CryptClass.PLAIN.value)
@json_option
@click.pass_obj
def register(caller: Caller, /, fax_no: str, as_json: bool, **said: str) -> None:
    """Give a received fax level and department."""
    show(caller.call("POST", f"/faxes/{fax_no}/register", said), as_json=as_json, text=_one)


@fax.command("permit")
@click.argument("fax_no")
@click.option("--purpose", required=True)
@json_option
@click.pass_obj
def permit(caller: Caller, fax_no: str, purpose: str, as_json: bool) -> None:
    """Ask for the permit of one's own fax: these pages to this number."""
    show(caller.call("POST", f"/faxes/{fax_no}/permit", {"purpose": purpose}), as_json=as_json, text=_one)


@fax.command("print")
@click.argument("fax_no")
@click.option("--to", "recipient", required=True, help="An account of its department.")
@click.option("--device", required=True)
@json_option
@click.pass_obj
def print_fax(caller: Caller, fax_no: str, recipient: str, device: str, as_json: bool) -> None:
    """Make a registered fax a held print job."""
    show(caller.call("POST", f"/faxes/{fax_no}/print", {"recipient": recipient, "device": device}), as_json=as_json, text=_one)


@fax.command("answer")
@click.argument("fax_no")
@click.option("--crypt-class", type=_CRYPT, required=True)
@click.option("--by-telephone", is_flag=True)
@json_option
@click.pass_obj
def answer(caller: Caller, fax_no: str, crypt_class: str, by_telephone: bool, as_json: bool) -> None:
    """Write down an answer that went another way; plain and cipher do not mix."""
    body = {"crypt_class": crypt_class, "by_telephone": by_telephone}
    show(caller.call("POST", f"/faxes/{fax_no}/answer", body), as_json=as_json, text=_one)


@fax.command("processed")
@click.option("--source-level", type=_LEVEL, required=True)
@click.option("--method", type=click.Choice([method.value for method in ProcessingMethod]), required=True)
@click.option("--result-level", type=_LEVEL, default=Level.NEIBU.value)
@click.option("--sha256", "result_hash", required=True, help="As `fax pages` shows it.")
@click.option("--carrier", default="", help="Number of the paper it was made from.")
@json_option
@click.pass_obj
def processed(caller: Caller, /, as_json: bool, **said: str) -> None:
    """Write down that classified matter was made unclassified."""
    show(caller.call("POST", "/processings", said), as_json=as_json, text=lambda found: click.echo(found["tpr_no"]))


@fax.command("review")
@click.argument("tpr_no")
@json_option
@click.pass_obj
def review(caller: Caller, tpr_no: str, as_json: bool) -> None:
    """Say that a record's result is unclassified, as somebody other than its processor."""
    found = caller.call("POST", f"/processings/{tpr_no}/review", {}, confirm=True)
    show(found, as_json=as_json, text=lambda made: click.echo(f"{made['tpr_no']} is looked over."))


@fax.command("records")
@json_option
@click.pass_obj
def records(caller: Caller, as_json: bool) -> None:
    """Technical processing records, newest first."""
    columns = [("tpr_no", "RECORD"), ("source_level", "FROM"), ("result_level", "TO"), ("processor", "BY"), ("reviewer", "REVIEWED")]
    show(caller.items("/processings"), as_json=as_json, text=lambda found: table(found, columns, "No record."))


_PEER = [("line", "LINE"), ("unit", "UNIT"), ("person", "PERSON"), ("number", "NUMBER"), ("active", "ACTIVE")]


@fax.group("peers")
def peers() -> None:
    """The address book: whom the house may fax to."""


@peers.command("list")
@json_option
@click.pass_obj
def list_peers(caller: Caller, as_json: bool) -> None:
    """The lines in use, then the closed ones."""
    show(caller.items("/fax-peers"), as_json=as_json, text=lambda found: table(found, _PEER, "No number."))


@peers.command("add")
@click.argument("unit")
@click.option("--number", default="", help="Asked for when it is not given, since others see arguments.")
@click.option("--person", default="")
@json_option
@click.pass_obj
def add_peer(caller: Caller, unit: str, number: str, person: str, as_json: bool) -> None:
    """Write a number into the address book, or open it again."""
    body = {"unit": unit, "number": number or click.prompt("Number", err=True), "person": person}
    show(caller.call("POST", "/fax-peers", body), as_json=as_json, text=lambda found: table([found], _PEER, ""))


@peers.command("close")
@click.argument("line", type=int)
@json_option
@click.pass_obj
def close_peer(caller: Caller, line: int, as_json: bool) -> None:
    """Nobody is faxed to at this number any more."""
    show(caller.call("POST", f"/fax-peers/{line}/close", {}), as_json=as_json, text=lambda found: table([found], _PEER, ""))


def _on_fax(name: str, help_text: str, *, confirm: bool = False) -> None:
    @fax.command(name, help=help_text)
    @click.argument("fax_no")
    @json_option
    @click.pass_obj
    def act(caller: Caller, fax_no: str, as_json: bool) -> None:
        show(caller.call("POST", f"/faxes/{fax_no}/{name}", {}, confirm=confirm), as_json=as_json, text=_one)


_on_fax("resend", "Decide that all pages are sent again, while the approval lives.", confirm=True)
_on_fax("settle", "Decide that a fax is not sent again: its last result stays.")
_on_fax("discard", "Decide that a fax somebody signed for is not printed: its pages are destroyed.")
_on_fax("sign", "Sign for a registered fax, as somebody of its department.")


COMMANDS = (fax,)
