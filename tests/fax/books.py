"""Books in memory: the desk's rules of order without a database, for tests on a real HylaFAX."""

from __future__ import annotations

import hashlib
import io
import itertools
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import BinaryIO

from gateway.fax import Attempt, CallRecord, ReceivedFax, Stranger
from gateway.fax_desk import OpenCall, Order
from gateway.fax_door import Answer, Question, Word
from watermark.faxtiff import count_directories


@dataclass
class PlainBooks:
    """Faxes by number; a grant holds its fax, whether it was used, and what became of it."""

    faxes: dict[str, tuple[str, bytes]] = field(default_factory=dict)
    waiting: list[str] = field(default_factory=list)
    grants: dict[str, str] = field(default_factory=dict)
    used: set[str] = field(default_factory=set)
    attempts: dict[str, Attempt] = field(default_factory=dict)
    strangers: list[tuple[Stranger, Sequence[bytes]]] = field(default_factory=list)
    received: list[tuple[ReceivedFax, bytes]] = field(default_factory=list)
    findings: list[CallRecord] = field(default_factory=list)
    known: set[str] = field(default_factory=set)
    """Calls of an earlier test."""
    asked: list[Question] = field(default_factory=list)
    serial: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def approve(self, number: str, tiff: bytes) -> str:
        fax = str(next(self.serial))
        self.faxes[fax] = (number, tiff)
        self.waiting.append(fax)
        return fax

    def due(self) -> list[str]:
        return list(self.waiting)

    def begin(self, fax: str) -> Order:
        self.waiting.remove(fax)
        tag = f"grant={fax}-{next(self.serial)}"
        self.grants[tag] = fax
        return Order(tag, self.faxes[fax][0], fax)

    @contextmanager
    def tiff(self, order: Order) -> Iterator[BinaryIO]:
        yield io.BytesIO(self.faxes[order.document][1])

    def check(self, question: Question) -> Answer:
        self.asked.append(question)
        number, tiff = self.faxes.get(self.grants.get(question.tag, ""), ("", b""))
        approved = (number, hashlib.sha256(tiff).hexdigest(), count_directories(tiff) if tiff else 0)
        if question.tag in self.used or question.tag in self.attempts or approved != (question.number, question.sha256, question.pages):
            return Answer(Word.REJECT, "no approval fits this call")
        self.used.add(question.tag)
        return Answer(Word.SEND)

    def open_calls(self) -> list[OpenCall]:
        return [OpenCall(tag, tag in self.used) for tag in self.grants if tag not in self.attempts]

    def record_attempt(self, tag: str, attempt: Attempt) -> None:
        assert tag not in self.attempts, "answered for twice"
        self.attempts[tag] = attempt

    def take_stranger(self, stranger: Stranger, documents: Sequence[bytes]) -> None:
        if stranger.job not in {taken.job for taken, _ in self.strangers}:
            self.strangers.append((stranger, documents))

    def receive(self, received: ReceivedFax, content: bytes) -> None:
        self.received.append((received, content))

    def account_for(self, call: CallRecord) -> bool:
        if call.tag in self.used or call.call in self.known:
            return True
        self.findings.append(call)
        return False

    def attempt_of(self, fax: str) -> Attempt | None:
        return next((self.attempts.get(tag) for tag, of in self.grants.items() if of == fax), None)
