"""`imprimatur stamp …`: samples of stamped copies, without database or daemon."""

from __future__ import annotations

import shutil
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO

import click

from gateway.cli.output import json_option, show
from gateway.cli.paper import base_of
from gateway.domain.marks import mark_to_stamp, parse_mark
from gateway.domain.vocabulary import Level
from gateway.errors import InvalidInputError, NotFoundError
from gateway.memory import memory_file
from watermark import CopyMark, StampPlan, Template, load_template, sandbox
from watermark.templates import KINDS, read_template

_PREVIEW_DPI = 110


@click.command()
@click.argument("source", type=click.Path(path_type=Path))
@click.argument("target", type=click.Path(path_type=Path), required=False)
@click.option("--copies", type=click.IntRange(1, 9999), default=1, help="How many copies, each with its own number.")
@click.option("--first-number", type=click.IntRange(1, 999_999), default=1, help="Number of the first copy.")
@click.option("--kind", type=click.Choice(KINDS), default="print", help="Which of the house's templates.")
@click.option("--template", "template_file", type=click.Path(path_type=Path), help="A template file instead (docs/stamping.md).")
@click.option("--level", default="gongkai", help="Classification, in pinyin or Chinese.")
@click.option("--term", default="", help="Secrecy term, such as 5年.")
@click.option("--permit", "permit_no", default="ZYZ-0000-000000-0", help="Permit number to show.")
@click.option("--requester", default="样张")
@click.option("--department", default="样张")
@click.option("--unit", default="示范单位")
@click.option("--duplex", is_flag=True, help="Copies of an odd page number get one page more.")
@click.option("--preview", type=click.Path(path_type=Path), help="Also write a picture of one stamped page (PNG).")
@click.option("--page", type=click.IntRange(1), default=1, help="Which page the picture shows.")
@json_option
def stamp(
    source: Path, target: Path | None, preview: Path | None, page: int, template_file: Path | None, *, as_json: bool, **told: Any
) -> None:
    """Stamp N numbered copies of SOURCE into TARGET. Every page says 样张: it can show and measure, not forge."""
    if target is None and preview is None:
        raise click.UsageError("Name a TARGET, or --preview.")
    plan = sample_plan(**told)
    template = read_template(template_file) if template_file else load_template(plan.kind)
    with memory_file("base") as base, memory_file("stamped") as stamped:
        result = _stamped(source, base, stamped, plan, template)
        if target is not None:
            _write(target, stamped)
        if preview is not None:
            _preview(preview, stamped, page)
    shown = ", ".join(str(file) for file in (target, preview) if file is not None)
    show(result, as_json=as_json, text=lambda _: click.echo(f"{shown}: {result['copies']} copies, {result['pages']} pages."))


def sample_plan(*, copies: int, first_number: int, kind: str, level: str, term: str, **shown: Any) -> StampPlan:
    """A plan whose copies are registered nowhere: every page says so, and so do the codes. Raises InvalidInputError."""
    try:
        mark = mark_to_stamp(Level.parse(level), term)
    except ValueError as error:
        raise InvalidInputError(f"{error}.", "Give one of these levels.") from error
    if mark and (found := parse_mark(mark)) and (fault := found.fault()):
        raise InvalidInputError(f"The mark {mark} is not legal: {fault}.", "Give a term the level allows.")
    numbers = range(first_number, first_number + copies)
    return StampPlan(
        mark=mark,
        printed_at=datetime.now().astimezone().strftime("%Y-%m-%d %H:%M"),
        release_tag="0" * 16,
        copies=tuple(CopyMark(number, f"{at}/{copies}", f"SAMPLE-{number:06d}-UNREGISTERED") for at, number in enumerate(numbers, 1)),
        sample=True,
        kind=kind,
        copies_approved=copies,
        **shown,
    )


def _stamped(source: Path, base: BinaryIO, stamped: BinaryIO, plan: StampPlan, template: Template) -> dict[str, Any]:
    inspection = base_of(source, base)
    if inspection.verdict != "ok":
        raise InvalidInputError(f"{inspection.verdict}: {', '.join(inspection.reasons)}.", "Give a document that can be counted.")
    report = sandbox.fan_out(base, stamped, plan, template=template)
    return {"copies": len(plan.copies), "pages": report.pages_total, "pages_per_copy": report.pages_per_copy, "sheets": report.sheets}


def _write(target: Path, stamped: BinaryIO) -> None:
    stamped.seek(0)
    try:
        with target.open("wb") as out:
            shutil.copyfileobj(stamped, out, 1 << 20)
    except OSError as error:
        raise NotFoundError(f"{target} cannot be written: {error.strerror}.", "Name a file in a folder you may write.") from error


def _preview(file: Path, stamped: BinaryIO, page: int) -> None:
    picture = sandbox.render_page(stamped, page - 1, _PREVIEW_DPI)
    try:
        file.write_bytes(picture)
    except OSError as error:
        raise NotFoundError(f"{file} cannot be written: {error.strerror}.", "Name a file in a folder you may write.") from error


COMMANDS = (stamp,)
