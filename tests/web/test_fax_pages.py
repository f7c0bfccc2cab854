"""The fax pages: sending from the browser, the desk's decisions, what came in, the address book (SC-26, SC-27, SC-29)."""

from __future__ import annotations

import io
import os
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

import pikepdf
import pytest

from gateway.domain.fax import FaxOutcome, FaxResult, FaxState
from gateway.domain.vocabulary import JobStage
from gateway.services import counting, fax_drawing, fax_orders, fax_peers, fax_processing, fax_tray, fax_views, jobs, permits, uploads
from gateway.services.fax_filing import FaxWish
from gateway.services.fax_tray import Arrival
from gateway.services.gate import Actor, Gate
from rehearsal.people import PASSWORD
from tests.fax.papers import fax_pages
from tests.room import Room
from tests.services.test_faxing import DIALLED, approved, attempt
from tests.watermark.papers import document
from tests.web.conftest import TOKEN, Browser
from watermark.faxtiff import write_fax_tiff

Window = Callable[[str], Browser]


def test_a_document_and_a_number_become_a_fax_whose_permit_is_asked_for(room: Room, window: Window, held: str) -> None:
    zhao = window("zhao")
    assert held in zhao.text("/mine/fax")
    form = f"/mine/fax/{held}"
    wish = {"number": "0591 8712 3456", "peer": "省统计局", "person": "林某", "level": "neibu", "source_level": "gongkai"}
    zhao.post(form, form, **wish | {"number": "drop table"})
    assert "E_INVALID" in zhao.text(form)
    digest = fax_drawing.hash_of_pages(room.gate, room.actor("zhao"), held)
    assert (digest in zhao.text(form), digest in zhao.text(f"{form}?digest=1")) == (False, True)
    assert zhao.post(form, form, **wish).status_code == 302
    (fax,) = fax_views.list_faxes(room.gate, room.actor("zhao"), mine=True)
    assert (fax.number, fax.job_no, fax.state) == (DIALLED, held, FaxState.HELD)
    page = f"/fax/{fax.fax_no}"
    assert DIALLED in zhao.text(page)
    assert zhao.post(page, f"/mine/fax/{fax.fax_no}/permit", purpose="通知").status_code == 302
    permit_no = fax_views.show_fax(room.gate, room.actor("zhao"), fax.fax_no).permit_no
    room.review("wu", permit_no)
    permits.approve_permit(room.gate, room.actor("wu"), permit_no)
    assert window("sun").get(page).status_code == 404


def test_what_did_not_arrive_whole_is_decided_with_the_password(room: Room, window: Window) -> None:
    fax_no = approved(room)
    attempt(room, fax_no, FaxOutcome(FaxResult.FAILED, 0, uncertain=True))
    zheng, page = window("zheng"), f"/fax/{fax_no}"
    assert fax_no in zheng.text("/fax").split("隔离中的来传真")[0], "what waits for a decision stands first"
    assert "另有一页可能已到" in zheng.text(page)
    for decision, state in (("resend", FaxState.WAITING), ("settle", FaxState.ENDED)):
        zheng.post(page, f"{page}/{decision}", password="guess")
        assert fax_views.show_fax(room.gate, room.actor("zheng"), fax_no).state is FaxState.TO_DECIDE
        assert zheng.post(page, f"{page}/{decision}", password=PASSWORD).status_code == 302
        assert fax_views.show_fax(room.gate, room.actor("zheng"), fax_no).state is state
        if decision == "resend":
            attempt(room, fax_no, FaxOutcome(FaxResult.PART, 0))


def test_a_received_fax_is_looked_at_registered_made_a_job_and_signed_for(room: Room, window: Window) -> None:
    out = io.BytesIO()
    write_fax_tiff(fax_pages(2), out, lines_per_inch=98)
    room.gate.spool.refill()
    fax_no = fax_tray.receive(room.gate, Arrival("fax1.tif", "0591 1", 2, whole=True), out.getvalue()).fax_no
    zheng, sun, page = window("zheng"), window("sun"), f"/fax/{fax_no}"
    assert zheng.get(f"{page}/pages/2.png").mimetype == "image/png"
    assert sun.get(page).status_code == sun.get(f"{page}/pages/1.png").status_code == 404
    said = {"peer": "某省统计局", "summary": "会议", "level": "neibu", "department": "D03", "crypt_class": "plain"}
    assert zheng.post(page, f"{page}/register", **said).status_code == 302
    assert zheng.post(page, f"{page}/print", recipient="sun", device="PRN-JY-01").status_code == 302
    assert fax_no in sun.text("/mine/fax")
    assert sun.get(f"{page}/pages/1.png").mimetype == "image/png"
    assert sun.post(page, f"{page}/sign").status_code == 302
    fax = fax_views.show_fax(room.gate, room.actor("zheng"), fax_no)
    assert (fax.state, fax.signed_by) == (FaxState.ENDED, "sun")
    job = jobs.show(room.gate, room.actor("sun"), fax.job_no)
    assert (job.stage, job.requester, job.device) == (JobStage.HELD, "sun", "PRN-JY-01")
    assert room.verify().ok


