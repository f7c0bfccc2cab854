"""The intake socket: whole documents or nothing, one job however often it comes (I8; docs/intake-protocol.md)."""

from __future__ import annotations

import hashlib
import http.client
import itertools
import json
import os
import random
import socket
import struct
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from sqlmodel import select

from gateway.db.tables import Job, JobDocument
from gateway.intake import FRAMED, LARGEST_FRAME, MAGIC, intake_server
from gateway.services.receiving import Receiving
from tests.room import Room

_serial = itertools.count(1)


class UnixConnection(http.client.HTTPConnection):
    def __init__(self, path: Path) -> None:
        super().__init__("localhost", timeout=30)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(str(self._path))


@pytest.fixture
def intake(room: Room) -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="imp-") as folder:  # socket paths are short
        path = Path(folder) / "intake.sock"
        server = intake_server(path, Receiving(room.gate), room.gate.spool)
        server.prepare()
        thread = threading.Thread(target=server.serve, daemon=True)
        thread.start()
        yield path
        server.stop()
        thread.join(5)


def framed(content: bytes, frame: int = 1000) -> bytes:
    body = bytearray(MAGIC)
    for start in range(0, len(content), frame):
        piece = content[start : start + frame]
        body += struct.pack(">I", len(piece)) + piece
    return bytes(body + struct.pack(">IQ", 0, len(content)) + hashlib.sha256(content).digest() + os.urandom(16))


def metadata(**changed: object) -> str:
    plain = {"v": 1, "attempt": "1", "delivery": f"d{next(_serial)}", "documents": 1, "queue": "jiyao", "user": "zhao", "title": "规划",
             "copies": 2, "options": {"sides": "one-sided"}, "content_type": "application/pdf", "filtered": True}  # fmt: skip
    return json.dumps({**plain, **changed})


def put(intake: Path, key: str, body: bytes, meta: str | None = None, **headers: str) -> tuple[int, dict[str, object]]:
    connection = UnixConnection(intake)
    try:
        sent = {"Content-Type": FRAMED, "Imprimatur-Metadata": meta or metadata(), **{k.replace("_", "-"): v for k, v in headers.items()}}
        connection.request("PUT", "/v1/jobs/" + quote(key, safe=""), body, sent)
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())
    finally:
        connection.close()


def stored(room: Room) -> tuple[list[Job], int]:
    with room.gate.database.reading() as session:
        jobs = [job for job in session.exec(select(Job)).all() if job.stage != "receiving"]
        return jobs, len(session.exec(select(JobDocument)).all())


def test_a_whole_body_becomes_a_held_job(room: Room, intake: Path) -> None:
    status, answer = put(intake, "cups:1:1", framed(b"%PDF-1.4 content"))
    assert (status, answer["job"], answer["state"]) == (201, "H000001", "held")
    assert answer["codes"] == ["E_COUNTING", "E_NO_PERMIT"]
    (job,), documents = stored(room)
    assert (job.copies, job.title, job.queue, documents) == (2, "规划", "jiyao", 1)


def test_a_body_of_declared_length_is_taken_too(room: Room, intake: Path) -> None:
    assert put(intake, "cups:1:1", b"%PDF-1.4 content", Content_Type="application/pdf")[0] == 201


def test_a_body_cut_anywhere_is_never_stored(room: Room, intake: Path) -> None:
    body = framed(os.urandom(5000))
    places = {0, 1, 8, 9, 12, 13, len(body) - 1, len(body) - 16, len(body) - 17, len(body) - 56, len(body) - 60}
    places |= set(random.Random(7).sample(range(len(body)), 30))
    for place in sorted(places):
        status, answer = put(intake, f"cups:{place}:1", body[:place])
        assert (status, answer["code"]) == (400, "E_BODY_CUT"), place
    assert stored(room) == ([], 0)
    assert room.gate.spool.list() == []


@pytest.mark.parametrize("place", [100, 3000, 5100])
def test_a_sender_that_dies_inside_the_body_stores_nothing(room: Room, intake: Path, place: int) -> None:
    body = framed(os.urandom(5000))
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as line:
        line.connect(str(intake))
        head = (
            f"PUT /v1/jobs/x HTTP/1.1\r\nHost: x\r\nContent-Type: {FRAMED}\r\nImprimatur-Metadata: {json.dumps(json.loads(metadata()))}\r\n"
        )
        line.sendall(head.encode() + b"Transfer-Encoding: chunked\r\n\r\n" + f"{place:x}\r\n".encode() + body[:place])
    assert put(intake, "after", framed(b"another"))[0] == 201
    assert len(room.gate.spool.list()) == 1
    assert stored(room)[1] == 1


def test_changed_bytes_are_never_stored(room: Room, intake: Path) -> None:
    body = bytearray(framed(os.urandom(5000)))
    body[2000] ^= 1
    status, answer = put(intake, "k", bytes(body))
    assert (status, answer["code"]) == (400, "E_BODY_DIGEST")
    assert stored(room) == ([], 0)


