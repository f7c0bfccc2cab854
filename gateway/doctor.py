"""`imprimatur doctor`: what is wrong with this installation, and the cure."""

from __future__ import annotations

import shutil
import socket
import stat
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from sqlmodel import col, select

from gateway.config import REHEARSAL_MARKER, Settings
from gateway.db.engine import Database
from gateway.db.schema import is_current
from gateway.db.tables import Device
from gateway.errors import GatewayError
from gateway.printers import open_printer
from gateway.services.installation import CODE_KEY, HOST_KEY, LEDGER_KEY


@dataclass(frozen=True, slots=True)
class Check:
    """One line of the doctor's report."""

    name: str
    ok: bool
    found: str
    cure: str = ""

    def to_json(self) -> dict[str, object]:
        """The form of `doctor --json`."""
        return asdict(self)


def examine(settings: Settings) -> list[Check]:
    """Look at everything in turn; never changes anything."""
    checks = [*_keys(settings), _space(settings), *_sockets(settings), _rehearsal(settings)]
    database = Database(settings.url)
    try:
        schema = _schema(database)
        checks.append(schema)
        if schema.ok:
            checks += _devices(database)
    finally:
        database.close()
    return checks


def _keys(settings: Settings) -> Iterator[Check]:
    for name in (HOST_KEY, LEDGER_KEY, CODE_KEY):
        file = settings.keys / name
        if not file.exists():
            yield Check(f"key {name}", False, "missing", "Run `imprimatur init`, or restore it.")
            continue
        mode = stat.S_IMODE(file.stat().st_mode)
        yield Check(f"key {name}", mode & 0o077 == 0, f"mode {mode:04o}", f"chmod 0600 {file}")


def _space(settings: Settings) -> Check:
    if not settings.spool.exists():
        return Check("spool", False, "missing", "Run `imprimatur init`.")
    free = shutil.disk_usage(settings.spool).free
    return Check(
        "free space",
        free > settings.spool_free_floor_bytes,
        f"{free >> 20} MiB free",
        "Make room: below spool_free_floor_bytes nothing is taken in.",
    )


def _sockets(settings: Settings) -> Iterator[Check]:
    for name, path in (("intake socket", settings.intake_socket), ("control socket", settings.control_socket)):
        yield Check(name, _answers(path), "answers" if _answers(path) else "nobody answers", "Start `imprimatur serve`.")


def _answers(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.settimeout(2)
        try:
            probe.connect(str(path))
        except OSError:
            return False
        return True


def _rehearsal(settings: Settings) -> Check:
    marked = (settings.data / REHEARSAL_MARKER).exists()
    return Check(
        "real use", not marked, "rehearsal data folder" if marked else "yes", "For real papers make a new data folder without --rehearsal."
    )


def _schema(database: Database) -> Check:
    try:
        current = is_current(database)
    except GatewayError as error:
        return Check("database", False, error.happened, error.next_step)
    return Check("database", current, "of this version" if current else "of another version", "Run `imprimatur migrate`.")


def _devices(database: Database) -> Iterator[Check]:
    with database.reading() as session:
        devices = session.exec(select(Device).where(col(Device.active).is_(True)).order_by(Device.code)).all()
    if not devices:
        yield Check("devices", False, "none registered", "Register one: `imprimatur device add`.")
    for device in devices:
        try:
            status = open_printer(device.adapter, device.uri).status()
        except GatewayError as error:
            yield Check(f"device {device.code}", False, error.happened, error.next_step)
            continue
        good = status.accepting and status.takes_pdf
        yield Check(
            f"device {device.code}",
            good,
            f"{status.state}, {'takes' if status.takes_pdf else 'does not take'} PDF, {'accepts' if status.accepting else 'rejects'} jobs",
            "Switch it on, or use --adapter cups for a device that takes no PDF.",
        )
