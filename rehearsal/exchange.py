"""A private HylaFAX in a folder with one telephone line to nowhere (`rehearsal.modem`); nothing of the machine's own is touched.

faxq and faxgetty insist on being root (6.0.7, measured); they act as Debian's uucp.
"""

from __future__ import annotations

import ftplib
import io
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

from PIL import Image

from gateway import fax_install
from rehearsal.processes import Process, free_port, wait_until
from watermark.faxtiff import write_fax_tiff

FAX_USER = 10
"""Debian's uucp."""
_PAUSE_SECONDS = 10
"""Instead of 20: nobody rehearses to wait. The line is taken three seconds for each question, so that shorter ones would starve others."""
ACCOUNT, PASSWORD = "gate", "rehearsal-only"
_SYSTEM_SPOOL, _SYSTEM_ETC = Path("/var/spool/hylafax"), Path("/etc/hylafax")
_FOLDERS = "archive bin client config dev docq doneq etc info log locks pollq recvq sendq status tmp"
_CLOSED = "sendq docq doneq pollq archive tmp"
_COPIED = "cover.templ dialrules lutRS18.pcf pagesizes templates typerules setup.cache setup.modem"
_CONFIG = """\
CountryCode: 86
AreaCode: 10
LongDistancePrefix: 0
InternationalPrefix: 00
DialStringRules: etc/dialrules
ServerTracing: 0xFFF
PollLockWait: 1
SendFaxCmd: /usr/lib/hylafax/bin/faxsend
UUCPLockDir: {spool}/locks
"""
_MODEM_CONFIG = """\
CountryCode: 86
AreaCode: 10
FAXNumber: +86.10.5555.0100
LongDistancePrefix: 0
InternationalPrefix: 00
DialStringRules: etc/dialrules
ServerTracing: 1
SessionTracing: 11
RecvFileMode: 0600
LogFileMode: 0600
DeviceMode: 0660
RingsBeforeAnswer: 1
SpeakerVolume: off
LocalIdentifier: REHEARSAL
ModemType: Class2.0
ModemRate: 19200
ModemFlowControl: none
ModemResetDelay: 50
ModemSoftResetCmdDelay: 50
ModemDTRDropDelay: 20
ModemATCmdDelay: 0
PollLockWait: 1
PollModemWait: 1
UUCPLockDir: {spool}/locks
UUCPLockType: ascii
"""


