"""Copying: pages come into a job, the original is known or declared, the permit must fit it, copies know their original (R01, R13-R25)."""

from __future__ import annotations

import io
from typing import Any

import pytest
import zxingcpp
from PIL import Image
from sqlmodel import select

from gateway.copy_desk import CopyDesk
from gateway.db.tables import PrintRegisterRow
from gateway.domain.codes import Code
from gateway.domain.register_forms import FORMS
from gateway.domain.vocabulary import DocType, JobStage, Level, Origin, PermitKind
from gateway.errors import ConflictError, ForbiddenError, InvalidInputError, NotFoundError, RefusedError
from gateway.scanners import Colours, Fault, Source
from gateway.services import alerts, carrier_views, copy_scans, copy_views, copying, declaring, jobs, previews, retention, statistics
from gateway.services.copying import CopyWish
from gateway.services.counting import limits_of
from gateway.services.declaring import Declaration
from gateway.services.exports import register_rows
from gateway.services.fax_filing import FaxWish, draw_pages, file_fax
from gateway.services.matching import match_job
from spool import DestroyedError, UnknownObjectError
from tests.room import Room
from tests.scanners.fake import FakeScanner, picture
from tests.services.copies import WISH, begun, code_of, copied, counted, declared, lay_in, pages_of
from tests.services.paper import print_job, printed

SCOPE = {"D01": 1, "D02": 1, "D03": 1}
JIMI = {"level": Level.JIMI, "term": "10年", "knowers": ("zhao",)}


def codes(room: Room, job_no: str) -> list[Code]:
    return [reason.code for reason in jobs.show(room.gate, room.actor("zheng"), job_no).reasons]


def copy_permit(room: Room, job_no: str, *, level: Level = Level.MIMI, term: str = "5年", copies: int = 3, **how: Any) -> str:
    """sun asks for it from the job; li and wu approve."""
    scope = how.pop("scope", {"D03": copies})
    return room.permit(job=job_no, by="sun", kind=PermitKind.COPY, level=level, term=term, copies=copies, scope=scope, **how)


def code_page(room: Room) -> bytes:
    """A page that bears the code of the first carrier, as a scanner gives it."""
    code = zxingcpp.create_barcode(code_of(room, "ZT-2026-000001"), zxingcpp.BarcodeFormat.QRCode, ec_level="Q")
    points: Any = zxingcpp.write_barcode_to_image(code, scale=5, add_quiet_zones=True)
    page = Image.new("L", (827, 1169), 255)
    page.paste(Image.frombuffer("L", (points.shape[1], points.shape[0]), memoryview(points).tobytes()), (30, 1000))
    out = io.BytesIO()
    page.save(out, "PNG", dpi=(100, 100))
    return out.getvalue()


def refused(act: Any, *args: Any, **more: Any) -> list[Code]:
    with pytest.raises(RefusedError) as caught:
        act(*args, **more)
    return [reason.code for reason in caught.value.reasons]


def scan(room: Room, job_no: str, scanner: FakeScanner, **more: Any) -> None:
    """One scan as the daemon makes it."""
    order = {"source": Source.FEEDER, "colours": Colours.GREY, "resolution": 100, **more}
    object.__setattr__(room.gate.settings, "scanners", {"counter": "fake"})
    copy_scans.order_scan(room.gate, room.actor("zheng"), job_no, "counter", **order)
    taken = copy_scans.take_order(room.gate, [])
    assert taken is not None
    CopyDesk(room.gate, lambda *_: scanner).scan(taken)


def test_a_copy_of_our_own_paper_from_scan_to_carrier(room: Room) -> None:
    printed(room, copies=3, scope=SCOPE)
    job = copied(room, [code_of(room, "ZT-2026-000002")])
    assert codes(room, job) == [Code.E_NO_PERMIT], "the original is known: nothing to declare"
    permit = copy_permit(room, job, pages=1)
    assert jobs.show(room.gate, room.actor("zheng"), job).releasable
    print_job(room, job)
    found = carrier_views.list_carriers(room.gate, room.actor("zheng"), permit=permit)
    assert [(carrier.copy_number, carrier.parent, carrier.mark) for carrier in reversed(found)] == [
        (number, "ZT-2026-000002", "秘密★5年") for number in (1, 2, 3)
    ]
    share = next(share for share in statistics.paper_of_month(room.gate, room.actor("lin"), "2026-03") if share.group == "D03")
    assert (share.sheets_copy, share.sheets_print) == (3, 0)
    (row,) = register_rows(room.gate, room.actor("lin"), "copy", "2026-03")
    assert set(FORMS["copy"].keys) <= set(row)
    assert (row["job"], row["original_carrier"], row["original_copy"], row["copies_good"]) == (job, "ZT-2026-000002", "000002", 3)
    assert room.verify().ok


