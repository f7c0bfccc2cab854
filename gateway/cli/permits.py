"""`imprimatur permit …`"""

from __future__ import annotations

import hashlib
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from gateway.cli.client import Caller
from gateway.cli.output import json_option, show, table
from gateway.cli.slips import permit_slip
from gateway.domain.vocabulary import AllowanceUnit, DocType, Origin, PermitKind, PermitState
from gateway.errors import InvalidInputError

_COLUMNS = [
    ("permit", "PERMIT"),
    ("state", "STATE"),
    ("mark", "MARK"),
    ("department", "DEPT"),
    ("requester", "REQUESTER"),
    ("pages", "PAGES"),
    ("copies_approved", "COPIES"),
    ("copies_good", "GOOD"),
    ("copies_left", "LEFT"),
    ("next_role", "WAITS FOR"),
]


@click.group()
def permit() -> None:
    """Print permits 准印证."""


def _line(result: dict[str, Any]) -> None:
    waits = f"; waits for {result['next_role']}" if result["next_role"] else ""
    if result["monthly"]:
        used = "".join(f"; {month}: {count} used" for month, count in list(result["months"].items())[:1])
        allowed = f"{result['monthly']['amount']} {result['monthly']['unit']} a month"
        click.echo(f"{result['permit']} {result['state']}: standing, {result['mark'] or '公开'}, {allowed}{used}{waits}")
        return
    click.echo(
        f"{result['permit']} {result['state']}: {result['mark'] or '公开'}, {result['pages']} pages, "
        f"{result['copies_approved']} copies, {result['copies_left']} left{waits}"
    )


def _scope(lines: tuple[str, ...]) -> dict[str, int]:
    scope: dict[str, int] = {}
    for line in lines:
        code, _, copies = line.partition("=")
        if not copies.isdigit():
            raise InvalidInputError(f"'{line[:40]}' is not a scope line.", "Write DEPARTMENT=COPIES, such as D01=3.")
        scope[code] = scope.get(code, 0) + int(copies)
    return scope


def _recipient(line: str) -> dict[str, Any]:
    unit, _, rest = line.partition("=")
    copies, _, person = rest.partition(",")
    if not copies.isdigit():
        raise InvalidInputError(f"'{line[:40]}' is no recipient.", "Write UNIT=COPIES or UNIT=COPIES,PERSON.")
    return {"unit": unit, "copies": int(copies), "person": person}


def _fields(text: str, *names: str) -> dict[str, str]:
    values = [value.strip() for value in text.split(",")]
    if len(values) != len(names):
        raise InvalidInputError(f"'{text[:40]}' does not have {len(names)} parts.", f"Write {','.join(names)}.")
    return dict(zip(names, values, strict=True))


def _consent(letter: str | None, scan: Path | None) -> dict[str, str] | None:
    """The letter as it was named, with the digest of its scan; the scan itself stays where it is."""
    if letter is None:
        return None
    fields = _fields(letter, "doc_no", "date", "person")
    if scan is not None:
        try:
            fields["sha256"] = hashlib.sha256(scan.read_bytes()).hexdigest()
        except OSError as error:
            raise InvalidInputError(f"The scan cannot be read ({error.strerror}).", "Name the file of the scanned letter.") from error
    return fields


def _moment(caller: Caller, text: str | None) -> str | None:
    """A time as given, with the configured zone where it has none."""
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise InvalidInputError(f"'{text[:40]}' is not a time.", "Write it like 2026-03-17T18:00.") from error
    return (moment if moment.tzinfo else moment.replace(tzinfo=caller.settings.zone)).isoformat()


