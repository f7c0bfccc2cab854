"""HylaFAX through hfaxd, its network door (FTP with verbs for jobs), by the one account that may speak with it.

All is read and removed through that door, so the gateway needs no right to a file of HylaFAX'. A connection is made for each piece
of work: hfaxd answers at once, and no state is left behind.
"""

from __future__ import annotations

import ftplib
import io
import re
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import BinaryIO

from gateway.errors import InvalidInputError
from gateway.fax.calllog import read_calls
from gateway.fax.interface import (
    Attempt,
    CallEnd,
    CallRecord,
    FaxExchangeError,
    FaxExchangeUnreachableError,
    ReceivedFax,
    Stranger,
)
from gateway.fax.outcomes import outcome_of
from gateway.fax.queuefile import STATE_ACTIVE, QueueFile

_SECONDS = 45
"""Patience with a busy machine: to hang up sooner makes a doubt, which a person must clear, where an answer was coming."""
_NUMBER = re.compile(r"^[0-9]{1,30}$")
_TAG = re.compile(r"^[A-Za-z0-9=._-]{1,64}$")
_NAME = re.compile(r"^[A-Za-z0-9_.;-]{1,80}$")
_JOB_SUFFIX = re.compile(r"(?<=[a-z])\.\d+$")
"""docq/doc7.tif belongs to the upload, doc7.tif.9 to the job, doc7.tif;c0 is what faxq made of it for the line."""
_A4_MM = (209, 296)
_LAST_TIME = "000010"  # days, hours, minutes: a job that was not dialled by then ends by itself


@dataclass(frozen=True, slots=True)
class HylaFax:
    """`FaxExchange` on a real HylaFAX."""

    host: str
    port: int
    account: str
    password: str

    @contextmanager
    def _door(self) -> Iterator[ftplib.FTP]:
        try:
            with ftplib.FTP(timeout=_SECONDS) as door:  # noqa: S321 - hfaxd speaks nothing else; on loopback only
                door.connect(self.host, self.port)
                door.set_pasv(False)
                door.login(self.account, self.password)
                door.sendcmd(f"ADMIN {self.password}")
                for setting in ("TYPE I", "MODE S", "STRU F"):
                    door.voidcmd(setting)
                yield door
        except ftplib.error_perm as error:
            raise FaxExchangeError(f"HylaFAX refused: {_line(error)}.", "Look at docs/fax.md, run `imprimatur doctor`.") from error
        except (ftplib.Error, OSError, EOFError) as error:
            raise FaxExchangeUnreachableError(
                f"HylaFAX does not answer ({type(error).__name__}).", "Start hfaxd and check fax_server, fax_account and the password file."
            ) from error

    def submit(self, tiff: BinaryIO, number: str, tag: str, *, fine: bool) -> str:
        """See `FaxExchange.submit`. Raises InvalidInputError for what must not stand in a queue file."""
        if not _NUMBER.match(number) or not _TAG.match(tag):
            raise InvalidInputError("A fax number is digits, a tag letters and digits.", "Correct the number in the permit.")
        with self._door() as door:
            door.voidcmd("FORM TIFF")
            document = _stored(door, tiff)
            job = _word(door.sendcmd("JNEW"), r"jobid: (\d+)")
            try:
                for name, value in _parameters(number, tag, fine=fine):
                    door.voidcmd(f"JPARM {name} {value}")
                door.voidcmd(f"JPARM DOCUMENT {document}")
                door.voidcmd("JSUBM")
            except ftplib.Error:
                with suppress(ftplib.Error):
                    door.voidcmd(f"DELE {document}")
                raise
            return job

    def find(self, tag: str) -> str | None:
        """See `FaxExchange.find`."""
        with self._door() as door:
            return next((name for name, _, job in _jobs(door) if job.text("jobtag") == tag), None)

    def outcome(self, job: str) -> Attempt | None:
        """See `FaxExchange.outcome`."""
        with self._door() as door:
            # In this order: a job that ends between the two looks is found in the second folder.
            found = {place: content for place in ("sendq", "doneq") if (content := _content(door, f"{place}/q{job}")) is not None}
            if not found:
                return Attempt(CallEnd.IN_DOUBT, 0, uncertain=True, reason="HylaFAX does not know the job any more")
            ended = QueueFile.read(found["doneq"]) if "doneq" in found else None
            if ended is None or not ended.has_ended:
                return None
            calls = [call for call in _log(door) if (call.direction, call.job, call.tag) == ("SEND", job, ended.text("jobtag"))]
            return outcome_of(ended, calls)

    def withdraw(self, job: str) -> None:
        """See `FaxExchange.withdraw`."""
        with self._door() as door, suppress(ftplib.error_perm):
            door.voidcmd(f"JKILL {job}")

    def purge(self, job: str) -> None:
        """See `FaxExchange.purge`."""
        with self._door() as door:
            content = _content(door, f"doneq/q{job}")
            if content is None:
                return
            file = QueueFile.read(content)
            with suppress(ftplib.error_perm):
                door.voidcmd(f"JDELE {job}")
            stems = {_JOB_SUFFIX.sub("", name.removeprefix("docq/").partition(";")[0]) for name in (*file.documents, *file.converted)}
            for name in _names(door, "docq"):
                if _JOB_SUFFIX.sub("", name.partition(";")[0]) in stems:
                    with suppress(ftplib.error_perm):
                        door.voidcmd(f"DELE docq/{name}")

    def strangers(self, mine: frozenset[str]) -> list[Stranger]:
        """See `FaxExchange.strangers`. A job HylaFAX is busy with is left for the next time: the gate at the line refuses it."""
        with self._door() as door:
            return [
                Stranger(name, job.text("owner"), job.text("number"), job.text("jobtag"), job.documents, ended=place == "doneq")
                for name, place, job in _jobs(door)
                if name not in mine and (job.has_ended if place == "doneq" else job.count("state") != STATE_ACTIVE)
            ]

    def document(self, name: str) -> bytes:
        """See `FaxExchange.document`."""
        folder, _, file = name.partition("/")
        if folder != "docq" or not _NAME.match(file):
            raise FaxExchangeError("The job names a document outside HylaFAX' folder.", "Remove the job with faxrm, and ask who sent it.")
        with self._door() as door:
            content = _content(door, name)
            if content is None:
                raise FaxExchangeError("The document is not there.", "Remove the job with faxrm, and have it sent again.")
            return content

    def received(self) -> list[ReceivedFax]:
        """See `FaxExchange.received`. Only what the log tells of is finished; a fax still coming in is not in it."""
        with self._door() as door:
            lying = set(_names(door, "recvq"))
            told = {call.job.removeprefix("recvq/"): call for call in _log(door) if call.direction == "RECV"}
        return [
            ReceivedFax(name, call.remote, call.pages, call.seconds, call.at, call.reason) for name, call in told.items() if name in lying
        ]

    def fetch(self, received: ReceivedFax) -> bytes:
        """See `FaxExchange.fetch`."""
        with self._door() as door:
            content = _content(door, f"recvq/{received.name}")
            if content is None:
                raise FaxExchangeError("The received fax is not in the tray any more.", "Ask who has access to HylaFAX' spool.")
            return content

    def remove(self, received: ReceivedFax) -> None:
        """See `FaxExchange.remove`."""
        with self._door() as door:
            door.voidcmd(f"DELE recvq/{received.name}")

    def calls(self) -> list[CallRecord]:
        """See `FaxExchange.calls`."""
        with self._door() as door:
            return _log(door)


