"""What stands on a slip 凭条 before anybody draws it. A slip witnesses an act that is done: it opens nothing by itself."""

from __future__ import annotations

from dataclasses import dataclass

from gateway.domain.vocabulary import Level, SlipKind

HEADINGS: dict[SlipKind, tuple[str, str]] = {
    SlipKind.PERMIT: ("秘密载体准印证", "PRINT PERMIT"),
    SlipKind.PICK_UP: ("取件单", "PICK-UP SLIP"),
    SlipKind.WASTE: ("废页单", "WASTE SLIP"),
    SlipKind.CHECKPOINT: ("账本校验点", "LEDGER CHECKPOINT"),
}


@dataclass(frozen=True, slots=True)
class Issue:
    """That a slip was issued: the how-manieth of its thing, when (local time) and by whom, and its ledger entry's first 64 bits (I9)."""

    serial: int
    at: str
    by: str
    ledger_seq: int
    tag: str


@dataclass(frozen=True, slots=True)
class SlipTable:
    """A small table: headings and rows of as many cells."""

    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Slip:
    """A slip to draw. `number` is what a person reads aloud, `code` the QR code's text, `issue` None for a preview."""

    kind: SlipKind
    unit: str
    number: str
    rows: tuple[tuple[str, str], ...]
    mark: str = ""
    table: SlipTable | None = None
    code: str = ""
    code_words: str = ""
    signatures: tuple[str, ...] = ()
    issue: Issue | None = None

    @property
    def banner(self) -> str:
        """What nobody may overlook: that this is only a preview, or not the first slip of its thing."""
        if self.issue is None:
            return "预览 未登记 PREVIEW"
        return f"重印 第{self.issue.serial}次 DUPLICATE" if self.issue.serial > 1 else ""


def title_on_slip(level: Level, title: str) -> str:
    """The document's title where a slip may show it: never from 秘密 upwards, since slips lie about."""
    return "" if level.is_state_secret else title


def grouped(digits: str, size: int) -> str:
    """A long number in groups, as a person reads it aloud."""
    return " ".join(digits[at : at + size] for at in range(0, len(digits), size))
