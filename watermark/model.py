"""The library's values: limits, what counting found, what to stamp."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from enum import StrEnum
from math import ceil
from typing import Any

_NAMED_SIZES = {
    "A3": (841.89, 1190.55),
    "A4": (595.28, 841.89),
    "A5": (419.53, 595.28),
    "B4": (728.5, 1031.8),
    "B5": (515.9, 728.5),
    "Letter": (612.0, 792.0),
    "Legal": (612.0, 1008.0),
}
"""Short and long side in points; B4 and B5 are the JIS sizes used in Chinese offices."""

_SIZE_TOLERANCE = 6.0

_STANDARD_FONTS = frozenset(
    [f"{family}{style}" for family in ("Helvetica", "Courier") for style in ("", "-Bold", "-Oblique", "-BoldOblique")]
    + [f"Times-{style}" for style in ("Roman", "Bold", "Italic", "BoldItalic")]
    + ["Symbol", "ZapfDingbats"]
)
"""The standard 14 (ISO 32000-1 §9.6.2.2)."""


class PageClass(StrEnum):
    """Kinds of page a stamp template tells apart, by the short side: tiny < 40 mm ≤ small < A5 ≤ standard < A3 ≤ large."""

    TINY = "tiny"
    SMALL = "small"
    STANDARD = "standard"
    LARGE = "large"

    @staticmethod
    def of(width: float, height: float) -> PageClass:
        """The class of a page of these sides in points."""
        short = min(width, height)
        for least, found in ((830.0, PageClass.LARGE), (410.0, PageClass.STANDARD), (113.0, PageClass.SMALL)):
            if short >= least:
                return found
        return PageClass.TINY


@dataclass(frozen=True, slots=True)
class ScanReport:
    """What one scanned page is: size in points, dots per inch across, texts of its QR codes, whether nothing is on it."""

    width: int
    height: int
    dpi: int
    codes: tuple[str, ...]
    blank: bool


@dataclass(frozen=True, slots=True)
class PushedPage:
    """One page of a file a device pushed: how many pages the file has, texts of the page's QR codes, whether nothing is on it."""

    pages: int
    codes: tuple[str, ...]
    blank: bool


@dataclass(frozen=True, slots=True)
class Limits:
    """What a document may take. Sides in points, bytes of address space and of output.

    `seconds` are of wall-clock time for all of it, `page_seconds` of the processor's time for one page, or one step, of it.
    `postscript` says whether PostScript programs are run at all.
    """

    max_pages: int = 5000
    min_side: float = 36.0
    max_side: float = 14400.0
    seconds: int = 60
    page_seconds: float = 4.0
    postscript: bool = True
    memory_bytes: int = 2 << 30
    output_bytes: int = 4 << 30


@dataclass(frozen=True, slots=True)
class PageSize:
    """One size of page as printed (crop, rotation and unit applied), and how many pages have it."""

    name: str
    width_pt: float
    height_pt: float
    count: int

    @staticmethod
    def name_of(width: float, height: float) -> str:
        """The usual name of a size in either orientation, or 'other'."""
        short, long = sorted((width, height))
        for name, (a, b) in _NAMED_SIZES.items():
            if abs(short - a) <= _SIZE_TOLERANCE and abs(long - b) <= _SIZE_TOLERANCE:
                return name
        return "other"