def _parameters(number: str, tag: str, *, fine: bool) -> list[tuple[str, object]]:
    return [
        ("FROMUSER", '"gate"'),
        ("DIALSTRING", f'"{number}"'),
        ("EXTERNAL", f'"{number}"'),
        ("JOBINFO", f'"{tag}"'),
        ("MAXDIALS", 1),
        ("MAXTRIES", 1),
        ("VRES", 196 if fine else 98),
        ("PAGEWIDTH", _A4_MM[0]),
        ("PAGELENGTH", _A4_MM[1]),
        ("NOTIFY", "NONE"),
        ("NOTIFYADDR", '"gate"'),
        ("PAGECHOP", "none"),
        ("LASTTIME", _LAST_TIME),
    ]


def _stored(door: ftplib.FTP, tiff: BinaryIO) -> str:
    """Upload by STOT, which chooses the name; ftplib knows no command whose first answer is needed."""
    with socket.create_server(("127.0.0.1", 0)) as waiting:
        waiting.settimeout(_SECONDS)
        door.sendport(*waiting.getsockname()[:2])
        name = _word(door.sendcmd("STOT"), r"FILE: (\S+)")
        connection, _ = waiting.accept()
        with connection:
            tiff.seek(0)
            connection.sendfile(tiff) if hasattr(tiff, "fileno") else connection.sendall(tiff.read())
    door.voidresp()
    return name


def _word(answer: str, pattern: str) -> str:
    if not (found := re.search(pattern, answer)):
        raise FaxExchangeError("HylaFAX answered something unexpected.", "Is it HylaFAX 6? See docs/fax.md.")
    return found[1]


def _names(door: ftplib.FTP, folder: str) -> list[str]:
    names: list[str] = []
    door.retrlines(f"NLST {folder}", names.append)
    return names


def _content(door: ftplib.FTP, path: str) -> bytes | None:
    """A file through the door; None when there is none."""
    out = io.BytesIO()
    try:
        door.retrbinary(f"RETR {path}", out.write)
    except ftplib.error_perm as error:
        if str(error).startswith("550"):
            return None
        raise
    return out.getvalue()


def _jobs(door: ftplib.FTP) -> Iterator[tuple[str, str, QueueFile]]:
    """Name, folder and queue file of every job; one that moves between the two looks is found in the second folder."""
    for place in ("sendq", "doneq"):
        for name in _names(door, place):
            content = _content(door, f"{place}/q{name}") if name.isdecimal() else None
            if content is not None:
                yield name, place, QueueFile.read(content)


def _log(door: ftplib.FTP) -> list[CallRecord]:
    content = _content(door, "log/xferfaxlog")
    return read_calls(content) if content else []


def _line(error: Exception) -> str:
    return str(error).splitlines()[0][:100] if str(error) else type(error).__name__
