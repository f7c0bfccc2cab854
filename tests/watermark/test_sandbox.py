"""The child that reads documents: no keys, no files, no network, no more time and memory than allowed (I7)."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from pikepdf import Pdf

from rehearsal.processes import wait_until
from tests.watermark import hazards
from tests.watermark.papers import document, in_memory, raw
from tests.watermark.stamped import PLAN
from watermark import Limits, MissingGlyphError, StampError, sandbox


def test_the_verbs_do_the_same_in_the_child() -> None:
    with in_memory(document("alpha", "beta").getvalue()) as source, in_memory() as base, in_memory() as out:
        found = sandbox.make_base([source], base)
        assert (found.verdict, found.pages) == ("ok", 2)
        report = sandbox.fan_out(base, out, PLAN)
        assert (report.pages_total, report.pages_per_copy) == (6, 2)
        out.seek(0)
        with Pdf.open(out) as pdf:
            assert len(pdf.pages) == 6
        assert sandbox.render_page(base, 1, 40, "李强").startswith(b"\x89PNG")
        with pytest.raises(StampError, match="no page 3"):
            sandbox.render_page(base, 2, 40)


def test_refusals_come_through() -> None:
    with in_memory(raw("4 0 R", "7").getvalue()) as source, in_memory() as base:
        assert sandbox.make_base([source], base).verdict == "E_COUNT_DISAGREES"


def test_a_missing_glyph_comes_through_with_its_code() -> None:
    from dataclasses import replace

    with in_memory(document("x").getvalue()) as source, in_memory() as base, in_memory() as out:
        sandbox.make_base([source], base)
        with pytest.raises(StampError) as caught:
            sandbox.fan_out(base, out, replace(PLAN, department="\U0001f600"))
        assert caught.value.code == MissingGlyphError.code


@pytest.mark.parametrize(
    "bomb", ["bombs/forms in forms, ten times each", pytest.param("bombs/content of 1.2 GB, packed twice", marks=pytest.mark.long)]
)
def test_bombs_end_within_the_limits(bomb: str) -> None:
    limits = Limits(seconds=4, page_seconds=60, memory_bytes=700 << 20)
    with in_memory(hazards.ALL[bomb]()) as source, in_memory() as base:
        assert sandbox.make_base([source], base, limits).verdict in {"E_LIMIT", "E_DAMAGED"}


def test_a_page_that_takes_too_long_is_told_from_a_document_that_does() -> None:
    with in_memory(hazards.ALL["bombs/forms in forms, ten times each"]()) as source, in_memory() as base:
        found = sandbox.make_base([source], base, Limits(page_seconds=0.5))
    assert (found.verdict, found.reasons) == ("E_LIMIT", ("one of its pages takes too long",))


def test_output_is_limited_too() -> None:
    with in_memory(document("x").getvalue()) as source, in_memory() as base:
        assert sandbox.make_base([source], base, Limits(output_bytes=100)).verdict == "E_LIMIT"


_PROBE = """
import json, os, socket, sys
from watermark.lockdown import lock_down
key = sys.argv[1]
lock_down(10, 1 << 30, 1 << 20)
found = []
for name, attempt in {
    "key": lambda: open(key), "read": lambda: open("/etc/hostname"), "write": lambda: open("/tmp/leak", "w"),
    "net": lambda: socket.socket(), "unix": lambda: socket.socket(socket.AF_UNIX),
    "raise": lambda: __import__("resource").setrlimit(7, (9, 9)),
}.items():
    try:
        attempt()
        found.append(name)
    except (OSError, ValueError):
        pass
print(json.dumps({"could": found, "uid": os.getuid()}))
"""


def test_once_locked_down_nothing_can_be_opened(tmp_path: object) -> None:
    key = tmp_path / "host.key"  # type: ignore[operator]
    key.write_text("AGE-SECRET-KEY")
    key.chmod(0o600)
    done = subprocess.run([sys.executable, "-I", "-c", _PROBE, str(key)], capture_output=True, text=True, check=True)
    told = json.loads(done.stdout)
    assert told["could"] == []
    assert told["uid"] != 0


def test_the_child_sees_no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IMPRIMATUR_SECRET", "x")
    assert "IMPRIMATUR_SECRET" not in sandbox._ENVIRONMENT
    with in_memory(document("x").getvalue()) as source, in_memory() as base:
        assert sandbox.make_base([source], base).verdict == "ok"


def test_a_warm_process_that_died_is_started_again() -> None:
    with in_memory(document("x").getvalue()) as source, in_memory() as base:
        assert sandbox.make_base([source], base).verdict == "ok"
        process = sandbox._server._process
        assert process is not None
        process.kill()
        process.wait()
        assert sandbox.make_base([source], base).verdict == "ok"
        assert sandbox._server._process is not process


def test_many_documents_at_once_do_not_mix() -> None:
    def pages(count: int) -> int | None:
        with in_memory(document(*"x" * count).getvalue()) as source, in_memory() as base:
            return sandbox.make_base([source], base).pages

    counts = [1, 5, 2, 9, 3, 7, 4, 8]
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(pages, counts)) == counts


def test_the_warm_process_keeps_no_document_and_no_child() -> None:
    with in_memory(document("x").getvalue()) as source, in_memory() as base:
        sandbox.make_base([source], base)
        process = sandbox._server._process
        assert process is not None
        wait_until(lambda: not Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text(), "the child's end")
        opened = [str(link.readlink()) for link in Path(f"/proc/{process.pid}/fd").iterdir()]
    assert not [name for name in opened if "memfd" in name]


def test_sources_may_be_large_files_on_disk(tmp_path: object) -> None:
    file = tmp_path / "large.pdf"  # type: ignore[operator]
    file.write_bytes(document(*[f"page {n}" for n in range(200)]).getvalue())
    with file.open("rb") as source, in_memory() as base:
        assert sandbox.make_base([source], base).pages == 200


def test_plans_survive_the_way_to_the_child() -> None:
    from watermark import Inspection, StampPlan, make_base

    assert StampPlan.from_json(json.loads(json.dumps(PLAN.to_json()))) == PLAN
    found = make_base([document("x")], io.BytesIO())
    assert Inspection.from_json(json.loads(json.dumps(found.to_json()))) == found
