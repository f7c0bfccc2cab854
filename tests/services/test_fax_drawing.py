"""The pages a fax will be: stamped before anybody approves them, the same each time, read by a machine after the line (R42, R47)."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
import zxingcpp
from PIL import Image

from gateway.db.tables import Job
from gateway.errors import NotFoundError
from gateway.services.fax_drawing import draw_pages
from rehearsal.papers import write_pdf
from tests.room import Room
from watermark.faxtiff import DOTS_PER_INCH, FINE


def test_the_stamp_names_job_and_pages_and_is_the_same_each_time(room: Room, tmp_path: Path) -> None:
    room.gate.spool.refill()
    job = room.submit(write_pdf(tmp_path / "one.pdf", "会议时间调整", 1).read_bytes())
    tiff = draw_pages(room.gate, room.actor("zhao"), job)
    assert draw_pages(room.gate, room.actor("zhao"), job) == tiff
    with room.gate.database.reading() as session:
        pages = str(session.get_one(Job, 1).page_hash).rpartition(":")[2][:16]
    with Image.open(io.BytesIO(tiff)) as page:
        square = page.convert("L").resize((page.width, page.height * DOTS_PER_INCH // FINE))
    assert {code.text for code in zxingcpp.read_barcodes(square)} == {f"{job} {pages}"}
    assert len(pages) == 16
    with pytest.raises(NotFoundError):
        draw_pages(room.gate, room.actor("sun"), job)
