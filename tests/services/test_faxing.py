"""A fax from its filing to its end: bound approval, one-use grants, retries, decisions, the tray (R41-R48; SC-26 to SC-29)."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from PIL import Image
from sqlmodel import select

from gateway.db.tables import LedgerEntry
from gateway.domain.codes import Code, Reason
from gateway.domain.fax import CryptClass, FaxOutcome, FaxResult, FaxState, ProcessingMethod
from gateway.domain.vocabulary import JobStage, Level, PermitKind
from gateway.errors import ConflictError, ForbiddenError, NotFoundError, RefusedError
from gateway.services import alerts, fax_processing, fax_tray, fax_views, faxing, jobs, permits, release, reminders, retention
from gateway.services.fax_filing import FaxWish, file_fax
from gateway.services.fax_tray import Arrival, Registration
from gateway.services.faxing import Grant
from tests.room import Room
from tests.watermark.papers import document
from watermark.faxtiff import write_fax_tiff

NUMBER = "+86 591 8712 3456"
DIALLED = "059187123456"
WISH = FaxWish(NUMBER, "省统计局", "林某", Level.NEIBU)


def pages_of(count: int = 1, shade: int = 255) -> bytes:
    out = io.BytesIO()
    write_fax_tiff([Image.new("1", (1728, 100 + page), shade) for page in range(count)], out, lines_per_inch=98)
    return out.getvalue()


def codes_of(act: Callable[..., Any], *args: Any, **more: Any) -> list[Code]:
    with pytest.raises(RefusedError) as caught:
        act(*args, **more)
    return [reason.code for reason in caught.value.reasons]


def held(room: Room, **how: Any) -> str:
    room.gate.spool.refill()
    return room.submit(document("page").getvalue(), **how)


def filed(room: Room, wish: FaxWish = WISH, tiff: bytes | None = None) -> tuple[str, str]:
    """A filed fax and its job."""
    job = held(room)
    return file_fax(room.gate, room.actor("zhao"), job, wish, tiff or pages_of()).fax_no, job


def approved(room: Room) -> str:
    """A fax whose permit wu of the secrecy office approved."""
    fax_no, job = filed(room)
    permit = room.request(job=job, kind=PermitKind.FAX, level=Level.NEIBU, term="", copies=1, pages=1).permit_no
    room.review("wu", permit)
    permits.approve_permit(room.gate, room.actor("wu"), permit)
    return fax_no


def dial(room: Room, grant: Grant) -> Reason | None:
    return faxing.check(room.gate, grant.tag, grant.number, grant.sha256, grant.pages)


def attempt(room: Room, fax_no: str, outcome: FaxOutcome) -> fax_views.FaxView:
    grant = faxing.begin(room.gate, fax_no)
    assert dial(room, grant) is None
    return faxing.record_attempt(room.gate, grant.tag, outcome)


def kinds(room: Room) -> list[str]:
    with room.gate.database.reading() as session:
        return [entry.kind for entry in session.exec(select(LedgerEntry)).all()]


def test_an_approved_fax_is_dialled_once_and_its_number_is_nowhere_in_the_ledger(room: Room) -> None:
    fax_no = approved(room)
    assert faxing.faxes_to_send(room.gate) == [fax_no]
    grant = faxing.begin(room.gate, fax_no)
    assert (grant.number, grant.pages, grant.attempt) == (DIALLED, 1, 1)
    with room.gate.spool.fetched(grant.spool_object) as stored:
        assert hashlib.sha256(stored.read()).hexdigest() == grant.sha256
    with pytest.raises(RefusedError):
        faxing.begin(room.gate, fax_no)
    assert [one.tag for one in faxing.open_grants(room.gate)] == [grant.tag]
    assert dial(room, grant) is None
    again = dial(room, grant)
    assert again is not None
    assert again.code is Code.E_QTY_EXCEEDED
    for _ in range(2):
        seen = faxing.record_attempt(room.gate, grant.tag, FaxOutcome(FaxResult.WHOLE, 1, seconds=30, remote="591 1"))
        assert (seen.state, seen.result, seen.pages_sent, len(seen.attempts)) == (FaxState.ENDED, FaxResult.WHOLE, 1, 1)
    assert faxing.open_grants(room.gate) == []
    assert faxing.faxes_to_send(room.gate) == []
    with room.gate.database.reading() as session:
        told = "".join(entry.body for entry in session.exec(select(LedgerEntry)).all())
    assert DIALLED not in told
    assert "省统计局" not in told
    assert "*" in fax_views.show_fax(room.gate, room.actor("chu"), fax_no).number
    assert room.verify().ok


@pytest.mark.parametrize(
    ("number", "sha256", "pages", "code"),
    [("13800", None, 1, Code.E_SCOPE), (DIALLED, "0" * 64, 1, Code.E_HASH_MISMATCH), (DIALLED, None, 2, Code.E_PAGES_MISMATCH)],
)
def test_what_was_changed_after_the_approval_is_not_dialled(room: Room, number: str, sha256: str | None, pages: int, code: Code) -> None:
    grant = faxing.begin(room.gate, approved(room))
    against = faxing.check(room.gate, grant.tag, number, sha256 or grant.sha256, pages)
    assert against is not None
    assert against.code is code
    assert dial(room, grant) is not None, "a grant somebody tampered with is used up"
    assert kinds(room).count("fax.call_refused") == 2
    assert "fax.dialled" not in kinds(room)


def test_an_unknown_tag_is_not_dialled(room: Room) -> None:
    against = faxing.check(room.gate, "f" * 32, DIALLED, "0" * 64, 1)
    assert against is not None
    assert against.code is Code.E_NO_PERMIT
    with pytest.raises(NotFoundError):
        faxing.record_attempt(room.gate, "f" * 32, FaxOutcome(FaxResult.FAILED))


def test_many_ask_for_one_call_and_one_dials(room: Room) -> None:
    grant = faxing.begin(room.gate, approved(room))
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: dial(room, grant), range(24)))
    assert answers.count(None) == 1


def test_many_begin_one_fax_and_one_grant_is_made(room: Room) -> None:
    fax_no = approved(room)

    def begun(_: int) -> bool:
        try:
            faxing.begin(room.gate, fax_no)
        except (RefusedError, ConflictError):
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(begun, range(16))) == 1


def test_without_approval_or_after_it_was_taken_back_nothing_is_dialled(room: Room) -> None:
    fax_no, job = filed(room)
    assert codes_of(faxing.begin, room.gate, fax_no) == [Code.E_NO_PERMIT]
    permit = room.request(job=job, kind=PermitKind.FAX, level=Level.NEIBU, term="", copies=1, pages=1).permit_no
    assert Code.E_PERMIT_PENDING in codes_of(faxing.begin, room.gate, fax_no)
    room.review("wu", permit)
    permits.approve_permit(room.gate, room.actor("wu"), permit)
    assert codes_of(release.release_job, room.gate, room.actor("zheng"), job) == [Code.E_PERMIT_CHANNEL]
    grant = faxing.begin(room.gate, fax_no)
    permits.revoke_permit(room.gate, room.actor("wu"), permit, "有误")
    against = dial(room, grant)
    assert against is not None
    assert against.code is Code.E_PERMIT_REVOKED


def test_a_busy_number_is_tried_three_times_then_no_more(room: Room) -> None:
    """SC-27, first half."""
    fax_no = approved(room)
    for number in (1, 2, 3):
        seen = attempt(room, fax_no, FaxOutcome(FaxResult.BUSY))
        assert len(seen.attempts) == number
        assert faxing.faxes_to_send(room.gate) == []
        if number < 3:
            with pytest.raises(ConflictError):
                faxing.begin(room.gate, fax_no)
            room.clock.advance(minutes=5)
    assert (seen.state, seen.result, seen.pages_sent) == (FaxState.ENDED, FaxResult.BUSY, 0)
    room.clock.advance(hours=1)
    assert faxing.faxes_to_send(room.gate) == []


def test_a_broken_call_waits_for_an_operator_and_a_day_is_the_longest(room: Room) -> None:
    """SC-27, second half: no page goes twice without a person's decision."""
    fax_no = approved(room)
    seen = attempt(room, fax_no, FaxOutcome(FaxResult.FAILED, 0, uncertain=True))
    assert (seen.state, seen.uncertain) == (FaxState.TO_DECIDE, True)
    assert faxing.faxes_to_send(room.gate) == []
    with pytest.raises(ForbiddenError):
        faxing.resend(room.gate, room.actor("zhao"), fax_no)
    faxing.resend(room.gate, room.actor("zheng"), fax_no)
    assert faxing.faxes_to_send(room.gate) == [fax_no]
    attempt(room, fax_no, FaxOutcome(FaxResult.PART, 0))
    room.clock.advance(hours=24)
    assert codes_of(faxing.resend, room.gate, room.actor("zheng"), fax_no) == [Code.E_PERMIT_EXPIRED]
    assert faxing.settle(room.gate, room.actor("zheng"), fax_no).result is FaxResult.PART
    with pytest.raises(ConflictError):
        faxing.settle(room.gate, room.actor("zheng"), fax_no)


