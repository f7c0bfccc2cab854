"""`imprimatur user reset|confirm-reset|refuse-reset|resets`: two administrators, neither of whom can log in as the person (I10)."""

from __future__ import annotations

from typing import Any

import click

from gateway.cli.client import Caller
from gateway.cli.output import json_option, show, table
from gateway.cli.people import user

_HALVES = {"propose": "first", "confirm": "second"}


def _told(result: dict[str, Any], act: str) -> None:
    click.echo(f"Reset {result['id']} of {result['username']}'s {result['what'].replace('_', ' ')}: {result['state']}.")
    if result["state"] == "proposed":
        click.echo(f"The {result['confirming_role']} confirms it within a day: imprimatur user confirm-reset {result['id']}")
    if result["half"]:
        click.echo(f"The {_HALVES[act]} half of the one-time password, told only now: {result['half']}")
        click.echo("Give it to the person, who types both halves with a dash between: FIRST-SECOND.")


@user.command("reset")
@click.argument("username")
@click.option("--what", type=click.Choice(["password", "second_factor"]), default="password", show_default=True, help="What is reset.")
@click.option("--reason", required=True, help="Why, in a few words.")
@json_option
@click.pass_obj
def propose(caller: Caller, username: str, what: str, reason: str, as_json: bool) -> None:
    """Propose to reset somebody's password (also the first one) or second factor."""
    result = caller.call("POST", f"/users/{username}/reset", {"what": what, "reason": reason}, confirm=True)
    show(result, as_json=as_json, text=lambda r: _told(r, "propose"))


@user.command("confirm-reset")
@click.argument("number", type=int)
@json_option
@click.pass_obj
def confirm(caller: Caller, number: int, as_json: bool) -> None:
    """Carry a proposed reset out; the proposer and the person may not."""
    show(caller.call("POST", f"/resets/{number}/confirm", {}, confirm=True), as_json=as_json, text=lambda r: _told(r, "confirm"))


@user.command("refuse-reset")
@click.argument("number", type=int)
@json_option
@click.pass_obj
def refuse(caller: Caller, number: int, as_json: bool) -> None:
    """Decide against a proposed reset."""
    show(caller.call("POST", f"/resets/{number}/refuse", {}, confirm=True), as_json=as_json, text=lambda r: _told(r, "refuse"))


@user.command("resets")
@json_option
@click.pass_obj
def resets(caller: Caller, as_json: bool) -> None:
    """Proposed and decided resets, newest first."""
    columns = [
        ("id", "NO"),
        ("username", "ACCOUNT"),
        ("what", "WHAT"),
        ("state", "STATE"),
        ("reason", "REASON"),
        ("proposed_by", "PROPOSED BY"),
        ("decided_by", "DECIDED BY"),
    ]
    show(caller.items("/resets"), as_json=as_json, text=lambda rows: table(rows, columns, "No reset was proposed."))


COMMANDS = (user,)
