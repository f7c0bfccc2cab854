"""A scanned page tells which copy of ours it is, and nothing else does (simulated scans)."""

from __future__ import annotations

import io
import random
from collections.abc import Callable
from dataclasses import replace
from functools import cache

import pytest
from PIL import Image, ImageDraw

from rehearsal.scans import Way, printed_pages, scanned
from tests.watermark.papers import document, in_memory
from tests.watermark.stamped import PLAN, stamped
from watermark import StampError, sandbox
from watermark.model import ScanReport

WAYS = ((Way.JPEG_40, 200), (Way.JPEG_40, 300), (Way.SECOND_COPY, 200), (Way.FAX_FINE, 300), (Way.CLEAN, 300))
CODE = PLAN.copies[0].qr


@cache
def printed(kind: str = "print") -> Image.Image:
    """One stamped page of text, as ink on paper."""
    lines = " ".join(f"word{number}" for number in range(14))
    _, out = stamped(document(lines), replace(PLAN, kind=kind, copies=PLAN.copies[:1]))
    return next(printed_pages(out.getvalue()))


@cache
def uncoded() -> Image.Image:
    """A page of text, boxes and a chessboard that is no code."""
    page = Image.new("L", printed().size, 255)
    draw = ImageDraw.Draw(page)
    for line in range(60):
        draw.text((200, 150 + 50 * line), f"line {line} " + "lorem ipsum " * 12, fill=0)
    for row in range(25):
        for column in range(25):
            if (row * 7 + column * 3) % 5 < 2:
                draw.rectangle((70 + 7 * column, 3200 + 7 * row, 76 + 7 * column, 3206 + 7 * row), fill=0)
    return page


def read(page: bytes, side: int = 320) -> tuple[ScanReport, Image.Image]:
    with in_memory(page) as file, in_memory() as small:
        report = sandbox.read_scan(file, small, side)
        small.seek(0)
        return report, Image.open(io.BytesIO(small.read()))


def found(page: Image.Image, count: int, seed: int) -> list[tuple[str, ...]]:
    chance = random.Random(seed)
    scans = (scanned(page, *WAYS[number % len(WAYS)], chance) for number in range(count))
    return [read(scan)[0].codes for scan in scans]


def test_every_simulated_scan_tells_its_copy() -> None:
    assert found(printed(), 5, 1) == [(CODE,)] * 5


def test_a_page_that_is_not_ours_tells_nothing() -> None:
    assert found(uncoded(), 5, 2) == [()] * 5


@pytest.mark.long
@pytest.mark.timeout(900)
def test_campaign_of_simulated_scans(record_property: Callable[[str, object], None]) -> None:
    coded, free = found(printed(), 200, 3), found(uncoded(), 100, 4)
    record_property("scans", 200)
    record_property("read", sum(codes == (CODE,) for codes in coded))
    record_property("wrong", sum(bool(set(codes) - {CODE}) for codes in [*coded, *free]))
    assert coded == [(CODE,)] * 200
    assert free == [()] * 100


def test_a_copy_of_a_copy_is_the_newest(printed_copy: bytes) -> None:
    """The new code lies where the old one was: the old one is covered, or both are there and the books say which is the younger."""
    assert PLAN.copies[1].qr in read(printed_copy)[0].codes


@pytest.fixture
def printed_copy() -> bytes:
    original = io.BytesIO(scanned(printed(), Way.CLEAN, 300, random.Random(5), tilt=1.0))
    _, out = stamped(original, replace(PLAN, kind="copy", copies=PLAN.copies[1:2]))
    return scanned(next(printed_pages(out.getvalue())), Way.JPEG_40, 200, random.Random(6))


def test_a_page_is_drawn_small_and_measured() -> None:
    report, small = read(scanned(printed(), Way.CLEAN, 200, random.Random(7)), 200)
    assert (report.width, report.height, report.dpi, report.blank) == (1654, 2339, 200, False)
    assert max(small.size) == 200


def test_the_back_of_a_sheet_is_blank() -> None:
    back = Image.new("L", printed().size, 255)
    assert read(scanned(back, Way.CLEAN, 200, random.Random(8)))[0].blank
    ImageDraw.Draw(back).rectangle((300, 300, 400, 350), fill=0)  # less than a mark of two characters
    assert not read(scanned(back, Way.CLEAN, 200, random.Random(8)))[0].blank


@pytest.mark.parametrize("page", [b"", b"no picture", scanned(Image.new("L", (300, 400), 255), Way.JPEG_40, 200, random.Random(9))[:-200]])
def test_what_is_no_whole_picture_is_refused(page: bytes) -> None:
    with pytest.raises(StampError):
        read(page)
