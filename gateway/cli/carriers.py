"""`imprimatur carrier …`: where carriers are, and their passing from hand to hand."""

from __future__ import annotations

from typing import Any

import click

from gateway.cli import custody, destruction
from gateway.cli.client import Caller
from gateway.cli.output import json_option, show, table
from gateway.domain.vocabulary import CarrierState, Delivery

_COLUMNS = [
    ("carrier", "CARRIER"),
    ("permit", "PERMIT"),
    ("copy_number", "COPY"),
    ("mark", "MARK"),
    ("state", "STATE"),
    ("custodian", "CUSTODIAN"),
    ("department", "DEPT"),
    ("location", "PLACE"),
    ("due_at", "DUE"),
    ("offered", "OFFERED"),
    ("offered_to", "TO"),
]
_PASSINGS = [
    ("verb", "MOVE"),
    ("state", "STATE"),
    ("giver", "FROM"),
    ("receiver", "TO"),
    ("offered_at", "OFFERED"),
    ("signed_by", "SIGNED BY"),
    ("signed_at", "SIGNED"),
    ("reason", "REASON"),
]
names = click.argument("names", nargs=-1, required=True, metavar="CARRIER…")


@click.group()
def carrier() -> None:
    """Carriers 载体: every good copy until its end. Name one by number, QR text, or "PERMIT COPY"."""


def _lines(rows: list[dict[str, Any]]) -> None:
    table(rows, _COLUMNS, "No carrier.")


@carrier.command("list")
@click.option("--mine", is_flag=True, help="Only those I hold or am offered.")
@click.option("--state", type=click.Choice([state.value for state in CarrierState]), help="Only this state.")
@click.option("--permit", default="", help="Only copies of this permit.")
@click.option("--living", is_flag=True, help="Without those that are destroyed, transferred or void.")
@json_option
@click.pass_obj
def list_carriers(caller: Caller, mine: bool, state: str | None, permit: str, living: bool, as_json: bool) -> None:
    """Carriers, newest first."""
    found = caller.items("/carriers", state=state or "", permit=permit, mine="1" if mine else "", living="1" if living else "")
    show(found, as_json=as_json, text=_lines)


@carrier.command("show")
@click.argument("name", nargs=-1, required=True)
@json_option
@click.pass_obj
def show_carrier(caller: Caller, name: tuple[str, ...], as_json: bool) -> None:
    """Where one is, since when, and how it came there."""
    show(caller.call("GET", "/carriers/where", name=" ".join(name)), as_json=as_json, text=_whereabouts)


def _whereabouts(found: dict[str, Any]) -> None:
    holder = f"{found['custodian_name']} ({found['custodian']})" if found["custodian"] else "nobody"
    where = " ".join(filter(None, [found["department"], found["location"]]))
    click.echo(f"{found['carrier']} {found['state']}, with {holder} {where}".rstrip() + f", since {found['since']}")
    click.echo(f"  copy {found['copy_number']:06d} of {found['permit']} {found['mark']}: {found['title']}")
    click.echo(f"  printed {found['printed_at']} on {found['device']} by {found['operator']} for {found['requester']}")
    if found["due_at"]:
        click.echo(f"  due {found['due_at']}")
    if found["history"]:
        table(found["history"], _PASSINGS, "")


def act(caller: Caller, verb: str, carriers: tuple[str, ...], *, as_json: bool, confirm: bool = False, **more: object) -> None:
    """Do one thing with carriers and show what became of them; options that were not given are left out."""
    body = {"carriers": list(carriers), **{key: value for key, value in more.items() if value is not None}}
    show(caller.call("POST", f"/carriers/{verb}", body, confirm=confirm)["items"], as_json=as_json, text=_lines)


@carrier.command("issue")
@names
@click.option("--to", required=True, metavar="ACCOUNT", help="Who takes them for his department.")
@click.option("--by", "delivery", type=click.Choice([way.value for way in Delivery]), default="in_person", help="How they travel.")
@json_option
@click.pass_obj
def issue(caller: Caller, names: tuple[str, ...], to: str, delivery: str, as_json: bool) -> None:
    """Offer copies to a department; its person signs (clerks)."""
    act(caller, "issue", names, as_json=as_json, to=to, delivery=delivery)


@carrier.command("lend")
@names
@click.option("--to", required=True, metavar="ACCOUNT")
@click.option("--due", default=None, help="With zone, like 2026-03-12T17:30+08:00; default 17:30 of the day.")
@json_option
@click.pass_obj
def lend(caller: Caller, names: tuple[str, ...], to: str, due: str | None, as_json: bool) -> None:
    """Offer carriers to a reader for a while (clerks)."""
    act(caller, "lend", names, as_json=as_json, to=to, due=due)


@carrier.command("sign")
@names
@json_option
@click.pass_obj
def sign(caller: Caller, names: tuple[str, ...], as_json: bool) -> None:
    """Sign for what is offered to me, or, as a clerk, to the room."""
    act(caller, "sign", names, as_json=as_json, confirm=True)


@carrier.command("reject")
@names
@click.option("--reason", required=True)
@json_option
@click.pass_obj
def reject(caller: Caller, names: tuple[str, ...], reason: str, as_json: bool) -> None:
    """Do not take what is offered to me."""
    act(caller, "reject", names, as_json=as_json, reason=reason)


@carrier.command("withdraw")
@names
@json_option
@click.pass_obj
def withdraw(caller: Caller, names: tuple[str, ...], as_json: bool) -> None:
    """Take an offer back before it was signed."""
    act(caller, "withdraw", names, as_json=as_json)


@carrier.command("give-back")
@names
@json_option
@click.pass_obj
def give_back(caller: Caller, names: tuple[str, ...], as_json: bool) -> None:
    """Offer what I hold to the room; a clerk signs."""
    act(caller, "give-back", names, as_json=as_json)


@carrier.command("return")
@names
@json_option
@click.pass_obj
def return_carriers(caller: Caller, names: tuple[str, ...], as_json: bool) -> None:
    """Return what I hold for good; a clerk signs."""
    act(caller, "return", names, as_json=as_json)


@carrier.command("shelve")
@names
@click.option("--place", "location", required=True, help="Cabinet and number.")
@json_option
@click.pass_obj
def shelve(caller: Caller, names: tuple[str, ...], location: str, as_json: bool) -> None:
    """Put freshly printed carriers into their cabinet (clerks)."""
    act(caller, "shelve", names, as_json=as_json, location=location)


@carrier.command("archive")
@names
@click.option("--place", "location", required=True, help="Cabinet and number.")
@json_option
@click.pass_obj
def archive(caller: Caller, names: tuple[str, ...], location: str, as_json: bool) -> None:
    """Archive carriers that are in the room (clerks)."""
    act(caller, "archive", names, as_json=as_json, location=location)


@carrier.command("transfer")
@names
@click.option("--witness", required=True, metavar="ACCOUNT", help="Second person of the room, who signs that they went.")
@click.option("--receipt", required=True, help="Number of the other unit's receipt.")
@json_option
@click.pass_obj
def transfer(caller: Caller, names: tuple[str, ...], witness: str, receipt: str, as_json: bool) -> None:
    """Hand carriers over to another unit (clerks)."""
    act(caller, "transfer", names, as_json=as_json, witness=witness, receipt=receipt)


for group in (*custody.GROUPS, *destruction.GROUPS):
    carrier.add_command(group)

COMMANDS = (carrier,)