def test_a_jam_keeps_what_was_scanned_and_the_scan_goes_on(room: Room) -> None:
    room.gate.spool.refill()
    job = begun(room)
    scan(room, job, FakeScanner([picture("a"), picture("b")], Fault.JAM))
    assert [page.position for page in pages_of(room, job)] == [1, 2]
    scan(room, job, FakeScanner([picture("c")]))
    with room.gate.spool.fetched(pages_of(room, job)[2].spool_object) as page:
        assert page.read() == picture("c")
    scan(room, job, FakeScanner([picture("B")]), replace_page=2, source=Source.FLATBED)
    with room.gate.spool.fetched(pages_of(room, job)[1].spool_object) as page:
        assert page.read() == picture("B")
    view = copying.finish_copy(room.gate, room.actor("zheng"), job)
    counted(room, job)
    assert view.stage is JobStage.HELD
    assert jobs.show(room.gate, room.actor("zheng"), job).pages == 3


def test_pages_are_moved_and_taken_out(room: Room) -> None:
    job = begun(room)
    lay_in(room, job, [], [], [], [])
    before = [page.id for page in pages_of(room, job)]
    copying.place_page(room.gate, room.actor("zheng"), job, 4, 1)
    assert [page.id for page in pages_of(room, job)] == [before[3], before[0], before[1], before[2]]
    gone = pages_of(room, job)[1].spool_object
    copying.remove_page(room.gate, room.actor("zheng"), job, 2)
    assert [page.id for page in pages_of(room, job)] == [before[3], before[1], before[2]]
    with pytest.raises((DestroyedError, UnknownObjectError)), room.gate.spool.fetched(gone):
        pass
    for number in (0, 4):
        with pytest.raises(NotFoundError):
            copying.remove_page(room.gate, room.actor("zheng"), job, number)


def test_a_restart_keeps_the_session_and_ends_its_scan(room: Room) -> None:
    job = begun(room)
    lay_in(room, job, [], [])
    object.__setattr__(room.gate.settings, "scanners", {"counter": "fake"})
    order = {"source": Source.FEEDER, "colours": Colours.GREY, "resolution": 100}
    copy_scans.order_scan(room.gate, room.actor("zheng"), job, "counter", **order)  # type: ignore[arg-type]
    assert copy_scans.take_order(room.gate, ["counter"]) is None
    assert copy_scans.take_order(room.gate, []) is not None
    for act in (copying.finish_copy, lambda gate, actor, number: copying.remove_page(gate, actor, number, 1)):
        with pytest.raises(ConflictError):
            act(room.gate, room.actor("zheng"), job)
    with pytest.raises(ConflictError):
        copy_scans.order_scan(room.gate, room.actor("wang"), begun(room), "counter", **order)  # type: ignore[arg-type]
    copy_scans.end_interrupted_scans(room.gate)
    copying.finish_copy(room.gate, room.actor("zheng"), job)
    assert len(pages_of(room, job)) == 2


def test_nothing_is_begun_that_makes_no_sense(room: Room) -> None:
    with pytest.raises(ForbiddenError):
        copying.begin_copy(room.gate, room.actor("sun"), WISH)
    with pytest.raises(NotFoundError):
        begun(room, CopyWish("nobody", "PRN-JY-01", 1, ""))
    with pytest.raises(InvalidInputError):
        begun(room, CopyWish("sun", "PRN-JY-01", 0, ""))
    job = begun(room)
    with pytest.raises(ConflictError):
        copying.finish_copy(room.gate, room.actor("zheng"), job)
    printed_job = room.submit(picture("x"))
    with pytest.raises(NotFoundError):
        copying.finish_copy(room.gate, room.actor("zheng"), printed_job)


