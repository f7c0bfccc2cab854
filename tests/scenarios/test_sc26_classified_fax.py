"""SC-26 Classified fax (R41 R42 R46): no secret is faxed; what was made unclassified goes, looked over by another and approved by wu."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path

import pytest

from gateway.domain.codes import Code
from gateway.domain.fax import FaxResult, ProcessingMethod
from gateway.domain.vocabulary import JobStage, Level, PermitState
from gateway.services import alerts, fax_filing, fax_processing, jobs, permit_views
from gateway.services.fax_drawing import draw_pages
from gateway.services.fax_filing import FaxWish
from rehearsal.exchange import Exchange
from rehearsal.papers import write_pdf
from tests.fax.office import Office, codes_of
from tests.fax.papers import differing_dots, pages_of_tiff
from tests.room import Room

NUMBER = "0591 8712 3451"
WISH = FaxWish(NUMBER, "某省统计局", "林某", Level.NEIBU)


@pytest.mark.timeout(120)
def test_sc26_classified_matter_is_not_faxed_and_what_was_made_of_it_is(room: Room, telephone: Exchange, tmp_path: Path) -> None:
    gate, zhao, office = room.gate, room.actor("zhao"), Office(room, telephone)
    room.gate.spool.refill()
    classified = write_pdf(tmp_path / "secret.pdf", "关于会议时间的函", 3, mark="机密★10年")
    job = room.submit(classified.read_bytes())
    with office.open():
        assert Code.E_FAX_CLASSIFIED in codes_of(fax_filing.file_job, gate, zhao, job, WISH)
        assert jobs.show(gate, room.actor("zheng"), job).stage is JobStage.REFUSED
        assert "E_FAX_CLASSIFIED" in [alert.detail for alert in alerts.list_alerts(gate, room.actor("lin"))]

        neutral = write_pdf(tmp_path / "neutral.pdf", "会议时间调整", 3).read_bytes()
        job, other = room.submit(neutral), room.submit(write_pdf(tmp_path / "other.pdf", "另一份", 3).read_bytes())
        source_secret = replace(WISH, source_level=Level.MIMI)
        assert codes_of(fax_filing.file_job, gate, zhao, job, source_secret) == [Code.E_FAX_NO_SCREENING]
        tpr = processed(room, draw_pages(gate, zhao, job))
        assert tpr == "TPR-2026-0007"
        assert codes_of(fax_processing.review_processing, gate, zhao, tpr) == [Code.E_FAX_NO_SCREENING]  # not by herself
        fax_processing.review_processing(gate, room.actor("sun"), tpr)
        assert codes_of(fax_filing.file_job, gate, zhao, other, replace(source_secret, tpr_no=tpr)) == [Code.E_HASH_MISMATCH]
        drawn = draw_pages(gate, zhao, job)
        fax_no = fax_filing.file_job(gate, zhao, job, replace(source_secret, tpr_no=tpr)).fax_no
        assert telephone.dials() == 0
        permit = office.approve(fax_no)
        fax = office.after_call(fax_no)
    assert (fax.result, fax.pages_sent, fax.tpr_no, telephone.dials()) == (FaxResult.WHOLE, 3, tpr, 1)
    captured = telephone.captured(int(str(telephone.ends()[-1]["call"])))
    assert [differing_dots(*pair) for pair in zip(pages_of_tiff(drawn), captured, strict=True)] == [0, 0, 0]
    assert jobs.show(gate, zhao, job).stage is JobStage.COMPLETED
    assert permit_views.show_permit(gate, zhao, permit).state is PermitState.USED_UP
    assert room.verify().ok


def processed(room: Room, tiff: bytes) -> str:
    """zhao's technical processing record for these pages, the seventh of the year."""
    for digest in [*(f"{number:064x}" for number in range(6)), hashlib.sha256(tiff).hexdigest()]:
        number = fax_processing.record_processing(
            room.gate,
            room.actor("zhao"),
            source_level=Level.MIMI,
            method=ProcessingMethod.LEFT_OUT,
            result_level=Level.NEIBU,
            result_hash=digest,
        )
    return number
