"""A permit taken back after the release: what has not begun does not begin (I1); its numbers are void (I4)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlmodel import select

from gateway.db.tables import Copy, Job
from gateway.errors import ConflictError
from gateway.services import permits, printing, release
from gateway.services.jobs import show
from tests.room import Room
from tests.watermark.papers import document


@pytest.fixture
def released(room: Room) -> tuple[str, str, int]:
    """A permit, a job released under it, and the job's id."""
    room.gate.spool.refill()
    permit = room.permit(copies=3)
    job = room.submit(document("page").getvalue(), copies=2, permit=permit)
    release.release_job(room.gate, room.actor("zheng"), job)
    with room.gate.database.reading() as session:
        return permit, job, session.exec(select(Job.id).where(Job.job_no == job)).one() or 0


def stage_and_copies(room: Room, job: str) -> tuple[str, list[str]]:
    with room.gate.database.reading() as session:
        return show(room.gate, room.actor("zheng"), job).stage.value, list(session.exec(select(Copy.state)).all())


def test_a_revoked_permit_withdraws_what_waits(room: Room, released: tuple[str, str, int]) -> None:
    permit, job, job_id = released
    permits.revoke_permit(room.gate, room.actor("zhao"), permit, "no longer needed")
    with pytest.raises(ConflictError, match="taken back"):
        printing.begin_preparing(room.gate, job_id)
    assert stage_and_copies(room, job) == ("canceled", ["void", "void"])
    assert room.verify().ok


def test_a_refused_extension_ends_the_permit_and_withdraws_what_waits(room: Room, released: tuple[str, str, int]) -> None:
    permit, job, job_id = released
    permits.extend_permit(room.gate, room.actor("zhao"), permit, room.clock.now() + timedelta(days=20))
    permits.refuse_permit(room.gate, room.actor("li"), permit, "no")
    with pytest.raises(ConflictError):
        printing.begin_preparing(room.gate, job_id)
    assert stage_and_copies(room, job)[0] == "canceled"


def test_a_permit_waiting_for_its_extension_does_not_stop_what_was_released(room: Room, released: tuple[str, str, int]) -> None:
    permit, job, job_id = released
    permits.extend_permit(room.gate, room.actor("zhao"), permit, room.clock.now() + timedelta(days=20))
    printing.begin_preparing(room.gate, job_id)
    assert stage_and_copies(room, job) == ("preparing", ["reserved", "reserved"])


def test_what_has_begun_is_finished(room: Room, released: tuple[str, str, int]) -> None:
    permit, job, job_id = released
    printing.begin_preparing(room.gate, job_id)
    permits.revoke_permit(room.gate, room.actor("zhao"), permit, "too late")
    printing.plan_run(room.gate, job_id)
    assert stage_and_copies(room, job)[0] == "submitting"
