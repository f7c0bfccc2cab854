"""Slips as pictures: their codes decode, nothing leaves the paper, and what is not the first says so (I9)."""

from __future__ import annotations

from dataclasses import replace

import pytest
import zxingcpp
from PIL import Image, ImageChops

from gateway.domain.paper_codes import permit_slip_code
from gateway.domain.slips import Issue, Slip, SlipTable, grouped, title_on_slip
from gateway.domain.vocabulary import Level, SlipKind
from gateway.slips import draw
from gateway.slips.commands import profiles, width_of
from watermark import FontFiles

FONTS = FontFiles().paths()
NUMBER = "ZYZ-2026-000123-L"
PERMIT = Slip(
    SlipKind.PERMIT,
    "样张·非密 示范单位",
    NUMBER,
    (("数量", "24页 × 10份"), ("发行范围", "D01×3，D02×4，D03×2，存档×1"), ("文号", "机密〔2026〕17号")),
    mark="秘密★5年",
    code=permit_slip_code(NUMBER),
    code_words="打印时扫码",
    issue=Issue(1, "2026-03-12 09:12", "郑洁", 118, "8f3ac01d77be2a90"),
)
WIDTHS = sorted({width_of(profile) or 0 for profile in profiles()})


def seen(picture: Image.Image) -> list[str]:
    return [code.text for code in zxingcpp.read_barcodes(picture.convert("L"))]


def test_there_are_narrow_and_wide_papers() -> None:
    assert WIDTHS[0] == 384
    assert WIDTHS[-1] >= 576


@pytest.mark.parametrize("width", WIDTHS)
def test_the_code_decodes_on_every_paper(width: int) -> None:
    picture = draw(PERMIT, width, FONTS)
    assert (picture.mode, picture.width) == ("1", width)
    assert seen(picture) == ["IPZYZ-2026-000123-L"]


@pytest.mark.parametrize("width", WIDTHS)
def test_nothing_is_drawn_over_the_edge(width: int) -> None:
    long = replace(PERMIT, unit="单位" * 9, rows=(*PERMIT.rows, ("签名", "9f" * 60), ("备注", "很长的中文" * 30)))
    picture = draw(long, width, FONTS).convert("L")
    for edge in ((0, 0, 4, picture.height), (width - 4, 0, width, picture.height)):
        assert picture.crop(edge).getextrema() == (255, 255)


def test_a_preview_and_a_duplicate_say_so() -> None:
    again = replace(PERMIT, issue=Issue(2, "2026-03-12 09:20", "郑洁", 119, "0" * 16))
    pictures = [draw(slip, 512, FONTS) for slip in (PERMIT, replace(PERMIT, issue=None), again)]
    assert PERMIT.banner == ""
    assert replace(PERMIT, issue=None).banner == "预览 未登记 PREVIEW"
    assert again.banner == "重印 第2次 DUPLICATE"
    first, *banded = (thickest_rule(picture) for picture in pictures)
    assert first <= 4
    assert all(rows > 20 for rows in banded)


def thickest_rule(picture: Image.Image) -> int:
    """The most rows on end whose left end is black: a banner's are, and those of thin rules."""
    left = picture.convert("L").crop((20, 0, 28, picture.height))
    black = "".join("#" if left.crop((0, y, 8, y + 1)).getextrema() == (0, 0) else " " for y in range(left.height))
    return max(len(run) for run in black.split())


def test_brackets_and_stars_are_drawn_and_not_lost() -> None:
    """What ESC/POS text printing turns into question marks."""
    plain = replace(PERMIT, rows=(("文号", "机密?2026?17号"),))
    marked = replace(PERMIT, rows=(("文号", "机密〔2026〕17号"),))
    assert ImageChops.difference(draw(plain, 512, FONTS).convert("L"), draw(marked, 512, FONTS).convert("L")).getbbox()


def test_a_slip_too_long_is_refused_and_not_cut() -> None:
    with pytest.raises(ValueError, match="longer"):
        draw(replace(PERMIT, rows=PERMIT.rows * 80), 512, FONTS)


def test_a_table_takes_its_room() -> None:
    table = SlipTable(("份号", "张数", "原因"), (("000004", "5", "卡纸"), ("000007", "2", "污损")))
    assert draw(replace(PERMIT, table=table), 512, FONTS).height > draw(PERMIT, 512, FONTS).height + 90


@pytest.mark.parametrize("level", Level)
def test_titles_of_state_secrets_stay_off(level: Level) -> None:
    assert title_on_slip(level, "标题") == ("" if level.is_state_secret else "标题")


def test_long_numbers_are_read_in_groups() -> None:
    assert grouped("8f3ac01d77", 4) == "8f3a c01d 77"
