"""`imprimatur register|ledger …`"""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from gateway.cli.client import Caller
from gateway.cli.output import json_option, show, table
from gateway.cli.slips import checkpoint_slip
from gateway.domain.register_form import CORRECTIONS
from gateway.domain.register_forms import FORMS
from gateway.errors import ConfigurationError

_REGISTER = [
    ("seq", "NO."),
    ("job", "JOB"),
    ("permit_no", "PERMIT"),
    ("mark", "MARK"),
    ("pages", "PAGES"),
    ("copies_good", "GOOD"),
    ("copy_from", "FROM"),
    ("copy_to", "TO"),
    ("sheets_good", "SHEETS"),
    ("sheets_waste", "WASTE"),
    ("department", "DEPT"),
    ("requester", "REQUESTER"),
    ("operator", "OPERATOR"),
    ("status", "STATUS"),
    ("codes", "CODES"),
]


@click.group()
def register() -> None:
    """Registers 登记簿."""


@register.command("export")
@click.argument("name", type=click.Choice(list(FORMS)))
@click.option("--month", default="", help="YYYY-MM; default the present month.")
@click.option("--format", "file_format", type=click.Choice(["csv", "xlsx", "pdf", "jsonl"]), default="csv")
@click.option("--output", type=click.Path(dir_okay=False, path_type=Path), help="File to write; default standard output.")
@click.option("--lang", type=click.Choice(["zh_CN", "en"]), default=None, help="Language of headings and words.")
@click.pass_obj
def export(caller: Caller, name: str, month: str, file_format: str, output: Path | None, lang: str | None) -> None:
    """A month of a register as a file; pdf is the paper form."""
    content = _export(caller, name, month, file_format, lang)
    if output:
        output.write_bytes(content)
        click.echo(f"{output} written.", err=True)
    else:
        sys.stdout.buffer.write(content)


def _export(caller: Caller, name: str, month: str, file_format: str, lang: str | None = None) -> bytes:
    return caller.raw("GET", f"/registers/{name}/export", month=month, format=file_format, lang=lang or caller.settings.locale)


@register.command("show")
@click.argument("name", type=click.Choice(list(FORMS)))
@click.option("--month", default="", help="YYYY-MM; default the present month.")
@json_option
@click.pass_obj
def show_register(caller: Caller, name: str, month: str, as_json: bool) -> None:
    """A month of a register on the screen."""
    rows = [json.loads(line) for line in _export(caller, name, month, "jsonl").splitlines()]
    columns = _REGISTER if name == "print" else [(column.key, column.en.upper()) for column in FORMS[name].columns if column.on_paper]

    def text(found: list[dict[str, Any]]) -> None:
        table(found, columns, "Nothing was registered in this month.")
        for row in found:
            for one in row.get(CORRECTIONS.key) or []:
                waits = "; waits for the secrecy office" if one["waits"] else ""
                where = f"{FORMS[name].row_no(row)}, {one['field']}"
                click.echo(f"  [{one['number']}] {where}: '{one['old']}' → '{one['new']}' ({one['reason']}, {one['by']}){waits}")

    show(rows, as_json=as_json, text=text)


_CORRECTIONS = [
    ("number", "NO."),
    ("register_name", "REGISTER"),
    ("row", "ROW"),
    ("field", "COLUMN"),
    ("old", "SAYS"),
    ("new", "RIGHT"),
    ("reason", "REASON"),
    ("made_by", "BY"),
    ("waits", "WAITS"),
]


@register.command("correct")
@click.argument("name", type=click.Choice([name for name, form in FORMS.items() if form.key]))
@click.argument("row")
@click.option("--field", required=True, help="The column's key, as in jsonl.")
@click.option("--value", default=None, help="What is right; asked for when it is not given, since others see arguments.")
@click.option("--reason", required=True)
@click.option("--month", default="", help="YYYY-MM the row stands in; default the present month.")
@json_option
@click.pass_obj
def correct(caller: Caller, /, name: str, as_json: bool, **wish: str | None) -> None:
    """Say that a cell of ROW is wrong and what is right; the row itself stays as it is."""
    wish["value"] = wish["value"] if wish["value"] is not None else click.prompt("What is right", default="", show_default=False, err=True)
    show(caller.call("POST", f"/registers/{name}/correct", dict(wish)), as_json=as_json, text=_correction)


def _correction(one: dict[str, Any]) -> None:
    waits = "; waits for the secrecy office" if one["waits"] else ""
    click.echo(f"Correction {one['number']} of {one['row']}, {one['field']}: '{one['old']}' → '{one['new']}'{waits}.")


@register.command("corrections")
@click.option("--waiting", is_flag=True, help="Only those the secrecy office has to see.")
@json_option
@click.pass_obj
def list_corrections(caller: Caller, waiting: bool, as_json: bool) -> None:
    """What was corrected, newest first."""
    rows = caller.items("/registers/corrections", waiting="true" if waiting else "")
    show(rows, as_json=as_json, text=lambda found: table(found, _CORRECTIONS, "No correction."))


@register.command("acknowledge")
@click.argument("number")
@json_option
@click.pass_obj
def acknowledge(caller: Caller, number: str, as_json: bool) -> None:
    """Say for the secrecy office that correction NUMBER is right."""
    show(caller.call("POST", f"/registers/corrections/{number}/acknowledge", {}, confirm=True), as_json=as_json, text=_correction)


