"""`imprimatur policy|delegation …`"""

from __future__ import annotations

import json
import tomllib
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from gateway.cli.client import Caller
from gateway.cli.output import json_option, show, table
from gateway.domain.duties import APPROVERS
from gateway.domain.policy import PROFILES
from gateway.errors import InvalidInputError


@click.group()
def policy() -> None:
    """The policy 策略: who approves what, and who releases."""


_VERSIONS = [
    ("version", "VERSION"),
    ("state", "STATE"),
    ("profile", "PROFILE"),
    ("proposed_by", "PROPOSED BY"),
    ("proposed_at", "AT"),
    ("decided_by", "DECIDED BY"),
    ("decided_at", "AT"),
    ("comment", "COMMENT"),
]


def _version(result: dict[str, Any]) -> None:
    click.echo(f"Version {result['version']}, {result['state']}: profile {result['policy']['profile']}, digest {result['digest'][:16]}")
    for change in result["changes"]:
        click.echo(f"  {change['place']}: {change['before'] or '(nothing)'}  ⇒  {change['after'] or '(nothing)'}")


def _whole(result: dict[str, Any]) -> None:
    _version({**result, "changes": []})
    for line in _lines(result["policy"]):
        click.echo(f"  {line}")


def _lines(value: Any, place: str = "") -> list[str]:
    if isinstance(value, dict):
        return [line for key, inner in sorted(value.items()) for line in _lines(inner, f"{place}.{key}" if place else key)]
    return [f"{place} = {', '.join(value) if isinstance(value, list) else value}"]


@policy.command("show")
@click.argument("version", required=False)
@json_option
@click.pass_obj
def policy_show(caller: Caller, version: str | None, as_json: bool) -> None:
    """The policy in force, line by line, or what another VERSION changes."""
    path, text = (f"/policy/versions/{version}", _version) if version else ("/policy", _whole)
    show(caller.call("GET", path), as_json=as_json, text=text)


@policy.command("history")
@json_option
@click.pass_obj
def policy_history(caller: Caller, as_json: bool) -> None:
    """All versions, newest first."""
    rows = [{**row, "profile": row["policy"]["profile"]} for row in caller.items("/policy/versions")]
    show(rows, as_json=as_json, text=lambda found: table(found, _VERSIONS, "No version yet."))


@policy.command("propose")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False), required=False)
@click.option("--profile", "name", type=click.Choice(PROFILES), help="A profile that comes with the gateway, instead of a FILE.")
@click.option("--comment", default="")
@json_option
@click.pass_obj
def policy_propose(caller: Caller, file: Path | None, name: str | None, comment: str, as_json: bool) -> None:
    """Propose the policy in FILE (TOML or JSON, such as `policy show --json` prints under "policy"). Another person approves it."""
    if (file is None) == (name is None):
        raise click.UsageError("Name a FILE or a --profile.")
    from gateway.services.policies import profile

    content = _read(file) if file else json.loads(profile(str(name)).document())
    show(caller.call("POST", "/policy/versions", {"policy": content, "comment": comment}), as_json=as_json, text=_version)


def _read(file: Path) -> Any:
    try:
        text = file.read_text()
        return json.loads(text) if text.lstrip().startswith("{") else tomllib.loads(text)
    except (ValueError, OSError) as error:  # both readers raise kinds of ValueError
        raise InvalidInputError(f"{file.name} cannot be read: {str(error).splitlines()[0]}.", "It is TOML or JSON in UTF-8.") from error


@policy.command("approve")
@click.argument("version")
@json_option
@click.pass_obj
def policy_approve(caller: Caller, version: str, as_json: bool) -> None:
    """Put a proposed version in force."""
    show(caller.call("POST", f"/policy/versions/{version}/approve", {}, confirm=True), as_json=as_json, text=_version)


@policy.command("refuse")
@click.argument("version")
@click.option("--reason", required=True)
@json_option
@click.pass_obj
def policy_refuse(caller: Caller, version: str, reason: str, as_json: bool) -> None:
    """Say no to a proposed version."""
    show(caller.call("POST", f"/policy/versions/{version}/refuse", {"comment": reason}, confirm=True), as_json=as_json, text=_version)


@click.group()
def delegation() -> None:
    """Delegations 委托 of an approver's role."""


_DELEGATIONS = [
    ("doc_no", "NUMBER"),
    ("role", "ROLE"),
    ("holder", "FROM"),
    ("delegate", "TO"),
    ("first_day", "FIRST DAY"),
    ("last_day", "LAST DAY"),
    ("in_force", "IN FORCE"),
    ("revoked", "REVOKED"),
]


def _delegation(result: dict[str, Any]) -> None:
    state = "revoked" if result["revoked"] else "in force" if result["in_force"] else "not in force today"
    days = f"{result['first_day']} … {result['last_day']}"
    click.echo(f"{result['doc_no']}: {result['delegate']} for {result['holder']} as {result['role']}, {days}, {state}.")


@delegation.command("add")
@click.argument("doc_no")
@click.option("--role", required=True, type=click.Choice(sorted(role.value for role in APPROVERS)))
@click.option("--to", "delegate", required=True, help="Account of who acts instead.")
@click.option("--from", "first_day", required=True, type=click.DateTime(["%Y-%m-%d"]), help="First day, YYYY-MM-DD.")
@click.option("--until", "last_day", required=True, type=click.DateTime(["%Y-%m-%d"]), help="Last day, at most 30 days later.")
@json_option
@click.pass_obj
def delegation_add(caller: Caller, doc_no: str, role: str, delegate: str, first_day: datetime, last_day: datetime, as_json: bool) -> None:
    """Delegate a role you hold, under the document number DOC_NO."""
    days = {"first_day": f"{first_day:%Y-%m-%d}", "last_day": f"{last_day:%Y-%m-%d}"}
    body = {"doc_no": doc_no, "role": role, "delegate": delegate, **days}
    show(caller.call("POST", "/delegations", body, confirm=True), as_json=as_json, text=_delegation)


@delegation.command("revoke")
@click.argument("doc_no")
@json_option
@click.pass_obj
def delegation_revoke(caller: Caller, doc_no: str, as_json: bool) -> None:
    """Take a delegation back; what was approved under it and is not released must be approved again."""
    show(caller.call("POST", "/delegations/revoke", {"doc_no": doc_no}), as_json=as_json, text=_delegation)


@delegation.command("list")
@json_option
@click.pass_obj
def delegation_list(caller: Caller, as_json: bool) -> None:
    """All delegations, newest first."""
    show(caller.items("/delegations"), as_json=as_json, text=lambda found: table(found, _DELEGATIONS, "No delegation."))


COMMANDS = (policy, delegation)
