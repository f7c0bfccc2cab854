"""What a process gives up before it touches a document: privileges, files, network, processes, time, memory (docs/threat-model.md).

Two ways. `lock_down` is for our own code, which opens nothing any more: descriptors go, all of them. `confine_program` is for a
program that must read its own files (Ghostscript): it sees those folders and no other (Landlock), and gets no socket (seccomp).
"""

from __future__ import annotations

import ctypes
import os
import platform
import resource
import struct
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

NOBODY = 65534
_SIGKILL = 9
_PR_SET_PDEATHSIG, _PR_SET_DUMPABLE, _PR_SET_SECCOMP, _PR_SET_NO_NEW_PRIVS = 1, 4, 22, 38


def die_with_parent() -> None:
    """Be killed when the parent dies, whatever it dies of; to be said again after every change of privileges."""
    _call("prctl", _PR_SET_PDEATHSIG, _SIGKILL, 0, 0, 0)


def lock_down(seconds: int, memory_bytes: int, output_bytes: int) -> None:
    """Give up privileges, descriptors, processes, time (of the processor) and memory beyond the limits. Cannot be undone."""
    _limit(seconds, memory_bytes, output_bytes)
    # What is open stays usable; nothing else can be opened: no key file, no socket, no temporary file.
    resource.setrlimit(resource.RLIMIT_NOFILE, (0, 0))


def confine_program(seconds: int, memory_bytes: int, output_bytes: int, read: Sequence[Path], write: Sequence[Path]) -> None:
    """For `preexec_fn`: the program to come may read below `read`, write below `write`, and reach nobody. Cannot be undone.

    Landlock needs Linux 5.13; on an older kernel the program's own rules and the lost privileges must do.
    """
    _limit(seconds, memory_bytes, output_bytes)
    _forbid_sockets()
    with suppress(OSError):
        _allow_only(read, write)


def _limit(seconds: int, memory_bytes: int, output_bytes: int) -> None:
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    resource.setrlimit(resource.RLIMIT_FSIZE, (output_bytes, output_bytes))
    if os.geteuid() == 0:
        os.setgroups([])
        os.setresgid(NOBODY, NOBODY, NOBODY)
        os.setresuid(NOBODY, NOBODY, NOBODY)
    die_with_parent()
    for option, value in ((_PR_SET_DUMPABLE, 0), (_PR_SET_NO_NEW_PRIVS, 1)):
        _call("prctl", option, value, 0, 0, 0)
    resource.setrlimit(resource.RLIMIT_NPROC, (0, 0))


def _call(name: str, *arguments: object) -> int:
    function = getattr(ctypes.CDLL(None, use_errno=True), name)
    function.restype = ctypes.c_long
    result = int(function(*arguments))
    if result < 0:
        raise OSError(ctypes.get_errno(), f"{name} failed")
    return result


# --- no sockets: a seccomp filter (BPF) that answers EPERM to socket(2) -------------------------------------------------

_SOCKET_NUMBERS = {"x86_64": (0xC000003E, 41), "aarch64": (0xC00000B7, 198)}
"""By machine: AUDIT_ARCH and the number of socket(2)."""

_IO_URING_SETUP = 425
_FIRST_X32 = 0x40000000


def _forbid_sockets() -> None:
    """Where the machine is unknown nothing is filtered: the lost privileges remain."""
    if platform.machine() not in _SOCKET_NUMBERS:
        return
    arch, socket_call = _SOCKET_NUMBERS[platform.machine()]
    load, equal, at_least, answer = 0x20, 0x15, 0x35, 0x06
    allow, kill, eperm = 0x7FFF0000, 0x80000000, 0x00050001
    program = [
        (load, 0, 0, 4),  # the architecture
        (equal, 1, 0, arch),
        (answer, 0, 0, kill),
        (load, 0, 0, 0),  # the call's number
        (equal, 2, 0, socket_call),
        (equal, 1, 0, _IO_URING_SETUP),  # which could make sockets too
        (at_least, 0, 1, _FIRST_X32),
        (answer, 0, 0, eperm),
        (answer, 0, 0, allow),
    ]
    code = b"".join(struct.pack("=HBBI", *step) for step in program)
    held = ctypes.create_string_buffer(code)
    head = struct.pack("@HP", len(program), ctypes.addressof(held))
    _call("prctl", _PR_SET_SECCOMP, 2, head, 0, 0)


# --- no foreign files: Landlock, first version of its ABI -----------------------------------------------------------------

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_READ = 0b1101  # execute, read files, read folders
_EVERYTHING = (1 << 13) - 1
_BENEATH = 1


def _allow_only(read: Sequence[Path], write: Sequence[Path]) -> None:
    rules = _call("syscall", _CREATE_RULESET, struct.pack("=Q", _EVERYTHING), 8, 0)
    for folders, rights in ((read, _READ), (write, _EVERYTHING)):
        for folder in folders:
            with suppress(FileNotFoundError):
                opened = os.open(folder, os.O_PATH | os.O_CLOEXEC)
                _call("syscall", _ADD_RULE, rules, _BENEATH, struct.pack("=Qi", rights, opened), 0)
                os.close(opened)
    _call("syscall", _RESTRICT_SELF, rules, 0)
    os.close(rules)
