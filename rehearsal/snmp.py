"""A printer's SNMP side for rehearsals: Debian's own snmpd on a free port, with counters the rehearsal moves (RFC 3805, RFC 2790)."""

from __future__ import annotations

import socket
from pathlib import Path

from rehearsal import snmp_answers
from rehearsal.processes import Process, wait_until

COMMUNITY, USER, AUTHENTICATION, PRIVACY = "rehearsal-read", "gate", "authentication-1", "privacy-word-1"
_PRT, _HR = ".1.3.6.1.2.1.43", ".1.3.6.1.2.1.25.3"
SERIAL = f"{_PRT}.5.1.1.17.1"
UNIT = f"{_PRT}.10.2.1.3.1.1"
LIFE = f"{_PRT}.10.2.1.4.1.1"
DEVICE_STATUS = f"{_HR}.2.1.5.1"
PRINTER_STATUS = f"{_HR}.5.1.1.1"
_CONFIGURATION = """\
rocommunity {community} 127.0.0.1
createUser {user} SHA-256 {authentication} AES {privacy}
rouser {user} priv
{passes}
"""


class SnmpPrinter:
    """A context manager. `objects` is what it tells, by name: (type, value) as snmpd wants them; `tell` changes it at once."""

    def __init__(self, root: Path, *, serial: str = "CNB1234567", impressions: int = 50_000) -> None:
        self._root = root
        self._file = root / "objects"
        self.objects: dict[str, tuple[str, str]] = {
            SERIAL: ("string", serial),
            UNIT: ("integer", "7"),
            LIFE: ("counter", str(impressions)),
            DEVICE_STATUS: ("integer", "2"),
            PRINTER_STATUS: ("integer", "3"),
        }
        self.port = _free_udp_port()
        self._process: Process | None = None

    @property
    def address(self) -> str:
        """What a device's meter setting needs."""
        return f"127.0.0.1:{self.port}"

    @property
    def impressions(self) -> int:
        """Where the counter stands."""
        return int(self.objects[LIFE][1])

    def tell(self, name: str, kind: str, value: object) -> None:
        """From now on the object has this value."""
        self.objects[name] = (kind, str(value))
        self._write()

    def forget(self, name: str) -> None:
        """From now on there is no such object."""
        del self.objects[name]
        self._write()

    def count(self, sides: int, *, modulus: int = 2**32) -> None:
        """Sides come out; the counter begins again at 0 after `modulus` - 1."""
        self.tell(LIFE, "counter", (self.impressions + sides) % modulus)

    def _write(self) -> None:
        new = self._file.with_suffix(".new")
        new.write_text("".join(f"{name} {kind} {value}\n" for name, (kind, value) in self.objects.items()))
        new.replace(self._file)  # snmpd never reads half of it

    def __enter__(self) -> SnmpPrinter:
        self._root.mkdir(parents=True, exist_ok=True)
        self._write()
        program = f"/usr/bin/python3 -S {Path(snmp_answers.__file__)} {self._file}"
        passes = "\n".join(f"pass_persist -p 1 {tree} {program}" for tree in (_PRT, f"{_HR}.2", f"{_HR}.5"))
        words = {"community": COMMUNITY, "user": USER, "authentication": AUTHENTICATION, "privacy": PRIVACY, "passes": passes}
        (self._root / "snmpd.conf").write_text(_CONFIGURATION.format(**words))
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        """Switch it on, and wait until it listens."""
        command = ["/usr/sbin/snmpd", "-f", "-Lo", "-C", "-c", str(self._root / "snmpd.conf"), "-I", "-hrh_device,hr_device,hr_print"]
        state = {"SNMP_PERSISTENT_DIR": str(self._root / "state"), "MIBS": ""}
        self._process = Process([*command, f"udp:{self.address}"], self._root / "snmpd.log", state)
        wait_until(self._listens, "snmpd")

    def _listens(self) -> bool:
        if self._process is None or not self._process.running():
            raise RuntimeError(f"snmpd ended: {(self._root / 'snmpd.log').read_text()[-500:]}")
        place = f"0100007F:{self.port:04X}"
        return any(place in line for line in Path("/proc/net/udp").read_text().splitlines())

    def stop(self) -> None:
        """Switch it off: it answers nothing any more."""
        if self._process is not None:
            self._process.stop(2)
            self._process = None


def _free_udp_port() -> int:
    with socket.socket(type=socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
