"""The systemd units: what they call exists, and systemd understands them where it is installed."""

from __future__ import annotations

import configparser
import shutil
import subprocess
from pathlib import Path

import click
import pytest

from gateway.cli import main
from tests.architecture.repository import ROOT

UNITS = sorted((ROOT / "packaging" / "systemd").iterdir())


@pytest.mark.parametrize("unit", [one for one in UNITS if one.suffix == ".service"], ids=lambda unit: unit.name)
def test_a_service_calls_a_command_there_is(unit: Path) -> None:
    read = configparser.ConfigParser()
    read.read(unit)
    program, *words = read["Service"]["ExecStart"].split()
    assert Path(program).name == "imprimatur"
    command: click.Command = main
    for word in words:
        assert isinstance(command, click.Group), words
        found = command.get_command(click.Context(command), word)
        assert found is not None, words
        command = found
    assert not isinstance(command, click.Group)


@pytest.mark.parametrize("unit", [one for one in UNITS if one.suffix == ".timer"], ids=lambda unit: unit.name)
def test_a_timer_has_its_service(unit: Path) -> None:
    assert unit.with_suffix(".service") in UNITS


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not installed")
def test_systemd_understands_the_units(tmp_path: Path) -> None:
    for unit in UNITS:
        text = unit.read_text().replace("/usr/bin/imprimatur", "/bin/true").replace("User=imprimatur", "User=root")
        (tmp_path / unit.name).write_text(text)
    command = ["systemd-analyze", "verify", *(str(tmp_path / unit.name) for unit in UNITS)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (0, ""), done.stderr
