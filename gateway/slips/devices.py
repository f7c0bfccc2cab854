"""Slip printers of flesh and blood: on the network (port 9100), and behind a device file, which is what Linux makes of USB ones."""

from __future__ import annotations

import os
import select
import socket
import time
from pathlib import Path

from PIL import Image

from gateway.slips.commands import commands, width_of
from gateway.slips.interface import SlipPrinterError

CONNECT_SECONDS = 5.0
SEND_SECONDS = 20.0
"""Longest time in which a slip must be taken. A printer without paper stops taking bytes."""

_ASK_PAPER = b"\x10\x04\x04"  # DLE EOT 4, answered by one byte, even by printers that are busy
_ANSWER_SECONDS = 0.5
_NO_PAPER = 0x60
_LOOK_AT_IT = "Look at its paper, cover and cable, then print the slip again."


class _Device:
    """What both have in common."""

    def __init__(self, profile: str) -> None:
        self._profile = profile
        self.width = width_of(profile) or 0


class NetworkSlipPrinter(_Device):
    """A printer that takes raw bytes on a TCP port."""

    def __init__(self, host: str, port: int, profile: str) -> None:
        super().__init__(profile)
        self._address = (host, port)

    def print(self, picture: Image.Image, name: str) -> None:  # noqa: ARG002 — a real one needs no name
        """Connect, ask for paper, send. A printer that does not answer the question is taken at its silence."""
        content = commands(picture, self._profile)
        try:
            with socket.create_connection(self._address, CONNECT_SECONDS) as connection:
                connection.sendall(_ASK_PAPER)
                connection.settimeout(_ANSWER_SECONDS)
                if _is_out_of_paper(connection):
                    raise SlipPrinterError("The slip printer is out of paper.", "Load paper, then print the slip again.")
                connection.settimeout(SEND_SECONDS)
                connection.sendall(content)
                connection.shutdown(socket.SHUT_WR)
        except OSError as error:
            raise SlipPrinterError(f"The slip printer does not take the slip ({type(error).__name__}).", _LOOK_AT_IT) from error


def _is_out_of_paper(connection: socket.socket) -> bool:
    try:
        answer = connection.recv(1)
    except TimeoutError:
        return False
    return bool(answer) and answer[0] & _NO_PAPER == _NO_PAPER


class DeviceFileSlipPrinter(_Device):
    """A printer behind a device file, such as `/dev/usb/lp0` (Linux's usblp), or a named pipe somebody reads."""

    def __init__(self, file: Path, profile: str) -> None:
        super().__init__(profile)
        self._file = file

    def print(self, picture: Image.Image, name: str) -> None:  # noqa: ARG002 — a real one needs no name
        """Write without ever blocking for good: a printer that stops taking bytes is given up after `SEND_SECONDS`."""
        content = commands(picture, self._profile)
        try:
            device = os.open(self._file, os.O_WRONLY | os.O_NONBLOCK | os.O_NOCTTY)
            try:
                _write_all(device, content)
            finally:
                os.close(device)
        except OSError as error:
            raise SlipPrinterError(f"The slip printer does not take the slip ({type(error).__name__}).", _LOOK_AT_IT) from error


def _write_all(device: int, content: bytes) -> None:
    deadline, left = time.monotonic() + SEND_SECONDS, memoryview(content)
    while left:
        _, ready, _ = select.select([], [device], [], max(0.0, deadline - time.monotonic()))
        if not ready:
            raise TimeoutError("the device takes nothing more")
        left = left[os.write(device, left) :]
