"""One line of the doctor's report."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """`advice` is what makes an installation better but keeps no rule from holding; only a `fault` makes the doctor fail."""

    OK = "ok"
    ADVICE = "advice"
    FAULT = "fault"


@dataclass(frozen=True, slots=True)
class Check:
    """What was looked at, what was found, and the cure."""

    name: str
    verdict: Verdict
    found: str
    cure: str = ""

    def to_json(self) -> dict[str, str]:
        """The form of `doctor --json`."""
        return {
            "name": self.name,
            "verdict": self.verdict.value,
            "found": self.found,
            "cure": "" if self.verdict is Verdict.OK else self.cure,
        }


def must(name: str, good: bool, found: str, cure: str) -> Check:
    """A line that is a fault when it is not good."""
    return Check(name, Verdict.OK if good else Verdict.FAULT, found, cure)


def should(name: str, good: bool, found: str, cure: str) -> Check:
    """A line that is advice when it is not good."""
    return Check(name, Verdict.OK if good else Verdict.ADVICE, found, cure)
