"""One thing at the desk that fails stops no other: a document that is gone, a fax whose grant is refused."""

from __future__ import annotations

import io

import pytest

from gateway.errors import ConflictError
from gateway.fax import Attempt, CallEnd, FaxExchangeError, Stranger
from gateway.fax_desk import FaxDesk, Order
from tests.fax.books import PlainBooks
from tests.fax.papers import fax_pages
from watermark.faxtiff import write_fax_tiff


class Line:
    """An exchange of which only what these tests need is there."""

    def __init__(self) -> None:
        self.sent: list[str] = []
        self.there = [Stranger(str(job), "eve", "1", "", (f"docq/doc{job}",), ended=False) for job in (1, 2)]

    def submit(self, tiff: io.BytesIO, number: str, tag: str, *, fine: bool) -> str:
        self.sent.append(number)
        return tag

    def find(self, tag: str) -> str | None:
        return None

    def outcome(self, job: str) -> Attempt | None:
        return Attempt(CallEnd.WHOLE, 1, call="1")

    def strangers(self, mine: frozenset[str]) -> list[Stranger]:
        return list(self.there)

    def document(self, name: str) -> bytes:
        if name == "docq/doc1":
            raise FaxExchangeError("The document is not there.")
        return b"paper"

    def withdraw(self, job: str) -> None:
        self.there = [stranger for stranger in self.there if stranger.job != job]

    def purge(self, job: str) -> None: ...

    def received(self) -> list[object]:
        raise FaxExchangeError("The tray is locked.")

    def calls(self) -> list[object]:
        return []


class Stubborn(PlainBooks):
    """Books that refuse the grant for one fax."""

    def begin(self, fax: str) -> Order:
        if fax == "1":
            raise ConflictError("Not due.")
        return super().begin(fax)


@pytest.fixture
def tiff() -> bytes:
    out = io.BytesIO()
    write_fax_tiff(fax_pages(1), out, lines_per_inch=196)
    return out.getvalue()


def test_what_fails_stops_nothing_else(tiff: bytes) -> None:
    books, line = Stubborn(), Line()
    for number in ("100", "200"):
        books.approve(number, tiff)
    desk = FaxDesk(line, books)  # type: ignore[arg-type]
    desk.step()
    desk.step()
    assert line.sent == ["200"]
    assert [attempt.end for attempt in books.attempts.values()] == [CallEnd.WHOLE]
    assert [stranger.job for stranger, _ in books.strangers] == ["2"]
    assert [stranger.job for stranger in line.there] == ["1"]


def test_a_grant_nobody_asked_about_and_whose_job_is_gone_was_never_dialled(tiff: bytes) -> None:
    books = PlainBooks()
    fax = books.approve("100", tiff)
    order = books.begin(fax)
    FaxDesk(Line(), books).step()  # type: ignore[arg-type]  # a desk after a crash, which knows of no job
    assert books.attempts[order.tag] == Attempt(CallEnd.FAILED, 0, reason="HylaFAX has no such job")


def test_a_used_grant_whose_job_is_gone_is_in_doubt(tiff: bytes) -> None:
    books = PlainBooks()
    order = books.begin(books.approve("100", tiff))
    books.used.add(order.tag)
    FaxDesk(Line(), books).step()  # type: ignore[arg-type]
    assert (books.attempts[order.tag].end, books.attempts[order.tag].uncertain) == (CallEnd.IN_DOUBT, True)


def test_a_job_read_in_the_middle_of_a_change_is_not_taken_off_without_its_document() -> None:
    """What names no document may be half of what there is; only when it has ended it is all."""
    line, books = Line(), PlainBooks()
    line.there = [Stranger("2", "eve", "1", "", (), ended=False)]
    desk = FaxDesk(line, books)  # type: ignore[arg-type]
    desk.step()
    assert ([stranger.job for stranger in line.there], books.strangers) == (["2"], [])
    line.there = [Stranger("2", "eve", "1", "", ("docq/doc2",), ended=False)]
    desk.step()
    assert (line.there, [documents for _, documents in books.strangers]) == ([], [[b"paper"]])
