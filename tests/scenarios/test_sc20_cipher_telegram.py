"""SC-20 Cipher telegram (R17 R18 R72): print, copy, scan and fax with any permit; nothing is kept.

Carrying out needs a carrier of one, which no permit can make."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlmodel import select

from gateway.db.tables import Job
from gateway.domain.codes import Code
from gateway.domain.vocabulary import DocType, JobStage, Level, PermitKind
from gateway.errors import RefusedError
from gateway.services import counting, declaring, jobs, retention
from gateway.services.declaring import Declaration
from rehearsal.papers import write_pdf
from tests.room import Room
from tests.services.copies import begun, copied, lay_in
from tests.watermark.papers import document

TELEGRAM = Declaration(doc_type=DocType.CIPHER_TELEGRAM, doc_no="密电〔2026〕1号")


def nothing_is_left(room: Room, job_no: str) -> None:
    retention.destroy_finished_content(room.gate)
    view = jobs.show(room.gate, room.actor("zheng"), job_no)
    assert (view.stage, view.title, [reason.code for reason in view.reasons]) == (JobStage.REFUSED, "", [Code.E_CIPHER_TELEGRAM])
    assert room.gate.spool.list() == []
    with room.gate.database.reading() as session:
        assert "密电" not in repr(session.exec(select(Job)).all())


def test_print_is_refused(room: Room) -> None:
    nothing_is_left(room, room.submit(document("x").getvalue(), permit=room.permit(), doc_type="cipher_telegram"))


@pytest.mark.parametrize("whole", [False, True], ids=["scan", "copy"])
def test_scan_and_copy_are_refused(room: Room, *, whole: bool) -> None:
    job = copied(room, []) if whole else begun(room)
    if not whole:
        lay_in(room, job, [])
    with pytest.raises(RefusedError) as caught:
        declaring.declare_original(room.gate, room.actor("zheng"), job, TELEGRAM)
    assert [reason.code for reason in caught.value.reasons] == [Code.E_CIPHER_TELEGRAM]
    nothing_is_left(room, job)


@pytest.mark.parametrize("kind", [PermitKind.PRINT, PermitKind.COPY, PermitKind.FAX])
def test_no_permit_for_one_can_be_asked_for(room: Room, kind: PermitKind) -> None:
    with pytest.raises(RefusedError) as caught:
        room.request(kind=kind, doc_type=DocType.CIPHER_TELEGRAM, level=Level.NEIBU, term="", copies=1)
    assert Code.E_CIPHER_TELEGRAM in [reason.code for reason in caught.value.reasons]


def test_a_paper_declared_ordinary_that_speaks_of_one_is_looked_at(room: Room, tmp_path: Path) -> None:
    job = room.submit(write_pdf(tmp_path / "telegram.pdf", "密码电报", 1).read_bytes())
    assert counting.jobs_to_count(room.gate) == []
    assert Code.E_TELEGRAM_SUSPECTED in [reason.code for reason in jobs.show(room.gate, room.actor("zheng"), job).reasons]
