"""SC-27 Fax busy and partial (R47): a busy number three times and no more; all pages again only by an operator's word."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from gateway.domain.fax import FaxResult, FaxState
from gateway.domain.vocabulary import Channel, JobStage, Level, PermitState
from gateway.errors import ForbiddenError
from gateway.services import faxing, jobs, paper_months, permit_views, statistics
from gateway.services.fax_filing import FaxWish
from gateway.services.notices import notices_since
from gateway.services.paper_months import PaperByHand
from gateway.services.statistics import Dimension
from rehearsal.exchange import Exchange
from rehearsal.papers import write_pdf
from tests.fax.office import Office
from tests.room import Room

PAGES = 5
BUSY, DROPS_AFTER_THREE = "0591 8712 9901", "0591 8712 9911"


@pytest.mark.timeout(180)
def test_sc27_busy_three_times_then_no_more_and_a_partial_one_again_by_an_operators_word(
    room: Room, telephone: Exchange, tmp_path: Path
) -> None:
    gate, office = room.gate, Office(room, telephone)
    paper = write_pdf(tmp_path / "five.pdf", "会议通知", PAGES).read_bytes()
    busy, partial = (office.file(paper, FaxWish(number, "某省统计局", "林某", Level.NEIBU)) for number in (BUSY, DROPS_AFTER_THREE))
    for fax_no in (busy, partial):
        office.approve(fax_no)
    with office.open():
        started = gate.clock.now()
        office.work_until(lambda: bool(office.fax(busy).attempts and office.fax(partial).attempts), "the first calls")
        _a_partial_one(office, partial)
        for minutes in (5, 10):
            assert office.fax(busy).state is FaxState.WAITING
            room.clock.at = max(room.clock.at, started + timedelta(minutes=minutes, seconds=30))
            office.after_call(busy)
        room.clock.advance(hours=1)
        for _ in range(3):
            office.desk.step()
    fax = office.fax(busy)
    assert (fax.state, fax.result, fax.pages_sent, len(fax.attempts)) == (FaxState.ENDED, FaxResult.BUSY, 0, 3)
    assert telephone.dials("059187129901") == 3
    assert [(told.job_no, told.username) for told in notices_since(gate, started) if told.job_no == fax.job_no] == [(fax.job_no, "zhao")]
    assert jobs.show(gate, room.actor("zhao"), fax.job_no).stage is JobStage.CANCELED

    _the_confirmation_page(room)
    assert room.verify().ok


def _a_partial_one(office: Office, fax_no: str) -> None:
    room, fax = office.room, office.fax(fax_no)
    assert (fax.state, fax.result, fax.pages_sent, fax.uncertain) == (FaxState.TO_DECIDE, FaxResult.PART, 3, False)
    assert office.exchange.ends()[-1]["pages"] == 3
    office.desk.step()
    with pytest.raises(ForbiddenError):
        faxing.resend(room.gate, room.actor("zhao"), fax_no)
    assert office.exchange.dials("059187129911") == 1
    faxing.resend(room.gate, room.actor("zheng"), fax_no)
    fax = office.after_call(fax_no)
    assert (fax.state, fax.result, fax.pages_sent, fax.operator) == (FaxState.ENDED, FaxResult.WHOLE, PAGES, "zheng")
    assert [attempt.pages for attempt in fax.attempts] == [3, PAGES]
    assert permit_views.show_permit(room.gate, room.actor("zhao"), fax.permit_no).state is PermitState.USED_UP


def _the_confirmation_page(room: Room) -> None:
    """The gateway prints none; the operator enters the sheet the machine in the room put out."""
    wish = PaperByHand("2026-03", Channel.FAX, "D02", "A4", "传真确认页", good=1)
    paper_months.enter_paper(room.gate, room.actor("zheng"), wish)
    shares = statistics.paper_of_month(room.gate, room.actor("zheng"), "2026-03", Dimension.DEPARTMENT)
    assert [(share.group, share.sheets_fax) for share in shares if share.sheets_fax] == [("D02", 1)]
