"""The adapter against a real HylaFAX: one try each, and every way a call can end is told apart."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.errors import InvalidInputError
from gateway.fax import Attempt, CallEnd, FaxExchangeError, FaxExchangeUnreachableError
from gateway.fax.hylafax import HylaFax
from rehearsal.exchange import ACCOUNT, PASSWORD, Exchange
from rehearsal.processes import free_port, wait_until
from tests.fax.papers import differing_dots, fax_pages, write_tiff

PAGES = 3


@pytest.fixture(scope="module")
def exchange(fax_folder: Path) -> Iterator[Exchange]:
    with Exchange(fax_folder) as made:
        yield made


@pytest.fixture(scope="module")
def hylafax(exchange: Exchange) -> HylaFax:
    return HylaFax("127.0.0.1", exchange.port, ACCOUNT, PASSWORD)


@pytest.fixture(scope="module")
def tiff(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return write_tiff(tmp_path_factory.mktemp("paper") / "three.tif", fax_pages(PAGES)).read_bytes()


def sent(hylafax: HylaFax, tiff: bytes, number: str) -> tuple[str, Attempt]:
    job = hylafax.submit(io.BytesIO(tiff), number, f"grant={number}", fine=False)
    ended: list[Attempt] = []

    def has_ended() -> bool:
        ended[:] = [attempt for attempt in [hylafax.outcome(job)] if attempt is not None]
        return bool(ended)

    wait_until(has_ended, f"the end of the call to {number}", 60)
    return job, ended[0]


@pytest.mark.long
@pytest.mark.parametrize(
    ("number", "end", "pages", "uncertain"),
    [
        ("55550001", CallEnd.WHOLE, 3, False),
        pytest.param("55559909", CallEnd.WHOLE, 3, False, marks=pytest.mark.long),
        pytest.param("55559901", CallEnd.BUSY, 0, False, marks=pytest.mark.long),
        pytest.param("55559903", CallEnd.NO_ANSWER, 0, False, marks=pytest.mark.long),
        pytest.param("55559906", CallEnd.PART, 1, False, marks=pytest.mark.long),
        ("55559907", CallEnd.IN_DOUBT, 2, True),
        pytest.param("55559902", CallEnd.NO_ANSWER, 0, False, marks=pytest.mark.long),
        pytest.param("55559905", CallEnd.FAILED, 0, False, marks=pytest.mark.long),
    ],
)
def test_each_end_of_a_call_is_told_as_it_was(
    exchange: Exchange, hylafax: HylaFax, tiff: bytes, number: str, end: CallEnd, pages: int, uncertain: bool
) -> None:
    job, attempt = sent(hylafax, tiff, number)
    assert (attempt.end, attempt.pages, attempt.uncertain, attempt.dials) == (end, pages, uncertain, 1), attempt
    assert exchange.dials(number) == 1
    arrived = exchange.ends()[-1]["pages"]
    assert arrived in {pages, pages + 1 if uncertain else pages}
    assert hylafax.find(f"grant={number}") == job
    hylafax.purge(job)
    assert hylafax.find(f"grant={number}") is None
    left = [path.name for folder in ("docq", "doneq", "sendq") for path in (exchange.spool / folder).iterdir()]
    assert [name for name in left if name != "seqf"] == []


@pytest.mark.long
def test_what_arrived_is_what_was_submitted(exchange: Exchange, hylafax: HylaFax, tiff: bytes) -> None:
    job, _ = sent(hylafax, tiff, "55550002")
    call = int(str(exchange.ends()[-1]["call"]))
    assert [differing_dots(*pair) for pair in zip(fax_pages(PAGES), exchange.captured(call), strict=True)] == [0] * PAGES
    assert [(call.direction, call.job, call.tag, call.pages) for call in hylafax.calls()][-1] == ("SEND", job, "grant=55550002", PAGES)
    hylafax.purge(job)


def test_a_job_nobody_knows_is_in_doubt(hylafax: HylaFax) -> None:
    assert hylafax.outcome("4711") == Attempt(CallEnd.IN_DOUBT, 0, uncertain=True, reason="HylaFAX does not know the job any more")
    hylafax.purge("4711")


def test_strangers_are_seen_with_their_documents(exchange: Exchange, hylafax: HylaFax, tiff: bytes, tmp_path: Path) -> None:
    file = tmp_path / "one.tif"
    file.write_bytes(tiff)
    dialled = exchange.dials()
    assert exchange.sendfax("55550003", file, "-a", "now + 2 hours").returncode == 0  # waits in the queue
    (stranger,) = hylafax.strangers(frozenset())
    assert (stranger.number, stranger.owner) == ("55550003", ACCOUNT)
    assert [hylafax.document(name) for name in stranger.documents] == [tiff]
    assert hylafax.strangers(frozenset({stranger.job})) == []
    hylafax.withdraw(stranger.job)
    wait_until(lambda: hylafax.outcome(stranger.job) is not None, "the job's end")
    hylafax.purge(stranger.job)
    assert hylafax.strangers(frozenset()) == []
    assert exchange.dials() == dialled


def test_what_could_break_out_of_a_queue_file_is_refused(exchange: Exchange, hylafax: HylaFax, tiff: bytes) -> None:
    before = exchange.dials()
    for number, tag in (
        ("5555\r\nJKILL 1", "a"),
        ('5555"', "a"),
        ("", "a"),
        ("5555,,1", "a"),
        ("５５５５", "a"),
        ("5555", 'a"b'),
        ("5555", "a\nstate:7"),
        ("1" * 31, "a"),
    ):
        with pytest.raises(InvalidInputError):
            hylafax.submit(io.BytesIO(tiff), number, tag, fine=False)
    for name in ("docq/../etc/hosts.hfaxd", "etc/hosts.hfaxd", "docq/a b", "docq/a\r\nDELE x"):
        with pytest.raises(FaxExchangeError):
            hylafax.document(name)
    assert exchange.dials() == before


def test_a_wrong_password_and_a_silent_port_are_told_apart(exchange: Exchange) -> None:
    with pytest.raises(FaxExchangeError) as wrong:
        HylaFax("127.0.0.1", exchange.port, ACCOUNT, "guess").calls()
    assert not isinstance(wrong.value, FaxExchangeUnreachableError)
    with pytest.raises(FaxExchangeUnreachableError):
        HylaFax("127.0.0.1", free_port(), ACCOUNT, PASSWORD).calls()
