"""The door for HylaFAX' hooks: `POST /v1/fax/check` and `/v1/fax/wake` on a Unix socket of its own (docs/fax.md).

A call is made only on the word `send`, which uses the grant up before it is spoken. Whatever goes wrong here ends in another word or in no
answer, and `sendfax-gate` dials on neither.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import parse_qs

from cheroot.wsgi import Server

from gateway.errors import GatewayError
from gateway.logs import log

_LONGEST_QUESTION = 4096
_SHA256 = re.compile(r"^[0-9a-f]{64}$")


class Word(StrEnum):
    """What the gate at the line is told."""

    SEND = "send"
    HOLD = "hold"
    REJECT = "reject"


@dataclass(frozen=True, slots=True)
class Question:
    """One call HylaFAX is about to make: its job, what the job claims to be, the dial string, and the exact file."""

    job: str
    tag: str
    number: str
    sha256: str
    pages: int


@dataclass(frozen=True, slots=True)
class Answer:
    """The word, and a line in English for faxstat; without number or title (I12)."""

    word: Word
    line: str = ""


class Lock(Protocol):
    """Who decides; `gateway.fax_desk.FaxDesk` is the real one."""

    def check(self, question: Question) -> Answer:
        """Whether this call may be made now. SEND uses the grant up, durably, before it returns."""


class FaxDoor:
    """The WSGI application of the fax socket."""

    def __init__(self, lock: Lock, wake: Callable[[], None]) -> None:
        self._lock = lock
        self._wake = wake

    def __call__(self, environ: dict[str, Any], start_response: Callable[[str, list[tuple[str, str]]], object]) -> Iterable[bytes]:
        """One request."""
        status, body = self._answer(environ)
        start_response(status, [("Content-Type", "text/plain"), ("Content-Length", str(len(body))), ("Connection", "close")])
        return [body]

    def _answer(self, environ: dict[str, Any]) -> tuple[str, bytes]:
        place = (environ["REQUEST_METHOD"], environ["PATH_INFO"])
        if place == ("POST", "/v1/fax/wake"):
            self._wake()
            return "200 OK", b""
        if place != ("POST", "/v1/fax/check"):
            return "404 Not Found", b"There is nothing here.\n"
        question = _question(environ)
        if question is None:
            return "400 Bad Request", b"That is no question about a fax.\n"
        try:
            answer = self._lock.check(question)
        except GatewayError as error:
            log.warning("fax_not_decided", code=error.code)
            answer = Answer(Word.HOLD, "the gateway cannot decide now")
        if answer.word is Word.REJECT:
            self._wake()  # the desk looks whose job it was
        line = " ".join(answer.line.encode("ascii", "replace").decode().split())
        return "200 OK", f"{answer.word}\n{question.sha256}\n{line}\n".encode()


def _question(environ: dict[str, Any]) -> Question | None:
    try:
        length = int(environ.get("CONTENT_LENGTH") or 0)
        if not 0 < length <= _LONGEST_QUESTION:
            return None
        body = environ["wsgi.input"].read(length).decode("ascii")
        told = {name: values[0] for name, values in parse_qs(body, strict_parsing=True, keep_blank_values=True, errors="replace").items()}
        question = Question(told["job"], told["tag"], told["number"], told["sha256"], int(told["pages"]))
    except (KeyError, ValueError):
        return None
    return question if _SHA256.match(question.sha256) and question.pages > 0 else None


def fax_server(socket: Path, lock: Lock, wake: Callable[[], None]) -> Server:
    """A server bound to the fax socket; the caller prepares and serves it."""
    socket.unlink(missing_ok=True)
    return Server(str(socket), FaxDoor(lock, wake), numthreads=4)
