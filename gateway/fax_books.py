"""The desk's books on the real services: grants, attempts, the tray, jobs drawn out of HylaFAX' queue."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import BinaryIO

from gateway.domain.envelope import Envelope, Receipt
from gateway.domain.fax import FaxOutcome, FaxResult
from gateway.domain.vocabulary import Channel
from gateway.fax import Attempt, CallRecord, ReceivedFax, Stranger
from gateway.fax_desk import OpenCall, Order
from gateway.fax_door import Answer, Question, Word
from gateway.services import fax_calls, fax_tray, faxing
from gateway.services.gate import Gate
from gateway.services.receiving import Receiving

QUEUE = "fax"
"""The queue name of jobs drawn out of HylaFAX."""


class GateBooks:
    """`gateway.fax_desk.FaxBooks` on a gate; `receiving` takes strangers' documents in like every other job."""

    def __init__(self, gate: Gate, receiving: Receiving) -> None:
        self._gate = gate
        self._receiving = receiving

    def due(self) -> Sequence[str]:
        """See `FaxBooks.due`."""
        return faxing.faxes_to_send(self._gate)

    def begin(self, fax: str) -> Order:
        """See `FaxBooks.begin`."""
        grant = faxing.begin(self._gate, fax)
        return Order(grant.tag, grant.number, grant.spool_object)

    def tiff(self, order: Order) -> AbstractContextManager[BinaryIO]:
        """See `FaxBooks.tiff`."""
        return self._gate.spool.fetched(order.document)

    def check(self, question: Question) -> Answer:
        """See `FaxBooks.check`."""
        reason = faxing.check(self._gate, question.tag, question.number, question.sha256, question.pages)
        return Answer(Word.SEND) if reason is None else Answer(Word.REJECT, f"{reason.code}: not approved")

    def open_calls(self) -> Sequence[OpenCall]:
        """See `FaxBooks.open_calls`."""
        return [OpenCall(grant.tag, grant.used) for grant in faxing.open_grants(self._gate)]

    def record_attempt(self, tag: str, attempt: Attempt) -> None:
        """See `FaxBooks.record_attempt`."""
        result = FaxResult(attempt.end.value)
        faxing.record_attempt(
            self._gate, tag, FaxOutcome(result, attempt.pages, attempt.uncertain, attempt.seconds, attempt.remote, attempt.call)
        )

    def take_stranger(self, stranger: Stranger, documents: Sequence[bytes]) -> None:
        """See `FaxBooks.take_stranger`. Each document becomes a held job; its key holds the content's hash, as HylaFAX may count anew."""
        for content in documents:
            key = f"hylafax:{stranger.job}:{hashlib.sha256(content).hexdigest()[:32]}"
            envelope = Envelope(key, "1", "1", QUEUE, stranger.owner or "?", "", 1, channel=Channel.FAX, content_type="", filtered=False)
            begun = self._receiving.begin(envelope)
            if isinstance(begun, Receipt):
                continue
            if not self._receiving.store(begun, self._gate.spool.put(io.BytesIO(content))).created:
                continue
            fax_tray.take_stranger(self._gate, stranger.job, stranger.owner, len(documents))

    def receive(self, received: ReceivedFax, content: bytes) -> None:
        """See `FaxBooks.receive`."""
        fax_tray.receive(self._gate, fax_tray.Arrival(received.name, received.sender, received.pages, received.whole), content)

    def account_for(self, call: CallRecord) -> bool:
        """See `FaxBooks.account_for`."""
        return fax_calls.account_for(self._gate, call.call, call.tag)
