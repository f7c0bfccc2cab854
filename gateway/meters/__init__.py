"""Meters 计数器: what a device itself says it has put out, asked over the network; nothing is ever changed there (issue 9, R100, R101)."""

from gateway.meters.interface import LARGEST, Community, Counted, Fault, Meter, MeterError, MeterKind, SnmpUser
from gateway.meters.opening import open_meter, snmp_place

__all__ = ["LARGEST", "Community", "Counted", "Fault", "Meter", "MeterError", "MeterKind", "SnmpUser", "open_meter", "snmp_place"]
