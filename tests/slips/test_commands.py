"""The library behind the slips: what is known without it is true, and it leaves nothing behind."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from gateway.slips import commands

LOADING = """
import sys
from gateway.slips.commands import DEFAULT_PROFILE, commands, profiles, width_of
from PIL import Image
assert width_of(DEFAULT_PROFILE) == 512 and "escpos" not in sys.modules
assert DEFAULT_PROFILE in profiles() and width_of("no such thing") is None
assert commands(Image.new("1", (512, 8)), DEFAULT_PROFILE)
"""


def test_the_usual_width_is_the_librarys() -> None:
    assert commands._profiles()[commands.DEFAULT_PROFILE]["media"]["width"]["pixels"] == commands.DEFAULT_WIDTH


def test_nothing_is_left_in_the_temporary_folder(tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-c", LOADING], check=True, env={**os.environ, "TMPDIR": str(tmp_path)})
    assert list(tmp_path.iterdir()) == []
