"""SC-23 Power cut while printing (R11, R85): six copies are proved, nothing prints by itself; the paper is counted, the rest follows.

A count the device's counter disagrees with is a finding that wu must clear; until then the rest waits.
"""

from __future__ import annotations

import json
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlmodel import select

from gateway.db.tables import Device, Job
from gateway.domain.settlement import Outcome, Settlement
from gateway.domain.vocabulary import AlertKind, JobStage, WasteReason
from gateway.errors import ConflictError
from gateway.meters import MeterKind
from gateway.services import alerts, jobs, meters, printing, release
from gateway.services.meter_settings import MeterWish, set_meter
from gateway.services.own_readings import read_device
from gateway.services.settlement import settle
from rehearsal import snmp
from rehearsal.device import IppEvePrinter
from rehearsal.house import House
from rehearsal.papers import write_pdf
from rehearsal.processes import wait_until
from rehearsal.snmp import SnmpPrinter
from tests.cups.paper import sheets
from tests.room import Room
from tests.scenarios.conftest import PLAN_PAGES, Scene
from tests.services.paper import finish
from tests.watermark.papers import document

pytestmark = [pytest.mark.cups, pytest.mark.timeout(300)]
SLOW = "PRN-JY-03"
_BODY = """#!/bin/sh
# The seventh document takes its time, so that the power can go while it is at the device; it never comes out whole.
echo x >> "$ROOT/count"
[ "$(wc -l < "$ROOT/count")" -ne 7 ] || { touch "$ROOT/seventh"; sleep 20; exit 1; }
"""


@pytest.fixture(scope="module")
def cut() -> Iterator[tuple[Scene, Path, IppEvePrinter]]:
    root = Path(tempfile.mkdtemp(prefix="imprimatur-test-", dir="/tmp"))
    clock = root / "clock"
    clock.write_text("2026-03-09T09:00:00+08:00")
    try:
        with House(root, unsafe_clock=str(clock)) as house:
            command = root / "cut"
            command.write_text(_BODY.replace("$ROOT", str(root)))
            command.chmod(0o755)
            printer = house.second_printer("slow", command)
            house.cups.add_gate_queue("slow", house.settings.intake_socket)
            options = ("--queue", "slow", "--designated", "--max-level", "jimi")
            house.run("device", "add", SLOW, "--uri", printer.uri, *options, account="feng")
            yield Scene(house, clock, write_pdf(root / "plan.pdf", "规划纲要", PLAN_PAGES)), root, printer
    finally:
        shutil.rmtree(root, ignore_errors=True)


def test_sc23_six_good_two_sheets_of_the_seventh(cut: tuple[Scene, Path, IppEvePrinter]) -> None:
    scene, root, printer = cut
    house = scene.house
    permit = scene.p123(device=SLOW)
    options = ("-o", f"permit={permit}", "-n", "10", "-o", "sides=two-sided-long-edge", "-o", "finishings=4")
    job = house.print_file(scene.plan, *options, queue="slow")["job"]
    scene.at("03-12 09:14")
    house.run("job", "claim", job, account="zheng")
    house.run("job", "release", job, account="zheng")
    wait_until((root / "seventh").exists, "the seventh copy", 90)
    house.kill_gateway()
    came_out = len(printer.received())
    house.start_gateway()
    wait_until(lambda: show(house, job)["stage"] == "unresolved", "the doubt", 60)
    assert (show(house, job)["copies_good"], show(house, job)["copies_reserved"]) == (6, 4)
    (row,) = house.ask("zheng", "register", "show", "print", "--month", "2026-03")
    assert row["status"] == "unresolved"
    kinds = [entry["kind"] for entry in entries(house)]
    assert kinds.count("gateway.unclean_stop") == 1
    assert kinds.index("gateway.unclean_stop") < len(kinds) - 1 - kinds[::-1].index("job.unresolved")
    assert len(printer.received()) <= came_out + 1  # nothing prints by itself
    house.run("job", "settle", job, "--spoiled", "7=2", "--reason", "power_cut", "--resume", account="zheng")
    wait_until(lambda: show(house, job)["stage"] == "completed", "the rest", 90)
    again = printer.received()[-4:]
    assert [sheets(document)[0].number for document in again] == [f"{number:06d}" for number in range(7, 11)]
    (row,) = house.ask("zheng", "register", "show", "print", "--month", "2026-03")
    assert (row["copies_good"], row["sheets_good"], row["sheets_waste"]) == (10, 120, 2)
    month = house.ask("zheng", "stats", "month", "--month", "2026-03")
    assert (month["sheets_total"], month["sheets_waste"]) == (122, 2)
    house.run("ledger", "verify")
    house.run("stats", "verify")


def show(house: House, job: str) -> dict[str, object]:
    return dict(house.ask("zheng", "job", "show", job))


