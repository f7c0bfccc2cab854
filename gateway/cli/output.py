"""Printing results: JSON for programs, plain tables for people."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Sequence
from typing import Any

import click
from rich.console import Console
from rich.table import Table

json_option: Callable[..., Any] = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


def show(result: Any, *, as_json: bool, text: Callable[[Any], object]) -> None:  # JSON
    """Print `result` as JSON, or let `text` print it for a person."""
    if as_json:
        click.echo(json.dumps(result, ensure_ascii=False, indent=2))
    else:
        text(result)


def table(rows: Sequence[dict[str, Any]], columns: Sequence[tuple[str, str]], empty: str) -> None:
    """Print rows as a table; `columns` are (key, heading) pairs."""
    if not rows:
        click.echo(empty)
        return
    grid = Table(box=None, pad_edge=False, header_style="bold")
    for _, heading in columns:
        grid.add_column(heading)
    for row in rows:
        grid.add_row(*(_cell(row.get(key)) for key, _ in columns))
    console = Console() if sys.stdout.isatty() else Console(width=240)
    console.print(grid, soft_wrap=False)


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, list | tuple):
        return " ".join(str(part) for part in value)
    return "yes" if value is True else "no" if value is False else str(value)
