"""`imprimatur doctor`: what is wrong with this installation, and the cure. Looks, never changes anything."""

from gateway.doctor.check import Check, Verdict
from gateway.doctor.examination import examine

__all__ = ["Check", "Verdict", "examine"]
