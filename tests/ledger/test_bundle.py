"""A month's evidence, checked by `verify_bundle.py` alone: whole, and after every change somebody without the signing key can make."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from gateway.domain.vocabulary import Channel
from gateway.services.evidence import Bundle, write_bundle
from gateway.services.paper_months import PaperByHand, enter_paper
from tests.architecture.repository import ROOT
from tests.ledger.months import checkpoint, two_months
from tests.room import Room

VERIFIER = ROOT / "verify_bundle.py"


@pytest.fixture(scope="module")
def lived_in(furnished: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Room]:
    room = Room.open(Path(shutil.copytree(furnished, tmp_path_factory.mktemp("months") / "room")))
    two_months(room)
    yield room
    room.close()


def bundle_of(room: Room, month: str, to: Path, *, titles: bool = False) -> Bundle:
    with to.open("wb") as out:
        return write_bundle(room.gate, month, out, titles=titles)


def checked(room: Room, file: Path, *options: str, key: bool = True) -> tuple[int, str]:
    """Exit status and page of the verifier, run as an inspector runs it: another Python, nothing installed."""
    command = [sys.executable, "-I", "-S", str(VERIFIER), str(file), *options]
    if key:
        command += ["--trusted-key", str(room.gate.settings.keys / "ledger.pub")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    return done.returncode, done.stdout + done.stderr


@pytest.mark.parametrize(("month", "closed"), [("2026-03", True), ("2026-04", True), ("2026-05", False)])
def test_a_whole_month_is_found_whole(lived_in: Room, tmp_path: Path, month: str, closed: bool) -> None:
    written = bundle_of(lived_in, month, tmp_path / "b.zip", titles=True)
    assert written.closed is closed
    status, page = checked(lived_in, tmp_path / "b.zip", "--checkpoint", str(lived_in.gate.settings.checkpoint_file))
    assert (status, "OK" in page) == (0, True), page
    status, page = checked(lived_in, tmp_path / "b.zip", key=False)
    assert status == 0
    assert "internally consistent only" in page


def test_the_paper_belongs_to_the_month_in_which_the_last_sheet_came_out(lived_in: Room, tmp_path: Path) -> None:
    found = {}
    for month in ("2026-03", "2026-04"):
        bundle_of(lived_in, month, tmp_path / month)
        with zipfile.ZipFile(tmp_path / month) as bundle:
            found[month] = json.loads(bundle.read("statistics.json"))
    # March: of three copies of 2 sheets all spoiled, one printed again; of the jam 1 duplex copy of 1 sheet and 2 spoiled ones.
    # April: the job of 1 April 00:00:05, and the third copy again
    assert [(line["department"], line["good"], line["waste"]) for line in found["2026-03"]] == [("D02", 3, 8)]
    assert [(line["department"], line["good"], line["waste"]) for line in found["2026-04"]] == [("D02", 6, 0)]


def rewritten(source: Path, to: Path, changes: dict[str, bytes]) -> Path:
    """The bundle with other contents, and a manifest that agrees with them: the intruder can compute hashes too."""
    import hashlib

    with zipfile.ZipFile(source) as old, zipfile.ZipFile(to, "w") as new:
        manifest = json.loads(changes.get("manifest.json", old.read("manifest.json")))
        for name in old.namelist():
            if name != "manifest.json":
                content = changes.get(name, old.read(name))
                new.writestr(name, content)
                manifest["files"][name] = hashlib.sha256(content).hexdigest()
        new.writestr("manifest.json", json.dumps(manifest))
    return to


def lines_of(file: Path, name: str) -> list[bytes]:
    with zipfile.ZipFile(file) as bundle:
        return bundle.read(name).splitlines()


def manifest_of(file: Path) -> dict[str, Any]:
    with zipfile.ZipFile(file) as bundle:
        found: dict[str, Any] = json.loads(bundle.read("manifest.json"))
        return found


def rechained(bodies: list[bytes], first: int) -> list[bytes]:
    """Entries from `first` on with new links, as somebody does who knows how the chain is made."""
    from gateway.ledger.entry import hash_body

    made = bodies[:first]
    for body in bodies[first:]:
        entry = json.loads(body)
        if made:
            entry["prev"] = hash_body(made[-1])
        made.append(json.dumps(entry, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode())
    return made


def test_a_chain_made_anew_does_not_fit_the_signatures(lived_in: Room, tmp_path: Path) -> None:
    bundle_of(lived_in, "2026-03", tmp_path / "b.zip")
    bodies = lines_of(tmp_path / "b.zip", "entries.jsonl")
    at = next(i for i, body in enumerate(bodies) if b'"copies.good"' in body)
    bodies[at] = bodies[at].replace(b'"good":3', b'"good":2')
    file = rewritten(tmp_path / "b.zip", tmp_path / "c.zip", {"entries.jsonl": b"\n".join(rechained(bodies, at)) + b"\n"})
    status, page = checked(lived_in, file)
    assert status == 1
    assert "names another entry" in page


def test_entries_cut_off_behind_an_older_checkpoint_are_missed_by_the_kept_one(lived_in: Room, tmp_path: Path) -> None:
    bundle_of(lived_in, "2026-05", tmp_path / "b.zip")
    manifest, bodies = manifest_of(tmp_path / "b.zip"), lines_of(tmp_path / "b.zip", "entries.jsonl")
    manifest["last_seq"] -= 1
    changes = {"entries.jsonl": b"\n".join(bodies[:-1]) + b"\n", "checkpoints.jsonl": b"", "manifest.json": json.dumps(manifest).encode()}
    file = rewritten(tmp_path / "b.zip", tmp_path / "c.zip", changes)
    status, page = checked(lived_in, file, "--checkpoint", str(lived_in.gate.settings.checkpoint_file))
    assert status == 1
    assert "are missing" in page


def test_a_false_opening_balance_is_found(lived_in: Room, tmp_path: Path) -> None:
    bundle_of(lived_in, "2026-04", tmp_path / "b.zip")
    with zipfile.ZipFile(tmp_path / "b.zip") as bundle:
        opening = json.loads(bundle.read("opening.json"))
    next(iter(opening["permits"].values()))["good"] += 1
    file = rewritten(tmp_path / "b.zip", tmp_path / "c.zip", {"opening.json": json.dumps(opening).encode()})
    status, page = checked(lived_in, file)
    assert status == 1
    assert "opening balance" in page


def test_a_false_title_is_found(lived_in: Room, tmp_path: Path) -> None:
    bundle_of(lived_in, "2026-03", tmp_path / "b.zip", titles=True)
    titles = [json.loads(line) for line in lines_of(tmp_path / "b.zip", "titles.jsonl")]
    assert titles[0]["title"] == "规划纲要"
    titles[0]["title"] = "午餐菜单"
    content = "".join(json.dumps(one) + "\n" for one in titles).encode()
    status, page = checked(lived_in, rewritten(tmp_path / "b.zip", tmp_path / "c.zip", {"titles.jsonl": content}))
    assert status == 1
    assert "title" in page


def test_titles_are_in_it_only_by_choice(lived_in: Room, tmp_path: Path) -> None:
    bundle_of(lived_in, "2026-03", tmp_path / "b.zip")
    with zipfile.ZipFile(tmp_path / "b.zip") as bundle:
        assert not any("规划纲要".encode() in bundle.read(name) for name in bundle.namelist())


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"not a zip" * 99])
def test_what_is_no_bundle_is_said_to_be_none(lived_in: Room, tmp_path: Path, content: bytes) -> None:
    (tmp_path / "b.zip").write_bytes(content)
    status, page = checked(lived_in, tmp_path / "b.zip")
    assert status == 2
    assert "UNREADABLE" in page


@pytest.mark.parametrize(
    ("name", "old", "new", "word"),
    [
        ("registers/carriers.jsonl", b'"custodian": "zheng"', b'"custodian": "wang"', "carrier"),
        ("registers/carriers.jsonl", b'"state": "printed"', b'"state": "destroyed"', "carrier"),
        ("statistics.json", b'"good": 3', b'"good": 2', "paper"),
        ("statistics.json", b'"department": "D02"', b'"department": "D03"', "paper"),
        ("opening.json", b'"state":"printed"', b'"state":"lost"', "opening balance"),
    ],
)
def test_a_changed_carrier_or_sum_is_found(lived_in: Room, tmp_path: Path, name: str, old: bytes, new: bytes, word: str) -> None:
    bundle_of(lived_in, "2026-04" if name == "opening.json" else "2026-03", tmp_path / "b.zip")
    with zipfile.ZipFile(tmp_path / "b.zip") as bundle:
        content = bundle.read(name)
    assert old in content
    file = rewritten(tmp_path / "b.zip", tmp_path / "c.zip", {name: content.replace(old, new, 1)})
    status, page = checked(lived_in, file)
    assert (status, word in page) == (1, True), page


def test_carriers_and_paper_are_carried_over_from_month_to_month(lived_in: Room, tmp_path: Path) -> None:
    bundle_of(lived_in, "2026-04", tmp_path / "b.zip")
    with zipfile.ZipFile(tmp_path / "b.zip") as bundle:
        opening = json.loads(bundle.read("opening.json"))
        carriers = [json.loads(line) for line in bundle.read("registers/carriers.jsonl").splitlines()]
    assert opening["carriers"]
    assert {row["carrier_no"] for row in carriers} > set(opening["carriers"])
    (carried,) = opening["paper"]  # the job of 1 April 00:00:05, posted before March was closed
    assert (carried["month"], carried["good"], carried["by_hand"]) == ("2026-04", 4, False)


def test_paper_entered_by_hand_is_told_apart_from_the_jobs(furnished: Path, tmp_path: Path) -> None:
    room = Room.open(Path(shutil.copytree(furnished, tmp_path / "room")))
    two_months(room)
    enter_paper(room.gate, room.actor("zheng"), PaperByHand("2026-05", Channel.COPY, "D03", "A4", "面板复印", good=7))
    checkpoint(room)
    bundle_of(room, "2026-05", tmp_path / "b.zip")
    with zipfile.ZipFile(tmp_path / "b.zip") as bundle:
        (line,) = json.loads(bundle.read("statistics.json"))
    assert (line["department"], line["good"], line["by_hand"]) == ("D03", 7, True)
    status, page = checked(room, tmp_path / "b.zip")
    assert (status, "OK" in page) == (0, True), page
    room.close()
