"""IPP over HTTP (RFC 8010 §4): one request, one connection; documents are streamed."""

from __future__ import annotations

import http.client
import ssl
from collections.abc import Callable, Iterator
from typing import BinaryIO
from urllib.parse import parse_qs, urlsplit

from gateway.printers.interface import PrinterProtocolError, PrinterUnreachableError
from gateway.printers.ipp import MOST_BYTES, Answer, decode_answer

_CHUNK = 1 << 16
CONNECT_SECONDS = 5.0
ANSWER_SECONDS = 60.0


class IppTransport:
    """The way to one printer URI. `ipps://…?ca=FILE` names the certificate authority of the device's certificate."""

    def __init__(self, uri: str) -> None:
        parts = urlsplit(uri)
        self._host = parts.hostname or "localhost"
        self._tls = parts.scheme == "ipps"
        self._port = parts.port or 631
        self._path = parts.path or "/"
        ca = parse_qs(parts.query).get("ca")
        self._context = ssl.create_default_context(cafile=ca[0] if ca else None) if self._tls else None
        self.printer_uri = f"{parts.scheme}://{self._host}:{self._port}{self._path}"

    def exchange(
        self, head: bytes, document: BinaryIO | None = None, length: int = 0, progress: Callable[[int], None] | None = None
    ) -> Answer:
        """Send a request, with a document after it if given. Raises PrinterUnreachableError, PrinterProtocolError.

        Without a document nothing can print from a failed exchange, so its failures are not in doubt.
        """
        in_doubt = document is not None
        connection = self._connection()
        try:
            connection.connect()
            connection.timeout = ANSWER_SECONDS
            connection.sock.settimeout(ANSWER_SECONDS)
            connection.putrequest("POST", self._path, skip_accept_encoding=True)
            connection.putheader("Content-Type", "application/ipp")
            connection.putheader("Content-Length", str(len(head) + length))
            connection.endheaders(head)
            for chunk in _chunks(document, length) if document is not None else ():
                connection.send(chunk)
                if progress is not None:
                    progress(len(chunk))
            answer = connection.getresponse()
            content = answer.read(MOST_BYTES + 1)
        except (OSError, http.client.HTTPException) as error:
            raise PrinterUnreachableError(
                f"The device does not answer ({type(error).__name__}).", "Is it on, and the address right?", in_doubt=in_doubt
            ) from error
        finally:
            connection.close()
        if answer.status != http.client.OK:
            raise PrinterProtocolError(
                f"The device answered HTTP {answer.status}.", "Look at its address and access settings.", in_doubt=in_doubt
            )
        return decode_answer(content)

    def _connection(self) -> http.client.HTTPConnection:
        if self._context is not None:
            return http.client.HTTPSConnection(self._host, self._port, timeout=CONNECT_SECONDS, context=self._context)
        return http.client.HTTPConnection(self._host, self._port, timeout=CONNECT_SECONDS)


def _chunks(document: BinaryIO, length: int) -> Iterator[bytes]:
    left = length
    while left:
        chunk = document.read(min(_CHUNK, left))
        if not chunk:
            raise OSError("the document is shorter than announced")
        left -= len(chunk)
        yield chunk
