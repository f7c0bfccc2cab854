"""SC-24 Printer lies (R30 R101): "completed", but its counter grew by 216 instead of 240; database out of reach: nothing comes out."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from rehearsal import snmp
from rehearsal.processes import wait_until
from rehearsal.snmp import SnmpPrinter
from tests.scenarios.conftest import Scene, opened

pytestmark = [pytest.mark.cups, pytest.mark.timeout(300)]
METERED = "PRN-JY-04"
_BODY = """#!/bin/sh
# The device counts what the test wrote into `sides`, whatever came out.
awk -v sides="$(cat "$ROOT/sides")" '$1 == "$LIFE" { $3 += sides } { print }' "$ROOT/objects" > "$ROOT/objects.moved"
mv "$ROOT/objects.moved" "$ROOT/objects"
"""


@pytest.fixture(scope="module")
def lying() -> Iterator[tuple[Scene, Path]]:
    with opened(meter_settle_seconds=1) as scene, SnmpPrinter(root := scene.house.root / "meter") as meter:
        command = root / "count"
        command.write_text(_BODY.replace("$ROOT", str(root)).replace("$LIFE", snmp.LIFE))
        command.chmod(0o755)
        house = scene.house
        printer = house.second_printer("metered", command)
        house.cups.add_gate_queue("metered", house.settings.intake_socket)
        house.run(
            "device", "add", METERED, "--uri", printer.uri, "--queue", "metered", "--designated", "--max-level", "jimi", account="feng"
        )
        secrets = f"{snmp.AUTHENTICATION}\n{snmp.PRIVACY}\n"
        how = ("--kind", "snmp", "--address", meter.address, "--user", snmp.USER)
        house.run("device", "meter", METERED, *how, account="feng", stdin=secrets)
        yield scene, root


def released(scene: Scene, permit: str, copies: int) -> str:
    """zhao prints on the metered device, zheng releases; the job's number."""
    job = str(scene.house.print_file(scene.plan, "-o", f"permit={permit}", "-n", str(copies), queue="metered")["job"])
    scene.house.run("job", "claim", job, account="zheng")
    scene.house.run("job", "release", job, account="zheng")
    return job


def shown(scene: Scene, job: str) -> dict[str, Any]:
    return dict(scene.house.ask("zheng", "job", "show", job))


def ended(scene: Scene, job: str, stage: str) -> dict[str, Any]:
    wait_until(lambda: shown(scene, job)["stage"] == stage, f"{job} {stage}", 60)
    return shown(scene, job)


def readings(scene: Scene) -> list[dict[str, Any]]:
    return list(scene.house.ask("wu", "meter", "list", "--device", METERED))


def alerts(scene: Scene) -> list[tuple[str, str]]:
    return [(one["subject"], one["detail"]) for one in scene.house.ask("wu", "alert", "list") if one["kind"] == "meter"]


def test_216_instead_of_240_is_not_completed(lying: tuple[Scene, Path]) -> None:
    scene, root = lying
    permit = scene.p123(device=METERED)
    (root / "sides").write_text("216")
    job = released(scene, permit, 10)
    found = ended(scene, job, "unresolved")
    assert (found["copies_good"], found["copies_reserved"]) == (0, 10)
    assert alerts(scene) == [(job, "the device's meter counted 216 of 240 sides")]
    wait_until(lambda: readings(scene)[0]["grown"] == 216, "the reading after the job")
    assert (readings(scene)[0]["verdict"], readings(scene)[0]["read_by"]) == ("agrees", "gateway"), "a job in doubt may have printed that"


def test_a_device_that_counts_right_is_believed_and_what_was_copied_before_is_found_first(lying: tuple[Scene, Path]) -> None:
    scene, root = lying
    permit = scene.p123(device=METERED)
    (root / "sides").write_text("24")
    ended(scene, released(scene, permit, 1), "completed")
    wait_until(lambda: readings(scene)[0]["grown"] == 24, "the reading after the job")

    objects = root / "objects"
    objects.write_text("".join(_copied(line) for line in objects.read_text().splitlines(keepends=True)))
    waiting = released(scene, permit, 1)
    wait_until(lambda: readings(scene)[0]["verdict"] == "unexplained", "the finding")
    assert readings(scene)[0]["beyond"] == 3
    assert shown(scene, waiting)["stage"] == "queued"
    scene.house.run("meter", "clear", str(readings(scene)[0]["finding"]), "--reason", "李某在面板上复印3张，已收回", account="wu")
    ended(scene, waiting, "completed")
    scene.house.run("ledger", "verify")


def _copied(line: str) -> str:
    """Three sides copied at the panel."""
    name, kind, value = line.split()
    return f"{name} {kind} {int(value) + 3}\n" if name == snmp.LIFE else line


@pytest.mark.long  # waits for the database as long as the gateway does
def test_with_the_database_out_of_reach_nothing_is_released(lying: tuple[Scene, Path]) -> None:
    scene, _ = lying
    house = scene.house
    permit = scene.p123(device=METERED)
    job = str(house.print_file(scene.plan, "-o", f"permit={permit}", "-n", "1", queue="metered")["job"])
    house.run("job", "claim", job, account="zheng")
    before = readings(scene)[0]["impressions"]
    with sqlite3.connect(house.settings.data / "imprimatur.db", isolation_level=None) as lock:
        lock.execute("BEGIN EXCLUSIVE")
        assert house.run("job", "release", job, account="zheng", check=False).status == 1
        lock.execute("ROLLBACK")
    assert shown(scene, job)["stage"] == "held"
    assert readings(scene)[0]["impressions"] == before
