"""`imprimatur carrier waste|destroy …` and `imprimatur job reprint`: from a spoiled sheet to the shredder."""

from __future__ import annotations

from typing import Any

import click

from gateway.cli.client import Caller
from gateway.cli.output import json_option, show, table
from gateway.domain.vocabulary import ENTERED_REASONS, DestructionMethod

_WASTE = [
    ("waste", "NO."), ("job", "JOB"), ("permit", "PERMIT"), ("copy_number", "COPY"), ("sheets", "SHEETS"), ("reason", "REASON"),
    ("recorded_by", "KEPT BY"), ("recorded_at", "SINCE"), ("due_at", "DUE"), ("overdue", "OVERDUE"), ("list", "LIST"),
]  # fmt: skip
_LISTS = [
    ("list", "NO."), ("state", "STATE"), ("made_by", "MADE BY"), ("approver", "APPROVED BY"), ("total_sheets", "SHEETS"),
    ("witnesses", "WITNESSES"), ("destroyed_by", "DESTROYED BY"), ("destroyed_at", "DESTROYED"),
]  # fmt: skip
_LINES = [("line", "LINE"), ("item", "ITEM"), ("permit", "PERMIT"), ("copy_number", "COPY"), ("mark", "MARK"), ("sheets", "SHEETS")]


@click.command("waste")
@click.option("--all", "everything", is_flag=True, help="Also what is destroyed.")
@json_option
@click.pass_obj
def waste(caller: Caller, everything: bool, as_json: bool) -> None:
    """Spoiled sheets that wait to be destroyed."""
    found = caller.items("/waste", everything="1" if everything else "")
    show(found, as_json=as_json, text=lambda rows: table(rows, _WASTE, "No waste is open."))


@click.group()
def destroy() -> None:
    """Destruction lists 销毁清单: item by item, approved, before two witnesses."""


def _one(found: dict[str, Any]) -> None:
    table([found], _LISTS, "")
    table(found["lines"], _LINES, "")


@destroy.command("list")
@click.option("--waiting", is_flag=True, help="Only those that are not done.")
@json_option
@click.pass_obj
def list_lists(caller: Caller, waiting: bool, as_json: bool) -> None:
    """Lists, newest first."""
    found = caller.items("/destruction-lists", waiting="1" if waiting else "")
    show(found, as_json=as_json, text=lambda rows: table(rows, _LISTS, "No list."))


@destroy.command("draft")
@click.argument("items", nargs=-1)
@click.option("--reason", default="")
@json_option
@click.pass_obj
def draft(caller: Caller, items: tuple[str, ...], reason: str, as_json: bool) -> None:
    """Make a list of carriers (ZT-…) and waste rows (W-…), each named (clerks)."""
    show(caller.call("POST", "/destruction-lists", {"items": list(items), "reason": reason}), as_json=as_json, text=_one)


@destroy.command("show")
@click.argument("number")
@json_option
@click.pass_obj
def show_list(caller: Caller, number: str, as_json: bool) -> None:
    """One list, line by line."""
    show(caller.call("GET", f"/destruction-lists/{number}"), as_json=as_json, text=_one)


def _on_list(name: str, help_text: str) -> None:
    @destroy.command(name, help=help_text)
    @click.argument("number")
    @json_option
    @click.pass_obj
    def act(caller: Caller, number: str, as_json: bool) -> None:
        show(caller.call("POST", f"/destruction-lists/{number}/{name}", {}, confirm=True), as_json=as_json, text=_one)


_on_list("approve", "Approve a list (leaders; never who made it).")
_on_list("refuse", "Say no, or take my own list back.")
_on_list("witness", "Confirm that I watch the destruction, now.")


@destroy.command("do")
@click.argument("number")
@click.option("--place", required=True)
@click.option("--method", type=click.Choice([method.value for method in DestructionMethod]), default="shred")
@click.option("--unit", default="", help="The shredder, or the unit the paper is sent to.")
@click.option("--receipt", "receipt_no", default="", help="That unit's receipt.")
@json_option
@click.pass_obj
def do(caller: Caller, number: str, place: str, method: str, unit: str, receipt_no: str, as_json: bool) -> None:
    """Destroy every item of an approved list, before two witnesses (clerks)."""
    body = {"place": place, "method": method, "unit": unit, "receipt_no": receipt_no}
    show(caller.call("POST", f"/destruction-lists/{number}/destroy", body, confirm=True), as_json=as_json, text=_one)


@click.command("reprint")
@click.argument("job_no")
@click.argument("copy_number", type=int)
@click.option("--sheets", type=int, required=True, help="All sheets of the spoiled copy.")
@click.option("--withdrawn-from", required=True, metavar="NAME", help="Who gave the spoiled copy back; it lies before me.")
@click.option("--reason", type=click.Choice([reason.value for reason in ENTERED_REASONS]), default="soiled")
@click.option("--kept-in", default="", help="Where the waste is kept.")
@click.option("--void", is_flag=True, help="Do not print it again: its number is void.")
@json_option
@click.pass_obj
def reprint(
    caller: Caller, job_no: str, copy_number: int, sheets: int, withdrawn_from: str, reason: str, kept_in: str, void: bool, as_json: bool
) -> None:
    """Withdraw a spoiled copy of a completed job; then the document is printed to the queue again, under the same permit (operators)."""
    body = {
        "copy_number": copy_number,
        "sheets": sheets,
        "reason": reason,
        "withdrawn": True,
        "withdrawn_from": withdrawn_from,
        "kept_in": kept_in,
        "again": not void,
    }
    done = caller.call("POST", f"/jobs/{job_no}/reprint", body, confirm=True)
    then = "is void" if void else f"is printed again by a new job under {done['permit']}"
    show(done, as_json=as_json, text=lambda _: click.echo(f"Copy {copy_number:06d} is waste; its number {then}."))


GROUPS = (waste, destroy)
"""What `imprimatur carrier` has of this."""
