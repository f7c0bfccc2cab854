"""SC-29 Inbound fax (R48): it lies in quarantine until zheng registers it; its paper is charged to D03, whose sun signs."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from gateway.domain.fax import FaxResult, FaxState
from gateway.domain.vocabulary import JobStage, Level
from gateway.errors import NotFoundError
from gateway.services import alerts, counting, fax_printing, fax_retention, fax_tray, jobs, permits, reminders, statistics
from gateway.services.fax_tray import Registration
from gateway.services.statistics import Dimension
from rehearsal.exchange import Exchange
from tests.fax.office import Office
from tests.room import Room
from tests.services.paper import print_job

ARRIVAL = datetime(2026, 3, 12, 4, 30, tzinfo=UTC)  # 12:30 in Shanghai


@pytest.mark.timeout(240)
def test_sc29_a_fax_comes_in_while_nobody_is_there(room: Room, telephone: Exchange) -> None:
    gate, zheng, office = room.gate, room.actor("zheng"), Office(room, telephone)
    gate.spool.refill()
    room.clock.at = ARRIVAL
    with office.open():
        for pages in (4, 1):  # the second stays unregistered
            office.receive(pages)
    first, left = sorted(office.quarantined(), key=lambda fax: fax.fax_no)
    assert (first.pages, first.result, first.uncertain) == (4, FaxResult.QUARANTINED, False)
    assert jobs.list_jobs(gate, zheng) == []  # nothing is printed

    room.clock.at = ARRIVAL + timedelta(minutes=35)
    fax_tray.register_received(gate, zheng, first.fax_no, Registration(Level.NEIBU, "D03", "某省统计局", summary="会议通知"))
    with pytest.raises(NotFoundError):
        fax_printing.print_received(gate, zheng, first.fax_no, recipient="zhao", device="PRN-JY-01")  # of another department
    job = fax_printing.print_received(gate, zheng, first.fax_no, recipient="sun", device="PRN-JY-01").job_no
    for job_id in counting.jobs_to_count(gate):
        counting.count_job(gate, job_id)
    assert jobs.show(gate, zheng, job).pages == 4
    permit = room.request(by="sun", job=job, level=Level.NEIBU, term="", copies=1, pages=4, scope={"D03": 1}).permit_no
    room.review("ma", permit)
    permits.approve_permit(gate, room.actor("ma"), permit)
    print_job(room, job)
    shares = statistics.paper_of_month(gate, zheng, "2026-03", Dimension.DEPARTMENT)
    assert [(share.group, share.sheets_print) for share in shares if share.sheets_print] == [("D03", 4)]

    assert fax_tray.sign_received(gate, room.actor("sun"), first.fax_no).signed_by == "sun"
    assert fax_retention.destroy_pages_of_ended_faxes(gate) == 1
    assert (office.fax(first.fax_no).state, jobs.show(gate, zheng, job).stage) == (FaxState.ENDED, JobStage.COMPLETED)

    room.clock.at = ARRIVAL + timedelta(days=1, minutes=1)
    reminders.tell_overdue(gate)
    assert left.fax_no in [alert.subject for alert in alerts.list_alerts(gate, room.actor("lin"))]
    assert room.verify().ok
