"""The commands our papers tell people to type are commands that exist, with these options."""

from __future__ import annotations

import importlib
import re
import shlex
import subprocess
import sys

import click
import pytest

from gateway.cli import HOMES, main
from tests.architecture.repository import ROOT, files, name_of, text_of

FENCE = re.compile(r"^```(?:sh)?\n(.*?)^```", re.MULTILINE | re.DOTALL)
TOLD = [
    (name_of(file), line.strip())
    for file in files()
    if file.suffix == ".md" and name_of(file) != "docs/design.md"
    for block in FENCE.findall(text_of(file))
    for line in block.splitlines()
    if line.startswith("imprimatur ")
]


def parse(line: str) -> click.Command:
    """Parse a command line as the program would, without running it. Raises click.UsageError."""
    words = shlex.split(line.removesuffix("&"), comments=True)[1:]
    command: click.Command = main
    context = click.Context(command, info_name="imprimatur")
    while isinstance(command, click.Group):
        command.parse_args(context, words)
        name, found, words = command.resolve_command(context, [*context._protected_args, *context.args])
        assert found is not None
        command, context = found, click.Context(found, info_name=name, parent=context)
    command.parse_args(context, words)
    return command


def test_the_papers_tell_commands() -> None:
    assert {"README.md", "README.zh-CN.md"} <= {file for file, _ in TOLD}


@pytest.mark.parametrize(("file", "line"), TOLD)
def test_a_told_command_exists(file: str, line: str) -> None:
    assert parse(line).name


@pytest.mark.parametrize("line", ["imprimatur jobs list", "imprimatur job list --everything", "imprimatur permit approve"])
def test_a_command_that_does_not_exist_is_found_out(line: str) -> None:
    with pytest.raises(click.UsageError):
        parse(line)


def test_every_command_has_its_home() -> None:
    """A command that is written but not named in the table could never be called."""
    written = {file.stem for file in (ROOT / "gateway" / "cli").glob("*.py") if "\nCOMMANDS = " in file.read_text()}
    found = {(command.name, name) for name in written for command in importlib.import_module(f"gateway.cli.{name}").COMMANDS}
    assert found == set(HOMES.items())


def test_a_command_that_only_asks_the_daemon_loads_no_database_and_no_pdf() -> None:
    """Else each takes a second to begin. `count` and `stamp` read documents themselves."""
    modules = sorted(set(HOMES.values()) - {"paper", "stamping"})
    asked = f"import sys, importlib; [importlib.import_module('gateway.cli.' + name) for name in {modules}]; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", asked], check=True, capture_output=True, text=True).stdout.split()
    assert not {"sqlalchemy", "pikepdf", "escpos", "flask", "argon2"} & set(loaded)
