"""The backend before a cupsd that does not answer as it should: it must not deliver under a wrong name, end, or hang unheard (I8)."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

BACKEND = Path(__file__).parents[2] / "cups-backend" / "imprimatur"
UNAUTHORISED = b"HTTP/1.1 401 Unauthorized\r\nContent-Length: 2\r\n\r\nno"
NOTHING_TOLD = b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n\x02\x00\x00\x00\x00\x00\x00\x01\x03"
CUT = b"HTTP/1.1 2"


@contextmanager
def cupsd_that_says(answer: bytes) -> Iterator[Path]:
    """Answers once and keeps the connection, as cupsd does after a 401."""
    with tempfile.TemporaryDirectory(prefix="imprimatur-", dir="/tmp") as folder, socket.socket(socket.AF_UNIX) as listening:
        place = Path(folder) / "cups.sock"
        listening.bind(str(place))
        listening.listen()

        def serve() -> None:
            connection, _ = listening.accept()
            connection.recv(65536)
            connection.sendall(answer)
            if answer == CUT:
                connection.close()
            kept.append(connection)

        kept: list[socket.socket] = []
        threading.Thread(target=serve, daemon=True).start()
        yield place
        for connection in kept:
            connection.close()


@pytest.mark.parametrize("answer", [UNAUTHORISED, NOTHING_TOLD, CUT])
def test_without_the_jobs_name_it_waits_to_be_started_again(answer: bytes) -> None:
    with cupsd_that_says(answer) as place:
        environment = {"CUPS_SERVER": str(place), "DEVICE_URI": "imprimatur:/jiyao?sock=/nowhere", "PATH": os.environ["PATH"]}
        with subprocess.Popen(
            ["/usr/bin/python3", "-IS", str(BACKEND), "7", "zhao", "title", "1", ""],
            env=environment, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
        ) as backend:  # fmt: skip
            assert backend.stderr is not None
            assert backend.stderr.readline() == "STATE: +imprimatur-restart-wanted\n"
            assert "CUPS does not tell about the job" in backend.stderr.readline()
            assert backend.poll() is None, "ending would make CUPS call the job done, or delete it"
            backend.send_signal(signal.SIGTERM)
            assert backend.wait(5) == 0
