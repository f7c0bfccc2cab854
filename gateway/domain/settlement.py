"""What an operator found when she counted the paper of an unresolved job (I5, R11)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from gateway.domain.vocabulary import WasteReason


class Outcome(StrEnum):
    """What the operator found of one copy number."""

    GOOD = "good"
    SPOILED = "spoiled"
    UNPRINTED = "unprinted"


@dataclass(frozen=True, slots=True)
class Settlement:
    """The operator's count. Every number still reserved must be named; `resume` prints what is not good, else it becomes void."""

    outcomes: Mapping[int, Outcome]
    resume: bool
    waste_sheets: Mapping[int, int] = field(default_factory=dict)
    waste_reason: WasteReason = WasteReason.JAM
