"""SC-13 Wrong department, not cleared, wrong channel (R08 R28)."""

from __future__ import annotations

from dataclasses import replace

from gateway.domain.vocabulary import Channel, Level
from gateway.services import counting, jobs
from tests.room import Room
from tests.watermark.papers import document

PAGE = document("page").getvalue()


def codes(room: Room, job: str) -> list[str]:
    return [reason.code.value for reason in jobs.show(room.gate, room.actor("zheng"), job).reasons]


def test_sun_of_d03_with_a_permit_of_d02(room: Room) -> None:
    assert codes(room, room.submit(PAGE, user="sun", permit=room.permit(pages=1))) == ["E_DEPT_MISMATCH"]


def test_qian_is_not_cleared_for_jimi(room: Room) -> None:
    permit = room.permit(pages=1, level=Level.JIMI, term="10年")
    assert codes(room, room.submit(PAGE, user="qian", permit=permit)) == ["E_CLEARANCE"]


def test_a_copy_with_a_print_permit(room: Room) -> None:
    envelope = replace(room.envelope(permit=room.permit(pages=1)), channel=Channel.COPY)
    job = room.deliver(envelope, PAGE).job
    for job_id in counting.jobs_to_count(room.gate):
        counting.count_job(room.gate, job_id)
    assert codes(room, job) == ["E_PERMIT_CHANNEL"]
