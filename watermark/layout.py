"""Where each stamp stands on a page. Distances in points on A4, shrunk for smaller pages (GB/T 9704-2012, STANDARDS.md §1)."""

from __future__ import annotations

from dataclasses import dataclass

from watermark import drawing
from watermark.fonts import StampFont
from watermark.model import CopyMark, StampPlan

REGULAR, BOLD = "F", "B"
FIXED_WORDS = "准印证份号第页共放行样张此页无正文 ·/-:.*★0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdef"
"""Characters any stamp may need, besides those of the plan."""

_A4_WIDTH = 595.28
_TYPE_AREA_LEFT = 79.37
_LINE_1, _LINE_2 = 118.9, 147.9
"""Baselines of 份号 and mark below the top edge: first and second line of the type area."""

_NUMBER_SIZE = 16.0
"""3 号."""

_EDGE = 17.0
_QR_SIDE = 46.0
_FOOTER_SIZE = 7.0
_LEADING = 10.0


@dataclass(frozen=True, slots=True)
class Fonts:
    """Regular for everything, bold for the mark (黑体)."""

    regular: StampFont
    bold: StampFont


@dataclass(frozen=True, slots=True)
class PageLayout:
    """Stamps for one page size."""

    width: float
    height: float
    fonts: Fonts
    plan: StampPlan

    @property
    def _scale(self) -> float:
        return min(1.0, min(self.width, self.height) / _A4_WIDTH)

    def _footer(self, line: int, words: str) -> str:
        k, font = self._scale, self.fonts.regular
        left = (_EDGE + _QR_SIDE + 6) * k
        room = self.width - left - _EDGE * k
        size = _FOOTER_SIZE * k
        size *= min(1.0, room / max(font.width(words, size), 1.0))
        return drawing.text(font, REGULAR, words, left, (_EDGE + 4 + (2 - line) * _LEADING) * k, size)

    def every_copy(self) -> str:
        """The same on every page of every copy: who, when, and the release's tag (I9)."""
        plan = self.plan
        who = f"{plan.department} {plan.requester} · {plan.printed_at} · 放行 {plan.release_tag}"
        sample = drawing.large_words(self.fonts.regular, REGULAR, "样张", self.width, self.height) if plan.sample else ""
        return sample + self._footer(2, ("样张 · " if plan.sample else "") + who)

    def one_copy(self, copy: CopyMark, bitmap: tuple[int, str]) -> str:
        """On every page of one copy: its number in the watermark, the footer and the QR codes in two opposite corners."""
        plan, k = self.plan, self._scale
        day = plan.printed_at[:10]
        side, edge = _QR_SIDE * k, _EDGE * k
        footer = " · ".join(filter(None, (plan.mark, f"准印证 {plan.permit_no}", f"份号 {copy.number:06d}", copy.label)))
        return (
            drawing.watermark(
                self.fonts.regular, REGULAR, f"{plan.permit_no} {copy.number:06d} {plan.requester} {day}", self.width, self.height
            )
            + self._footer(1, footer)
            + drawing.qr(bitmap, edge, edge, side)
            + drawing.qr(bitmap, self.width - edge - side, self.height - edge - side, side)
        )

    def copy_number(self, copy: CopyMark) -> str:
        """份号 in the first line of page 1: six digits, 3 号, at the left edge of the type area."""
        k = self._scale
        return drawing.text(
            self.fonts.regular, REGULAR, f"{copy.number:06d}", _TYPE_AREA_LEFT * k, self.height - _LINE_1 * k, _NUMBER_SIZE * k
        )

    def mark(self) -> str:
        """密级★保密期限 in the second line of page 1, 3 号 黑体."""
        k = self._scale
        return drawing.text(self.fonts.bold, BOLD, self.plan.mark, _TYPE_AREA_LEFT * k, self.height - _LINE_2 * k, _NUMBER_SIZE * k)

    def page_number(self, page: int, pages: int) -> str:
        """第i页/共P页, right in the footer."""
        k, font = self._scale, self.fonts.regular
        words, size = f"第{page}页/共{pages}页", _FOOTER_SIZE * k
        return drawing.text(font, REGULAR, words, self.width - _EDGE * k - font.width(words, size), (_EDGE + 4 + 2 * _LEADING) * k, size)

    def blank_words(self) -> str:
        """此页无正文, in the middle of a page added so that the next copy begins on a front."""
        size = 14 * self._scale
        words = "此页无正文"
        return drawing.text(
            self.fonts.regular, REGULAR, words, (self.width - self.fonts.regular.width(words, size)) / 2, self.height / 2, size
        )