def test_the_same_job_twice_is_one_job(room: Room, intake: Path) -> None:
    meta = metadata(attempt="7")
    first = put(intake, "cups:9:1", framed(b"%PDF one"), meta)
    again = put(intake, "cups:9:1", framed(b"%PDF one"), meta)
    other_bytes = put(intake, "cups:9:1", framed(b"%PDF made again by another run"), metadata(attempt="8"))
    assert [status for status, _ in (first, again, other_bytes)] == [201, 200, 200]
    assert {answer["job"] for _, answer in (first, again, other_bytes)} == {"H000001"}
    assert stored(room)[1] == 1
    assert len(room.gate.spool.list()) == 1


def test_the_same_job_from_eight_lines_at_once_is_one_job(room: Room, intake: Path) -> None:
    answers: list[int] = []
    body, meta = framed(os.urandom(300_000), 60_000), metadata()
    threads = [threading.Thread(target=lambda: answers.append(put(intake, "cups:5:5", body, meta)[0])) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(set(answers)) in ([200, 201], [201])
    assert answers.count(201) == 1
    assert len(stored(room)[0]) == 1
    assert len(room.gate.spool.list()) == 1


def test_documents_of_one_job_come_one_by_one(room: Room, intake: Path) -> None:
    first = put(intake, "cups:3:3", framed(b"one"), metadata(documents=2))
    assert (first[0], first[1]["state"]) == (201, "receiving")
    assert put(intake, "cups:3:3", framed(b"two"), metadata(documents=2))[1]["state"] == "held"


def test_a_newer_attempt_replaces_what_came_of_the_older(room: Room, intake: Path) -> None:
    put(intake, "cups:3:3", framed(b"one"), metadata(documents=2, attempt="1"))
    put(intake, "cups:3:3", framed(b"one again"), metadata(documents=2, attempt="2"))
    assert put(intake, "cups:3:3", framed(b"two"), metadata(documents=2, attempt="2"))[1]["state"] == "held"
    assert len(room.gate.spool.list()) == 2


def test_what_comes_late_of_an_older_attempt_is_refused(room: Room, intake: Path) -> None:
    """A killed cupsd's backend goes on beside the one that is started again: their documents never mix (found by the kill campaign)."""
    put(intake, "cups:3:3", framed(b"one"), metadata(documents=2, attempt="1.100"))
    put(intake, "cups:3:3", framed(b"one again"), metadata(documents=2, attempt="1.200"))
    late = put(intake, "cups:3:3", framed(b"two of the older"), metadata(documents=2, attempt="1.100"))
    assert (late[0], late[1]["code"]) == (409, "E_CONFLICT")
    assert put(intake, "cups:3:3", framed(b"two"), metadata(documents=2, attempt="1.200"))[1]["state"] == "held"
    assert put(intake, "cups:3:3", framed(b"two of the older"), metadata(documents=2, attempt="1.100"))[0] == 200, "have it"
    assert stored(room)[1] == 2


@pytest.mark.parametrize(
    "wrong",
    ["", "{}", "[]", "no json", metadata(v=2), metadata(copies=0), metadata(copies=10000), metadata(user=""), metadata(queue="a b"),
     metadata(strange=1), metadata(documents=0), metadata(delivery="x/y"), metadata(title="x" * 1001)],
)  # fmt: skip
def test_metadata_that_is_not_right_is_refused(room: Room, intake: Path, wrong: str) -> None:
    status, answer = put(intake, "k", framed(b"x"), wrong or " ")
    assert (status, answer["code"]) == (422, "E_INVALID")
    assert stored(room) == ([], 0)


def test_frames_longer_than_allowed_are_refused(room: Room, intake: Path) -> None:
    status, answer = put(intake, "k", MAGIC + struct.pack(">I", LARGEST_FRAME + 1) + bytes(100))
    assert (status, answer["code"]) == (400, "E_BODY_CUT")


def test_only_what_is_spoken_is_answered(intake: Path) -> None:
    for method, path, status in (("GET", "/v1/ready", 200), ("GET", "/", 404), ("DELETE", "/v1/jobs/x", 405), ("PUT", "/v1/jobs/", 422)):
        connection = UnixConnection(intake)
        connection.request(method, path, headers={"Imprimatur-Metadata": metadata(), "Content-Length": "0"})
        assert connection.getresponse().status == status, (method, path)
        connection.close()


def test_a_full_spool_says_wait(tmp_path: Path) -> None:
    room = Room.make(tmp_path / "room")
    description = room.gate.settings.spool / "format.json"
    description.write_text(json.dumps({**json.loads(description.read_text()), "free_floor_bytes": 1 << 60}))
    room = Room.open(tmp_path / "room")
    with tempfile.TemporaryDirectory(prefix="imp-") as folder:
        path = Path(folder) / "intake.sock"
        server = intake_server(path, Receiving(room.gate), room.gate.spool)
        server.prepare()
        threading.Thread(target=server.serve, daemon=True).start()
        connection = UnixConnection(path)
        connection.request("GET", "/v1/ready")
        answer = connection.getresponse()
        assert (answer.status, answer.headers["Retry-After"], json.loads(answer.read())["code"]) == (503, "5", "E_SPOOL_FULL")
        assert put(path, "k", framed(b"x"))[0] == 503
        server.stop()