def test_a_page_without_a_code_is_declared_and_looked_at_by_a_second_person(room: Room) -> None:
    job = copied(room, [], ["ICxxxxxxxxxxxxxxxxxxxxxxxxx"], wish=WISH)
    assert Code.E_ORIGINAL in codes(room, job)
    said = Declaration(Level.MIMI, "5年")
    declaring.declare_original(room.gate, room.actor("zheng"), job, said)
    copy_permit(room, job, pages=2)
    assert codes(room, job) == [Code.E_SECOND_LOOK]
    assert refused(declaring.second_original, room.gate, room.actor("wang"), job) == [Code.E_NOT_REVIEWED]
    for page in (1, 2):
        for name in ("wang", "zheng"):
            previews.note_page(room.gate, room.actor(name), job, page)
    for name in ("zheng", "sun", "li"):
        with pytest.raises(ForbiddenError):
            declaring.second_original(room.gate, room.actor(name), job)
    assert declaring.second_original(room.gate, room.actor("wang"), job).releasable
    declaring.declare_original(room.gate, room.actor("zheng"), job, Declaration(Level.JIMI, "10年"))
    assert set(codes(room, job)) == {Code.E_SECOND_LOOK, Code.E_LEVEL_MISMATCH}, "a new word is looked at anew"
    assert room.verify().ok


def test_a_blank_back_needs_no_word(room: Room) -> None:
    printed(room, copies=3, scope=SCOPE)
    job = begun(room)
    lay_in(room, job, [code_of(room, "ZT-2026-000001")])
    lay_in(room, job, [], blank=True)
    copying.finish_copy(room.gate, room.actor("zheng"), job)
    counted(room, job)
    assert codes(room, job) == [Code.E_NO_PERMIT]


def test_several_originals_count_as_the_highest(room: Room) -> None:
    printed(room, copies=1, scope={"D03": 1})
    printed(room, copies=1, scope={"D03": 1}, **JIMI)
    job = copied(room, [code_of(room, "ZT-2026-000001")], [code_of(room, "ZT-2026-000002")])
    copy_permit(room, job, pages=2)
    assert codes(room, job) == [Code.E_LEVEL_MISMATCH]
    other = copied(room, [code_of(room, "ZT-2026-000001")], [code_of(room, "ZT-2026-000002")])
    copy_permit(room, other, pages=2, level=Level.JIMI, term="10年", knowers=("sun",))
    assert codes(room, other) == []


def test_a_copy_goes_to_nobody_its_original_does_not(room: Room) -> None:
    printed(room, copies=3, scope=SCOPE)
    job = copied(room, [code_of(room, "ZT-2026-000001")])
    scope = {"D03": 2, "D04": 1}
    assert refused(copy_permit, room, job, pages=1, scope=scope) == [Code.E_SCOPE], "asked from the job"
    before = room.permit(by="sun", kind=PermitKind.COPY, copies=3, pages=1, scope=scope)
    match_job(room.gate, room.actor("zheng"), job, before)
    assert codes(room, job) == [Code.E_SCOPE], "asked in advance"


def test_the_permit_may_not_say_less_of_the_original_than_is_known(room: Room) -> None:
    job = copied(room, [])
    declared(room, job, Declaration(Level.MIMI, "5年", from_above=True, no_copy_notice=True))
    copy_permit(room, job, pages=1)
    assert codes(room, job) == [Code.E_UPPER_DOC_NO_CONSENT, Code.E_UPPER_DOC_NO_CONSENT]


def test_a_top_secret_original_is_refused_while_it_is_scanned(room: Room) -> None:
    job = begun(room)
    lay_in(room, job, [])
    objects = [page.spool_object for page in pages_of(room, job)]
    said = Declaration(Level.JUEMI, "20年")
    assert refused(declaring.declare_original, room.gate, room.actor("zheng"), job, said) == [Code.E_TOPSECRET_COPY]
    assert jobs.show(room.gate, room.actor("zheng"), job).stage is JobStage.REFUSED
    for spool_object in objects:
        with pytest.raises((DestroyedError, UnknownObjectError)), room.gate.spool.fetched(spool_object):
            pass
    assert not lay_in(room, job, []), "the scanner is told to stop"
    with room.gate.database.reading() as session:
        rows = session.exec(select(PrintRegisterRow)).all()
    assert [(row.status, row.codes) for row in rows] == [("refused", "E_TOPSECRET_COPY")]
    assert job in [alert.subject for alert in alerts.list_alerts(room.gate, room.actor("wu"))]
    retention.destroy_finished_content(room.gate)
    assert room.gate.spool.list() == []
    assert room.verify().ok


