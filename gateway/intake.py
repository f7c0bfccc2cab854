"""The intake edge: `PUT /v1/jobs/{key}` on a Unix socket (docs/intake-protocol.md; invariants I7, I8).

A WSGI server hands over a cut body as a normal end (measured), so a body must prove itself: by its framing, which ends with
length and digest, or by a declared length. What does not is never stored.
"""

from __future__ import annotations

import hashlib
import json
import struct
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, BinaryIO, Literal, Protocol, cast
from urllib.parse import unquote

from cheroot.wsgi import Server
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from gateway.domain.claims import claims_of
from gateway.domain.envelope import Envelope, Receipt
from gateway.domain.plain_text import one_line
from gateway.domain.vocabulary import Channel
from gateway.errors import GatewayError, InvalidInputError
from gateway.logs import log
from gateway.services.receiving import Delivery
from spool import CutBodyError, DigestMismatchError, KeyPoolEmptyError, Spool, SpoolError, SpoolFullError, StoredObject

FRAMED = "application/vnd.imprimatur.framed"
MAGIC = b"IMPRFRM1"
LARGEST_FRAME = 1 << 20
RETRY_AFTER_SECONDS = "5"
_JOBS = "/v1/jobs/"
_STATUS = {
    200: "200 OK",
    201: "201 Created",
    400: "400 Bad Request",
    404: "404 Not Found",
    405: "405 Method Not Allowed",
    409: "409 Conflict",
    411: "411 Length Required",
    422: "422 Unprocessable Content",
    503: "503 Service Unavailable",
}
StartResponse = Callable[[str, list[tuple[str, str]]], object]


class DocumentSink(Protocol):
    """Where deliveries go; `gateway.services.receiving.Receiving` is the real one."""

    def begin(self, envelope: Envelope) -> Delivery | Receipt:
        """Announce a delivery; a receipt says that the job is stored already."""

    def store(self, delivery: Delivery, stored: StoredObject) -> Receipt:
        """Record one durable document."""


class _Metadata(BaseModel):
    """The header `Imprimatur-Metadata`, checked."""

    model_config = ConfigDict(extra="forbid")
    v: int = Field(ge=1, le=1)
    attempt: str = Field(max_length=40)
    delivery: str = Field(pattern=r"^[0-9A-Za-z._-]{1,64}$")
    documents: int = Field(1, ge=1, le=1000)
    queue: str = Field(pattern=r"^[^\s/#]{1,127}$")
    user: str = Field(min_length=1, max_length=255)
    title: str = Field("", max_length=1000)
    copies: int = Field(1, ge=1, le=9999)
    options: dict[str, str] = {}
    content_type: str = Field("", max_length=255)
    filtered: bool = True
    channel: Literal[Channel.PRINT, Channel.FAX] = Channel.PRINT


class FramedBody:
    """A body of frames: magic, frames of 4-byte length and data, a zero frame, 8-byte total, SHA-256, 16-byte nonce.

    Reads like a file; raises CutBodyError or DigestMismatchError at the place where the stream is not whole.
    """

    def __init__(self, raw: BinaryIO) -> None:
        self._raw = raw
        self._digest = hashlib.sha256()
        self._length = 0
        self._left = 0
        self._ended = False
        if self._exactly(len(MAGIC)) != MAGIC:
            raise CutBodyError("The body is not framed as announced; send the job again.")

    def read(self, size: int = -1) -> bytes:
        """Document bytes; b'' only after the end frame was checked."""
        if self._ended:
            return b""
        if self._left == 0:
            self._left = struct.unpack(">I", self._exactly(4))[0]
            if self._left == 0:
                self._check_end()
                return b""
            if self._left > LARGEST_FRAME:
                raise CutBodyError("A frame is longer than the protocol allows; send the job again.")
        piece = self._exactly(self._left if size < 0 else min(size, self._left))
        self._left -= len(piece)
        self._length += len(piece)
        self._digest.update(piece)
        return piece

    def _check_end(self) -> None:
        length, digest = struct.unpack(">Q32s", self._exactly(40))
        self._exactly(16)
        if length != self._length or digest != self._digest.digest():
            raise DigestMismatchError("The bytes that arrived are not the ones that were sent; send the job again.")
        self._ended = True

    def _exactly(self, count: int) -> bytes:
        got = bytearray()
        while len(got) < count:
            try:
                piece = self._raw.read(count - len(got))
            except (OSError, ValueError) as error:
                raise CutBodyError("The connection broke off inside the body; send the job again.") from error
            if not piece:
                raise CutBodyError("The body ended too early; send the job again.")
            got += piece
        return bytes(got)


