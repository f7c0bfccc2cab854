"""A Class 2.0 fax modem (ITU-T T.32) on a pseudo-terminal: telephones nobody, counts dials, keeps every page it is sent.

`python -m rehearsal.modem DEVICE FOLDER`; DEVICE becomes a link to the terminal. The last four digits dialled decide what
happens (`OUTCOMES`; any other number answers and takes all). FOLDER gets `calls.jsonl` with a line when dialling begins and
another when the call ends, and `call003-page002.g3` with what arrived, T.4 one- or two-dimensional as `calls.jsonl` says.
SIGUSR1 is a call from outside: it rings until somebody answers, who receives the files `inbound-*.g3` of the folder. While the line
is taken it does not ring.
"""

from __future__ import annotations

import json
import os
import re
import select
import shutil
import signal
import sys
import time
import tty
from collections.abc import Callable
from pathlib import Path

OUTCOMES = {
    "9901": "busy",
    "9902": "no carrier",
    "9903": "no answer",
    "9904": "no dial tone",
    "9905": "answers, but is no fax machine",
    "9906": "drops the line in the middle of the second page of every call",
    "9907": "takes the last page, and its confirmation is lost",
    "9908": "drops the line in the second page of the first call, then is good",
    "9909": "finds the first page bad once",
    "9910": "answers only after three seconds",
    "9911": "drops the line in the fourth page of the first call, then is good",
}
_REFUSALS = {"9901": "BUSY", "9902": "NO CARRIER", "9903": "NO ANSWER", "9904": "NO DIALTONE"}
_DROPS_AFTER_PAGES = {"9906": 1, "9908": 1, "9911": 3}
_FAX_USER = 10
"""Debian's uucp, whom HylaFAX' daemons act as."""
_DLE, _MORE_PAGES, _END_OF_DOCUMENTS, _END_OF_FAX = 0x10, 0x2C, 0x3B, 0x2E
_DROP_AFTER_BYTES = 1500
_RINGS, _SECONDS_BETWEEN_RINGS = 60, 1.0
_START_SENDING = b"\x12"
_QUERIES = {
    "AT+FCLASS=?": "0,2.0",
    "AT+FMI?": "REHEARSAL",
    "AT+FMM?": "MODEM",
    "AT+FMR?": "1",
    "AT+FAP=?": "(0,1),(0,1),(0,1)",
    "AT+FCC=?": "(0,1),(0-5),(0-2),(0-2),(0,1,3),(0),(0),(0-7)",
    "AT+FSP=?": "(0,1)",
    "AT+FCQ=?": "(0),(0)",
}


class HungUpError(Exception):
    """The caller broke off in the middle of a page."""


