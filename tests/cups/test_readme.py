"""The first permit by hand, as both READMEs tell it, line by line in a shell: on a private CUPS, with what the reader has to fill in."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from rehearsal.cupsd import PrivateCups
from rehearsal.device import IppEvePrinter, PrivateBus
from rehearsal.papers import write_pdf
from rehearsal.processes import free_port
from tests.architecture.repository import ROOT
from tests.cups.paper import sheets

READMES = ("README.md", "README.zh-CN.md")
SERVE = "imprimatur serve &"
ASKED = "permit request"
NUMBER = re.compile(r"ZYZ-\d{4}-\d{6}-[0-9A-Z]")
COMMENT = re.compile(r"\s+#.*$")


def commands(readme: str) -> list[str]:
    """The lines of the longest shell block, without comments."""
    blocks = re.findall(r"```sh\n(.*?)```", (ROOT / readme).read_text(), re.DOTALL)
    lines = [COMMENT.sub("", line) for line in max(blocks, key=len).splitlines()]
    return [line for line in lines if line and not line.startswith("#")]


@pytest.fixture
def folder() -> Iterator[Path]:
    made = Path(tempfile.mkdtemp(prefix="imprimatur-test-", dir="/tmp"))  # CUPS' own user must reach it
    made.chmod(0o755)
    yield made
    shutil.rmtree(made, ignore_errors=True)


def filled_in(line: str, printer: str, folder: Path, port: int) -> str:
    """The reader's own: printer, folder, Unix user, permit number; the queue is made on a private CUPS by the same steps."""
    own = {"$PWD/.venv": str(ROOT / ".venv"), "ipp://PRINTER/ipp/print": printer, "--unix-user alice": "--unix-user $(id -un)"}
    for told, meant in own.items():
        line = line.replace(told, meant)
    line = re.sub(r'^su alice -c "(.*)"$', r"\1", line)
    line = NUMBER.sub("$NUMBER", line)
    if line.startswith("imprimatur cups install"):
        return "lpstat -p jiyao"
    if line.startswith("echo"):
        chosen = f"web_port = {port}", f'cups_server = "{folder}/cups/run/cups.sock"'
        return "\n".join([line, *(f"echo '{one}' >>try/imprimatur.toml" for one in chosen)])
    if line == SERVE:
        return f"{line}\nserver=$!; trap 'kill $server; wait $server' EXIT\nuntil [ -S try-run/intake.sock ]; do sleep 0.1; done"
    if ASKED in line:
        return f'NUMBER=$({line} | tee /dev/stderr | grep -oE "ZYZ-[0-9]+-[0-9]+-[0-9A-Z]" | head -n 1)'
    if "job list" in line:
        return f"until {line} | grep -q E_NO_PERMIT; do sleep 0.2; done"
    return line


@pytest.mark.timeout(240)
@pytest.mark.parametrize("readme", [READMES[0], pytest.param(READMES[1], marks=pytest.mark.long)])
def test_a_reader_gets_three_numbered_copies(readme: str, folder: Path) -> None:
    assert [re.sub(r"机密|jimi", "jimi", re.sub(r"秘密|mimi", "mimi", line)) for line in commands(readme)] == commands(READMES[0])
    write_pdf(folder / "plan.pdf", "规划", 3)
    with PrivateBus(folder / "bus") as bus, IppEvePrinter(folder / "printer", bus) as printer, PrivateCups(folder / "cups") as cups:
        cups.add_gate_queue("jiyao", folder / "try-run" / "intake.sock")
        script = "\n".join(filled_in(line, printer.uri, folder, free_port()) for line in commands(readme))
        log = folder / "log"
        with log.open("w") as out:
            command = ["timeout", "200", "bash", "-euxc", script]
            done = subprocess.run(command, cwd=folder, env={**os.environ, **cups.env}, stdout=out, stderr=out, check=False)
        assert done.returncode == 0, log.read_text()[-4000:]
        (received,) = printer.received()
        numbers = [sheet.number for sheet in sheets(received)]
    assert sorted(set(numbers)) == ["000001", "000002", "000003"], numbers
