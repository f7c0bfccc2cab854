"""`imprimatur carrier circulate|carry-out|inventory|incident|handover|overdue …`: what happens to carriers on the way."""

from __future__ import annotations

from typing import Any

import click

from gateway.cli.client import Caller
from gateway.cli.output import json_option, show, table
from gateway.domain.vocabulary import HANDOVER_REASONS, Found

_OVERDUE = [("duty", "DUTY"), ("subject", "WHAT"), ("holder", "WHO"), ("due_at", "DUE"), ("stage", "REMINDED")]
_CARRY_OUTS = [
    ("carry_out", "NO."), ("state", "STATE"), ("requester", "WHO"), ("carriers", "CARRIERS"), ("level", "LEVEL"),
    ("due_back", "DUE"), ("escorts", "ESCORTS"), ("approver", "APPROVED BY"), ("left_at", "LEFT"), ("back_at", "BACK"),
]  # fmt: skip
_INCIDENTS = [
    ("incident", "NO."), ("carrier", "CARRIER"), ("last_holder", "LAST HOLDER"), ("opened_at", "OPENED"),
    ("report_due_at", "REPORT BY"), ("reported_at", "REPORTED"), ("found_at", "FOUND"),
]  # fmt: skip
_ITEMS = [("kind", "KIND"), ("subject", "NUMBER")]
_READERS = [("username", "READER"), ("read_at", "READ"), ("reading", "NOW")]
_LINES = [("carrier", "CARRIER"), ("state", "STATE"), ("custodian", "CUSTODIAN"), ("found", "FOUND"), ("incident", "INCIDENT")]


@click.command("overdue")
@json_option
@click.pass_obj
def overdue(caller: Caller, as_json: bool) -> None:
    """What is overdue: my own, or all for readers of the books."""
    show(caller.items("/overdue"), as_json=as_json, text=lambda found: table(found, _OVERDUE, "Nothing is overdue."))


@click.group()
def circulate() -> None:
    """Circulation 传阅: a fixed list, every leg back to the room."""


def _list(found: dict[str, Any]) -> None:
    click.echo(f"{found['carrier']} {found['state']}")
    table(found["readers"], _READERS, "")


def _circulation(name: str, path: str, help_text: str, *, confirm: bool = False, reader: bool = False) -> None:
    @circulate.command(name, help=help_text)
    @click.argument("carrier")
    @click.option("--reader", default="", help="Account." if reader else "", hidden=not reader)
    @json_option
    @click.pass_obj
    def act(caller: Caller, carrier: str, reader: str, as_json: bool) -> None:
        body = {"carrier": carrier, **({"reader": reader} if reader else {})}
        show(caller.call("POST", f"/circulations{path}", body, confirm=confirm), as_json=as_json, text=_list)


@circulate.command("start")
@click.argument("carrier")
@click.argument("readers", nargs=-1, required=True)
@json_option
@click.pass_obj
def start(caller: Caller, carrier: str, readers: tuple[str, ...], as_json: bool) -> None:
    """Fix the reading list of a carrier (clerks)."""
    show(caller.call("POST", "/circulations", {"carrier": carrier, "readers": list(readers)}), as_json=as_json, text=_list)


_circulation("next", "/next", "Offer it to the next reader, or to the one named (clerks).", reader=True)
_circulation("add", "/add", "Widen the list: a leader's decision.", confirm=True, reader=True)
_circulation("close", "/close", "End it; the carrier is in the room (clerks).")


@circulate.command("show")
@click.argument("carrier")
@json_option
@click.pass_obj
def show_circulation(caller: Caller, carrier: str, as_json: bool) -> None:
    """The reading list and how far it has come."""
    show(caller.call("GET", "/circulations", carrier=carrier), as_json=as_json, text=_list)


@click.group("carry-out")
def carry_out() -> None:
    """Carrying out 外出携带, with a leader's approval."""


def _carry_outs(found: list[dict[str, Any]]) -> None:
    table(found, _CARRY_OUTS, "Nothing.")