def entries(house: House) -> list[dict[str, object]]:
    with sqlite3.connect(house.settings.data / "imprimatur.db") as database:
        return [json.loads(body) for (body,) in database.execute("SELECT body FROM ledger_entry ORDER BY seq")]


COPIES, PROVED = 10, 6


def cut_at_the_seventh(room: Room, meter: SnmpPrinter) -> tuple[str, int]:
    """P123's job on a metered device, one device job for each copy: six came out, the seventh is in doubt. Its number and id."""
    set_meter(room.gate, room.actor("feng"), "PRN-JY-01", MeterWish(MeterKind.SNMP, meter.address, community=snmp.COMMUNITY))
    room.gate.spool.refill()
    permit = room.permit(pages=PLAN_PAGES, copies=COPIES)
    content = document(*["page"] * PLAN_PAGES).getvalue()
    job = room.submit(content, permit=permit, copies=COPIES, finishings="4", sides="two-sided-long-edge")
    release.claim_job(room.gate, room.actor("zheng"), job)
    release.release_job(room.gate, room.actor("zheng"), job)
    with room.gate.database.reading() as session:
        job_id = session.exec(select(Job.id).where(Job.job_no == job)).one() or 0
    device = printing.begin_preparing(room.gate, job_id)
    read_device(room.gate, device, besides=job_id, only_news=True)  # as the press does before the first byte
    run = printing.plan_run(room.gate, job_id)
    printing.begin_printing(room.gate, job_id)
    for sheaf in run.sheaves[:PROVED]:
        printing.finish_submission(room.gate, sheaf.submission_id, impressions=None, result="completed")
    for sheaf in run.sheaves[PROVED + 1 :]:
        printing.mark_submission(room.gate, sheaf.submission_id, printing.NOT_SENT)
    printing.unresolve(room.gate, job_id, "interrupted")
    meter.count(PROVED * PLAN_PAGES + 4)
    return job, job_id


def count(room: Room, job: str, *, good: int, sheets_of_next: int) -> None:
    """zheng enters what she counted, and lets the rest be printed."""
    outcomes = {number: Outcome.GOOD if number <= good else Outcome.UNPRINTED for number in range(PROVED + 1, COPIES + 1)}
    spoiled = {good + 1: sheets_of_next} if sheets_of_next else {}
    outcomes |= dict.fromkeys(spoiled, Outcome.SPOILED)
    settle(room.gate, room.actor("zheng"), job, Settlement(outcomes, True, spoiled, WasteReason.POWER_CUT))


def told_wu(room: Room) -> list[tuple[str, str]]:
    return [(one.subject, one.detail) for one in alerts.list_alerts(room.gate, room.actor("wu")) if one.kind is AlertKind.METER]


@pytest.mark.parametrize("sides", [3, 4])
def test_six_good_and_two_sheets_is_what_the_counter_says(room: Room, tmp_path: Path, sides: int) -> None:
    with SnmpPrinter(tmp_path / "meter") as meter:
        job, job_id = cut_at_the_seventh(room, meter)
        meter.count(sides - 4)
        count(room, job, good=PROVED, sheets_of_next=2)
        assert told_wu(room) == []
        finish(room, job_id)
    newest = meters.list_readings(room.gate, room.actor("wu"))[0]
    assert (newest.verdict.value, newest.grown) == ("agrees", 144 + sides)
    assert room.verify().ok


def test_seven_good_is_a_mismatch_wu_must_clear(room: Room, tmp_path: Path) -> None:
    with SnmpPrinter(tmp_path / "meter") as meter:
        job, job_id = cut_at_the_seventh(room, meter)
        count(room, job, good=7, sheets_of_next=0)
        assert told_wu(room) == [("PRN-JY-01", f"lost -20 {job}")]
        with pytest.raises(ConflictError):
            printing.begin_preparing(room.gate, job_id)
        assert jobs.show(room.gate, room.actor("zheng"), job).stage is JobStage.QUEUED, "the rest waits"
        (finding,) = meters.list_readings(room.gate, room.actor("wu"), open_only=True)
        meters.clear_finding(room.gate, room.actor("wu"), finding.finding or 0, "第7份只有2张，已改记")
        finish(room, job_id)
    assert room.verify().ok


def test_a_count_after_the_counter_was_read_again_is_held_against_it_too(room: Room, tmp_path: Path) -> None:
    """As after a job whose counter disagreed: the reading after it takes anything of a job in doubt, the count does not (SC-24)."""
    with SnmpPrinter(tmp_path / "meter") as meter:
        job, _ = cut_at_the_seventh(room, meter)
        with room.gate.database.reading() as session:
            device = session.exec(select(Device).where(Device.code == "PRN-JY-01")).one()
        read_device(room.gate, device)
        assert told_wu(room) == []
        count(room, job, good=7, sheets_of_next=0)
        assert told_wu(room) == [("PRN-JY-01", f"lost -20 {job}")]