class Intake:
    """The WSGI application of the intake socket."""

    def __init__(self, sink: DocumentSink, spool: Spool) -> None:
        self._sink = sink
        self._spool = spool

    def __call__(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        """One request."""
        try:
            status, body = self._answer(environ)
        except (GatewayError, SpoolError) as error:
            status, body = _letter(error)
            log.warning("delivery_refused", code=error.code, status=status)
        content = json.dumps(body).encode()
        headers = [("Content-Type", "application/json"), ("Content-Length", str(len(content))), ("Connection", "close")]
        if "message" in body:
            headers.append(("Imprimatur-Message", _line_of(body)))
        if status == 503:
            headers.append(("Retry-After", RETRY_AFTER_SECONDS))
        start_response(_STATUS[status], headers)
        return [content]

    def _answer(self, environ: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        method, path = environ["REQUEST_METHOD"], environ["PATH_INFO"]
        if path == "/v1/ready" and method == "GET":
            self._spool.ready()
            return 200, {"ready": True}
        if not path.startswith(_JOBS):
            return 404, {"code": "E_NOT_FOUND", "message": "There is nothing here. Deliver to /v1/jobs/{key}."}
        if method != "PUT":
            return 405, {"code": "E_INVALID", "message": "Jobs are delivered with PUT."}
        return self._deliver(unquote(path[len(_JOBS) :]), environ)

    def _deliver(self, key: str, environ: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        envelope = read_envelope(key, environ.get("HTTP_IMPRIMATUR_METADATA", ""))
        body, length = _body_of(environ)
        begun = self._sink.begin(envelope)
        if isinstance(begun, Receipt):
            _drain(body)
            return 200, _as_json(begun)
        stored = self._spool.put(body, expected_length=length)
        try:
            receipt = self._sink.store(begun, stored)
        except GatewayError:
            self._spool.destroy(stored.object_id)
            raise
        if not receipt.created:
            self._spool.destroy(stored.object_id)  # the same delivery came twice; the first one is kept
        log.info("delivered", job=receipt.job, codes=list(receipt.codes), queue=envelope.queue)
        return (201 if receipt.created else 200), _as_json(receipt)


def read_envelope(key: str, header: str) -> Envelope:
    """Check key and metadata. Raises InvalidInputError."""
    if not 1 <= len(key) <= 200 or not key.isprintable():
        raise InvalidInputError("The job's key is missing or too long.", "Use server:job:time-at-creation.")
    try:
        told = _Metadata.model_validate_json(header)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        raise InvalidInputError(
            f"Imprimatur-Metadata, {'.'.join(str(p) for p in first['loc']) or 'JSON'}: {first['msg']}.", "See docs/intake-protocol.md."
        ) from error
    fax = told.channel is Channel.FAX  # it goes once, and its permit is asked for after it is filed
    return Envelope(
        key=key,
        attempt=told.attempt,
        delivery=told.delivery,
        queue=told.queue,
        user=told.user,
        title=one_line(told.title),
        copies=1 if fax else told.copies,
        documents=told.documents,
        options=told.options,
        claims=() if fax else claims_of(told.options, told.title),
        channel=told.channel,
        content_type=told.content_type,
        filtered=told.filtered,
    )


def _body_of(environ: dict[str, Any]) -> tuple[BinaryIO, int | None]:
    raw = cast("BinaryIO", environ["wsgi.input"])
    if environ.get("CONTENT_TYPE") == FRAMED:
        return cast("BinaryIO", FramedBody(raw)), None
    try:
        return raw, int(environ["CONTENT_LENGTH"])
    except (KeyError, ValueError) as error:
        raise InvalidInputError("The body has neither frames nor a length.", f"Send Content-Length, or {FRAMED}.") from error


def _drain(body: BinaryIO) -> None:
    """Read a body nobody needs, so that the sender hears the answer instead of a broken pipe."""
    try:
        while body.read(1 << 16):
            pass
    except SpoolError:
        log.info("repeated_delivery_was_cut")


def _letter(error: GatewayError | SpoolError) -> tuple[int, dict[str, Any]]:
    if isinstance(error, GatewayError):
        status = error.status if error.status in _STATUS else 503
        return status, {"code": error.code, "message": f"{error.happened} {error.next_step}".strip()}
    waits = isinstance(error, KeyPoolEmptyError | SpoolFullError)
    wrong = isinstance(error, CutBodyError | DigestMismatchError)
    return 503 if waits or not wrong else 400, {"code": error.code, "message": str(error)}


def _line_of(body: dict[str, Any]) -> str:
    """The answer in one ASCII line, for senders without a JSON parser and for lpstat."""
    what = " ".join([body["state"].upper(), body["job"], *body["codes"]]) if "job" in body else body["code"]
    return " ".join(f"{what}: {body['message']}".encode("ascii", "replace").decode().split())


def _as_json(receipt: Receipt) -> dict[str, Any]:
    return {"job": receipt.job, "state": receipt.state, "codes": list(receipt.codes), "message": receipt.message}


def intake_server(socket: Path, sink: DocumentSink, spool: Spool) -> Server:
    """A server bound to the intake socket; the caller prepares and serves it."""
    socket.unlink(missing_ok=True)
    server = Server(str(socket), Intake(sink, spool), numthreads=16, request_queue_size=128)
    server.max_request_body_size = 0
    return server