def test_a_cipher_telegram_leaves_no_title(room: Room) -> None:
    job = begun(room)
    lay_in(room, job, [])
    said = Declaration(doc_type=DocType.CIPHER_TELEGRAM, doc_no="密电〔2026〕1号")
    assert refused(declaring.declare_original, room.gate, room.actor("zheng"), job, said) == [Code.E_CIPHER_TELEGRAM]
    assert (jobs.show(room.gate, room.actor("zheng"), job).title, room.verify().ok) == ("", True)


def test_a_session_that_is_given_up_has_its_row_when_pages_were_scanned(room: Room) -> None:
    with_pages, without = begun(room), begun(room)
    lay_in(room, with_pages, [])
    for job in (with_pages, without):
        assert copying.give_up_copy(room.gate, room.actor("zheng"), job).stage is JobStage.CANCELED
    with room.gate.database.reading() as session:
        assert [row.job_no for row in session.exec(select(PrintRegisterRow)).all()] == [with_pages]
    retention.destroy_finished_content(room.gate)
    assert room.gate.spool.list() == []
    forgotten = begun(room)
    lay_in(room, forgotten, [])
    room.clock.advance(hours=room.gate.settings.hold_hours + 1)
    assert copying.expire_copies(room.gate) == 1
    assert jobs.show(room.gate, room.actor("zheng"), forgotten).stage is JobStage.CANCELED
    assert room.verify().ok


def test_a_carrier_named_by_hand_brings_its_circle(room: Room) -> None:
    printed(room, copies=3, scope=SCOPE, origin=Origin.SUPERIOR, issuer="省办")
    job = copied(room, [])
    declared(room, job, Declaration(carrier="ZT-2026-000003"))
    assert refused(copy_permit, room, job, pages=1, scope={"D04": 3}) == [Code.E_SCOPE]
    permit = copy_permit(room, job, pages=1, origin=Origin.SUPERIOR, issuer="省办")
    print_job(room, job)
    assert {c.parent for c in carrier_views.list_carriers(room.gate, room.actor("zheng"), permit=permit)} == {"ZT-2026-000003"}


def test_a_paper_the_books_call_destroyed_is_not_copied(room: Room) -> None:
    printed(room, copies=1, scope={"D03": 1})
    with room.gate.database.writing() as session:
        session.connection().exec_driver_sql("UPDATE carrier SET state = 'destroyed'")
    job = copied(room, [code_of(room, "ZT-2026-000001")])
    assert Code.E_ORIGINAL in codes(room, job)


def test_a_code_that_says_top_secret_ends_the_scan_at_that_page(room: Room) -> None:
    printed(room, copies=1, scope={"D03": 1})
    with room.gate.database.writing() as session:
        session.connection().exec_driver_sql("UPDATE permit SET level = 'juemi'")
    job = begun(room)
    scan(room, job, FakeScanner([picture("a"), code_page(room), picture("b")]))
    assert codes(room, job) == [Code.E_TOPSECRET_COPY]
    assert len(pages_of(room, job)) == 2, "the third page was not asked for"
    assert all(page.spool_object not in room.gate.spool.list() for page in pages_of(room, job))


def test_a_session_that_grows_too_large_to_be_counted_stops_before_that(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(copy_scans, "most_bytes", lambda _: 2 * len(picture("a")) + 1)
    room.gate.spool.refill()
    job = begun(room)
    scan(room, job, FakeScanner([picture("a"), picture("a"), picture("a")]))
    found = copy_views.show_copy(room.gate, room.actor("zheng"), job)
    assert (len(found.pages), found.fault) == (2, copy_scans.TOO_LARGE)
    scan(room, job, FakeScanner([picture("a")]))
    assert len(copy_views.show_copy(room.gate, room.actor("zheng"), job).pages) == 2
    assert limits_of(room.gate, 100).seconds == room.gate.settings.count_seconds + 400


def test_a_scan_is_no_way_to_fax_a_secret(room: Room) -> None:
    printed(room, copies=1, scope={"D03": 1})
    job = copied(room, [code_of(room, "ZT-2026-000001")])
    wish = FaxWish("059187123456", "省统计局", "林某", Level.NEIBU)
    with pytest.raises(ConflictError, match="scanned from paper"):
        file_fax(room.gate, room.actor("sun"), job, wish, draw_pages(room.gate, room.actor("sun"), job))


def test_what_is_asked_for_from_a_copy_job_is_a_copy_permit(room: Room) -> None:
    printed(room, copies=3, scope=SCOPE)
    job = copied(room, [code_of(room, "ZT-2026-000001")])
    assert room.request(job=job, by="sun", copies=3, pages=1, scope={"D03": 3}).kind is PermitKind.COPY
