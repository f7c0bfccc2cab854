"""The desk on a real HylaFAX with the gate before the line: what is granted goes once, nothing else goes, every call is accounted for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from gateway.fax import CallEnd
from gateway.fax.hylafax import HylaFax
from gateway.fax_desk import FaxDesk
from rehearsal.exchange import ACCOUNT, PASSWORD, Exchange
from rehearsal.processes import wait_until
from tests.fax.books import PlainBooks
from tests.fax.locks import door
from tests.fax.papers import fax_pages, write_tiff


@dataclass
class Bureau:
    """Exchange, books and desk together."""

    exchange: Exchange
    hylafax: HylaFax
    books: PlainBooks
    desk: FaxDesk

    def work_until(self, condition: Callable[[], bool], what: str, seconds: float = 45) -> None:
        def step() -> bool:
            self.desk.step()
            return condition()

        wait_until(step, what, seconds)

    @contextmanager
    def open(self) -> Iterator[None]:
        """The gateway is there."""
        with door(self.exchange.root / "fax.sock", self.desk):
            yield

    def left(self) -> list[str]:
        """Documents and jobs that HylaFAX still has."""
        places = ("sendq", "docq", "doneq", "recvq", "gate")
        return [path.name for place in places for path in (self.exchange.spool / place).iterdir() if path.name != "seqf"]


@pytest.fixture(scope="module")
def exchange(fax_folder: Path) -> Iterator[Exchange]:
    made = Exchange(fax_folder, receives=True)
    made.put_gate(fax_folder / "fax.sock")
    with made:
        yield made


@pytest.fixture
def bureau(exchange: Exchange) -> Bureau:
    hylafax = HylaFax("127.0.0.1", exchange.port, ACCOUNT, PASSWORD)
    books = PlainBooks(known={call.call for call in hylafax.calls()})
    return Bureau(exchange, hylafax, books, FaxDesk(hylafax, books))


@pytest.fixture(scope="module")
def tiff(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return write_tiff(tmp_path_factory.mktemp("paper") / "three.tif", fax_pages(3)).read_bytes()


@pytest.mark.long
def test_each_granted_fax_goes_once_and_the_books_say_what_the_line_saw(bureau: Bureau, tiff: bytes) -> None:
    before, numbers = bureau.exchange.dials(), {"55550001": CallEnd.WHOLE, "55559901": CallEnd.BUSY, "55559907": CallEnd.IN_DOUBT}
    faxes = {number: bureau.books.approve(number, tiff) for number in numbers}
    ends = len(bureau.exchange.ends())
    with bureau.open():
        bureau.work_until(lambda: len(bureau.books.attempts) == len(faxes), "the end of all calls", 90)
    assert bureau.exchange.dials() - before == len(faxes)
    arrived = sum(int(str(end["pages"])) for end in bureau.exchange.ends()[ends:])
    certain = sum(attempt.pages for attempt in bureau.books.attempts.values())
    doubtful = sum(attempt.uncertain for attempt in bureau.books.attempts.values())
    assert {number: attempt.end for number, fax in faxes.items() if (attempt := bureau.books.attempt_of(fax))} == numbers
    assert certain <= arrived <= certain + doubtful
    bureau.desk.step()
    assert (bureau.left(), bureau.books.findings, bureau.books.strangers) == ([], [], [])


@pytest.mark.long
def test_what_others_queue_is_drawn_in_and_never_dialled(bureau: Bureau, tiff: bytes, tmp_path: Path) -> None:
    file, before = tmp_path / "three.tif", bureau.exchange.dials()
    file.write_bytes(tiff)
    for options in ([], ["-a", "now + 2 hours"], ["-i", "grant=1-2"]):
        assert bureau.exchange.sendfax("55550004", file, *options).returncode == 0
    with bureau.open():
        bureau.work_until(lambda: len(bureau.books.strangers) >= 3 and not bureau.left(), "the strangers' jobs")
    assert bureau.exchange.dials() == before
    assert {documents[0] for _, documents in bureau.books.strangers} == {tiff}
    assert {stranger.number for stranger, _ in bureau.books.strangers} == {"55550004"}


@pytest.mark.long
@pytest.mark.parametrize("change", ['DIALSTRING "55550009"', pytest.param('JOBINFO "grant=other"', marks=pytest.mark.long)])
def test_a_job_changed_after_it_was_granted_is_refused_at_the_line(bureau: Bureau, tiff: bytes, change: str) -> None:
    """By HylaFAX' own client commands, by somebody who knows the password, while the gateway is away."""
    before = bureau.exchange.dials()
    fax = bureau.books.approve("55550001", tiff)
    bureau.desk.step()
    wait_until(lambda: any("Imprimatur: waiting" in path.read_text() for path in (bureau.exchange.spool / "sendq").glob("q*")), "a hold")
    (queued,) = (bureau.exchange.spool / "sendq").glob("q*")
    job = queued.name[1:]
    bureau.exchange.command(f"JSUSP {job}")
    wait_until(lambda: "\nstate:1\n" in queued.read_text(), "the job's suspension")
    bureau.exchange.command(f"JOB {job}", f"JPARM {change}", f"JSUBM {job}")
    with bureau.open():
        bureau.work_until(lambda: bureau.books.attempt_of(fax) is not None, "the refusal")
    attempt = bureau.books.attempt_of(fax)
    assert attempt is not None
    assert (attempt.end, attempt.pages, attempt.dials) == (CallEnd.REFUSED, 0, 0)
    assert bureau.exchange.dials() == before


def test_a_call_without_a_grant_is_found_in_the_log(bureau: Bureau) -> None:
    """Whoever telephones past the gate by faxsend leaves such a line (measured); here it is written by hand."""
    call = ["11/25/26 17:00", "SEND", "000004711", "line", "9", '""', "root", '"55550005"', '""', "0", "2", "0:00:09", "0:00:08", '""']
    with (bureau.exchange.spool / "log" / "xferfaxlog").open("a") as log:
        log.write("\t".join([*call, '""', '""', '""', '"root"', '""']) + "\n")
    bureau.desk.step()
    assert [(found.number, found.pages, found.seconds) for found in bureau.books.findings] == [("55550005", 2, 8)]
    bureau.desk.step()
    assert len(bureau.books.findings) == 1


@pytest.mark.long
def test_what_comes_in_is_taken_out_of_the_tray(bureau: Bureau) -> None:
    bureau.exchange.ring(fax_pages(2))
    bureau.work_until(lambda: bool(bureau.books.received), "the fax' arrival")
    ((received, content),) = bureau.books.received
    assert (received.pages, received.sender, received.whole) == (2, "86 10 7777 0001", True)
    assert content[:2] == b"II"
    assert [name for name in bureau.left() if name.startswith("fax")] == []