@permit.command("request")
@click.option("--job", help="Ask from this held job: pages, copies, title and page hash are the job's.")
@click.option("--kind", type=click.Choice([kind.value for kind in PermitKind]), default="print")
@click.option("--title")
@click.option("--level", required=True, help="gongkai|neibu|mimi|jimi|juemi or 公开|内部|秘密|机密|绝密.")
@click.option("--term", default="", help="Secrecy term 保密期限, such as 5年.")
@click.option("--pages", type=int)
@click.option("--copies", type=int)
@click.option(
    "--scope",
    "scope_lines",
    multiple=True,
    metavar="DEPT=N",
    help="Distribution scope 发行范围; several times. Default: all to the own department.",
)
@click.option("--archive", "archive_copies", type=int, default=0, help="Copies for the archive; scope + archive = copies.")
@click.option("--purpose", default="")
@click.option("--doc-no", default="", help="Document number 文号.")
@click.option("--doc-type", type=click.Choice([one.value for one in DocType]), default="ordinary", help="文种.")
@click.option("--device", "devices", multiple=True, help="Only on these devices. Default: those fit for the level.")
@click.option("--origin", type=click.Choice([one.value for one in Origin]), default="own", help="来源: own, superior, external.")
@click.option("--issuer", default="", help="发文单位, unless the paper is the unit's own.")
@click.option("--consent", metavar="NO,DATE,PERSON", help="The issuer's consent: number of its letter, date, who signed.")
@click.option(
    "--consent-scan",
    type=click.Path(dir_okay=False, path_type=Path),
    help="The scanned letter of consent: its SHA-256 is told, nothing else; a JM-EX permit needs it.",
)
@click.option("--no-copy-notice", is_flag=True, help="The paper itself forbids copying.")
@click.option("--classifier", default="", help="定密责任人.")
@click.option("--outside", "outside", multiple=True, metavar="UNIT=N[,PERSON]", help="A unit outside that gets copies; who signs there.")
@click.option("--knower", "knowers", multiple=True, help="Account of a person who may know 知悉人员; from 机密 up. Default: yourself.")
@click.option("--vendor", metavar="NAME,LICENCE,LEVEL", help="An outside printer with its licence 印制资质.")
@click.option("--original", default="", help="Of a copy: the permit its original was made under.")
@click.option("--monthly", type=int, help="Of --kind standing: its allowance in each calendar month.")
@click.option("--monthly-unit", type=click.Choice([one.value for one in AllowanceUnit]), default="sheets", help="What --monthly counts.")
@click.option("--valid-from", help="ISO time, local unless it has a zone; default now.")
@click.option("--valid-to", help="ISO time; default 7 days after, of jm_ex 24 hours.")
@json_option
@click.pass_obj
def request(
    caller: Caller,
    /,
    as_json: bool,
    scope_lines: tuple[str, ...],
    devices: tuple[str, ...],
    knowers: tuple[str, ...],
    outside: tuple[str, ...],
    consent: str | None,
    consent_scan: Path | None,
    vendor: str | None,
    monthly: int | None,
    monthly_unit: str,
    valid_from: str | None,
    valid_to: str | None,
    **given: Any,
) -> None:
    """Ask for a permit, in advance or from a held job; --kind standing: a department's monthly allowance; jm_ex: to copy 绝密 once."""
    body = {key: value for key, value in given.items() if value is not None}
    body |= {
        "scope": _scope(scope_lines),
        "devices": list(devices),
        "knowers": list(knowers),
        "recipients": [_recipient(line) for line in outside],
        "consent": _consent(consent, consent_scan),
        "vendor": _fields(vendor, "name", "licence_no", "level") if vendor else None,
        "monthly": {"amount": monthly, "unit": monthly_unit} if monthly is not None else None,
        "valid_from": _moment(caller, valid_from),
        "valid_to": _moment(caller, valid_to),
    }
    show(caller.call("POST", "/permits", body), as_json=as_json, text=_line)


