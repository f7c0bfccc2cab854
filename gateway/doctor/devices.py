"""How each device must be locked, what stays possible at it, whether its meter is read, and its maintenance (R84, R100; docs/meters.md)."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from urllib.parse import urlsplit

from sqlmodel import Session, col, select

from gateway.db.engine import Database
from gateway.db.tables import Device, DeviceMaintenance, MeterReading
from gateway.doctor.check import Check, Verdict, should
from gateway.domain.devices import Care, Function, functions_of

WAYS_PAST = {9100: "raw printing", 515: "LPD"}
"""Ports that print without asking anybody."""
_PROBE_SECONDS = 1.0
_READ_WITHIN = timedelta(hours=25)


def checks(database: Database) -> Iterator[Check]:
    """All devices in service."""
    with database.reading() as session:
        for device in session.exec(select(Device).where(col(Device.active).is_(True)).order_by(Device.code)).all():
            yield _lock(device)
            if device.adapter == "ipp":
                yield _ports(device)
            yield _meter(session, device)
            yield _maintenance(session, device)


def _lock(device: Device) -> Check:
    """Always advice: nobody but a person at the panel can see it."""
    allowed = functions_of(device.functions)
    off = [one.value for one in Function if one not in allowed]
    remains = "what its panel offers, found only by its meter" if device.meter_kind != "none" else "what its panel offers, seen by nobody"
    cure = f"Switch off at its panel: {', '.join(off) or 'nothing'}, and printing from USB and stored jobs; let it take IPP from here only."
    found = f"allowed: {', '.join(allowed) or 'nothing'}; possible past the gate: {remains}"
    return Check(f"lock of device {device.code}", Verdict.ADVICE, found, cure)


def _ports(device: Device) -> Check:
    host = urlsplit(device.uri).hostname or ""
    opened = [f"{port} ({name})" for port, name in WAYS_PAST.items() if _opens(host, port)]
    return should(
        f"direct ports of device {device.code}",
        not opened,
        f"open: {', '.join(opened)}" if opened else "9100 and 515 closed from here",
        "Switch them off on the device: whoever reaches them prints without a permit.",
    )


def _opens(host: str, port: int) -> bool:
    try:
        with socket.create_connection((host, port), _PROBE_SECONDS):
            return True
    except (OSError, UnicodeError):
        return False


def _meter(session: Session, device: Device) -> Check:
    name = f"meter of device {device.code}"
    if device.meter_kind == "none":
        return should(name, False, "read by people only", f"Let the gate read it: `imprimatur device meter {device.code} --kind snmp …`.")
    query = select(MeterReading.at).where(MeterReading.device_id == device.id, col(MeterReading.by_gate).is_(True))
    last = session.exec(query.order_by(col(MeterReading.id).desc()).limit(1)).first()
    fresh = last is not None and datetime.now(UTC) - last <= _READ_WITHIN
    found = f"read {last:%Y-%m-%d %H:%M} UTC" if last else "never read"
    return should(name, fresh, found, f"Try `imprimatur meter read {device.code}`, then check the meter's settings.")


def _maintenance(session: Session, device: Device) -> Check:
    done = col(DeviceMaintenance.kind).in_([Care.MAINTENANCE.value, Care.BACK.value])
    query = select(DeviceMaintenance.done_on).where(DeviceMaintenance.device_id == device.id, done)
    last = session.exec(query.order_by(col(DeviceMaintenance.done_on).desc()).limit(1)).first()
    due = last is None or date.fromisoformat(last) + timedelta(days=device.maintenance_days) < datetime.now(UTC).date()
    found = f"last on {last}, every {device.maintenance_days} days" if last else "none recorded"
    return should(
        f"maintenance of device {device.code}", not due, found, f"Have it done, then `imprimatur device maintain {device.code} …`."
    )