def test_classified_matter_ends_the_job_and_leaves_a_row_without_words(room: Room) -> None:
    """SC-26: refused before any number is dialled; the content is destroyed."""
    job = held(room)
    secret = FaxWish(NUMBER, "省统计局", "林某", Level.JIMI)
    assert codes_of(file_fax, room.gate, room.actor("zhao"), job, secret, pages_of()) == [Code.E_FAX_CLASSIFIED]
    assert jobs.show(room.gate, room.actor("zhao"), job).stage is JobStage.REFUSED
    (row,) = fax_views.list_faxes(room.gate, room.actor("zheng"))
    assert (row.state, row.result, row.summary, row.level) == (FaxState.ENDED, FaxResult.REFUSED, "", None)
    assert "alert.raised" in kinds(room)
    retention.destroy_finished_content(room.gate)
    assert room.gate.spool.list() == []
    assert room.verify().ok


def test_made_unclassified_by_one_and_looked_over_by_another(room: Room) -> None:
    """SC-26: the record is bound to the pages; its processor does not look it over himself."""
    gate, zhao, tiff = room.gate, room.actor("zhao"), pages_of()

    def wish(tpr_no: str = "") -> FaxWish:
        return FaxWish(NUMBER, "省统计局", "林某", Level.NEIBU, source_level=Level.MIMI, tpr_no=tpr_no)

    job = held(room)
    assert codes_of(file_fax, gate, zhao, job, wish(), tiff) == [Code.E_FAX_NO_SCREENING]
    tpr = fax_processing.record_processing(
        gate,
        zhao,
        source_level=Level.MIMI,
        method=ProcessingMethod.LEFT_OUT,
        result_level=Level.NEIBU,
        result_hash=hashlib.sha256(tiff).hexdigest(),
    )
    assert tpr == "TPR-2026-0001"
    assert codes_of(file_fax, gate, zhao, job, wish(tpr), tiff) == [Code.E_FAX_NO_SCREENING]
    assert codes_of(fax_processing.review_processing, gate, zhao, tpr) == [Code.E_FAX_NO_SCREENING]
    fax_processing.review_processing(gate, room.actor("sun"), tpr)
    with pytest.raises(ConflictError):
        fax_processing.review_processing(gate, room.actor("li"), tpr)
    assert codes_of(file_fax, gate, zhao, job, wish(tpr), pages_of(shade=0)) == [Code.E_HASH_MISMATCH]
    assert file_fax(gate, zhao, job, wish(tpr), tiff).tpr_no == tpr
    assert room.verify().ok


