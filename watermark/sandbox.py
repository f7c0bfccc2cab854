"""The door for documents nobody has looked at: this library's verbs in a child process without keys, files or network.

Documents are passed as descriptors; use memory files, so that plaintext touches no folder (I7). The child is killed with
its whole session when its time is over. A child that dies over a document proves nothing about it, so the verdict is
E_LIMIT or E_DAMAGED: fail closed. Children are forks of one warm process (`watermark.forkserver`), started at first use.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict
from typing import Any, BinaryIO, cast

from watermark.errors import MissingGlyphError, SandboxError, StampError
from watermark.fonts import FontFiles
from watermark.model import FaxReport, Inspection, Limits, PushedPage, ScanReport, StampPlan, StampReport
from watermark.templates import Template, load_template

_GRACE_SECONDS = 3
_ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"}
_CHUNK = 1 << 16
DEFAULT_LIMITS = Limits()
DEBIAN_FONTS = FontFiles()


def make_base(sources: Sequence[BinaryIO], base: BinaryIO, limits: Limits = DEFAULT_LIMITS) -> Inspection:
    """`watermark.make_base` in a child. All files must have descriptors; their positions are undefined afterwards."""
    try:
        done = _ask("make_base", [*sources, base], limits)
        return Inspection.from_json(done)
    except SandboxError as error:
        return Inspection(verdict=error.code if error.code == "E_DAMAGED" else "E_LIMIT", reasons=(str(error),))
    except (KeyError, TypeError, ValueError):
        return Inspection(verdict="E_DAMAGED", reasons=("counting gave no usable answer",))


def fan_out(
    base: BinaryIO,
    out: BinaryIO,
    plan: StampPlan,
    limits: Limits = DEFAULT_LIMITS,
    fonts: FontFiles = DEBIAN_FONTS,
    template: Template | None = None,
) -> StampReport:
    """`watermark.fan_out` and `watermark.verify_stamped` in a child; raises StampError, MissingGlyphError or SandboxError."""
    shown = (template or load_template(plan.kind)).model_dump(mode="json")
    paths = [str(path) if path else None for path in (fonts.regular, fonts.bold)]
    done = _ask("fan_out", [base, out], limits, plan=plan.to_json(), fonts=paths, template=shown)
    return StampReport(**done)


def render_page(base: BinaryIO, page_index: int, dpi: int, overlay_text: str | None = None, limits: Limits = DEFAULT_LIMITS) -> bytes:
    """`watermark.render_page` in a child; raises StampError for a page that is not there, SandboxError otherwise."""
    with os.fdopen(os.memfd_create("imprimatur-picture", os.MFD_CLOEXEC), "w+b") as picture:
        _ask("render_page", [base, cast("BinaryIO", picture)], limits, page_index=page_index, dpi=dpi, overlay_text=overlay_text)
        picture.seek(0)
        return picture.read()


def make_facsimile(stamped: BinaryIO, out: BinaryIO, lines_per_inch: int, limits: Limits = DEFAULT_LIMITS) -> FaxReport:
    """`watermark.facsimile.make_facsimile` in a child; raises StampError or SandboxError."""
    return FaxReport(**_ask("make_facsimile", [stamped, out], limits, lines_per_inch=lines_per_inch))


def read_scan(page: BinaryIO, small: BinaryIO, longest_side: int, limits: Limits = DEFAULT_LIMITS) -> ScanReport:
    """`watermark.scans.read_scan` in a child; raises StampError or SandboxError."""
    done = _ask("read_scan", [page, small], limits, longest_side=longest_side)
    return ScanReport(**{**done, "codes": tuple(done["codes"])})


def take_page(source: BinaryIO, index: int, out: BinaryIO, limits: Limits = DEFAULT_LIMITS) -> PushedPage:
    """`watermark.pushed.take_page` in a child; raises StampError for a file that is not whole, SandboxError otherwise."""
    done = _ask("take_page", [source, out], limits, index=index)
    return PushedPage(**{**done, "codes": tuple(done["codes"])})


def picture_pages(base: BinaryIO, limits: Limits = DEFAULT_LIMITS) -> tuple[int, ...]:
    """`watermark.ocr.picture_pages` in a child; raises SandboxError."""
    return tuple(_ask("picture_pages", [base], limits)["pages"])


def marks_in_picture(picture: BinaryIO, limits: Limits = DEFAULT_LIMITS) -> tuple[str, ...]:
    """`watermark.ocr.marks_in_picture` in a child; raises StampError or SandboxError when it could not be read."""
    return tuple(_ask("marks_in_picture", [picture], limits)["marks"])


def cut_font(font: BinaryIO, characters: frozenset[str], out: BinaryIO, limits: Limits = DEFAULT_LIMITS) -> frozenset[str]:
    """`watermark.cut_font` in a child, which keeps its memory out of ours; the characters the small font in `out` has."""
    return frozenset(_ask("cut_font", [font, out], limits, characters="".join(sorted(characters)))["characters"])


def _ask(verb: str, documents: Sequence[BinaryIO], limits: Limits, **details: Any) -> dict[str, Any]:
    for document in documents:
        os.lseek(document.fileno(), 0, os.SEEK_SET)
    request = json.dumps({"verb": verb, "limits": asdict(limits), **details}).encode()
    with _server.call(verb, [document.fileno() for document in documents]) as channel:
        deadline = time.monotonic() + limits.seconds + _GRACE_SECONDS
        said = _conversation(channel, request, deadline, limits)[1:]
    if not said or not said[-1].lstrip("-").isdigit():
        raise SandboxError("it took more memory than there is")  # the warm process itself is gone, as the kernel does it then
    return _done(said[0] if len(said) > 1 else "", int(said[-1]))


def _conversation(channel: socket.socket, request: bytes, deadline: float, limits: Limits) -> list[str]:
    """Lines of the answer: the child's process id, its JSON, its exit status. Kills the child when its time is over."""
    heard = bytearray()
    try:
        with suppress(BrokenPipeError, ConnectionResetError):  # it died at once; its last line tells how
            channel.settimeout(limits.seconds + _GRACE_SECONDS)
            channel.sendall(request)
            channel.shutdown(socket.SHUT_WR)
        while True:
            channel.settimeout(max(0.001, deadline - time.monotonic()))
            try:
                piece = channel.recv(_CHUNK)
            except ConnectionResetError:
                piece = b""
            if not piece:
                return heard.decode().splitlines() or [""]
            heard += piece
    except TimeoutError as late:
        _kill(heard)
        raise SandboxError(f"it took longer than {limits.seconds} seconds") from late
    except BaseException:
        _kill(heard)
        raise