@click.group()
def ledger() -> None:
    """The audit ledger 审计账本."""


@ledger.command("verify")
@click.option(
    "--database",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A copy of the SQLite database, instead of the one in use.",
)
@json_option
@click.pass_obj
@click.pass_context
def verify_ledger(ctx: click.Context, caller: Caller, database: Path | None, as_json: bool) -> None:
    """Check chain, head, checkpoints and registers; names the first bad entry. Exit 1 when something was found."""
    from gateway.db.engine import Database
    from gateway.ledger.verify import verify
    from gateway.services.installation import LEDGER_KEY

    settings = caller.settings
    key_file = (settings.keys / LEDGER_KEY).with_suffix(".pub")
    try:
        public_key = bytes.fromhex(key_file.read_text().strip())
    except (OSError, ValueError) as error:
        raise ConfigurationError(f"The public key {key_file.name} cannot be read.", "Restore it from the inspector's copy.") from error
    opened = Database(f"sqlite:///{database}" if database else settings.url)
    try:
        verdict = verify(opened, public_key, settings.checkpoint_file)
    finally:
        opened.close()
    show(verdict.to_json(), as_json=as_json, text=_verdict_text)
    ctx.exit(0 if verdict.ok else 1)


def _verdict_text(verdict: dict[str, Any]) -> None:
    if verdict["verdict"] == "ok":
        click.echo(
            f"OK: {verdict['entries']} entries, chain and registers whole; "
            f"signed up to entry {verdict['checkpoint_seq']}. Head {verdict['head']}"
        )
        return
    click.echo(f"BAD: the first bad entry is {verdict['first_bad']}.")
    for finding in verdict["findings"]:
        click.echo(f"  entry {finding['seq']}: {finding['what']}")


@ledger.command("checkpoint")
@json_option
@click.pass_obj
def checkpoint(caller: Caller, as_json: bool) -> None:
    """Sign the ledger's head now. For the account that holds the signing key."""
    from gateway.db.engine import Database
    from gateway.ledger.checkpoints import write_checkpoint
    from gateway.wiring import clock_of, signer_of

    settings = caller.settings
    database = Database(settings.url)
    try:
        signed = write_checkpoint(database, signer_of(settings), settings.checkpoint_file, clock_of(settings).now())
    finally:
        database.close()
    result = {"seq": signed.seq, "hash": signed.hash, "at": signed.at, "key_id": signed.key_id} if signed else {"seq": None}
    show(
        result,
        as_json=as_json,
        text=lambda r: click.echo(
            f"Checkpoint at entry {r['seq']}: {r['hash']}" if r["seq"] else "Nothing was appended since the last checkpoint."
        ),
    )


@ledger.command("bundle")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--month", default="", help="YYYY-MM; default the present month, up to now.")
@click.option("--titles", is_flag=True, help="Disclose what jobs and permits were called.")
@json_option
@click.pass_obj
def bundle(caller: Caller, file: Path, month: str, titles: bool, as_json: bool) -> None:
    """A month's evidence as one file, for verify_bundle.py. For the account that holds the signing key."""
    from gateway.ledger.checkpoints import write_checkpoint
    from gateway.services.closing import close_past_months
    from gateway.services.evidence import write_bundle
    from gateway.wiring import open_gate, signer_of

    gate, signer = open_gate(caller.settings), signer_of(caller.settings)
    try:
        close_past_months(gate)
        write_checkpoint(gate.database, signer, caller.settings.checkpoint_file, gate.clock.now())
        with file.open("wb") as out:
            written = write_bundle(gate, month, out, titles=titles)
    finally:
        gate.close()
    show(
        asdict(written),
        as_json=as_json,
        text=lambda r: click.echo(
            f"{file}: {r['month']}, entries {r['first_seq']} to {r['last_seq']}{'' if r['closed'] else ', not closed yet'}.\n"
            f"Verify it elsewhere: python3 verify_bundle.py {file.name} --trusted-key ledger.pub --checkpoint KEPT.jsonl"
        ),
    )


@ledger.command("self-check")
@click.option("--month", default="", help="YYYY-MM the check is told under; default the month before this one.")
@json_option
@click.pass_obj
@click.pass_context
def self_check(ctx: click.Context, caller: Caller, month: str, as_json: bool) -> None:
    """Look through the books: chain, identities, what is overdue. The result stands in the ledger. Exit 1 when the books disagree."""
    from gateway.services.months import month_before
    from gateway.services.self_check import check_month
    from gateway.wiring import open_gate

    gate = open_gate(caller.settings)
    try:
        found = check_month(gate, month or month_before(gate, gate.today().strftime("%Y-%m")).label)
    finally:
        gate.close()
    overdue = ", ".join(f"{duty} {count}" for duty, count in found.overdue.items()) or "nothing"
    show(
        {**asdict(found), "at": found.at.isoformat(), "whole": found.whole},
        as_json=as_json,
        text=lambda r: click.echo(
            f"{'OK' if r['whole'] else 'BAD'}: {r['month']}, {r['ledger']} findings in the ledger, "
            f"{r['paper']} in the paper; overdue: {overdue}."
        ),
    )
    ctx.exit(0 if found.whole else 1)


ledger.add_command(checkpoint_slip)

COMMANDS = (register, ledger)
