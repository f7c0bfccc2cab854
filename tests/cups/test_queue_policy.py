"""Every IPP operation on the public queue, by the owner, by another user who claims to be her, by somebody CUPS does not know.

What may be stands in docs/threat-model.md, "Operations on the public queue"; the table there and the one here are the same.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import cups
import pytest

from gateway.cups_watch import STOPPED
from gateway.printers import ipp
from gateway.printers.ipp import Attribute
from rehearsal.house import House
from rehearsal.papers import write_pdf
from rehearsal.processes import wait_until
from tests.cups.kills import process_of

pytestmark = pytest.mark.cups
OWNER, OTHER = "daemon", "nobody"
THREAT_MODEL = Path(__file__).parents[2] / "docs" / "threat-model.md"

_ASK = r"""
import re, socket, sys
where, user, body = sys.argv[1], sys.argv[2], sys.stdin.buffer.read()
connection = socket.socket(socket.AF_UNIX) if where.startswith("/") else socket.socket()
connection.settimeout(10)
connection.connect(where if where.startswith("/") else ("127.0.0.1", int(where)))
who = "Authorization: PeerCred %s\r\n" % user if user else ""
head = "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/ipp\r\n%sContent-Length: %d\r\n\r\n" % (who, len(body))
connection.sendall(head.encode() + body)
stream = connection.makefile("rb")
while True:
    status, length, chunked = int(stream.readline().split()[1]), 0, False
    while (line := stream.readline().strip().lower()):
        length = int(line.split(b":")[1]) if line.startswith(b"content-length:") else length
        chunked = chunked or line == b"transfer-encoding: chunked"
    if status != 100:
        break
answer = b""
if status == 200 and chunked:
    while (size := int(stream.readline(), 16)):
        answer += stream.read(size)
        stream.readline()
elif status == 200:
    answer = stream.read(length)
sys.stdout.buffer.write(b"%d\n" % status + answer)
"""

CODES = {
    "Print-Job": 0x02, "Validate-Job": 0x04, "Create-Job": 0x05, "Send-Document": 0x06, "Cancel-Job": 0x08,
    "Get-Job-Attributes": 0x09, "Get-Jobs": 0x0A, "Get-Printer-Attributes": 0x0B, "Hold-Job": 0x0C, "Release-Job": 0x0D,
    "Restart-Job": 0x0E, "Pause-Printer": 0x10, "Resume-Printer": 0x11, "Purge-Jobs": 0x12, "Set-Printer-Attributes": 0x13,
    "Set-Job-Attributes": 0x14, "Create-Job-Subscriptions": 0x17, "Enable-Printer": 0x22, "Disable-Printer": 0x23,
    "Hold-New-Jobs": 0x25, "Release-Held-New-Jobs": 0x26, "Cancel-Jobs": 0x38, "Cancel-My-Jobs": 0x39, "Close-Job": 0x3B,
    "CUPS-Add-Modify-Printer": 0x4003, "CUPS-Delete-Printer": 0x4004, "CUPS-Accept-Jobs": 0x4008, "CUPS-Reject-Jobs": 0x4009,
    "CUPS-Move-Job": 0x400D, "CUPS-Get-Document": 0x4027,
}  # fmt: skip
ON_A_JOB = {
    "Send-Document", "Cancel-Job", "Get-Job-Attributes", "Hold-Job", "Release-Job", "Restart-Job", "Set-Job-Attributes",
    "Create-Job-Subscriptions", "Close-Job", "CUPS-Move-Job", "CUPS-Get-Document",
}  # fmt: skip
MORE: dict[str, tuple[tuple[int, Attribute], ...]] = {
    "Set-Job-Attributes": ((ipp.JOB_GROUP, Attribute(ipp.INTEGER, "copies", (99,))),),
    "CUPS-Move-Job": ((ipp.JOB_GROUP, Attribute(ipp.URI, "job-printer-uri", ("ipp://localhost/printers/elsewhere",))),),
    "CUPS-Get-Document": ((ipp.OPERATION_GROUP, Attribute(ipp.INTEGER, "document-number", (1,))),),
    "Send-Document": ((ipp.OPERATION_GROUP, Attribute(ipp.BOOLEAN, "last-document", (True,))),),
    "Create-Job-Subscriptions": ((6, Attribute(ipp.KEYWORD, "notify-pull-method", ("ippget",))),),
}
EVERYBODY, USERS, OWN, ADMINISTRATORS = "everybody", "users", "owner", "administrators"
ALLOWED = {
    EVERYBODY: {"owner", "other", "anonymous"},
    USERS: {"owner", "other"},
    OWN: {"owner"},
    ADMINISTRATORS: set[str](),
}


def table() -> dict[str, str]:
    """The threat model's own table: operation → who may."""
    section = THREAT_MODEL.read_text().split("## Operations on the public queue")[1].split("\n## ")[0]
    rows = re.findall(r"^\| ([A-Z][^|]+) \| (\w+) \|", section, re.MULTILINE)
    return {name.strip(): who for names, who in rows for name in names.split(",")}