@carry_out.command("request")
@click.argument("carriers", nargs=-1, required=True)
@click.option("--purpose", required=True)
@click.option("--destination", required=True)
@click.option("--due", required=True, help="With zone, like 2026-03-13T18:00+08:00.")
@click.option("--escort", "escorts", multiple=True, metavar="ACCOUNT", help="Who goes along; two for 绝密.")
@click.option("--abroad", default="", metavar="NUMBER", help="It leaves the country: the number of that approval.")
@click.option("--bearer", default="", metavar="ACCOUNT", help="Who carries; default: I.")
@json_option
@click.pass_obj
def request(
    caller: Caller,
    carriers: tuple[str, ...],
    purpose: str,
    destination: str,
    due: str,
    escorts: tuple[str, ...],
    abroad: str,
    bearer: str,
    as_json: bool,
) -> None:
    """Ask to carry carriers out."""
    body = {
        "carriers": list(carriers),
        "purpose": purpose,
        "destination": destination,
        "due_back": due,
        "escorts": list(escorts),
        "abroad": bool(abroad),
        "abroad_approval": abroad,
        "bearer": bearer,
    }
    show(caller.call("POST", "/carry-outs", body), as_json=as_json, text=lambda found: _carry_outs([found]))


@carry_out.command("list")
@click.option("--waiting", is_flag=True, help="Only those nobody has decided.")
@json_option
@click.pass_obj
def list_carry_outs(caller: Caller, waiting: bool, as_json: bool) -> None:
    """Requests, newest first."""
    show(caller.items("/carry-outs", waiting="1" if waiting else ""), as_json=as_json, text=_carry_outs)


def _on_carry_out(name: str, help_text: str, *, confirm: bool) -> None:
    @carry_out.command(name, help=help_text)
    @click.argument("number")
    @json_option
    @click.pass_obj
    def act(caller: Caller, number: str, as_json: bool) -> None:
        found = caller.call("POST", f"/carry-outs/{number}/{name}", {}, confirm=confirm)
        show(found, as_json=as_json, text=lambda shown: _carry_outs([shown]))


_on_carry_out("approve", "Approve a request (leaders).", confirm=True)
_on_carry_out("refuse", "Say no, or take my own request back.", confirm=True)
_on_carry_out("hand-out", "Offer the carriers to who carries them; he signs with `carrier sign` (clerks).", confirm=False)


@click.group()
def inventory() -> None:
    """The quarter's inventory 清查."""


def _inventory(found: dict[str, Any]) -> None:
    sums = ", ".join(f"{name} {count}" for name, count in found["sums"].items())
    click.echo(f"{found['inventory']}: {len(found['lines'])} lines, {sums}; signed by {', '.join(found['signed_by']) or 'nobody'}")
    table([line for line in found["lines"] if line["found"] in (None, "missing")], _LINES, "Every line is accounted for.")


@inventory.command("open")
@click.option("--due", default=None, help="With zone; default the quarter's last day.")
@json_option
@click.pass_obj
def open_inventory(caller: Caller, due: str | None, as_json: bool) -> None:
    """Begin it: every living carrier becomes a line (clerks)."""
    show(caller.call("POST", "/inventories", {"due": due} if due else {}), as_json=as_json, text=_inventory)


@inventory.command("show")
@click.argument("number", default="newest")
@json_option
@click.pass_obj
def show_inventory(caller: Caller, number: str, as_json: bool) -> None:
    """Its sums, and what is open or missing."""
    show(caller.call("GET", f"/inventories/{number}"), as_json=as_json, text=_inventory)


@inventory.command("count")
@click.argument("number")
@click.argument("carriers", nargs=-1, required=True)
@click.option("--found", type=click.Choice([found.value for found in Found]), default=Found.PRESENT.value)
@json_option
@click.pass_obj
def count(caller: Caller, number: str, carriers: tuple[str, ...], found: str, as_json: bool) -> None:
    """Say what was found; `missing` opens an incident at once (clerks)."""
    body = {"carriers": list(carriers), "found": found}
    show(caller.call("POST", f"/inventories/{number}/count", body), as_json=as_json, text=_inventory)


