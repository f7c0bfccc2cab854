"""What an approver of a fax sees beside its pages: where it goes and what was made unclassified (R42, FORMS.md F2)."""

from __future__ import annotations

from collections.abc import Callable

from gateway.domain.vocabulary import Level, PermitKind
from gateway.services.fax_views import fax_of_job
from tests.room import Room
from tests.services.test_faxing import DIALLED, filed
from tests.web.conftest import Browser

Window = Callable[[str], Browser]


def test_the_approver_sees_the_number_he_says_yes_to(room: Room, window: Window) -> None:
    fax_no, job = filed(room)
    permit = room.request(job=job, kind=PermitKind.FAX, level=Level.NEIBU, term="", copies=1, pages=1).permit_no
    page = window("wu").text(f"/approve/{permit}")
    fax = fax_of_job(room.gate, room.actor("wu"), job)
    assert fax is not None
    for words in (fax_no, DIALLED, "省统计局 林某", fax.sha256[:16]):
        assert words in page, words
    assert fax_of_job(room.gate, room.actor("qian"), job) is None


def test_the_page_of_a_paper_speaks_of_no_fax(room: Room, window: Window, held: str) -> None:
    permit = room.request(job=held, pages=3).permit_no
    assert "拨打号码" not in window("li").text(f"/approve/{permit}")
