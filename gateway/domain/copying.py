"""Copying 复印: what is known of an original, and whether a copy permit fits it (R13, R15, R17, R22, R25; SC-18 to SC-20, SC-39)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from gateway.domain.codes import Code, Reason
from gateway.domain.marks import Mark
from gateway.domain.vocabulary import Level


class ScanState(StrEnum):
    """What the station's scanner does for a session: nothing, something it was told and has not begun, scanning."""

    IDLE = "idle"
    WANTED = "wanted"
    RUNNING = "running"


class CopyMethod(StrEnum):
    """How the pages came: scanned at the station, from the drop folder of a device, or not here: copied elsewhere and entered by hand."""

    SCANNED = "scanned"
    DROPPED = "dropped"
    BY_HAND = "by_hand"


@dataclass(frozen=True, slots=True)
class Paper:
    """One original. `units` are the departments and outside units it goes to, None where nobody knows (a paper without our code)."""

    level: Level
    term: str
    units: frozenset[str] | None = None
    from_above: bool = False
    no_copy_notice: bool = False
    ended: str = ""
    """Its carrier's number, when the books say that it is destroyed or void: then it should not be there."""


@dataclass(frozen=True, slots=True)
class Original:
    """What a copy job's pages are copies of: papers known by their codes, what the operator declared of the others, who looked at it."""

    papers: tuple[Paper, ...] = ()
    uncoded: tuple[int, ...] = ()
    declared: Paper | None = None
    seconded: bool = False

    @property
    def known(self) -> tuple[Paper, ...]:
        """All papers something is known of."""
        return (*self.papers, self.declared) if self.declared else self.papers

    @property
    def level(self) -> Level | None:
        """The highest level among them (several originals count as the highest); None while nothing is known."""
        return max((paper.level for paper in self.known), key=lambda level: level.rank, default=None)


@dataclass(frozen=True, slots=True)
class CopyTerms:
    """What a copy permit says of its original."""

    level: Level
    term: str
    units: frozenset[str]
    from_own: bool
    no_copy_notice: bool
    issuer_consented: bool


def forbidden_reason(original: Original, *, excepted: bool = False) -> Reason | None:
    """Why nothing of this may be copied: 绝密 (R15), unless it is `excepted` by a JM-EX permit (R16)."""
    return Reason(Code.E_TOPSECRET_COPY) if original.level is Level.JUEMI and not excepted else None


def original_reasons(original: Original) -> list[Reason]:
    """What holds a copy job until somebody has said what its original is, and another has looked."""
    reasons = [Reason(Code.E_ORIGINAL, paper.ended) for paper in original.known if paper.ended]
    if original.uncoded and original.declared is None:
        reasons.append(Reason(Code.E_ORIGINAL, "p. " + _runs(original.uncoded)))
    elif original.uncoded and not original.seconded:
        reasons.append(Reason(Code.E_SECOND_LOOK, "p. " + _runs(original.uncoded)))
    return reasons


def fit_reasons(original: Original, terms: CopyTerms) -> list[Reason]:
    """Why a copy permit does not fit the original: its mark stays as it is, its circle is not widened, its issuer is asked."""
    level = original.level
    if level is None:
        return []
    reasons: list[Reason] = []
    highest = [paper for paper in original.known if paper.level is level]
    marks = {(level, paper.term) for paper in highest}
    if (terms.level, terms.term) not in marks:
        reasons.append(Reason(Code.E_LEVEL_MISMATCH, f"{Mark(level, highest[0].term)} ≠ {Mark(terms.level, terms.term)}"))
    wider = [sorted(terms.units - paper.units) for paper in original.known if paper.units is not None]
    reasons += [Reason(Code.E_SCOPE, "wider than the original's: " + ", ".join(units)) for units in wider if units]
    reasons += _issuer_reasons(original.known, terms)
    return list(dict.fromkeys(reasons))


def _issuer_reasons(papers: Sequence[Paper], terms: CopyTerms) -> Iterator[Reason]:
    """The permit may not say less of the original than is known: else the rule about consent would never be asked (R13)."""
    if terms.issuer_consented:
        return
    if terms.from_own and any(paper.from_above for paper in papers):
        yield Reason(Code.E_UPPER_DOC_NO_CONSENT, "the original is from elsewhere")
    if not terms.no_copy_notice and any(paper.no_copy_notice for paper in papers):
        yield Reason(Code.E_UPPER_DOC_NO_CONSENT, "no-copy notice")


def _runs(pages: Sequence[int]) -> str:
    """Page numbers as runs: 1-3, 7."""
    runs: list[list[int]] = []
    for page in sorted(pages):
        if runs and page == runs[-1][-1] + 1:
            runs[-1].append(page)
        else:
            runs.append([page])
    return ", ".join(f"{run[0]}-{run[-1]}" if len(run) > 1 else str(run[0]) for run in runs)


def youngest(codes: Sequence[int], parent_of: dict[int, int | None]) -> list[int]:
    """Of the copies whose codes are on one page, those no other of them was copied from: a copy of a copy bears both codes.

    `parent_of` maps a copy to the copy it was made from, as far as the books know.
    """
    elders: set[int] = set()
    for code in codes:
        at = parent_of.get(code)
        while at is not None and at not in elders:
            elders.add(at)
            at = parent_of.get(at)
    return [code for code in codes if code not in elders]
