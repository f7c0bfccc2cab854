"""`imprimatur count …`: what the paper side does, without database or daemon."""

from __future__ import annotations

import json
from pathlib import Path
from typing import BinaryIO, cast

import click

from gateway.errors import NotFoundError
from gateway.memory import memory_file
from watermark import Inspection, sandbox


def _open(file: Path) -> BinaryIO:
    try:
        return cast("BinaryIO", file.open("rb"))
    except OSError as error:
        raise NotFoundError(f"{file.name} cannot be read: {error.strerror}.", "Give a file you may read.") from error


def base_of(file: Path, base: BinaryIO) -> Inspection:
    """Count `file` as the gate would, and leave its base in `base`; raises NotFoundError when it cannot be read."""
    with _open(file) as source:
        return sandbox.make_base([source], base)


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_context
def count(ctx: click.Context, file: Path, as_json: bool) -> None:
    """Count the pages of a PDF, PostScript, text, PNG, JPEG, TIFF, PWG or URF file. Exit 1 when the gate would refuse or hold it."""
    with memory_file("base") as base:
        inspection = base_of(file, base)
    result = inspection.to_json()
    if as_json:
        click.echo(json.dumps(result, ensure_ascii=False, indent=2))
    else:
        click.echo(
            f"{inspection.verdict}: {inspection.pages} pages, {inspection.sheets_simplex} sheets one-sided, "
            f"{inspection.sheets_duplex} two-sided {' '.join(inspection.reasons)}".rstrip()
        )
    ctx.exit(0 if inspection.verdict == "ok" else 1)


COMMANDS = (count,)
