"""The fax desk: sends what was granted, one try each; tells what became of it; draws in what strangers queued and what came from outside.

The books come first (`FaxBooks`): a grant is durable before HylaFAX hears of the fax, used up before a number is dialled, and answered for
once. After a crash the desk goes on from the books and from what HylaFAX has; what neither can account for is in doubt (invariant I5).
"""

from __future__ import annotations

import io
import threading
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from typing import BinaryIO, Protocol

from gateway.counter import STEP_FAILURES, what_failed
from gateway.fax import Attempt, CallEnd, CallRecord, FaxExchange, ReceivedFax, Stranger
from gateway.fax_door import Answer, Question
from gateway.logs import log
from watermark.faxtiff import COARSE, lines_per_inch

SENT_DIRECTION = "SEND"


@dataclass(frozen=True, slots=True)
class Order:
    """One granted call: the tag the gate will be asked with, the dial string, and what the books call the TIFF."""

    tag: str
    number: str
    document: str


@dataclass(frozen=True, slots=True)
class OpenCall:
    """A grant nobody has answered for yet; `used` says that the gate at the line was told to dial."""

    tag: str
    used: bool


class FaxBooks(Protocol):
    """What the desk asks of the books. Every verb is one transaction and one ledger entry, and may raise GatewayError."""

    def due(self) -> Sequence[str]:
        """Faxes that may be called now."""

    def begin(self, fax: str) -> Order:
        """Make a grant for one call. Raises ConflictError when the fax is not due any more."""

    def tiff(self, order: Order) -> AbstractContextManager[BinaryIO]:
        """The approved TIFF, decrypted and verified to its end."""

    def check(self, question: Question) -> Answer:
        """The lock's word; SEND uses the grant up."""

    def open_calls(self) -> Sequence[OpenCall]:
        """Grants without an attempt."""

    def record_attempt(self, tag: str, attempt: Attempt) -> None:
        """Answer for a grant, once."""

    def take_stranger(self, stranger: Stranger, documents: Sequence[bytes]) -> None:
        """Hold what somebody queued past the gate as a fax job like any other. The same job twice is taken once."""

    def receive(self, received: ReceivedFax, content: bytes) -> None:
        """Put a received fax into quarantine. The same fax twice is taken once."""

    def account_for(self, call: CallRecord) -> bool:
        """Whether this call was granted; when not, a finding is raised, once."""


class FaxDesk:
    """One thread's work. `step` does everything that is to do now; each part of it is tried though another failed."""

    def __init__(self, exchange: FaxExchange, books: FaxBooks) -> None:
        self._exchange = exchange
        self._books = books
        self._jobs: dict[str, str] = {}
        self._ended: set[str] = set()
        self._accounted: set[str] = set()
        self._wake = threading.Event()

    def check(self, question: Question) -> Answer:
        """See `gateway.fax_door.Lock`."""
        return self._books.check(question)

    def wake(self) -> None:
        """Something may be to do."""
        self._wake.set()

    def run(self, stop: threading.Event, pause_seconds: float) -> None:
        """Work until told to stop."""
        while not stop.is_set():
            self._wake.clear()
            self.step()
            self._wake.wait(pause_seconds)

    def step(self) -> None:
        """Settle what ended, send what is due, take what is there, account for every call."""
        for part in (self._settle, self._send, self._take_strangers, self._take_received, self._reconcile):
            _tried(part)

    def _settle(self) -> None:
        for call in self._books.open_calls():
            _tried(lambda call=call: self._settle_one(call))  # type: ignore[misc]
        for job in list(self._ended):
            self._exchange.purge(job)
            self._ended.discard(job)

    def _settle_one(self, call: OpenCall) -> None:
        job = self._jobs.get(call.tag) or self._exchange.find(call.tag)
        if job:
            self._jobs[call.tag] = job
            attempt = self._exchange.outcome(job)
        else:
            attempt = Attempt(CallEnd.IN_DOUBT, 0, uncertain=True, reason="HylaFAX has no such job")
        if attempt is None:
            return
        self._books.record_attempt(call.tag, _as_the_lock_saw_it(attempt, used=call.used))
        log.info("fax_attempt", outcome=attempt.end)
        self._ended |= {self._jobs.pop(call.tag)} if job else set()

    def _send(self) -> None:
        for fax in self._books.due():
            _tried(lambda fax=fax: self._send_one(fax))  # type: ignore[misc]

    def _send_one(self, fax: str) -> None:
        order = self._books.begin(fax)
        with self._books.tiff(order) as tiff:
            content = tiff.read()
        fine = lines_per_inch(content) > COARSE
        self._jobs[order.tag] = self._exchange.submit(io.BytesIO(content), order.number, order.tag, fine=fine)

    def _take_strangers(self) -> None:
        if any(call.tag not in self._jobs for call in self._books.open_calls()):
            return  # after a start or a failure our own jobs have to be found first
        for stranger in self._exchange.strangers(frozenset(self._jobs.values()) | self._ended):
            _tried(lambda stranger=stranger: self._take_stranger(stranger))  # type: ignore[misc]

    def _take_stranger(self, stranger: Stranger) -> None:
        """Into our spool first; only then out of HylaFAX. One still waiting there is taken off, and looked at once more when it has ended.

        Its queue file may have been read while somebody wrote it: one that names no document is left where it is until it ends.
        """
        if not stranger.documents and not stranger.ended:
            return
        self._books.take_stranger(stranger, [self._exchange.document(name) for name in stranger.documents])
        if not stranger.ended:
            self._exchange.withdraw(stranger.job)
            self.wake()
            return
        self._exchange.purge(stranger.job)
        log.warning("fax_stranger_taken", documents=len(stranger.documents))

    def _take_received(self) -> None:
        for received in self._exchange.received():
            _tried(lambda received=received: self._take_one(received))  # type: ignore[misc]

    def _take_one(self, received: ReceivedFax) -> None:
        self._books.receive(received, self._exchange.fetch(received))
        self._exchange.remove(received)

    def _reconcile(self) -> None:
        for call in self._exchange.calls():
            if call.direction == SENT_DIRECTION and call.call not in self._accounted:
                if not self._books.account_for(call):
                    log.error("fax_call_without_grant", call=call.call)
                self._accounted.add(call.call)


def _tried(act: Callable[[], None]) -> None:
    """One thing that fails stops no other: it is told, and tried again at the next step."""
    try:
        act()
    except STEP_FAILURES as error:
        log.warning("fax_desk_waits", **what_failed(error))


def _as_the_lock_saw_it(attempt: Attempt, *, used: bool) -> Attempt:
    """A job that never asked at the line was never dialled, whatever became of it (it could not be prepared, or ran out of time)."""
    if not used and attempt.end is CallEnd.IN_DOUBT and not attempt.call:
        return replace(attempt, end=CallEnd.FAILED, pages=0, uncertain=False, dials=0)
    return attempt
