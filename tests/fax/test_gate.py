"""sendfax-gate at a real HylaFAX' line: one clear yes lets one call go, everything else dials nothing (the modem counts)."""

from __future__ import annotations

import hashlib
import io
import threading
from collections.abc import Iterator
from contextlib import nullcontext
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader
from pathlib import Path
from typing import Any, cast

import pytest

from gateway.cups_install import PARTS
from gateway.fax import CallEnd
from gateway.fax.hylafax import HylaFax
from gateway.fax.queuefile import QueueFile
from rehearsal.exchange import ACCOUNT, PASSWORD, Exchange
from rehearsal.processes import wait_until
from tests.fax.locks import OneGrant, babbler, door
from tests.fax.papers import fax_pages, write_tiff

YES = b"HTTP/1.1 200 OK\r\n\r\nsend\n"


@pytest.fixture(scope="module")
def exchange(fax_folder: Path) -> Iterator[Exchange]:
    made = Exchange(fax_folder, receives=True)
    made.put_gate(fax_folder / "fax.sock")
    with made:
        yield made


@pytest.fixture(scope="module")
def hylafax(exchange: Exchange) -> HylaFax:
    return HylaFax("127.0.0.1", exchange.port, ACCOUNT, PASSWORD)


@pytest.fixture(scope="module")
def tiff(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return write_tiff(tmp_path_factory.mktemp("paper") / "two.tif", fax_pages(2)).read_bytes()


def grant_for(tiff: bytes, **other: object) -> OneGrant:
    told = {"tag": "grant=1", "number": "55550001", "sha256": hashlib.sha256(tiff).hexdigest(), "pages": 2, **other}
    return OneGrant(**told)  # type: ignore[arg-type]


def wait_for_end(hylafax: HylaFax, job: str) -> CallEnd:
    ended: list[CallEnd] = []

    def has_ended() -> bool:
        ended[:] = [attempt.end for attempt in [hylafax.outcome(job)] if attempt is not None]
        return bool(ended)

    wait_until(has_ended, "the job's end", 40)
    return ended[0]


def status_of(exchange: Exchange, job: str) -> str:
    """What the owner reads in faxstat."""
    found = [path for folder in ("sendq", "doneq") for path in [exchange.spool / folder / f"q{job}"] if path.exists()]
    return QueueFile.read(found[0].read_bytes()).text("status") if found else ""


def test_a_grant_lets_its_fax_go_once(exchange: Exchange, hylafax: HylaFax, tiff: bytes) -> None:
    lock, before = grant_for(tiff), exchange.dials()
    with door(exchange.root / "fax.sock", lock):
        job = hylafax.submit(io.BytesIO(tiff), "55550001", "grant=1", fine=False)
        assert wait_for_end(hylafax, job) is CallEnd.WHOLE, (status_of(exchange, job), lock.asked)
        again = hylafax.submit(io.BytesIO(tiff), "55550001", "grant=1", fine=False)
        assert wait_for_end(hylafax, again) is CallEnd.REFUSED
    assert [question.job for question in lock.asked] == [job, again]
    assert exchange.dials() - before == 1
    assert "REJECT: Imprimatur: no approval fits this call" in status_of(exchange, again)
    assert lock.woken >= 1  # of the refusal and by the hook
    assert list((exchange.spool / "gate").iterdir()) == []
    for ended in (job, again):
        hylafax.purge(ended)


@pytest.mark.parametrize("other", [{"number": "55550009"}, {"sha256": "0" * 64}, {"pages": 3}, {"tag": "grant=2"}])
def test_whatever_differs_from_the_approval_dials_nothing(
    exchange: Exchange, hylafax: HylaFax, tiff: bytes, other: dict[str, object]
) -> None:
    before = exchange.dials()
    with door(exchange.root / "fax.sock", grant_for(tiff, **other)):
        job = hylafax.submit(io.BytesIO(tiff), "55550001", "grant=1", fine=False)
        assert wait_for_end(hylafax, job) is CallEnd.REFUSED
    assert exchange.dials() == before
    hylafax.purge(job)


ANSWERS = [b"", b"garbage", YES, YES + b"0" * 64 + b"\nyes\n", b"HTTP/1.1 500 Oh\r\n\r\n", b"\xff" * 9000]


@pytest.mark.long
def test_no_clear_yes_keeps_every_job_and_dials_nothing(exchange: Exchange, hylafax: HylaFax, tiff: bytes) -> None:
    """Nobody at the socket; then nothing, garbage, a bare yes, a yes to another file, an error, a flood: all jobs are still there."""
    before, jobs = exchange.dials(), []
    for answer in (None, *ANSWERS):
        with babbler(exchange.root / "fax.sock", answer) if answer is not None else nullcontext():
            jobs.append(hylafax.submit(io.BytesIO(tiff), f"555502{len(jobs):02d}", "grant=1", fine=False))
            wait_until(lambda: "Imprimatur: waiting" in status_of(exchange, jobs[-1]), f"the hold after {answer!r}", 30)
    assert exchange.dials() == before
    assert [hylafax.outcome(job) for job in jobs] == [None] * len(jobs)
    assert {job.job for job in hylafax.strangers(frozenset())} == set(jobs)
    for job in jobs:
        hylafax.withdraw(job)
    wait_until(lambda: all(hylafax.outcome(job) for job in jobs), "the withdrawal")
    for job in jobs:
        hylafax.purge(job)


def test_several_documents_polls_and_covers_are_refused(exchange: Exchange, hylafax: HylaFax, tiff: bytes, tmp_path: Path) -> None:
    file, lock, before = tmp_path / "two.tif", grant_for(tiff, tag=""), exchange.dials()
    file.write_bytes(tiff)
    with door(exchange.root / "fax.sock", lock):
        for more in ([str(file)], ["-p"]):
            known = {path.name for path in (exchange.spool / "doneq").iterdir()}
            assert exchange.sendfax("55550001", file, *more).returncode == 0

            def new(known: set[str] = known) -> set[str]:
                return {path.name for path in (exchange.spool / "doneq").iterdir()} - known

            wait_until(lambda: bool(new()), "the refusal")
            (name,) = new()
            wait_for_end(hylafax, name[1:])
            assert "REJECT: Imprimatur" in status_of(exchange, name[1:])
            hylafax.purge(name[1:])
    assert exchange.dials() == before


def test_whoever_reads_a_queue_file_while_the_gate_changes_it_finds_its_document(tmp_path: Path) -> None:
    """hfaxd reads without the lock: while it was cut first and written then, a stranger's fax was lost when the desk looked just then."""
    gate = module_from_spec(cast("Any", spec_from_loader("gate", loader := SourceFileLoader("gate", str(PARTS / "sendfax-gate")))))
    loader.exec_module(gate)
    file = tmp_path / "q1"
    file.write_text("jobid:1\n" + "field:value\n" * 60 + "tts:0\nstatus:\n!tiff:0::docq/doc1.tif.1\nfax:0::docq/doc1.tif;c0\n")
    stop, found = threading.Event(), []

    def read() -> None:
        while not stop.is_set():
            found.append(b"!tiff:0::docq/doc1.tif.1" in file.read_bytes())

    reader = threading.Thread(target=read)
    reader.start()
    for place in range(500):
        gate.change_queue_file(str(file), tts=1000 + place, status="Imprimatur: waiting (" + "x" * (place % 9) + ")")
        gate.exchange_item(
            str(file), "docq/doc1.tif;c0" if place % 2 == 0 else "gate/1-copy", "gate/1-copy" if place % 2 == 0 else "docq/doc1.tif;c0"
        )
    stop.set()
    reader.join()
    assert all(found), f"{found.count(False)} of {len(found)} looks found no document"
    assert "status:Imprimatur: waiting (xxxx)\n" in file.read_text()
