"""A private IPP printer: CUPS' own ippeveprinter, on a private D-Bus, keeping every document it gets."""

from __future__ import annotations

import socket
from pathlib import Path

from rehearsal.processes import Process, free_port, wait_until

_BUS_CONF = """\
<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:path={socket}</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
"""


class PrivateBus:
    """A D-Bus of our own: ippeveprinter wants one even when it announces nothing."""

    def __init__(self, root: Path) -> None:
        root.mkdir(parents=True, exist_ok=True)
        self._root = root
        self._socket = root / "bus.sock"
        self._process: Process | None = None

    def __enter__(self) -> PrivateBus:
        configuration = self._root / "bus.conf"
        configuration.write_text(_BUS_CONF.format(socket=self._socket))
        self._process = Process(["dbus-daemon", f"--config-file={configuration}", "--nofork", "--nopidfile"], self._root / "bus.log")
        wait_until(self._listens, "the private D-Bus")
        return self

    def _listens(self) -> bool:
        """Its socket is there some time before it listens."""
        with socket.socket(socket.AF_UNIX) as probe:
            return probe.connect_ex(str(self._socket)) == 0

    def __exit__(self, *_: object) -> None:
        if self._process is not None:
            self._process.stop()

    @property
    def env(self) -> dict[str, str]:
        """What a program needs to find this bus."""
        address = f"unix:path={self._socket}"
        return {"DBUS_SYSTEM_BUS_ADDRESS": address, "DBUS_SESSION_BUS_ADDRESS": address}


class IppEvePrinter:
    """One printer on a free port; `uri` is what a device row needs.

    `command` takes each document as `command FILE`; without one ippeveprinter would only wait for ten seconds.
    """

    def __init__(self, root: Path, bus: PrivateBus, *, command: Path = Path("/bin/true"), duplex: bool = True) -> None:
        self._root = root
        self._bus = bus
        self._command = command
        self._duplex = duplex
        self.port = free_port()
        self.uri = f"ipp://127.0.0.1:{self.port}/ipp/print"
        self._process: Process | None = None

    @property
    def documents(self) -> Path:
        """The folder of received documents."""
        return self._root / "documents"

    def __enter__(self) -> IppEvePrinter:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        """Switch it on, and wait until it listens."""
        self.documents.mkdir(parents=True, exist_ok=True)
        command = [
            "ippeveprinter",
            "-p",
            str(self.port),
            "-d",
            str(self.documents),
            "-k",
            "-f",
            "application/pdf",
            "-n",
            "localhost",
            "-r",
            "off",
            *(["-2"] if self._duplex else []),
            *("-c", str(self._command)),
            "Imprimatur rehearsal",
        ]
        self._process = Process(command, self._root / "printer.log", self._bus.env)
        wait_until(self._listens, "the rehearsal printer")

    def _listens(self) -> bool:
        if self._process is None or not self._process.running():
            raise RuntimeError(f"ippeveprinter ended: {(self._root / 'printer.log').read_text()[-500:]}")
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def stop(self) -> None:
        """Switch it off."""
        if self._process is not None:
            self._process.stop(2)
            self._process = None

    def kill(self) -> None:
        """Pull its plug."""
        if self._process is not None:
            self._process.kill()
            self._process = None

    def received(self) -> list[Path]:
        """Documents in the order they came."""
        return sorted(
            (file for file in self.documents.iterdir() if file.suffix == ".pdf"), key=lambda file: (file.stat().st_mtime_ns, file.name)
        )