class Exchange:
    """A context manager: spool, modem, faxq, hfaxd, and faxgetty when it shall also receive. `root` must hold no underscore.

    Whoever needs other settings changes the files of `etc` between making and entering it.
    """

    def __init__(self, root: Path, *, receives: bool = False) -> None:
        if "_" in str(root):
            raise RuntimeError(f"HylaFAX writes a modem's path with underscores for slashes: {root} has one; choose another folder")
        if os.getuid() != 0:
            raise RuntimeError("faxq runs for root only; run this as root")
        self.root = root
        self.spool = root / "spool"
        self.port = free_port()
        self.device = root / "line"
        self.modem_id = str(self.device).replace("/", "_")
        self.capture = root / "captured"
        self._receives = receives
        self._stack = ExitStack()
        self._modem: Process | None = None
        self._make()

    def _make(self) -> None:
        for name in _FOLDERS.split():
            (self.spool / name).mkdir(parents=True, exist_ok=True)
        shutil.copytree(_SYSTEM_SPOOL / "bin", self.spool / "bin", symlinks=True, dirs_exist_ok=True)
        for name in _COPIED.split():
            source = _SYSTEM_ETC / name
            if source.is_dir():
                shutil.copytree(source, self.spool / "etc" / name, symlinks=True)
            else:
                shutil.copyfile(source, self.spool / "etc" / name)
        cache = self.spool / "etc" / "setup.cache"
        lines = cache.read_text().splitlines()
        cache.write_text("".join((f"SPOOL='{self.spool}'" if line.startswith("SPOOL=") else line) + "\n" for line in lines))
        (self.spool / "etc" / "config").write_text(_CONFIG.format(spool=self.spool))
        (self.spool / "etc" / f"config.{self.modem_id}").write_text(_MODEM_CONFIG.format(spool=self.spool))
        (self.spool / "etc" / "hfaxd.conf").write_text("LogFacility: daemon\nServerTracing: 0x001\n")
        self.admit(ACCOUNT, PASSWORD)
        self._give_to_fax_user()

    def _give_to_fax_user(self) -> None:
        self.root.chmod(0o755)
        for folder, folders, files in os.walk(self.spool):
            for name in (*folders, *files):
                mine = any(part in ("etc", "bin") for part in Path(folder, name).relative_to(self.spool).parts)
                os.lchown(Path(folder, name), *((0, 0) if mine else (FAX_USER, FAX_USER)))
        for path in (self.spool, self.spool / "etc", self.spool / "etc" / "hosts.hfaxd"):
            os.chown(path, FAX_USER, FAX_USER)
        for name in _CLOSED.split():
            (self.spool / name).chmod(0o700)
        self.spool.chmod(0o755)

    def put_gate(self, socket: Path) -> None:
        """Every call asks the gateway at this socket first, by the product's own steps. Before the exchange is entered."""
        folders = {"spool": self.spool, "etc": self.spool / "etc", "programs": self.root / "programs"}
        places = fax_install.FaxPlaces(**folders, pause_seconds=_PAUSE_SECONDS)
        fax_install.apply(fax_install.plan(socket=socket, places=places))

    def admit(self, account: str, password: str) -> None:
        """Make this the only account that may speak with hfaxd."""
        fax_install.write_hosts(self.spool / "etc" / "hosts.hfaxd", account, password)

    def __enter__(self) -> Exchange:
        try:
            self._start()
        except BaseException:
            self._stack.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def _start(self) -> None:
        self._modem = self._run("modem", sys.executable, "-m", "rehearsal.modem", str(self.device), str(self.capture))
        wait_until(self.device.is_symlink, "the modem's start")
        self._run("faxq", "/usr/sbin/faxq", "-D", "-q", str(self.spool))
        wait_until((self.spool / "FIFO").is_fifo, "faxq's start")
        self._run("hfaxd", "/usr/sbin/hfaxd", "-d", "-q", str(self.spool), "-l", "127.0.0.1", "-i", str(self.port))
        if self._receives:
            self._run("faxgetty", "/usr/sbin/faxgetty", "-q", str(self.spool), str(self.device))
        else:
            subprocess.run(["/usr/sbin/faxmodem", "-q", str(self.spool), self.modem_id], check=True, timeout=20)
        wait_until(lambda: _listens(self.port), "hfaxd's start")

    def _run(self, name: str, *command: str) -> Process:
        # Daemons hand their whole environment to every program they start: they get none.
        process = Process(command, self.root / f"{name}.log")
        self._stack.callback(process.stop)
        return process

    def sendfax(self, number: str, file: Path, *options: str, password: str = PASSWORD) -> subprocess.CompletedProcess[str]:
        """HylaFAX's own client, as somebody who knows the password. `-h` since Debian's hyla.conf names another host."""
        command = ["sendfax", "-n", "-h", f"127.0.0.1:{self.port}", "-o", ACCOUNT, *options, "-d", number, str(file)]
        # Without a terminal of its own it asks for the password on standard input.
        return subprocess.run(
            command, input=password + "\n", capture_output=True, text=True, timeout=60, check=False, start_new_session=True
        )

    def command(self, *commands: str) -> None:
        """hfaxd's own commands, as somebody who knows the password. Raises ftplib.Error for one that is refused."""
        with ftplib.FTP(timeout=20) as door:  # noqa: S321 - hfaxd speaks nothing else; on loopback only
            door.connect("127.0.0.1", self.port)
            door.login(ACCOUNT, PASSWORD)
            for command in commands:
                door.voidcmd(command)

    def calls(self) -> list[dict[str, object]]:
        """What the modem wrote down, in order."""
        try:
            return [json.loads(line) for line in (self.capture / "calls.jsonl").read_text().splitlines()]
        except FileNotFoundError:
            return []

    def dials(self, number: str = "") -> int:
        """How often the modem was told to dial (this number)."""
        return sum("dials" in line and (not number or line["dials"] == number) for line in self.calls())

    def ends(self) -> list[dict[str, object]]:
        """How the calls ended, in order; `pages` is what the called machine has got."""
        return [line for line in self.calls() if "ends" in line]

    def captured(self, call: int) -> list[Image.Image]:
        """The pages of one call (counted from 1) as the called machine has them, decoded by libtiff."""
        end = next(line for line in self.calls() if line["call"] == call and "ends" in line)
        return [
            decoded(page.read_bytes(), two_dimensional=bool(end["two_dimensional"]), fine=bool(end["fine"]))
            for page in sorted(self.capture.glob(f"call{call:03d}-page*.g3"))
        ]

    def ring(self, pages: list[Image.Image]) -> None:
        """Somebody telephones and sends these pages (1728 dots wide, black and white)."""
        if self._modem is None:
            raise RuntimeError("the exchange is not started")
        for at, page in enumerate(pages, 1):
            (self.capture / f"inbound-{at:03d}.g3").write_bytes(encoded(page))
        os.kill(self._modem.pid, signal.SIGUSR1)


def encoded(page: Image.Image) -> bytes:
    """A page as T.4 one-dimensional code with the bit order of the line: least significant first."""
    out = io.BytesIO()
    write_fax_tiff([page.convert("1")], out, lines_per_inch=98, code="group3")
    with Image.open(io.BytesIO(out.getvalue())) as written:
        tags = written.tag_v2  # type: ignore[attr-defined]
        (offset,), (length,), order = tags[273], tags[279], tags.get(266, 1)
    strip = out.getvalue()[offset : offset + length]
    return strip if order == 2 else strip.translate(bytes(int(f"{byte:08b}"[::-1], 2) for byte in range(256)))


def decoded(content: bytes, *, two_dimensional: bool, fine: bool) -> Image.Image:
    """The inverse, by libtiff's fax2tiff."""
    with tempfile.TemporaryDirectory(prefix="imprimatur-captured") as folder:
        raw, tiff = Path(folder, "page.g3"), Path(folder, "page.tif")
        raw.write_bytes(content)
        options = ["-2" if two_dimensional else "-1", "-L", "-X", "1728", "-R", "196" if fine else "98"]
        subprocess.run(["fax2tiff", *options, "-o", str(tiff), str(raw)], check=True, capture_output=True)
        with Image.open(tiff) as page:
            return page.convert("1")


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
