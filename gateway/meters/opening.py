"""From a device's settings to an adapter."""

from __future__ import annotations

from urllib.parse import urlsplit

from gateway.errors import InvalidInputError
from gateway.meters.interface import Community, Meter, MeterKind, SnmpUser

SNMP_PORT = 161


def open_meter(kind: MeterKind, address: str, access: Community | SnmpUser | None = None) -> Meter:
    """The adapter; connects only when asked. `address`: `host[:port]` for SNMP, the printer's URI for IPP. Raises InvalidInputError."""
    if kind is MeterKind.IPP:
        from gateway.meters.ipp import IppMeter

        return IppMeter(address)
    if kind is MeterKind.SNMP and access is not None:
        from gateway.meters.snmp import SnmpMeter

        host, port = snmp_place(address)
        return SnmpMeter(host, port, access)
    raise InvalidInputError("The gate reads no meter of this device.", "Set its meter, or read its panel and enter what it shows.")


def snmp_place(address: str) -> tuple[str, int]:
    """Host and port of `host[:port]`, port 161 when none is given. Raises InvalidInputError."""
    try:
        place = urlsplit(f"//{address}")
        host, port = place.hostname, place.port
    except ValueError:
        host, port = None, None
    plain = not any(mark in address for mark in "/?#@ \t\\") and address.isprintable()
    if not host or not plain or port == 0:
        raise InvalidInputError("A meter's address is host or host:port.", "Give the device's own address, for example 192.0.2.10.")
    return host, port or SNMP_PORT
