"""SC-40 Trace and residue (R55, R92): a found sheet leads to its people in two seconds; a minute later nothing of the text is left.

Accounts (five wrong passwords, one session) are tried in tests/services/test_credentials.py and tests/web/test_sessions.py.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from rehearsal.papers import write_pdf
from rehearsal.processes import wait_until
from tests.scenarios.conftest import Scene

pytestmark = [pytest.mark.cups, pytest.mark.timeout(300)]
WORDS = "区域规划纲要"


def test_sc40_a_found_sheet_and_what_is_left(scene: Scene, tmp_path: Path) -> None:
    house = scene.house
    permit = scene.p123()
    plan = write_pdf(tmp_path / "plan.pdf", WORDS, 24)
    job = scene.lp(permit, "-n", "10", "-o", "sides=two-sided-long-edge", file=plan)
    scene.release(job)
    begun = time.monotonic()
    found = house.ask("zheng", "carrier", "show", f"{permit} 000004")
    assert time.monotonic() - begun <= 2
    assert (found["requester"], found["operator"], found["device"]) == ("赵敏", "郑洁", "PRN-JY-01")
    assert found["custodian"] == "zheng"
    assert found["permit"] == permit
    places = [house.settings.data / "spool", house.cups.root, house.settings.run]
    assert residue([tmp_path], plan) == [str(plan)]  # who looks for it finds it
    wait_until(lambda: not residue(places, plan), "the content's end", 60)
    assert residue(places, plan) == []
    house.run("ledger", "verify")


def residue(places: Sequence[Path], plan: Path) -> list[str]:
    """Files of gateway and CUPS that hold the text or pieces of the document, byte for byte; the device's own output is paper."""
    raw = plan.read_bytes()
    needles = [WORDS.encode(encoding) for encoding in ("utf-8", "utf-16-be", "utf-16-le", "gb18030")]
    needles += [raw[at : at + 64] for at in range(len(raw) // 4, len(raw) - 64, len(raw) // 4)]
    files = [file for place in places for file in place.rglob("*") if file.is_file()]
    return [str(file) for file in files if any(needle in _bytes(file) for needle in needles)]


def _bytes(file: Path) -> bytes:
    """Of a file the product may erase while we look."""
    try:
        return file.read_bytes()
    except FileNotFoundError:
        return b""