@inventory.command("sign")
@click.argument("number")
@json_option
@click.pass_obj
def sign_inventory(caller: Caller, number: str, as_json: bool) -> None:
    """Sign it; two people do (clerks)."""
    show(caller.call("POST", f"/inventories/{number}/sign", {}, confirm=True), as_json=as_json, text=_inventory)


@click.group()
def incident() -> None:
    """Missing carriers 事件, to be reported within 24 hours."""


def _incidents(found: list[dict[str, Any]]) -> None:
    table(found, _INCIDENTS, "No incident.")


@incident.command("list")
@json_option
@click.pass_obj
def list_incidents(caller: Caller, as_json: bool) -> None:
    """Newest first."""
    show(caller.items("/incidents"), as_json=as_json, text=_incidents)


@incident.command("open")
@click.argument("carrier")
@json_option
@click.pass_obj
def miss(caller: Caller, carrier: str, as_json: bool) -> None:
    """A carrier is missing (clerks)."""
    show(caller.call("POST", "/carriers/miss", {"carrier": carrier}), as_json=as_json, text=lambda found: _incidents([found]))


@incident.command("report")
@click.argument("number")
@json_option
@click.pass_obj
def report(caller: Caller, number: str, as_json: bool) -> None:
    """It was reported to those above; its clock stops (clerks)."""
    show(caller.call("POST", f"/incidents/{number}/report", {}), as_json=as_json, text=lambda found: _incidents([found]))


@incident.command("found")
@click.argument("carrier")
@click.option("--where", "reason", required=True)
@json_option
@click.pass_obj
def found_again(caller: Caller, carrier: str, reason: str, as_json: bool) -> None:
    """The carrier was found; the incident stays (clerks)."""
    body = {"carrier": carrier, "reason": reason}
    show(caller.call("POST", "/carriers/find", body), as_json=as_json, text=lambda found: _incidents([found]))


@click.group()
def handover() -> None:
    """Hand-over 交接 at transfer or leaving: three people sign."""


def _handover(found: dict[str, Any]) -> None:
    parties = f"{found['leaver']} → {found['successor']}, supervised by {found['supervisor']}"
    click.echo(f"{found['handover']}: {parties}; signed: {', '.join(found['signed']) or 'nobody'}")
    table(found["items"], _ITEMS, "Nothing is held.")


@handover.command("holdings")
@click.argument("username", default="")
@json_option
@click.pass_obj
def holdings(caller: Caller, username: str, as_json: bool) -> None:
    """What I, or somebody, still answers for."""
    show(caller.items("/holdings", username=username), as_json=as_json, text=lambda found: table(found, _ITEMS, "Nothing is held."))


@handover.command("open")
@click.argument("leaver")
@click.option("--successor", required=True)
@click.option("--supervisor", required=True)
@click.option("--reason", type=click.Choice(HANDOVER_REASONS), default="leaving")
@json_option
@click.pass_obj
def open_handover(caller: Caller, leaver: str, successor: str, supervisor: str, reason: str, as_json: bool) -> None:
    """Begin it."""
    body = {"leaver": leaver, "successor": successor, "supervisor": supervisor, "reason": reason}
    show(caller.call("POST", "/handovers", body), as_json=as_json, text=_handover)


@handover.command("show")
@click.argument("number")
@json_option
@click.pass_obj
def show_handover(caller: Caller, number: str, as_json: bool) -> None:
    """What is held, or has passed, and who has signed."""
    show(caller.call("GET", f"/handovers/{number}"), as_json=as_json, text=_handover)


@handover.command("sign")
@click.argument("number")
@json_option
@click.pass_obj
def sign_handover(caller: Caller, number: str, as_json: bool) -> None:
    """Sign it; with the third signature everything passes."""
    show(caller.call("POST", f"/handovers/{number}/sign", {}, confirm=True), as_json=as_json, text=_handover)


GROUPS = (overdue, circulate, carry_out, inventory, incident, handover)
"""What `imprimatur carrier` has besides the passing from hand to hand."""
