"""What the gate asks of a meter, and what can go wrong with one."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from gateway.errors import GatewayError

LARGEST = 2**32
"""Counters of printers are Counter32 at most (RFC 3805 §6)."""


class MeterKind(StrEnum):
    """How a device's counter is read by the gate itself."""

    NONE = "none"
    """It is not: a person reads the panel."""
    IPP = "ipp"
    SNMP = "snmp"


class Fault(StrEnum):
    """Why a meter gave no reading."""

    SILENT = "silent"
    LOCKED = "locked"
    NO_COUNTER = "no_counter"
    OTHER_UNIT = "other_unit"
    GARBLED = "garbled"


_LETTERS: dict[Fault, tuple[str, str]] = {
    Fault.SILENT: (
        "The device's meter does not answer.",
        "See that the device is on, then check the meter's address and community: a device also says nothing to a wrong community.",
    ),
    Fault.LOCKED: ("The device's meter refuses the SNMP user.", "Check the user's name, its two keys and the kind of hash on the device."),
    Fault.NO_COUNTER: ("The device tells no counter or no serial number of its own.", "Read its panel and enter what it shows."),
    Fault.OTHER_UNIT: ("The device's counter does not count sides.", "Read its panel and enter what it shows."),
    Fault.GARBLED: ("The device's meter answers what is no counter.", "Check the meter's address; read the panel until it is mended."),
}


class MeterError(GatewayError):
    """There is no reading. `fault` says why."""

    code = "E_METER_READING"
    status = 502

    def __init__(self, fault: Fault) -> None:
        super().__init__(*_LETTERS[fault])
        self.fault = fault


@dataclass(frozen=True, slots=True)
class Counted:
    """An answer: the device's own name, sides since it was made, and whether it is at rest, so that the counter stands."""

    serial: str
    impressions: int
    idle: bool = True


def counted(serial: object, impressions: object, *, idle: bool) -> Counted:
    """An answer that makes sense. Raises MeterError: no value at all, or what can be no counter or no name."""
    if serial in (None, "") or impressions is None:
        raise MeterError(Fault.NO_COUNTER)
    name = str(serial).strip()
    if not name or len(name) > 80 or not name.isprintable():
        raise MeterError(Fault.GARBLED)
    if not isinstance(impressions, int) or isinstance(impressions, bool) or not 0 <= impressions < LARGEST:
        raise MeterError(Fault.GARBLED)
    return Counted(name, impressions, idle)


@dataclass(frozen=True, slots=True)
class Community:
    """SNMP v2c: a word that goes over the network in the clear; who hears it can read the meter, and forge its answers."""

    word: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class SnmpUser:
    """SNMP v3 with authentication and privacy (RFC 3414, RFC 3826: AES-128). `hash_name`: sha256 (RFC 7860) or sha1 for older devices."""

    name: str
    authentication: str = field(repr=False)
    privacy: str = field(repr=False)
    hash_name: str = "sha256"


class Meter(Protocol):
    """A device's counter."""

    def read(self) -> Counted:
        """Ask for it; some seconds at most. Raises MeterError."""
