"""A document that is a picture is no way past the marks (R41): Tesseract reads it, or approver and doctor are told that nobody did."""

from __future__ import annotations

import io
import shutil
from pathlib import Path

import img2pdf
import pytest
from PIL import Image
from sqlmodel import select

from gateway.db.tables import LedgerEntry
from gateway.domain.codes import Code
from gateway.domain.vocabulary import JobStage
from gateway.errors import RefusedError
from gateway.services import fax_views, jobs
from gateway.services.fax_filing import file_job
from tests.room import Room
from tests.services.test_faxing import WISH
from tests.watermark.papers import document
from tests.watermark.test_ocr import page


def scanned(head: str) -> bytes:
    """A page of dots, as a scanner's PDF has it."""
    picture = io.BytesIO()
    page(head).convert("L").resize((1728, 2288), Image.Resampling.BOX).save(picture, "PNG", dpi=(204, 204))
    return bytes(img2pdf.convert(picture.getvalue()))


def sent(room: Room, paper: bytes) -> str:
    room.gate.spool.refill()
    return room.submit(paper)


def test_a_picture_of_a_mark_is_refused_and_its_content_ends(room: Room) -> None:
    job = sent(room, scanned("机密★10年"))
    with pytest.raises(RefusedError) as caught:
        file_job(room.gate, room.actor("zhao"), job, WISH)
    assert [reason.code for reason in caught.value.reasons] == [Code.E_FAX_CLASSIFIED]
    assert jobs.show(room.gate, room.actor("zhao"), job).stage is JobStage.REFUSED


def test_a_picture_without_a_mark_goes_on_and_says_that_it_was_read(room: Room) -> None:
    fax = file_job(room.gate, room.actor("zhao"), sent(room, scanned("普通")), WISH)
    assert (fax.picture_pages, fax.pictures_read) == ((1,), True)
    with room.gate.database.reading() as session:
        (entry,) = session.exec(select(LedgerEntry).where(LedgerEntry.kind == "fax.filed")).all()
    assert '"picture_pages":[1],"pictures_read":true' in entry.body


def test_text_is_no_picture(room: Room) -> None:
    fax = file_job(room.gate, room.actor("zhao"), sent(room, document("page").getvalue()), WISH)
    assert (fax.picture_pages, fax.pictures_read) == ((), False)


def test_where_nobody_reads_pictures_it_is_said(furnished: Path, tmp_path: Path) -> None:
    room = Room.open(Path(shutil.copytree(furnished, tmp_path / "room")), fax_ocr=False)
    try:
        filed = file_job(room.gate, room.actor("zhao"), sent(room, scanned("普通")), WISH)
        fax = fax_views.show_fax(room.gate, room.actor("wu"), filed.fax_no)
        assert (fax.picture_pages, fax.pictures_read) == ((1,), False)
    finally:
        room.close()
