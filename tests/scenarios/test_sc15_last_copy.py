"""SC-15 Race for the last copy (R10, I3): two operators in two processes, two hundred times, exactly one wins."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from sqlmodel import select

import watermark
from gateway.db.tables import Copy, Permit
from gateway.services import counting, retention
from tests.room import Room
from tests.watermark.papers import document

RACES = 200
ROOT = Path(__file__).parents[2]


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


def test_two_releases_of_the_last_copy(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    # 400 documents are counted in this process; the counting itself is the real one
    monkeypatch.setattr(counting.sandbox, "make_base", watermark.make_base)
    room.gate.spool.refill()
    content = document("page").getvalue()
    racers = [start(room, operator) for operator in ("zheng", "wang")]
    assert [hear(racer) for racer in racers] == ["ready", "ready"]
    lost = set()
    for race in range(RACES):
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
    assert len(copies) == RACES
    assert all((permit.copies_reserved, permit.copies_approved) == (1, 1) for permit in permits)
    assert room.verify().ok


def base_of(room: Room, job_no: str) -> str:
    from gateway.db.tables import Job

    with room.gate.database.writing() as session:
        job = session.exec(select(Job).where(Job.job_no == job_no)).one()
        return job.base_object or ""
