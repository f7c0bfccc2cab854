"""A real room's books, a real HylaFAX, the gate between them: what was approved goes once, and the register says so (SC-27)."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from sqlmodel import select

from gateway.config import Settings
from gateway.db.tables import Alert, Job
from gateway.domain.fax import FaxState
from gateway.domain.vocabulary import Level, PermitKind
from gateway.errors import ConfigurationError
from gateway.services import permits
from gateway.services.fax_views import FaxView, list_faxes, show_fax
from gateway.wiring import Daemon, exchange_of
from rehearsal.exchange import ACCOUNT, PASSWORD, Exchange
from rehearsal.processes import wait_until
from tests.fax.office import Office, guarded_line
from tests.fax.papers import differing_dots, fax_pages, write_tiff
from tests.room import Room
from tests.services.test_faxing import WISH, filed


@pytest.fixture(scope="module")
def exchange() -> Iterator[Exchange]:
    with guarded_line() as line:
        yield line


@contextmanager
def desk_of(room: Room, exchange: Exchange) -> Iterator[Callable[[Callable[[], bool], str], None]]:
    """The gateway's fax side at work; what is given back works until a condition holds."""
    office = Office(room, exchange)
    with office.open():
        yield office.work_until


def approved(room: Room, number: str, tiff: bytes) -> str:
    """A fax of one page, filed by zhao and approved by wu."""
    fax_no, job = filed(room, replace(WISH, number=number), tiff)
    permit = room.request(job=job, kind=PermitKind.FAX, level=Level.NEIBU, term="", copies=1, pages=1).permit_no
    room.review("wu", permit)
    permits.approve_permit(room.gate, room.actor("wu"), permit)
    return fax_no


def seen(room: Room, fax_no: str) -> FaxView:
    return show_fax(room.gate, room.actor("zheng"), fax_no)


@pytest.fixture
def tiff(tmp_path: Path) -> bytes:
    return write_tiff(tmp_path / "one.tif", fax_pages(1)).read_bytes()


def test_what_was_approved_goes_once_and_the_register_says_so(room: Room, exchange: Exchange, tiff: bytes) -> None:
    before, fax_no = exchange.dials(), approved(room, "0591 8712 0001", tiff)
    with desk_of(room, exchange) as work_until:
        work_until(lambda: seen(room, fax_no).state == FaxState.ENDED, "the fax' end")
    fax = seen(room, fax_no)
    assert (fax.result, fax.pages_sent, fax.uncertain, len(fax.attempts)) == ("whole", 1, False, 1)
    assert exchange.dials() - before == exchange.dials("059187120001") == 1
    (page,) = exchange.captured(int(str(exchange.ends()[-1]["call"])))
    assert differing_dots(fax_pages(1)[0], page) == 0
    assert room.verify().ok


@pytest.mark.long
def test_a_busy_number_and_a_lost_confirmation(room: Room, exchange: Exchange, tiff: bytes) -> None:
    busy, lost = approved(room, "0591 8712 9901", tiff), approved(room, "0591 8712 9907", tiff)
    with desk_of(room, exchange) as work_until:
        work_until(lambda: bool(seen(room, busy).attempts and seen(room, lost).attempts), "both calls")
        assert (seen(room, busy).state, seen(room, busy).result) == (FaxState.WAITING, "busy")
        for _ in (1, 2):
            room.clock.advance(minutes=5)
            before = len(seen(room, busy).attempts)
            work_until(lambda before=before: len(seen(room, busy).attempts) > before, "the next try")  # type: ignore[misc]
    assert (seen(room, busy).state, seen(room, busy).pages_sent, exchange.dials("059187129901")) == (FaxState.ENDED, 0, 3)
    fax = seen(room, lost)
    assert (fax.state, fax.result, fax.pages_sent, fax.uncertain) == (FaxState.TO_DECIDE, "in_doubt", 0, True)
    assert exchange.dials("059187129907") == 1  # a person decides about another


def test_what_others_queue_becomes_a_held_job_and_what_comes_in_lies_in_quarantine(
    room: Room, exchange: Exchange, tiff: bytes, tmp_path: Path
) -> None:
    room.gate.spool.refill()
    before = exchange.dials()
    (tmp_path / "other.tif").write_bytes(tiff)
    assert exchange.sendfax("55550007", tmp_path / "other.tif").returncode == 0

    def jobs() -> list[Job]:
        with room.gate.database.reading() as session:
            return list(session.exec(select(Job).where(Job.queue == "fax")).all())

    with desk_of(room, exchange) as work_until:
        work_until(lambda: bool(jobs()) and not list((exchange.spool / "docq").glob("doc*")), "the stranger's job")
        exchange.ring(fax_pages(2))
        work_until(lambda: bool(in_quarantine(room)), "the fax' arrival")
    assert [job.stage for job in jobs()] == ["held"]
    assert [(fax.pages, fax.uncertain) for fax in in_quarantine(room)] == [(2, False)]
    assert exchange.dials() == before
    assert room.verify().ok


def in_quarantine(room: Room) -> list[FaxView]:
    return [fax for fax in list_faxes(room.gate, room.actor("zheng")) if fax.state == FaxState.QUARANTINED]


def test_a_call_without_a_grant_raises_one_alert(room: Room, exchange: Exchange) -> None:
    call = ["11/25/26 17:00", "SEND", "000004711", "line", "9", '""', "root", '"55550005"', '""', "0", "2", "0:00:09", "0:00:08", '""']
    with (exchange.spool / "log" / "xferfaxlog").open("a") as log:
        log.write("\t".join([*call, '""', '""', '""', '"root"', '""']) + "\n")

    def alerts() -> list[str]:
        with room.gate.database.reading() as session:
            return [alert.subject for alert in session.exec(select(Alert)).all() if alert.subject.startswith("fax call")]

    for _ in (1, 2):  # a restart reads the log anew
        with desk_of(room, exchange) as work_until:
            work_until(lambda: "fax call 000004711" in alerts(), "the alert")
    assert alerts().count("fax call 000004711") == 1


def test_the_daemon_has_desk_and_door(furnished: Path, exchange: Exchange, tiff: bytes, tmp_path: Path) -> None:
    """`fax_server` switches it on: what somebody queues is drawn in, and nothing is dialled."""
    data = Path(shutil.copytree(furnished, tmp_path / "room"))
    more = {"fax_server": f"127.0.0.1:{exchange.port}", "fax_account": ACCOUNT, "fax_seconds": 0.5, "web_port": 0}
    settings = Settings(data=data, run=exchange.root, spool_slots=128, spool_free_floor_bytes=0, **more)  # type: ignore[arg-type]
    with pytest.raises(ConfigurationError):
        exchange_of(settings)
    settings.fax_password_file.write_text(PASSWORD)
    before, file = exchange.dials(), tmp_path / "other.tif"
    file.write_bytes(tiff)
    daemon = Daemon(settings)
    daemon.start()
    try:
        assert exchange.sendfax("55550008", file).returncode == 0

        def held() -> bool:
            with daemon.gate.database.reading() as session:
                return bool(session.exec(select(Job).where(Job.queue == "fax", Job.stage == "held")).all())

        wait_until(held, "the stranger's job", 40)
        assert settings.fax_socket.stat().st_mode & 0o777 == 0o660
    finally:
        daemon.stop()
    assert exchange.dials() == before
    assert not daemon.failed
