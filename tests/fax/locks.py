"""The gateway's side of the lock, without a gateway: for tests of what stands at HylaFAX' line."""

from __future__ import annotations

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from gateway.fax_door import Answer, Lock, Question, Word, fax_server


@dataclass
class OneGrant:
    """Lets go exactly one call: this tag, number, file and count. Everything it was asked is kept."""

    tag: str = ""
    number: str = ""
    sha256: str = ""
    pages: int = 0
    used: bool = False
    asked: list[Question] = field(default_factory=list)
    woken: int = 0

    def check(self, question: Question) -> Answer:
        self.asked.append(question)
        wanted = (self.tag, self.number, self.sha256, self.pages)
        if self.used or (question.tag, question.number, question.sha256, question.pages) != wanted:
            return Answer(Word.REJECT, "no approval fits this call")
        self.used = True
        return Answer(Word.SEND)

    def wake(self) -> None:
        self.woken += 1


class WakingLock(Lock, Protocol):
    """A lock that wants to hear of what happens."""

    def wake(self) -> None: ...


@contextmanager
def door(socket: Path, lock: WakingLock) -> Iterator[None]:
    """The product's own door with this lock behind it."""
    server = fax_server(socket, lock, lock.wake)
    server.prepare()
    thread = threading.Thread(target=server.serve, daemon=True)
    thread.start()
    socket.chmod(0o666)
    try:
        yield
    finally:
        server.stop()
        thread.join(10)
        socket.unlink(missing_ok=True)


@contextmanager
def babbler(socket: Path, answer: bytes) -> Iterator[None]:
    """Something that answers every question with these bytes."""

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            self.request.recv(4096)
            self.request.sendall(answer)

    with socketserver.ThreadingUnixStreamServer(str(socket), Handler) as server:
        socket.chmod(0o666)
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield
        finally:
            server.shutdown()
            thread.join(10)
            socket.unlink(missing_ok=True)