@dataclass(frozen=True, slots=True)
class Inspection:
    """What counting found. `verdict` is 'ok' or a deny code; nothing but the verdict and reasons holds when it is not 'ok'.

    `page_hash` is 'sha256:' + hex over what is visible on the pages, in order: equal for the same pages saved again,
    different after any visible change. `marks` are 密级★期限 marks as normalised text (`marks_by_page`: with the page, counted
    from 1), `permit_claims` what looks like a permit number on page 1 (text or QR), `header_words` words of page 1 that make a
    person look (R17), `head_bare` says that no line in the upper left of page 1 begins with a level, `colour_pages` are the pages
    a small picture of which is not grey, `unembedded_fonts` the fonts whose shapes are not in the document: each printer puts its
    own in their place.
    """

    pages: int = 0
    page_sizes: tuple[PageSize, ...] = ()
    page_hash: str = ""
    marks: tuple[str, ...] = ()
    permit_claims: tuple[str, ...] = ()
    header_words: tuple[str, ...] = ()
    marks_by_page: tuple[tuple[int, tuple[str, ...]], ...] = ()
    colour_pages: tuple[int, ...] = ()
    unembedded_fonts: tuple[str, ...] = ()
    head_bare: bool = False
    verdict: str = "ok"
    reasons: tuple[str, ...] = ()

    @property
    def sheets_simplex(self) -> int:
        """Media sheets of one copy, one-sided."""
        return self.pages

    @property
    def sheets_duplex(self) -> int:
        """Media sheets of one copy, two-sided."""
        return ceil(self.pages / 2)

    @property
    def doc_type_hint(self) -> str:
        """'cipher_telegram' when page 1 bears the words of one, else ''. A text may quote them: a person decides (R17)."""
        return "cipher_telegram" if self.header_words else ""

    @property
    def missing_fonts(self) -> tuple[str, ...]:
        """Unembedded fonts that are none of the fourteen every PDF reader has: what is put in their place may look otherwise."""
        return tuple(name for name in self.unembedded_fonts if name not in _STANDARD_FONTS)

    def to_json(self) -> dict[str, Any]:
        """The shape of `imprimatur count --json` (DESIGN.md §7)."""
        derived = ("sheets_simplex", "sheets_duplex", "doc_type_hint", "missing_fonts")
        return {**asdict(self), **{name: getattr(self, name) for name in derived}}

    @classmethod
    def from_json(cls, found: dict[str, Any]) -> Inspection:
        """The inverse of `to_json`; raises KeyError, TypeError or ValueError for anything else."""
        return cls(
            pages=int(found["pages"]),
            page_sizes=tuple(PageSize(**size) for size in found["page_sizes"]),
            page_hash=str(found["page_hash"]),
            marks=tuple(found["marks"]),
            permit_claims=tuple(found["permit_claims"]),
            header_words=tuple(found["header_words"]),
            marks_by_page=tuple((int(page), tuple(marks)) for page, marks in found["marks_by_page"]),
            colour_pages=tuple(found["colour_pages"]),
            unembedded_fonts=tuple(found["unembedded_fonts"]),
            head_bare=bool(found["head_bare"]),
            verdict=str(found["verdict"]),
            reasons=tuple(found["reasons"]),
        )


@dataclass(frozen=True, slots=True)
class CopyMark:
    """One copy: its number (份号, shown as six digits), its place in the run ('k/N') and the text of its QR code."""

    number: int
    label: str
    qr: str


@dataclass(frozen=True, slots=True)
class StampPlan:
    """What is written on the copies of one file.

    `kind` names the template: print, copy, reproduction, proof or fax. `mark` is the 密级★期限 mark or ''; `printed_at` is
    display text in local time; `release_tag` is 16 hexadecimal digits of the release's ledger entry (I9); `scope` is the
    distribution scope as one line. `duplex` pads copies of an odd page number with one page, so that no copy begins on the
    back of another; `sample` writes 样张 on every page, whatever the template says. `head_bare` hands on what
    counting found of page 1 (`Inspection`); without it page 1 is searched for a mark it bears already.
    """

    permit_no: str
    mark: str
    requester: str
    department: str
    printed_at: str
    release_tag: str
    copies: tuple[CopyMark, ...]
    duplex: bool = False
    sample: bool = False
    kind: str = "print"
    unit: str = ""
    scope: str = ""
    copies_approved: int = 0
    head_bare: bool = False

    def to_json(self) -> dict[str, Any]:
        """Plain data for the child process."""
        return asdict(self)

    @classmethod
    def from_json(cls, plan: dict[str, Any]) -> StampPlan:
        """The inverse of `to_json`."""
        return cls(**{**plan, "copies": tuple(CopyMark(**copy) for copy in plan["copies"])})


@dataclass(frozen=True, slots=True)
class StampReport:
    """What was made: pages in the file, pages of each copy (padding included), media sheets in all."""

    pages_total: int
    pages_per_copy: int
    sheets: int


@dataclass(frozen=True, slots=True)
class FaxReport:
    """A fax TIFF that was made: its pages, the SHA-256 of the file in hexadecimal, its length in bytes."""

    pages: int
    sha256: str
    bytes: int
