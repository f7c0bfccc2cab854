"""PostScript to PDF: run once by Ghostscript, confined, and never again (R10).

A PostScript job is a program. What it declares in comments (%%Pages) proves nothing, and a second run may give other pages (one
that looked at the clock gave 8, then 3): so it runs once, and what came out is the document. /NumCopies and #copies do not
multiply: the copies are the permit's.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import BinaryIO

from watermark.errors import DocumentRefused
from watermark.lockdown import NOBODY, confine_program
from watermark.model import Limits

MEMORY = Path("/dev/shm")  # noqa: S108 — a file system in memory; the folder in it is ours alone
_GHOSTSCRIPT = "/usr/bin/gs"
_READABLE = tuple(Path(folder) for folder in ("/usr", "/lib", "/lib64", "/var/lib/ghostscript", "/etc/ghostscript", "/etc/fonts"))
_COMMAND = (
    _GHOSTSCRIPT,
    "-q",
    "-dSAFER",
    "-dBATCH",
    "-dNOPAUSE",
    "-dNOINTERPOLATE",
    "-dEmbedAllFonts=true",
    "-dSubsetFonts=true",
    "-dAutoRotatePages=/None",
    "-dAutoFilterColorImages=false",  # pictures as they are: no loss
    "-dAutoFilterGrayImages=false",
    "-dColorImageFilter=/FlateEncode",
    "-dGrayImageFilter=/FlateEncode",
    "-dDownsampleColorImages=false",
    "-dDownsampleGrayImages=false",
    "-dDownsampleMonoImages=false",
    "-sPAPERSIZE=a4",
    "-sDEVICE=pdfwrite",
    "-dCompatibilityLevel=1.7",
)

_TARGET = "out.pdf"
_LOOK_SECONDS = 0.2
_NOTHING = b"imprimatur: no page"
_EPILOGUE = f"currentpagedevice /PageCount get 0 eq {{ ({_NOTHING.decode()}) print flush }} if"
"""Run after the program: of nothing pdfwrite would make an empty page."""


def folder_of(process: int) -> Path:
    """Where a child with this process id keeps Ghostscript's scratch files: in memory, gone with the child."""
    return MEMORY / f"imprimatur-{process}"


def forget(process: int) -> None:
    """Remove what a child left, however it ended."""
    shutil.rmtree(folder_of(process), ignore_errors=True)


def forget_all_dead() -> None:
    """Remove what children left whose warm process was killed too."""
    for folder in MEMORY.glob("imprimatur-*"):
        process = folder.name.partition("-")[2]
        if process.isdigit() and is_dead(int(process)):
            shutil.rmtree(folder, ignore_errors=True)


def is_dead(process: int) -> bool:
    """Whether it runs no more, though its parent may not have asked how it ended."""
    try:
        told = Path(f"/proc/{process}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return True
    return told.rpartition(")")[2].split()[0] in {"Z", "X"}


def distilled(source: BinaryIO, limits: Limits) -> BinaryIO:
    """The PDF a PostScript program draws, as a file without a name.

    Raises DocumentRefused with E_LIMIT when it takes too long or too much, E_DAMAGED when it breaks off, E_FORMAT when it
    draws nothing or is not to be run. The source needs a descriptor.
    """
    if not limits.postscript:
        raise DocumentRefused("E_FORMAT", "it is a PostScript program, which is not run here")
    with ExitStack() as stack:
        folder = stack.enter_context(_scratch())
        told = stack.enter_context((folder / "told").open("w+b"))
        os.lseek(source.fileno(), 0, os.SEEK_SET)
        last = f"-dLastPage={limits.max_pages + 1}"  # one more than allowed, so that too many are seen to be too many
        process = subprocess.Popen(
            [*_COMMAND, last, f"-sOutputFile={folder / _TARGET}", "-", "-c", _EPILOGUE],
            stdin=source.fileno(),
            stdout=told,
            stderr=subprocess.DEVNULL,
            env={"TMPDIR": str(folder), "HOME": str(folder), "LANG": "C.UTF-8"},
            cwd=folder,
            preexec_fn=lambda: confine_program(limits.seconds, limits.memory_bytes, limits.output_bytes, _READABLE, (folder,)),  # noqa: PLW1509 — one thread
        )
        status = _end_of(process, folder, limits)
        if status < 0:
            raise DocumentRefused("E_LIMIT", "the PostScript program took more time or memory than allowed")
        if status or not (folder / _TARGET).exists():
            raise DocumentRefused("E_DAMAGED", "the PostScript program broke off with an error")
        told.seek(max(0, told.seek(0, os.SEEK_END) - 64))
        if _NOTHING in told.read():
            raise DocumentRefused("E_FORMAT", "it has no pages")
        return (folder / _TARGET).open("rb")


def _end_of(process: subprocess.Popen[bytes], folder: Path, limits: Limits) -> int:
    """Its exit status; killed when its time is over, or when it writes nothing for as long as one page may take."""
    deadline = time.monotonic() + limits.seconds
    written, since = -1, 0.0
    try:
        while True:
            try:
                return process.wait(_LOOK_SECONDS)
            except subprocess.TimeoutExpired:
                now_written = sum(file.stat().st_size for file in folder.iterdir() if file.exists())
                if now_written != written:
                    written, since = now_written, _processor_seconds(process.pid)
                if time.monotonic() > deadline or _processor_seconds(process.pid) - since > limits.page_seconds:
                    raise DocumentRefused("E_LIMIT", "the PostScript program takes too long") from None
    finally:
        process.kill()
        process.wait()


def _processor_seconds(process: int) -> float:
    """Time on the processor so far, in user and kernel mode (proc(5), fields 14 and 15)."""
    fields = Path(f"/proc/{process}/stat").read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@contextmanager
def _scratch() -> Iterator[Path]:
    folder = folder_of(os.getpid())
    folder.mkdir(mode=0o700)
    if os.geteuid() == 0:
        os.chown(folder, NOBODY, NOBODY)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
