"""The process that reads documents, kept warm: everything is imported once, and every request gets a fork of its own.

Started by `watermark.sandbox` as `python -I -m watermark.forkserver`; standard input is a packet socket. A packet names a verb and
brings descriptors: first the request's own channel, then the documents'. On the channel go: our line with the child's process id, the
request (JSON) down, the answer (JSON) up, our last line with the child's exit status. Importing the PDF libraries takes 0.4 s, a fork
takes 5 ms. This process itself never reads a document; it ends when its socket is closed.
"""

from __future__ import annotations

import gc
import json
import os
import select
import signal
import socket
import sys
from contextlib import suppress

from watermark import child, postscript
from watermark.lockdown import die_with_parent

MOST_DESCRIPTORS = 250
LARGEST_VERB = 64


class ForkServer:
    """The loop: take requests, fork, report ends."""

    def __init__(self, control: socket.socket) -> None:
        self._control = control
        self._channels: dict[int, socket.socket] = {}
        self._wake_in, wake_out = socket.socketpair()
        self._wake_out = wake_out
        wake_out.setblocking(False)
        signal.set_wakeup_fd(wake_out.fileno(), warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)

    def run(self) -> None:
        """Serve until the other end closes."""
        postscript.forget_all_dead()
        while True:
            readable, _, _ = select.select([self._control, self._wake_in], [], [])
            if self._wake_in in readable:
                self._wake_in.recv(4096)
                self._report_ends()
            if self._control in readable:
                verb, descriptors, _, _ = socket.recv_fds(self._control, LARGEST_VERB, MOST_DESCRIPTORS)
                if not verb:
                    return
                self._fork(verb.decode(), descriptors)

    def _fork(self, verb: str, descriptors: list[int]) -> None:
        child.warm(verb)
        channel = socket.socket(fileno=descriptors[0])
        gc.freeze()  # what is shared with the children stays unwritten, and so shared
        process = os.fork()
        if process == 0:
            self._become_child(channel, descriptors[1:])
        for descriptor in descriptors[1:]:
            os.close(descriptor)
        self._channels[process] = channel

    def _become_child(self, channel: socket.socket, documents: list[int]) -> None:
        die_with_parent()
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        for other in (self._control, self._wake_in, self._wake_out, *self._channels.values()):
            other.close()
        os.close(0)
        os.setsid()
        status = 1
        try:
            channel.sendall(b"%d\n" % os.getpid())
            with channel.makefile("rb") as asked:
                answer = child.answer(json.load(asked), documents)
            channel.sendall(json.dumps(answer).encode() + b"\n")
            status = 0
        finally:
            os._exit(status)

    def _report_ends(self) -> None:
        with suppress(ChildProcessError):
            while (ended := os.waitpid(-1, os.WNOHANG))[0]:
                postscript.forget(ended[0])
                with self._channels.pop(ended[0]) as channel, suppress(OSError):
                    channel.sendall(b"%d\n" % os.waitstatus_to_exitcode(ended[1]))


def main() -> None:
    """Serve on standard input."""
    with socket.socket(fileno=os.dup(sys.stdin.fileno())) as control:
        ForkServer(control).run()


if __name__ == "__main__":
    main()