@dataclass
class Queue:
    """The public queue of a room whose gateway is away: jobs wait in CUPS, where they can be asked for."""

    house: House
    paper: Path

    def waiting_job(self) -> int:
        return int(self.house.cups.lp("jiyao", self.paper, "-t", "关于某事", user=OWNER).rpartition("-")[2])

    def stopped_job(self) -> int:
        """The job CUPS is working on, stopped since its backend was killed: the one state in which Restart-Job does something."""
        wait_until(lambda: process_of(self.house, "backend") is not None, "the waiting backend")
        os.kill(process_of(self.house, "backend") or 0, signal.SIGKILL)
        connection = cups.Connection(host=str(self.house.cups.socket))

        def stopped() -> list[int]:
            jobs = connection.getJobs(my_jobs=False, requested_attributes=["job-id", "job-state"])
            return [number for number, job in jobs.items() if job["job-state"] == STOPPED]

        wait_until(lambda: bool(stopped()), "the stopped job")
        return max(stopped())

    def ask(self, who: str, operation: str, job: int | None, *, claims: str = OWNER) -> tuple[int, ipp.Answer | None]:
        """HTTP status and answer; everybody claims to be `claims` by `requesting-user-name`."""
        first = [
            Attribute(ipp.CHARSET, "attributes-charset", ("utf-8",)),
            Attribute(ipp.LANGUAGE, "attributes-natural-language", ("en",)),
            Attribute(ipp.URI, "printer-uri", ("ipp://localhost/printers/jiyao",)),
            *([Attribute(ipp.INTEGER, "job-id", (job,))] if job else []),
            Attribute(ipp.NAME, "requesting-user-name", (claims,)),
        ]
        more = MORE.get(operation, ())
        groups = [(ipp.OPERATION_GROUP, first + [attribute for group, attribute in more if group == ipp.OPERATION_GROUP])]
        groups += [(group, [attribute]) for group, attribute in more if group != ipp.OPERATION_GROUP]
        body = ipp.encode_request(CODES[operation], 1, groups)
        server = self.house.cups
        user = {"owner": OWNER, "other": OTHER, "administrator": "root"}.get(who, "")
        command = ["/usr/bin/python3", "-IS", "-c", _ASK, str(server.socket) if user else str(server.port), user]
        become = ["setpriv", "--reuid", user, "--clear-groups", "--"] if user not in ("", "root") else []
        if operation in ("Print-Job", "Send-Document"):
            body += self.paper.read_bytes()
        told = subprocess.run([*become, *command], input=body, capture_output=True, check=True).stdout
        status, _, answer = told.partition(b"\n")
        return int(status), ipp.decode_answer(answer) if answer else None

    def let(self, who: str, operation: str) -> bool:
        """Whether CUPS let it pass, be it that it could not be done then (no such state, no such subscription)."""
        job = (self.stopped_job() if operation == "Restart-Job" else self.waiting_job()) if operation in ON_A_JOB else None
        if operation == "Release-Job":
            self.house.cups.run("lp", "-i", f"jiyao-{job}", "-H", "hold", check=True)
        status, answer = self.ask(who, operation, job)
        assert status in (200, 401, 403), (who, operation, status)
        refused = answer is None or answer.status in (0x0401, 0x0402, 0x0403)
        assert refused or answer is None or answer.status != 0x0501, f"{operation} is unknown to this CUPS: it proves nothing"
        return not refused


@pytest.fixture(scope="module")
def queue() -> Iterator[Queue]:
    root = Path(tempfile.mkdtemp(prefix="imprimatur-test-", dir="/tmp"))
    try:
        with House(root) as house:
            house.cups.add_gate_queue("elsewhere", house.settings.intake_socket)
            house.stop_gateway()
            paper = write_pdf(root / "paper.pdf", "页", 1)
            paper.chmod(0o644)
            found = Queue(house, paper)
            found.waiting_job()  # the first one is taken up by the backend; all later ones stay pending
            yield found
    finally:
        shutil.rmtree(root, ignore_errors=True)


def test_the_table_tells_of_every_operation() -> None:
    assert set(table()) == set(CODES)
    assert set(table().values()) <= set(ALLOWED)


@pytest.mark.parametrize("operation", list(CODES))
def test_who_may_do_it(queue: Queue, operation: str) -> None:
    who_may = {who for who in ("owner", "other", "anonymous") if queue.let(who, operation)}
    assert who_may == ALLOWED[table()[operation]]


@pytest.mark.parametrize("claims", [OWNER, "root"])
def test_titles_are_shown_to_the_owner_only(queue: Queue, claims: str) -> None:
    job = queue.waiting_job()
    for who, title in (("owner", ["关于某事"]), ("other", None)):
        _, answer = queue.ask(who, "Get-Job-Attributes", job, claims=claims)
        assert answer is not None
        assert answer.ok
        assert answer.first(ipp.JOB_GROUP).get("job-name") == title
    assert queue.ask("anonymous", "Get-Job-Attributes", job, claims=claims) == (401, None)


def test_cancel_my_jobs_spares_those_of_others(queue: Queue) -> None:
    job = queue.waiting_job()
    queue.ask("other", "Cancel-My-Jobs", None)
    assert f"jiyao-{job}" in queue.house.cups.run("lpstat", "-o").stdout


def test_what_cups_was_talked_into_prints_nothing(queue: Queue) -> None:
    """After all of the above the gateway comes back: jobs are held, and the device got nothing (I1)."""
    queue.house.start_gateway()
    assert queue.house.printer.received() == []
