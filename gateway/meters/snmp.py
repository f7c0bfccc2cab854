"""Printer-MIB over SNMP v2c and v3, with pysnmp (RFC 3805, RFC 2790).

One engine for each question: an engine belongs to the event loop it was made in, and used from another it waits for ever.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from gateway.meters.interface import Community, Counted, Fault, MeterError, SnmpUser, counted

TIMEOUT_SECONDS, RETRIES = 2.0, 1
_SERIAL = "1.3.6.1.2.1.43.5.1.1.17.1"  # prtGeneralSerialNumber
_UNIT = "1.3.6.1.2.1.43.10.2.1.3.1.1"  # prtMarkerCounterUnit of the first marker
_LIFE = "1.3.6.1.2.1.43.10.2.1.4.1.1"  # prtMarkerLifeCount
_PRINTER_STATUS = "1.3.6.1.2.1.25.3.5.1.1.1"  # hrPrinterStatus
_DEVICE_STATUS = "1.3.6.1.2.1.25.3.2.1.5.1"  # hrDeviceStatus
_WANTED = (_SERIAL, _UNIT, _LIFE, _PRINTER_STATUS, _DEVICE_STATUS)
_IMPRESSIONS = 7
_PRINTING, _WARMING_UP, _TESTING = 4, 5, 4


def _alone(question: Coroutine[Any, Any, list[Any]]) -> list[Any]:
    """Run in a thread of its own: the caller's may have a loop running already."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, question).result()


class SnmpMeter:
    """The first marker's life count at one address."""

    def __init__(self, host: str, port: int, access: Community | SnmpUser) -> None:
        self._host, self._port, self._access = host, port, access

    def read(self) -> Counted:
        """One GET. Raises MeterError."""
        try:
            serial, unit, life, printer_status, device_status = _alone(self._ask())
        except (OSError, UnicodeError) as error:  # no such host, no way there
            raise MeterError(Fault.SILENT) from error
        if life is not None and unit is not None and unit != _IMPRESSIONS:
            raise MeterError(Fault.OTHER_UNIT)
        idle = printer_status not in (_PRINTING, _WARMING_UP) and device_status != _TESTING
        return counted(serial, life, idle=idle)

    async def _ask(self) -> list[Any]:
        from pysnmp.error import PySnmpError
        from pysnmp.hlapi.v3arch.asyncio import ContextData, ObjectIdentity, ObjectType, SnmpEngine, UdpTransportTarget, get_cmd
        from pysnmp.proto.errind import RequestTimedOut

        engine = SnmpEngine()
        try:
            target = await UdpTransportTarget.create((self._host, self._port), timeout=TIMEOUT_SECONDS, retries=RETRIES)
            wanted = [ObjectType(ObjectIdentity(name)) for name in _WANTED]
            indication, status, _, found = await get_cmd(engine, self._credentials(), target, ContextData(), *wanted, lookupMib=False)
        except PySnmpError as error:
            raise MeterError(Fault.SILENT) from error
        finally:
            engine.close_dispatcher()
        if indication is not None:
            raise MeterError(Fault.SILENT if isinstance(indication, RequestTimedOut) else Fault.LOCKED)
        if status:
            raise MeterError(Fault.NO_COUNTER)
        return [_value(value) for _, value in found]

    def _credentials(self) -> Any:
        from pysnmp.hlapi.v3arch import asyncio as api

        access = self._access
        if isinstance(access, Community):
            return api.CommunityData(access.word, mpModel=1)  # noqa: S508 — many devices have no more; docs/meters.md says what it is worth
        hashes = {"sha256": api.USM_AUTH_HMAC192_SHA256, "sha1": api.USM_AUTH_HMAC96_SHA}
        return api.UsmUserData(
            access.name,
            access.authentication,
            access.privacy,
            authProtocol=hashes[access.hash_name],
            privProtocol=api.USM_PRIV_CFB128_AES,
        )


def _value(value: Any) -> int | str | None:
    """An integer, a word, or None where the device has no such object (RFC 3416: noSuchObject, noSuchInstance)."""
    from pyasn1.type.univ import Integer, Null, OctetString

    if isinstance(value, Integer):
        return int(value)
    if isinstance(value, Null) or not isinstance(value, OctetString):  # pyasn1's Null is an OctetString
        return None
    return bytes(value).decode("utf-8", "replace")