def _kill(heard: bytearray) -> None:
    pid, end, _ = heard.partition(b"\n")
    if end:
        with suppress(ProcessLookupError):
            os.killpg(int(pid), signal.SIGKILL)


class _Server:
    """The warm process; one for all threads, started again should it be gone."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._control: socket.socket | None = None
        self._process: subprocess.Popen[bytes] | None = None

    def call(self, verb: str, documents: list[int]) -> socket.socket:
        """Our end of a new child's channel."""
        ours, theirs = socket.socketpair()
        with theirs, self._lock:
            packet = [verb.encode()], [theirs.fileno(), *documents]
            try:
                socket.send_fds(self._control or self._start(), *packet)
            except OSError:  # it died since; a new one is asked, once
                self._stop()
                socket.send_fds(self._start(), *packet)
        return ours

    def _start(self) -> socket.socket:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-I", "-m", "watermark.forkserver"],
                stdin=theirs.fileno(),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env=_ENVIRONMENT,
                start_new_session=True,
            )
        self._control = ours
        return ours

    def _stop(self) -> None:
        if self._control is not None:
            self._control.close()
            self._control = None
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None


_server = _Server()


def _done(answer: str, code: int) -> dict[str, Any]:
    if code == -signal.SIGPROF:
        raise SandboxError("one of its pages takes too long")
    if code in (-signal.SIGXCPU, -signal.SIGKILL):
        raise SandboxError("it took more time or memory than allowed")
    try:
        found = json.loads(answer)
        if "done" in found:
            return cast("dict[str, Any]", found["done"])
        failed, reason = str(found["code"]), str(found["reason"])
    except (ValueError, TypeError, KeyError) as error:
        broken = SandboxError(f"the child process ended with {code} and no answer")
        broken.code = "E_DAMAGED"
        raise broken from error
    if failed == MissingGlyphError.code:
        missing = StampError(reason)
        missing.code = failed
        raise missing
    if failed == "E_LIMIT":
        raise SandboxError(reason)
    raise StampError(reason)
