"""The gateway's own parts: keys, room, sockets, database, fonts, devices."""

from __future__ import annotations

import shutil
import socket
import stat
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from fontTools.ttLib import TTLibError
from sqlmodel import col, select

from gateway.config import REHEARSAL_MARKER, Settings
from gateway.db.engine import Database
from gateway.db.schema import is_current
from gateway.db.tables import Device, LedgerEntry
from gateway.doctor import devices
from gateway.doctor.check import Check, must, should
from gateway.domain.hand_copies import ALONE
from gateway.errors import GatewayError
from gateway.printers import open_printer
from gateway.services import people
from gateway.services.installation import CODE_KEY, HOST_KEY, LEDGER_KEY
from spool import Spool, SpoolError
from watermark import FontFiles, StampError, TemplateError, cut_font, load_templates


def checks(settings: Settings) -> Iterator[Check]:
    """All of them; what needs the database only when there is one of this version."""
    yield from _keys(settings)
    yield from _spool(settings)
    yield from _sockets(settings)
    yield _rehearsal(settings)
    database = Database(settings.url)
    try:
        yield (schema := _schema(database))
        if schema.verdict == "ok":
            yield _clock(database)
            yield from _fonts(settings, database)
            yield _templates(settings)
            yield from _devices(database)
            yield from devices.checks(database)
    finally:
        database.close()


def _keys(settings: Settings) -> Iterator[Check]:
    for name in (HOST_KEY, LEDGER_KEY, CODE_KEY):
        file = settings.keys / name
        if not file.exists():
            yield must(f"key {name}", False, "missing", "Run `imprimatur init`, or restore it.")
            continue
        mode = stat.S_IMODE(file.stat().st_mode)
        yield must(f"key {name}", mode & 0o077 == 0, f"mode {mode:04o}", f"chmod 0600 {file}")


def _spool(settings: Settings) -> Iterator[Check]:
    if not settings.spool.exists():
        yield must("spool", False, "missing", "Run `imprimatur init`.")
        return
    for folder in (settings.data, settings.spool, settings.keys):
        mode = stat.S_IMODE(folder.stat().st_mode)
        yield must(f"folder {folder.name}", mode & 0o077 == 0, f"mode {mode:04o}", f"chmod 0700 {folder}")
    free = shutil.disk_usage(settings.spool).free
    cure = "Make room: below spool_free_floor_bytes nothing is taken in."
    yield must("free space", free > settings.spool_free_floor_bytes, f"{free >> 20} MiB free", cure)
    try:
        usage = Spool.open(settings.spool, None).usage()
    except (SpoolError, OSError, ValueError) as error:
        yield must("spool", False, f"it cannot be opened: {error}", "Restore it from before the damage.")
        return
    cure = "Release or withdraw held jobs, or make a spool with more slots (spool_slots)."
    yield should("key slots", usage.objects * 4 < usage.slots * 3, f"{usage.objects} of {usage.slots} in use", cure)


def _sockets(settings: Settings) -> Iterator[Check]:
    for name, path in (("intake socket", settings.intake_socket), ("control socket", settings.control_socket)):
        yield must(name, _answers(path), "answers" if _answers(path) else "nobody answers", "Start `imprimatur serve`.")


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
    found = "rehearsal data folder" if marked else "yes"
    return should("real use", not marked, found, "For real papers make a new data folder without --rehearsal.")


def _schema(database: Database) -> Check:
    try:
        current = is_current(database)
    except GatewayError as error:
        return must("database", False, error.happened, error.next_step)
    return must("database", current, "of this version" if current else "of another version", "Run `imprimatur migrate`.")


def _clock(database: Database) -> Check:
    with database.reading() as session:
        newest = session.exec(select(LedgerEntry.at).order_by(col(LedgerEntry.seq).desc()).limit(1)).first()
    now = datetime.now(UTC)
    good = newest is None or newest <= now
    found = f"{now:%Y-%m-%d %H:%M:%S} UTC" + ("" if good else f", but the newest ledger entry is of {newest:%Y-%m-%d %H:%M:%S}")
    return must("clock", good, found, "Set the clock; entries must not go back in time.")


def _templates(settings: Settings) -> Check:
    try:
        found = load_templates(settings.stamp_templates)
    except TemplateError as error:
        return must("stamp templates", False, str(error), "Mend the file; docs/stamping.md describes templates.")
    own = [kind for kind in found if settings.stamp_templates is not None and (settings.stamp_templates / f"{kind}.toml").is_file()]
    return must("stamp templates", True, f"the house's{', but for ' + ', '.join(own) if own else ''}", "")


def _fonts(settings: Settings, database: Database) -> Iterator[Check]:
    names = people.all_names(database)
    try:
        regular, bold = FontFiles(settings.font_regular, settings.font_bold).paths()
        _, present = cut_font(regular.read_bytes(), frozenset(names))
    except (StampError, OSError, TTLibError) as error:
        yield must("stamp fonts", False, str(error), "Install fonts-noto-cjk, or set font_regular and font_bold.")
        return
    missing = "".join(sorted(set(names) - present))
    found = f"{regular.name}, {bold.name}" + (f"; no glyph for {missing}" if missing else "")
    yield must(
        "stamp fonts", not missing, found, "Set a font_regular that has every name's characters: these people's jobs cannot be stamped."
    )


def _devices(database: Database) -> Iterator[Check]:
    printing = select(Device).where(col(Device.active).is_(True), Device.adapter != ALONE)
    with database.reading() as session:
        found = session.exec(printing.order_by(Device.code)).all()
    if not found:
        yield must("devices", False, "none registered", "Register one: `imprimatur device add`.")
    for device in found:
        try:
            status = open_printer(device.adapter, device.uri).status()
        except GatewayError as error:
            yield must(f"device {device.code}", False, error.happened, error.next_step)
            continue
        good = status.accepting and status.takes_pdf
        yield must(
            f"device {device.code}",
            good,
            f"{status.state}, {'takes' if status.takes_pdf else 'does not take'} PDF, {'accepts' if status.accepting else 'rejects'} jobs",
            "Switch it on, or use --adapter cups for a device that takes no PDF.",
        )