class Modem:
    """One line. `run` never returns."""

    def __init__(self, device: Path, folder: Path) -> None:
        self._folder = folder
        self._master, terminal = os.openpty()
        tty.setraw(terminal)
        os.fchmod(terminal, 0o660)
        os.fchown(terminal, _FAX_USER, _FAX_USER)
        device.unlink(missing_ok=True)
        device.symlink_to(os.ttyname(terminal))
        self._terminal = terminal  # kept open: a terminal nobody holds hangs up
        self._heard = b""
        self._calls = 0
        self._dialled: dict[str, int] = {}
        self._rings, self._rang = 0, 0.0
        self._on_the_line = False
        self._session = [0] * 8
        signal.signal(signal.SIGUSR1, lambda *_: setattr(self, "_rings", _RINGS))

    def run(self) -> None:
        """Obey commands."""
        while True:
            command = self._line()
            if command in _QUERIES:
                self._say(_QUERIES[command], "OK")
            elif command.startswith("ATD") or command == "ATA":
                self._on_the_line = True
                self._answer() if command == "ATA" else self._dial(re.sub(r"\D", "", command[4:]))
                self._on_the_line = False
            elif command.startswith("AT"):
                self._settle(command)

    def _settle(self, command: str) -> None:
        if command.startswith("AT+FIS="):
            self._session = [int(x or 0) for x in command[7:].split(",")]
        self._say("OK")

    def _say(self, *lines: str) -> None:
        for line in lines:
            os.write(self._master, f"\r\n{line}\r\n".encode())

    def _listen(self) -> None:
        while True:
            quiet = time.monotonic() - self._rang > _SECONDS_BETWEEN_RINGS
            if self._rings and quiet and not self._on_the_line:
                self._rings, self._rang = self._rings - 1, time.monotonic()
                self._say("RING")
            if select.select([self._master], [], [], 0.1)[0]:
                self._heard += os.read(self._master, 1 << 16)
                return

    def _line(self) -> str:
        while b"\r" not in self._heard:
            self._listen()
        line, _, self._heard = self._heard.partition(b"\r")
        command = line.strip(b"\n\0 ").decode("latin-1").upper()
        print(f"{time.time():.2f} {command}", flush=True)
        return command

    def _note(self, **what: object) -> None:
        with (self._folder / "calls.jsonl").open("a") as file:
            file.write(json.dumps({"call": self._calls, **what}) + "\n")
            file.flush()
            os.fsync(file.fileno())

    def _dial(self, number: str) -> None:
        self._calls += 1
        self._dialled[number] = self._dialled.get(number, 0) + 1
        self._note(dials=number)
        ending = number[-4:]
        if ending in _REFUSALS:
            self._note(ends=_REFUSALS[ending], pages=0)
            self._say(_REFUSALS[ending])
        elif ending == "9905":
            self._note(ends="no fax machine", pages=0)
            self._say("+FCO", "+FHS:20", "OK")
        else:
            time.sleep(3 if ending == "9910" else 0)
            self._talk(ending, first=self._dialled[number] == 1)

    def _talk(self, ending: str, *, first: bool) -> None:
        """The called machine's side of a call that was answered."""
        drops_after = _DROPS_AFTER_PAGES.get(ending, 0) if first or ending == "9906" else 0
        bad_page, page, verdict = ending == "9909", 0, 1
        self._say("+FCO", '+FCI:"86 10 5555 0199     "', "+FIS:1,5,0,2,1,0,0,0", "OK")
        while True:
            command = self._line()
            if command == "AT+FPS?":
                self._say(str(verdict), "OK")
            elif command.startswith(("AT+FKS", "ATH")):
                self._end("aborted", page, "+FHS:02")
                return
            elif command != "AT+FDT":
                self._settle(command)
            else:
                self._say("+FCS:" + ",".join(map(str, self._session)), "CONNECT")
                try:
                    content, after = self._page_data(_DROP_AFTER_BYTES if drops_after and page == drops_after else None)
                except HungUpError:
                    self._end("dropped", page, "+FHS:43")
                    return
                if bad_page:  # RTN: the page counts as not received, the sender has to repeat it
                    bad_page, verdict = False, 2
                    self._say("ERROR")
                    continue
                page, verdict = page + 1, 1
                self._keep(content, page)
                if after != _END_OF_FAX:
                    self._say("OK")
                elif ending == "9907":
                    self._end("confirmation lost", page, "+FHS:54")
                    return
                else:
                    self._end("ok", page, "+FHS:00")
                    return

    def _end(self, how: str, pages: int, status: str) -> None:
        self._note(ends=how, pages=pages, two_dimensional=self._session[4] == 1, fine=bool(self._session[0] & 1))
        self._say(status, "OK")

    def _page_data(self, drop_after: int | None) -> tuple[bytes, int]:
        """Bytes of a page up to DLE and what follows it. Raises HungUpError once `drop_after` bytes are there."""
        data, shift = bytearray(), False
        while True:
            for at, byte in enumerate(self._heard):
                if shift and byte in (_MORE_PAGES, _END_OF_DOCUMENTS, _END_OF_FAX):
                    self._heard = self._heard[at + 1 :]
                    return bytes(data), byte
                if shift or byte != _DLE:
                    data.append(byte)
                shift = not shift and byte == _DLE
            self._heard = b""
            if drop_after and len(data) >= drop_after:
                time.sleep(0.3)
                os.set_blocking(self._master, False)
                self._drain()
                os.set_blocking(self._master, True)
                raise HungUpError
            self._listen()

    def _drain(self) -> None:
        try:
            while os.read(self._master, 1 << 16):
                pass
        except BlockingIOError:
            return

    def _keep(self, content: bytes, page: int) -> None:
        (self._folder / f"call{self._calls:03d}-page{page:03d}.g3").write_bytes(content)

    def _answer(self) -> None:
        """Somebody calls us: send the pages of the folder."""
        pages, self._rings = sorted(self._folder.glob("inbound-*.g3")), 0
        self._say("+FCO", '+FTI:"86 10 7777 0001     "', "+FCS:1,5,0,2,0,0,0,0", "OK")
        for at, page in enumerate(pages):
            if not self._until(lambda command: command == "AT+FDR"):
                return
            self._say("+FCS:1,5,0,2,0,0,0,0", "CONNECT")
            while _START_SENDING not in self._heard:
                self._listen()
            self._heard = self._heard.partition(_START_SENDING)[2]
            os.write(self._master, page.read_bytes().replace(b"\x10", b"\x10\x10") + b"\x10\x03")
            self._say("+FPS:1,1000,0,0,0", f"+FET:{2 if at == len(pages) - 1 else 0}", "OK")
        if self._until(lambda command: command == "AT+FDR"):
            self._say("+FHS:00", "OK")

    def _until(self, wanted: Callable[[str], bool]) -> bool:
        while not wanted(command := self._line()):
            self._say("OK")
            if command.startswith(("AT+FKS", "ATH")):
                return False
        return True


def main() -> None:
    """Serve the device named on the command line until killed."""
    device, folder = map(Path, sys.argv[1:])
    folder.mkdir(parents=True, exist_ok=True)
    if not shutil.which("faxq"):
        sys.exit("There is no HylaFAX here. Run ./setup --check.")
    Modem(device, folder).run()


if __name__ == "__main__":
    main()
