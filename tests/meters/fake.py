"""A meter in memory, for properties that need thousands of readings; it keeps the contract of the real ones (`test_meters.py`)."""

from __future__ import annotations

from dataclasses import dataclass

from gateway.meters import Counted, Fault, MeterError
from gateway.meters.interface import counted


@dataclass
class FakeMeter:
    """Tells what it is set to, or fails."""

    serial: str = "CNB1234567"
    impressions: int = 50_000
    idle: bool = True
    fault: Fault | None = None

    def count(self, sides: int, *, modulus: int = 2**32) -> None:
        self.impressions = (self.impressions + sides) % modulus

    def read(self) -> Counted:
        if self.fault is not None:
            raise MeterError(self.fault)
        return counted(self.serial, self.impressions, idle=self.idle)
