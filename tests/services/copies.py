"""Copy jobs for these tests: pages as the station keeps them, without a scanner where its part is not looked at."""

from __future__ import annotations

import io
from collections.abc import Sequence

from sqlmodel import select

from gateway.db.tables import Carrier, Copy, Job, JobDocument
from gateway.domain.paper_codes import copy_code
from gateway.services import copying, counting, declaring, previews
from gateway.services.copying import CopyWish
from gateway.services.declaring import Declaration
from tests.room import Room
from tests.scanners.fake import picture
from watermark.model import ScanReport

WISH = CopyWish("sun", "PRN-JY-01", 3, "关于加强文印管理的通知")


def code_of(room: Room, carrier_no: str) -> str:
    """The text of the QR code on a carrier."""
    with room.gate.database.reading() as session:
        carrier = session.exec(select(Carrier).where(Carrier.carrier_no == carrier_no)).one()
        return copy_code(room.gate.code_key, session.get_one(Copy, carrier.copy_id).code_id)


def id_of(room: Room, job_no: str) -> int:
    with room.gate.database.reading() as session:
        return session.exec(select(Job.id).where(Job.job_no == job_no)).one() or 0


def pages_of(room: Room, job_no: str) -> list[JobDocument]:
    with room.gate.database.reading() as session:
        query = select(JobDocument).where(JobDocument.job_id == id_of(room, job_no)).order_by(JobDocument.position)  # type: ignore[arg-type]
        return list(session.exec(query).all())


def lay_in(room: Room, job_no: str, *codes_of_pages: Sequence[str], blank: bool = False) -> bool:
    """Pages come, each with these codes; whether the job still takes pages."""
    room.gate.spool.refill()
    kept = True
    for number, codes in enumerate(codes_of_pages):
        stored = room.gate.spool.put(io.BytesIO(picture("page" + chr(65 + number))))
        kept = copying.add_page(room.gate, id_of(room, job_no), stored, ScanReport(827, 1169, 100, tuple(codes), blank))
    return kept


def begun(room: Room, wish: CopyWish = WISH) -> str:
    return copying.begin_copy(room.gate, room.actor("zheng"), wish).job_no


def counted(room: Room, job_no: str) -> None:
    for job_id in counting.jobs_to_count(room.gate):
        counting.count_job(room.gate, job_id)


def copied(room: Room, *codes_of_pages: Sequence[str], wish: CopyWish = WISH) -> str:
    """A held and counted copy job of pages with these codes."""
    job_no = begun(room, wish)
    lay_in(room, job_no, *codes_of_pages)
    copying.finish_copy(room.gate, room.actor("zheng"), job_no)
    counted(room, job_no)
    return job_no


def declared(room: Room, job_no: str, said: Declaration, *, by: str = "zheng", second: str = "wang", pages: int = 1) -> None:
    """An operator says what the original is; somebody else looks at every page and agrees."""
    declaring.declare_original(room.gate, room.actor(by), job_no, said)
    if second:
        for page in range(1, pages + 1):
            previews.note_page(room.gate, room.actor(second), job_no, page)
        declaring.second_original(room.gate, room.actor(second), job_no)