def received(room: Room, name: str = "fax1.tif", shade: int = 255) -> str:
    room.gate.spool.refill()
    return fax_tray.receive(room.gate, Arrival(name, "0591 1", 4, whole=True), pages_of(4, shade)).fax_no


def test_plain_and_cipher_do_not_mix(room: Room) -> None:
    """SC-28."""
    zheng, cipher, plain = room.actor("zheng"), received(room), received(room, "fax2.tif", 0)
    fax_tray.register_received(room.gate, zheng, cipher, Registration(Level.JIMI, "D03", "某部", crypt_class=CryptClass.CIPHER))
    fax_tray.register_received(room.gate, zheng, plain, Registration(Level.NEIBU, "D03", "某部"))
    job = held(room)
    answer = FaxWish(NUMBER, "某部", "林某", Level.NEIBU, answers=cipher)
    assert codes_of(file_fax, room.gate, room.actor("zhao"), job, answer, pages_of()) == [Code.E_CIPHER_PLAIN_MIX]
    assert codes_of(fax_tray.note_answer, room.gate, zheng, plain, CryptClass.CIPHER) == [Code.E_CIPHER_PLAIN_MIX]
    assert codes_of(fax_tray.note_answer, room.gate, zheng, cipher, CryptClass.CIPHER, by_telephone=True) == [Code.E_CIPHER_PLAIN_MIX]
    fax_tray.note_answer(room.gate, zheng, cipher, CryptClass.CIPHER)
    both = FaxWish(NUMBER, "某部", "林某", Level.NEIBU, crypt_class=CryptClass.CIPHER)
    assert codes_of(file_fax, room.gate, room.actor("zhao"), job, both, pages_of()) == [Code.E_CIPHER_PLAIN_MIX]


def test_a_received_fax_lies_in_quarantine_until_it_is_registered(room: Room) -> None:
    """SC-29."""
    fax_no = received(room)
    assert received(room) == fax_no, "the same file twice is one fax"
    room.clock.advance(days=1, seconds=1)
    reminders.tell_overdue(room.gate)
    assert (fax_no, "fax 1") in [(one.subject, one.detail) for one in alerts.list_alerts(room.gate, room.actor("lin"))]
    said = Registration(Level.NEIBU, "D03", "某省统计局")
    with pytest.raises(ForbiddenError):
        fax_tray.register_received(room.gate, room.actor("zhao"), fax_no, said)
    with pytest.raises(NotFoundError):
        fax_tray.sign_received(room.gate, room.actor("sun"), fax_no)
    seen = fax_tray.register_received(room.gate, room.actor("zheng"), fax_no, said)
    assert (seen.state, seen.result, seen.level, seen.department) == (FaxState.REGISTERED, FaxResult.WHOLE, Level.NEIBU, "D03")
    with pytest.raises(ConflictError):
        fax_tray.register_received(room.gate, room.actor("zheng"), fax_no, said)
    with pytest.raises(NotFoundError):
        fax_tray.sign_received(room.gate, room.actor("zhao"), fax_no)
    assert fax_tray.sign_received(room.gate, room.actor("sun"), fax_no).signed_by == "sun"
    with pytest.raises(ConflictError):
        fax_tray.sign_received(room.gate, room.actor("sun"), fax_no)
    assert room.verify().ok
