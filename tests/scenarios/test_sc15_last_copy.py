"""SC-15 Race for the last copy (R10, I3): two operators in two processes, exactly one wins; two hundred times with `-m long`."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
from sqlmodel import select

import watermark
from gateway.db.tables import Copy, Permit
from gateway.services import counting, retention
from rehearsal.papers import write_pdf
from rehearsal.processes import wait_until
from tests.room import Room
from tests.scenarios.conftest import Scene
from tests.watermark.papers import document

RACES, RACES_IN_LONG = 50, 200
ROOT = Path(__file__).parents[2]
P126 = (
    *("--title", "通知", "--level", "mimi", "--term", "3年", "--pages", "2", "--copies", "5", "--purpose", "征求意见"),
    *("--device", "PRN-JY-01", "--valid-to", "2026-03-17T18:00"),
)


def start(room: Room, operator: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tests.scenarios.racer", str(room.gate.settings.data), operator]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT)


def say(racer: subprocess.Popen[str], line: str) -> None:
    assert racer.stdin is not None
    racer.stdin.write(line + "\n")
    racer.stdin.flush()


def hear(racer: subprocess.Popen[str]) -> str:
    assert racer.stdout is not None
    return racer.stdout.readline().strip()


@pytest.mark.parametrize("races", [RACES, pytest.param(RACES_IN_LONG, marks=pytest.mark.long)])
def test_two_releases_of_the_last_copy(room: Room, monkeypatch: pytest.MonkeyPatch, races: int) -> None:
    # Hundreds of documents are counted in this process; the counting itself is the real one
    monkeypatch.setattr(counting.sandbox, "make_base", watermark.make_base)
    room.gate.spool.refill()
    content = document("page").getvalue()
    racers = [start(room, operator) for operator in ("zheng", "wang")]
    assert [hear(racer) for racer in racers] == ["ready", "ready"]
    lost = set()
    for race in range(races):
        permit = room.permit(copies=1)
        jobs = [room.submit(content, permit=permit) for _ in racers]
        for racer, job in zip(racers, jobs if race % 2 else reversed(jobs), strict=True):
            say(racer, job)
        answers = sorted(hear(racer) for racer in racers)
        assert answers.count("won") == 1, (race, answers)
        lost |= set(answers) - {"won"}
        retention.destroy_sources_of_counted_jobs(room.gate)
        for job in jobs:
            room.gate.spool.destroy(base_of(room, job))
    for racer in racers:
        racer.kill()
        racer.wait()
    assert lost == {"E_QTY_EXCEEDED"}
    with room.gate.database.reading() as session:
        permits = session.exec(select(Permit)).all()
        copies = session.exec(select(Copy)).all()
    assert len(copies) == races
    assert all((permit.copies_reserved, permit.copies_approved) == (1, 1) for permit in permits)
    assert room.verify().ok


def release_at_once(scene: Scene, jobs: Sequence[str]) -> list[str]:
    """zheng and wang release a job each at the same instant, from two processes; what each was told, the loser first."""
    command = [sys.executable, "-m", "gateway", "--config", str(scene.house.config)]
    orders = [[*command, "--as", who, "job", "release", job] for who, job in zip(("zheng", "wang"), jobs, strict=True)]
    operators = [subprocess.Popen(order, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT) for order in orders]
    told = [operator.communicate(timeout=60) for operator in operators]
    assert sorted(operator.returncode for operator in operators) == [0, 1], told
    return [err for _, err in sorted(told, key=lambda one: not one[1])]


@pytest.mark.cups
@pytest.mark.parametrize("races", [1, pytest.param(RACES_IN_LONG, marks=pytest.mark.long)])
def test_at_the_printer(scene: Scene, races: int) -> None:
    """P126: five copies, four of them good. Two jobs of one copy each, by real cupsd: one of them comes out."""
    house, page = scene.house, write_pdf(scene.house.root / "note.pdf", "通知", 2)
    scene.at("03-12 09:10")
    for _ in range(races):
        permit = str(house.ask("zhao", "permit", "request", *P126)["permit"])
        house.approve(permit, "li", "wu")
        scene.release(scene.lp(permit, "-n", "4", file=page))
        jobs = [str(scene.lp(permit, file=page)["job"]) for _ in range(2)]
        before = scene.counter()
        assert release_at_once(scene, jobs)[0].startswith("E_QTY_EXCEEDED")
        wait_until(lambda: "completed" in stages(scene, jobs), "the last copy", 60)  # noqa: B023 — waited for here
        assert (sorted(stages(scene, jobs)), scene.counter() - before) == (["completed", "held"], 2)
        counts = house.ask("zhao", "permit", "show", permit)
        assert (counts["copies_good"], counts["copies_reserved"], counts["state"]) == (5, 0, "used_up")


def stages(scene: Scene, jobs: Sequence[str]) -> list[str]:
    return [scene.house.ask("zheng", "job", "show", job)["stage"] for job in jobs]


def base_of(room: Room, job_no: str) -> str:
    from gateway.db.tables import Job

    with room.gate.database.writing() as session:
        job = session.exec(select(Job).where(Job.job_no == job_no)).one()
        return job.base_object or ""
