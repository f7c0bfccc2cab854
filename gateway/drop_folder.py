"""Drop folders, for devices that can only push files: each whole file becomes a copy session, and its plaintext goes (I7, I8).

The sender's "done" proves nothing: an FTP server closes a cut file like a whole one (measured). So a file is taken when nobody writes it
any more, claimed by renaming it out of the sender's reach, and believed only when the child finds it whole to its end mark.
"""

from __future__ import annotations

import errno
import fcntl
import hashlib
import os
import secrets
import signal
import stat
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from gateway.counter import STEP_FAILURES, what_failed
from gateway.logs import log
from gateway.memory import memory_file
from gateway.services.copy_drops import is_known, take_drop
from gateway.services.copying import MOST_PAGES
from gateway.services.counting import limits_of
from gateway.services.gate import Gate
from spool import StoredObject
from watermark import WatermarkError, sandbox
from watermark.model import PushedPage

CLAIMED = ".imprimatur"
"""Folder inside a drop folder, where a claimed file is until its pages are durable: seconds."""
LARGEST_FILE = 1 << 30
_LOOK_SECONDS = 1.0
_QUIET_SECONDS = 5.0
"""Without leases (some network file systems) a file counts as written when nothing changed for so long."""
_UNFINISHED = (".part", ".tmp", ".filepart", ".crdownload")
_CHUNK = 1 << 20


class DropFolders:
    """Looks into every folder of the settings until told to stop."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate

    def run(self, stop: threading.Event) -> None:
        """Work until told to stop."""
        while not stop.wait(_LOOK_SECONDS):
            self.step()

    def step(self) -> None:
        """Take every file that is complete. One that cannot be taken now is tried again; it stops no other."""
        for name, folder in self._gate.settings.drop_folders.items():
            try:
                claimed = folder / CLAIMED
                claimed.mkdir(mode=0o700, exist_ok=True)
                if claimed.is_symlink():  # whoever pushes files must not lead us elsewhere
                    raise NotADirectoryError(errno.ENOTDIR, CLAIMED)
                for file in _complete(folder):
                    with suppress(FileNotFoundError):  # another gateway was quicker
                        file.rename(claimed / secrets.token_hex(16))
                for file in _complete(claimed):
                    self._take(name, file)
            except STEP_FAILURES as error:
                log.error("drop_folder_waits", folder=name, **what_failed(error))

    def _take(self, name: str, file: Path) -> None:
        with memory_file("drop") as content:
            sha256 = _read(file, content)
            known = is_known(self._gate, sha256)
            pages = [] if known else self._pages(content)
        try:
            taken = not known and take_drop(self._gate, name, sha256, pages)
        except BaseException:
            self._gate.spool.destroy(*(stored.object_id for stored, _ in pages))
            raise
        if not taken:
            self._gate.spool.destroy(*(stored.object_id for stored, _ in pages))
        file.unlink()  # only now: a crash before this finds the file again, and knows it by its hash
        log.info("drop_taken", folder=name, count=len(pages), status=taken)

    def _pages(self, content: BinaryIO) -> list[tuple[StoredObject, PushedPage]]:
        """Every page, durable; none when the file is not whole."""
        kept: list[tuple[StoredObject, PushedPage]] = []
        try:
            while not kept or len(kept) < min(kept[0][1].pages, MOST_PAGES + 1):
                with memory_file("page") as out:
                    page = sandbox.take_page(content, len(kept), out, limits_of(self._gate))
                    out.seek(0)
                    kept.append((self._gate.spool.put(out), page))
            if len(kept) <= MOST_PAGES:
                return kept
        except WatermarkError as error:  # also one that exhausted the child: tried again it would again
            log.warning("drop_not_whole", code=error.code)
        except BaseException:
            self._gate.spool.destroy(*(stored.object_id for stored, _ in kept))
            raise
        self._gate.spool.destroy(*(stored.object_id for stored, _ in kept))
        return []


def _complete(folder: Path) -> list[Path]:
    """The files in a folder nobody writes any more."""
    named = [file for file in sorted(folder.iterdir()) if not (file.name.startswith(".") or file.name.lower().endswith(_UNFINISHED))]
    return [file for file in named if _is_file(file) and _nobody_writes(file)]


def _is_file(file: Path) -> bool:
    """A plain file; an empty one only when it has been so for a while, since some senders make the name first."""
    try:
        found = file.lstat()
    except FileNotFoundError:
        return False
    return stat.S_ISREG(found.st_mode) and (found.st_size > 0 or time.time() - found.st_mtime > _QUIET_SECONDS)


def _nobody_writes(file: Path) -> bool:
    """Whether no writer has the file open: the kernel grants a read lease only then. A writer may go on in a renamed file."""
    try:
        descriptor = os.open(file, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK)
    except FileNotFoundError:
        return False
    try:
        fcntl.fcntl(descriptor, fcntl.F_SETSIG, signal.SIGURG)  # a writer who comes just now would else end us by SIGIO
        fcntl.fcntl(descriptor, fcntl.F_SETLEASE, fcntl.F_RDLCK)
        fcntl.fcntl(descriptor, fcntl.F_SETLEASE, fcntl.F_UNLCK)
    except OSError as error:
        return error.errno != errno.EAGAIN and time.time() - os.fstat(descriptor).st_mtime > _QUIET_SECONDS
    else:
        return True
    finally:
        os.close(descriptor)


def _read(file: Path, content: BinaryIO) -> str:
    """The file into memory; its SHA-256. One that is too large is read as empty, and so never whole."""
    digest = hashlib.sha256()
    with file.open("rb") as source:
        if os.fstat(source.fileno()).st_size <= LARGEST_FILE:
            while piece := source.read(_CHUNK):
                digest.update(piece)
                content.write(piece)
    content.flush()
    return digest.hexdigest()