def _decision(name: str, help_text: str, *, confirm: bool, reason_needed: bool) -> click.Command:
    @click.command(name, help=help_text)
    @click.argument("permit_no")
    @click.option("--comment", "--reason", "comment", default="", required=reason_needed)
    @json_option
    @click.pass_obj
    def act(caller: Caller, permit_no: str, comment: str, as_json: bool) -> None:
        show(caller.call("POST", f"/permits/{permit_no}/{name}", {"comment": comment}, confirm=confirm), as_json=as_json, text=_line)

    return act


permit.add_command(_decision("approve", "Fill the next step of the approval chain.", confirm=True, reason_needed=False))
permit.add_command(_decision("refuse", "Say no, with a reason.", confirm=True, reason_needed=True))
permit.add_command(_decision("revoke", "Take a permit back, with a reason.", confirm=False, reason_needed=True))


def _under(step: dict[str, Any]) -> str:
    return f"(delegated by {step['delegation']}) " if step["delegation"] else ""


@permit.command("show")
@click.argument("permit_no")
@json_option
@click.pass_obj
def show_permit(caller: Caller, permit_no: str, as_json: bool) -> None:
    """One permit with its approval chain."""

    def text(result: dict[str, Any]) -> None:
        _line(result)
        for step in result["approvals"]:
            done = f"{step['decision'] or 'open'} {step['person']} {_under(step)}{step['at'] or ''} {step['comment']}"
            click.echo(f"  {step['role']}: {done}".rstrip())

    show(caller.call("GET", f"/permits/{permit_no}"), as_json=as_json, text=text)


@permit.command("list")
@click.option("--mine", is_flag=True, help="Only those I asked for.")
@click.option("--waiting", is_flag=True, help="Only those that wait for my approval.")
@click.option("--standing", is_flag=True, help="Only standing permits 常年.")
@click.option("--state", type=click.Choice([state.value for state in PermitState]), default=None, help="Only in this state.")
@click.option("--department", default="", help="Only of this department.")
@click.option("--month", default="", help="Only asked for in this month, YYYY-MM.")
@click.option("--limit", "most", type=click.IntRange(1), default=100, show_default=True, help="Most permits to list.")
@json_option
@click.pass_obj
def list_permits(
    caller: Caller, /, mine: bool, waiting: bool, standing: bool, state: str | None, most: int, as_json: bool, **only: str
) -> None:
    """Permits, newest first."""
    flags = {name: "1" for name, given in (("mine", mine), ("waiting", waiting), ("standing", standing)) if given}
    rows = caller.items("/permits", most=most, state=state or "", **flags, **only)
    show(rows, as_json=as_json, text=lambda found: table(found, _COLUMNS, "No permit."))


@permit.command("extend")
@click.argument("permit_no")
@click.option("--valid-to", required=True, help="The new end, ISO time; the whole chain approves again.")
@json_option
@click.pass_obj
def extend(caller: Caller, permit_no: str, valid_to: str, as_json: bool) -> None:
    """Ask for a later end of validity."""
    show(caller.call("POST", f"/permits/{permit_no}/extend", {"valid_to": _moment(caller, valid_to)}), as_json=as_json, text=_line)


@permit.command("close")
@click.argument("permit_no")
@json_option
@click.pass_obj
def close(caller: Caller, permit_no: str, as_json: bool) -> None:
    """Close a permit that is over, when its proofs and spoiled sheets are destroyed."""
    show(caller.call("POST", f"/permits/{permit_no}/close"), as_json=as_json, text=_line)


@permit.command("consent")
@click.argument("permit_no")
@click.argument("doc_no")
@click.argument("date")
@click.argument("person")
@json_option
@click.pass_obj
def add_consent(caller: Caller, /, permit_no: str, as_json: bool, **letter: str) -> None:
    """Enter the issuer's letter of consent 发文单位同意 (R13): its number, its DATE (YYYY-MM-DD), who signed it."""
    show(caller.call("POST", f"/permits/{permit_no}/consent", letter), as_json=as_json, text=_line)


permit.add_command(permit_slip)

COMMANDS = (permit,)
