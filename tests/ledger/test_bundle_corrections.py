"""A month with corrections: the verifier accepts it, finds one that was removed, altered or made up, and counts as before (R56)."""

from __future__ import annotations

import json
import shutil
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.services.corrections import Wish, acknowledge_correction, correct_row
from gateway.services.paper_months import verify_statistics
from gateway.services.registers import print_register
from gateway.services.statistics import paper_of_month
from tests.ledger.months import checkpoint, printed, released
from tests.ledger.test_bundle import bundle_of, checked, lines_of, rewritten
from tests.room import Room

FILE, MONTH = "registers/corrections.jsonl", "2026-03"


@pytest.fixture(scope="module")
def corrected(furnished: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Room, Path]]:
    room = Room.open(Path(shutil.copytree(furnished, tmp_path_factory.mktemp("corrected") / "room")))
    job = released(room, room.permit(pages=2, copies=3), 3)
    printed(room, job)
    before = paper_of_month(room.gate, room.actor("lin"), MONTH), print_register(room.gate, room.actor("lin"), MONTH)
    first = correct_row(room.gate, room.actor("zheng"), Wish("print", job, "sheets_good", "9", "漏计一页"))
    correct_row(room.gate, room.actor("zheng"), Wish("print", job, "title", "规划纲要（送审稿）", "题名不全"))
    acknowledge_correction(room.gate, room.actor("wu"), first.number)
    assert (paper_of_month(room.gate, room.actor("lin"), MONTH), print_register(room.gate, room.actor("lin"), MONTH)) == before
    assert verify_statistics(room.gate) == []
    assert room.verify().ok
    checkpoint(room)
    file = tmp_path_factory.mktemp("bundle") / "b.zip"
    bundle_of(room, MONTH, file)
    yield room, file
    room.close()


def test_a_month_with_corrections_is_whole_and_tells_no_title(corrected: tuple[Room, Path]) -> None:
    room, file = corrected
    status, page = checked(room, file)
    assert (status, "OK" in page) == (0, True), page
    first, second = (json.loads(line) for line in lines_of(file, FILE))
    assert (first["old"], first["new"], first["acknowledged"]) == ("6", "9", True)
    assert (second["field"], second["plain"], len(second["new"])) == ("title", False, 64)
    assert "送审稿".encode() not in b"".join(lines_of(file, "entries.jsonl"))


@pytest.mark.parametrize("act", ["remove one", "remove all", "remove the file", "alter", "make up"])
def test_a_correction_nobody_sees_any_more_is_found(corrected: tuple[Room, Path], tmp_path: Path, act: str) -> None:
    room, file = corrected
    lines = lines_of(file, FILE)
    made_up = json.dumps({**json.loads(lines[0]), "no": 7}).encode()
    altered = json.dumps({**json.loads(lines[0]), "new": "8"}).encode()
    kept = {"remove one": lines[:1], "remove all": [], "alter": [altered, lines[1]], "make up": [*lines, made_up]}.get(act)
    changed = tmp_path / "x.zip"
    if kept is None:
        manifest = json.loads(zipfile.ZipFile(file).read("manifest.json"))
        del manifest["files"][FILE]
        with zipfile.ZipFile(file) as old, zipfile.ZipFile(changed, "w") as new:
            for name in set(old.namelist()) - {FILE, "manifest.json"}:
                new.writestr(name, old.read(name))
            new.writestr("manifest.json", json.dumps(manifest))
    else:
        rewritten(file, changed, {FILE: b"".join(line + b"\n" for line in kept)})
    status, page = checked(room, changed)
    assert status != 0, page


def test_a_bundle_from_before_there_were_corrections_is_read(room: Room, tmp_path: Path) -> None:
    printed(room, released(room, room.permit(pages=2, copies=3), 3))
    checkpoint(room)
    bundle_of(room, MONTH, tmp_path / "new.zip")
    manifest = json.loads(zipfile.ZipFile(tmp_path / "new.zip").read("manifest.json"))
    del manifest["files"][FILE]
    with zipfile.ZipFile(tmp_path / "new.zip") as new, zipfile.ZipFile(tmp_path / "old.zip", "w") as old:
        for name in set(new.namelist()) - {FILE, "manifest.json"}:
            old.writestr(name, new.read(name))
        old.writestr("manifest.json", json.dumps(manifest))
    assert checked(room, tmp_path / "old.zip")[0] == 0
