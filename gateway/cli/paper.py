"""`imprimatur count|stamp …`: what the paper side does, without database or daemon."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, cast

import click

from gateway.domain.marks import mark_to_stamp
from gateway.domain.vocabulary import Level
from gateway.errors import InvalidInputError, NotFoundError
from gateway.memory import memory_file
from watermark import CopyMark, Inspection, StampPlan, sandbox


def _open(file: Path) -> BinaryIO:
    try:
        return cast("BinaryIO", file.open("rb"))
    except OSError as error:
        raise NotFoundError(f"{file.name} cannot be read: {error.strerror}.", "Give a file you may read.") from error


def _base_of(file: Path, base: BinaryIO) -> Inspection:
    with _open(file) as source:
        return sandbox.make_base([source], base)


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_context
def count(ctx: click.Context, file: Path, as_json: bool) -> None:
    """Count the pages of a PDF, PostScript, text, PNG, JPEG, TIFF, PWG or URF file. Exit 1 when the gate would refuse or hold it."""
    with memory_file("base") as base:
        inspection = _base_of(file, base)
    result = inspection.to_json()
    if as_json:
        click.echo(json.dumps(result, ensure_ascii=False, indent=2))
    else:
        click.echo(
            f"{inspection.verdict}: {inspection.pages} pages, {inspection.sheets_simplex} sheets one-sided, "
            f"{inspection.sheets_duplex} two-sided {' '.join(inspection.reasons)}".rstrip()
        )
    ctx.exit(0 if inspection.verdict == "ok" else 1)


@click.command()
@click.argument("source", type=click.Path(path_type=Path))
@click.argument("target", type=click.Path(path_type=Path))
@click.option("--copies", type=click.IntRange(1, 9999), default=1)
@click.option("--first-number", type=click.IntRange(1, 999_999), default=1)
@click.option("--level", default="gongkai")
@click.option("--term", default="")
@click.option("--permit", "permit_no", default="ZYZ-0000-000000-0")
@click.option("--requester", default="样张")
@click.option("--department", default="样张")
@click.option("--duplex", is_flag=True)
def stamp(
    source: Path,
    target: Path,
    copies: int,
    first_number: int,
    level: str,
    term: str,
    permit_no: str,
    requester: str,
    department: str,
    duplex: bool,
) -> None:
    """Stamp N numbered copies of SOURCE into TARGET. Every page says 样张: it can show and measure, not forge."""
    try:
        mark = mark_to_stamp(Level.parse(level), term)
    except ValueError as error:
        raise InvalidInputError(f"{error}.", "Give one of these levels.") from error
    marks = tuple(
        CopyMark(number, f"{number - first_number + 1}/{copies}", f"SAMPLE-{number:06d}-UNREGISTERED"[:27])
        for number in range(first_number, first_number + copies)
    )
    plan = StampPlan(
        permit_no=permit_no,
        mark=mark,
        requester=requester,
        department=department,
        printed_at=datetime.now().astimezone().strftime("%Y-%m-%d %H:%M"),
        release_tag="0" * 16,
        copies=marks,
        duplex=duplex,
        sample=True,
    )
    with memory_file("base") as base, memory_file("stamped") as stamped:
        inspection = _base_of(source, base)
        if inspection.verdict != "ok":
            raise InvalidInputError(f"{inspection.verdict}: {', '.join(inspection.reasons)}.", "Give a PDF that can be counted.")
        base.seek(0)
        report = sandbox.fan_out(base, stamped, plan)
        stamped.seek(0)
        target.write_bytes(stamped.read())
    click.echo(f"{target}: {copies} copies, {report.pages_total} pages.")


COMMANDS = (count, stamp)
