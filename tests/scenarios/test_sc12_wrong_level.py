"""SC-12 Wrong level (R07 R26): what the paper itself says is compared with its permit."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.domain.vocabulary import Level
from gateway.services import alerts, jobs
from rehearsal.papers import write_pdf
from tests.room import Room


def held_by(room: Room, folder: Path, words: str, permit: str) -> tuple[str, list[str]]:
    job = room.submit(write_pdf(folder / "paper.pdf", words, 1).read_bytes(), permit=permit)
    return job, [reason.code.value for reason in jobs.show(room.gate, room.actor("zheng"), job).reasons]


def test_a_paper_marked_higher_is_an_attempted_downgrade(room: Room, tmp_path: Path) -> None:
    job, codes = held_by(room, tmp_path, "机密★10年", room.permit(pages=1))
    assert codes == ["E_LEVEL_MISMATCH"]
    assert [(alert.kind.value, alert.subject, alert.detail) for alert in alerts.list_alerts(room.gate, room.actor("wu"))] == [
        ("denied_job", job, "E_LEVEL_MISMATCH")
    ]


def test_more_than_ten_years_is_no_mark_of_a_secret(room: Room, tmp_path: Path) -> None:
    assert "E_MARKING_INVALID" in held_by(room, tmp_path, "秘密★15年", room.permit(pages=1))[1]


def test_without_a_mark_it_is_allowed_and_stamped(room: Room, tmp_path: Path) -> None:
    assert held_by(room, tmp_path, "规划纲要", room.permit(pages=1))[1] == []


@pytest.mark.parametrize("words", ["内部★5年"])
def test_internal_papers_bear_no_star(room: Room, tmp_path: Path, words: str) -> None:
    from gateway.services import permits

    permit = permits.approve_permit(room.gate, room.actor("gu"), room.request(level=Level.NEIBU, term="", pages=1).permit_no)
    assert "E_MARKING_INVALID" in held_by(room, tmp_path, words, permit.permit_no)[1]
