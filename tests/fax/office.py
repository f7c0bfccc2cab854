"""The room's fax side at work on a real HylaFAX with one line to nowhere: what tests of the fax and SC-26 to SC-29 share."""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from gateway.domain.codes import Code
from gateway.domain.fax import FaxState
from gateway.domain.vocabulary import Level, PermitKind
from gateway.errors import RefusedError
from gateway.fax.hylafax import HylaFax
from gateway.fax_books import GateBooks
from gateway.fax_desk import FaxDesk
from gateway.services import permits
from gateway.services.fax_filing import FaxWish, file_job
from gateway.services.fax_views import FaxView, list_faxes, show_fax
from gateway.services.receiving import Receiving
from rehearsal.exchange import ACCOUNT, PASSWORD, Exchange
from rehearsal.processes import wait_until
from tests.fax.locks import door
from tests.fax.papers import fax_pages
from tests.room import Room


@contextmanager
def reachable_folder() -> Iterator[Path]:
    """A place HylaFAX' own user can reach, without an underscore in its name."""
    folder = Path(f"/tmp/imprimatur-fax-{secrets.token_hex(4)}")
    folder.mkdir(mode=0o755)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def guarded_line() -> Iterator[Exchange]:
    """A HylaFAX that sends and receives, with the gate before its line."""
    with reachable_folder() as folder:
        made = Exchange(folder, receives=True)
        made.put_gate(folder / "fax.sock")
        with made:
            yield made


def codes_of(act: Callable[..., Any], *args: Any, **more: Any) -> list[Code]:
    """The codes an act is refused with."""
    with pytest.raises(RefusedError) as caught:
        act(*args, **more)
    return [reason.code for reason in caught.value.reasons]


def waiting(exchange: Exchange) -> list[Path]:
    """Queue files of jobs that were asked about and wait."""
    return [path for path in (exchange.spool / "sendq").glob("q*") if "Imprimatur: waiting" in path.read_text(errors="replace")]


@dataclass
class Office:
    """A room, its exchange, and the gateway's desk between them, which works while something is waited for."""

    room: Room
    exchange: Exchange

    def __post_init__(self) -> None:
        self.hylafax = HylaFax("127.0.0.1", self.exchange.port, ACCOUNT, PASSWORD)
        self.desk = FaxDesk(self.hylafax, GateBooks(self.room.gate, Receiving(self.room.gate)))

    @contextmanager
    def open(self) -> Iterator[None]:
        """The gateway is there."""
        with door(self.exchange.root / "fax.sock", self.desk):
            yield

    def work_until(self, condition: Callable[[], bool], what: str, seconds: float = 60) -> None:
        """Let the desk work until a condition holds."""

        def step() -> bool:
            self.desk.step()
            return condition()

        wait_until(step, what, seconds)

    def fax(self, fax_no: str) -> FaxView:
        """A fax as the operator sees it."""
        return show_fax(self.room.gate, self.room.actor("zheng"), fax_no)

    def after_call(self, fax_no: str) -> FaxView:
        """Let the desk work until one more call of this fax has been answered for."""
        before = len(self.fax(fax_no).attempts)
        self.work_until(lambda: len(self.fax(fax_no).attempts) > before, "the end of the call")
        return self.fax(fax_no)

    def ask_for_permit(self, fax_no: str) -> str:
        """zhao asks for the fax permit; its number."""
        fax = self.fax(fax_no)
        level = fax.level or Level.NEIBU
        return self.room.request(job=fax.job_no, kind=PermitKind.FAX, level=level, term="", copies=1, pages=fax.pages).permit_no

    def approve(self, fax_no: str) -> str:
        """zhao asks for the fax permit, wu of the secrecy office looks at the pages and approves; its number."""
        permit_no = self.ask_for_permit(fax_no)
        self.room.review("wu", permit_no)
        permits.approve_permit(self.room.gate, self.room.actor("wu"), permit_no)
        return permit_no

    def file(self, document: bytes, wish: FaxWish) -> str:
        """zhao sends a document and files it as a fax with the pages the gateway draws; the fax' number."""
        self.room.gate.spool.refill()
        return file_job(self.room.gate, self.room.actor("zhao"), self.room.submit(document), wish).fax_no

    def receive(self, pages: int) -> None:
        """Somebody sends a fax; on a busy machine a call may fail, and he calls again, as people do."""
        before = len(self.quarantined())
        for call in range(2):
            self.exchange.ring(fax_pages(pages))
            try:
                self.work_until(lambda: len(self.quarantined()) > before, "the fax' arrival", 50)
            except TimeoutError:
                if call:
                    raise
            else:
                return

    def quarantined(self) -> list[FaxView]:
        """What came in and is not registered."""
        return [fax for fax in list_faxes(self.room.gate, self.room.actor("zheng")) if fax.state is FaxState.QUARANTINED]
