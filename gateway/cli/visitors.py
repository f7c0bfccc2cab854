"""`imprimatur visitor …`: registered, approved, in, out."""

from __future__ import annotations

from typing import Any

import click

from gateway.cli.client import Caller
from gateway.cli.output import json_option, show, table
from gateway.domain.vocabulary import IdKind, VisitReason
from gateway.errors import InvalidInputError

_VISITS = [
    ("visit", "VISIT"),
    ("state", "STATE"),
    ("visitor_name", "NAME"),
    ("visitor_org", "UNIT"),
    ("reason_kind", "REASON"),
    ("device", "DEVICE"),
    ("escort", "ESCORT"),
    ("approver", "APPROVED BY"),
    ("enter_at", "IN"),
    ("leave_at", "OUT"),
]


def _one(visit: dict[str, Any]) -> None:
    click.echo(f"{visit['visit']} {visit['visitor_name']} ({visit['visitor_org']}): {visit['state']}.")
    for item in visit["items"]:
        click.echo(f"  {item['quantity']} × {item['kind']}" + (f", compartment {item['slot']}" if item["slot"] else ""))


@click.group()
def visitor() -> None:
    """Visitors 来访."""


@visitor.command("list")
@click.option("--inside", is_flag=True, help="Only who is in the room now.")
@json_option
@click.pass_obj
def list_visitors(caller: Caller, inside: bool, as_json: bool) -> None:
    """Visits, newest first."""
    rows = caller.items("/visitors", inside="true" if inside else "")
    show(rows, as_json=as_json, text=lambda found: table(found, _VISITS, "No visit."))


@visitor.command("register")
@click.argument("name")
@click.option("--org", required=True, help="The visitor's unit.")
@click.option("--title", default="")
@click.option("--id-kind", type=click.Choice([kind.value for kind in IdKind]), default=IdKind.IDENTITY_CARD.value)
@click.option("--id-no", default="", help="Number of the document; asked for when it is not given, since others see arguments.")
@click.option("--phone", default="")
@click.option("--reason-kind", type=click.Choice([kind.value for kind in VisitReason]), required=True)
@click.option("--reason", default="", help="In words; needed for `other`.")
@click.option("--device", default="", help="The device of a repair.")
@click.option("--escort", required=True, help="The account of who goes with the visitor.")
@click.option("--note", default="")
@json_option
@click.pass_obj
def register(caller: Caller, /, as_json: bool, **wish: str) -> None:
    """Write a visit down before it."""
    wish["id_no"] = wish["id_no"] or click.prompt("Number of the identity document", err=True)
    show(caller.call("POST", "/visitors", wish), as_json=as_json, text=_one)


@visitor.command("enter")
@click.argument("visit")
@click.option("--item", "items", multiple=True, help="KIND[:NUMBER[:COMPARTMENT]], such as phone:1:3; may be given again.")
@click.option("--nothing", is_flag=True, help="The visitor carries no such thing.")
@json_option
@click.pass_obj
def enter(caller: Caller, visit: str, items: tuple[str, ...], nothing: bool, as_json: bool) -> None:
    """Let an approved visitor in; phone and camera stay with the room."""
    body = {"items": [_item(text) for text in items], "nothing": nothing}
    show(caller.call("POST", f"/visitors/{visit}/enter", body), as_json=as_json, text=_one)


def _item(text: str) -> dict[str, Any]:
    kind, _, rest = text.partition(":")
    number, _, slot = rest.partition(":")
    if number and not number.isdecimal():
        raise InvalidInputError(f"'{number[:10]}' is not a number of things.", "Write phone:1:3.")
    return {"kind": kind, "quantity": int(number or 1), "slot": slot}


def _on_visit(name: str, help_text: str, *, confirm: bool = False) -> None:
    @visitor.command(name, help=help_text)
    @click.argument("visit")
    @json_option
    @click.pass_obj
    def act(caller: Caller, visit: str, as_json: bool) -> None:
        show(caller.call("POST", f"/visitors/{visit}/{name}", {}, confirm=confirm), as_json=as_json, text=_one)


_on_visit("approve", "Approve a visit.", confirm=True)
_on_visit("return-items", "Give back what the visitor left.")
_on_visit("leave", "Let a visitor out; his things go back first.")

COMMANDS = (visitor,)