def test_the_address_book_and_the_processing_records(room: Room, window: Window) -> None:
    zheng, zhao = window("zheng"), window("zhao")
    assert zheng.post("/fax/peers", "/fax/peers", unit="省统计局", number="0591 8712 3456").status_code == 302
    zheng.post("/fax/peers", "/fax/peers", unit="另一个", number="+86 591 8712 3456")
    assert "E_CONFLICT" in zheng.text("/fax/peers")
    (peer,) = fax_peers.list_peers(room.gate, room.actor("zheng"))
    zhao.post("/mine/fax", f"/fax/peers/{peer.peer_id}/close")
    assert fax_peers.list_peers(room.gate, room.actor("zheng"))[0].active, "only the room keeps the book"
    assert zheng.post("/fax/peers", f"/fax/peers/{peer.peer_id}/close").status_code == 302
    assert not fax_peers.list_peers(room.gate, room.actor("zheng"))[0].active

    said = {"source_level": "mimi", "method": "left_out", "result_level": "neibu", "result_hash": "a1" * 32}
    assert zhao.post("/mine/fax", "/mine/fax/processings", **said).status_code == 302
    (record,) = fax_processing.list_processings(room.gate, room.actor("sun"))
    zhao.post("/mine/fax", f"/mine/fax/processings/{record.tpr_no}/review", password=PASSWORD)
    assert window("sun").post("/mine/fax", f"/mine/fax/processings/{record.tpr_no}/review", password=PASSWORD).status_code == 302
    assert fax_processing.list_processings(room.gate, room.actor("zhao"))[0].reviewer == "sun"


WISH = {"number": "0591 8712 3456", "peer": "省统计局", "person": "林某", "level": "neibu", "source_level": "gongkai"}


def bring(browser: Browser, content: bytes, name: str = "会议 通知.PDF", **told: str) -> str:
    """Send the form with a file; what the page says then."""
    token = TOKEN.search(browser.text("/mine/fax"))
    assert token is not None
    form = {"csrf_token": token[1], **WISH, "document": (io.BytesIO(content), name)}
    told |= {"HTTP_REFERER": "http://localhost/mine/fax"}
    answer = browser.client.post("/mine/fax/document", data=form, environ_overrides=told, content_type="multipart/form-data")
    assert answer.status_code == 302
    return browser.text("/mine/fax")


def test_a_file_and_a_number_in_one_form_become_a_fax_and_never_lie_readable_on_a_disk(
    room: Room, window: Window, monkeypatch: pytest.MonkeyPatch
) -> None:
    room.gate.spool.refill()
    places, bring_fax = [], uploads.bring_fax

    def seen(gate: Gate, actor: Actor, wish: FaxWish, name: str, source: BinaryIO) -> str:
        places.append(str(Path(f"/proc/self/fd/{source.fileno()}").readlink()))
        return bring_fax(gate, actor, wish, name, source)

    monkeypatch.setattr(uploads, "bring_fax", seen)
    paper = io.BytesIO()
    with pikepdf.open(document("one", "two")) as pdf:
        pdf.attachments["random"] = os.urandom(2 << 20)  # more than any other form takes
        pdf.save(paper)
    bring(window("zhao"), paper.getvalue())
    (job_id,) = counting.jobs_to_count(room.gate)
    counting.count_job(room.gate, job_id)
    assert fax_orders.orders_to_file(room.gate) == [job_id]
    fax_orders.file_order(room.gate, job_id)
    (fax,) = fax_views.list_faxes(room.gate, room.actor("zhao"), mine=True)
    assert (fax.number, fax.peer, fax.summary, fax.pages, fax.state) == (DIALLED, "省统计局", "会议 通知", 2, FaxState.HELD)
    assert (fax_orders.orders_to_file(room.gate), places[0].startswith("/memfd:imprimatur-upload")) == ([], True)
    assert room.verify().ok


def test_what_is_no_document_or_too_much_is_said_at_once(room: Room, window: Window) -> None:
    zhao = window("zhao")
    assert "文件不是 PDF" in bring(zhao, b"\x7fELF" + bytes(100))
    assert "文件不是 PDF" in bring(zhao, b"")
    assert "超过本页可收的大小" in bring(zhao, b"%PDF-1.4", CONTENT_LENGTH=str(65 << 20))
    assert counting.jobs_to_count(room.gate) == []
    outside = Browser(zhao.client.application)
    assert outside.client.post("/mine/fax/document", data=b"x", environ_overrides={"CONTENT_LENGTH": str(1 << 40)}).location == "/login"
