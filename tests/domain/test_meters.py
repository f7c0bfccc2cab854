"""Meters against the ledger: four different findings, and none in a month of honest use (R100, R101, SC-25)."""

from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.meters import WRAPS, Comparison, Reading, Sides, Verdict, compare, sides_of, total

BEFORE = Reading("SN-1", 5000)
TWELVE = Sides(12, 12)


def test_three_sheets_outside_the_gate_a_swap_a_reset_and_a_wrap_are_four_findings() -> None:
    assert compare(BEFORE, Reading("SN-1", 5012), TWELVE) == Comparison(Verdict.AGREES, 12)
    assert compare(BEFORE, Reading("SN-1", 5015), TWELVE) == Comparison(Verdict.UNEXPLAINED, 15, 3)
    assert compare(BEFORE, Reading("SN-2", 5012), TWELVE) == Comparison(Verdict.SWAPPED, None)
    assert compare(BEFORE, Reading("SN-1", 12), TWELVE) == Comparison(Verdict.RESET, None)
    assert compare(Reading("SN-1", 999_995), Reading("SN-1", 7), TWELVE) == Comparison(Verdict.WRAPPED, 12)


def test_lost_counts_are_not_unexplained_ones() -> None:
    assert compare(BEFORE, Reading("SN-1", 5216), Sides(240, 240)) == Comparison(Verdict.LOST, 216, -24)


def test_a_wrap_with_sheets_outside_the_gate_is_not_explained_away() -> None:
    assert compare(Reading("SN-1", 999_995), Reading("SN-1", 10), TWELVE).verdict is Verdict.RESET


@given(pages=st.integers(1, 500), copies=st.integers(1, 99), blank_backs_count=st.booleans(), start=st.integers(0, 10**9))
def test_a_duplex_job_agrees_however_the_device_counts_blank_backs(pages: int, copies: int, blank_backs_count: bool, start: int) -> None:
    padded = pages + pages % 2
    grown = (padded if blank_backs_count else pages) * copies
    registered = sides_of(pages, copies, expected=padded * copies, certain=True)
    assert compare(Reading("S", start), Reading("S", start + grown), registered).verdict is Verdict.AGREES
    assert compare(Reading("S", start), Reading("S", start + padded * copies + 1), registered).verdict is Verdict.UNEXPLAINED
    assert compare(Reading("S", start), Reading("S", start + pages * copies - 1), registered).verdict is Verdict.LOST


@given(expected=st.integers(1, 5000), share=st.floats(0, 1), start=st.integers(0, 10**9))
def test_a_job_in_doubt_explains_any_part_of_itself_and_no_more(expected: int, share: float, start: int) -> None:
    registered = sides_of(expected, 1, expected=expected, certain=False)
    assert compare(Reading("S", start), Reading("S", start + int(expected * share)), registered).verdict is Verdict.AGREES
    assert compare(Reading("S", start), Reading("S", start + expected + 1), registered).beyond == 1


@given(wrap=st.sampled_from(WRAPS), job=st.integers(1, 5000), left=st.integers(1, 5000))
def test_every_known_wrap_is_seen_through(wrap: int, job: int, left: int) -> None:
    left = min(left, job)
    found = compare(Reading("S", wrap - left), Reading("S", job - left), Sides(job, job))
    assert found == Comparison(Verdict.WRAPPED, job)


def test_thirty_days_of_honest_mixed_use_find_nothing() -> None:
    chance = random.Random(25)
    meter = 999_000  # goes past the wrap within the month
    wrapped = 0
    for _day in range(30):
        jobs, grown = [], 0
        for _job in range(chance.randint(0, 25)):
            pages, copies, duplex = chance.randint(1, 60), chance.randint(1, 12), chance.random() < 0.5
            sent = (pages + pages % 2 if duplex else pages) * copies
            doubt = chance.random() < 0.05
            jobs.append(sides_of(pages, copies, expected=sent, certain=not doubt))
            grown += chance.randint(0, sent) if doubt else chance.choice((sent, pages * copies))
        before, meter = meter, (meter + grown) % 1_000_000
        found = compare(Reading("S", before), Reading("S", meter), total(jobs))
        assert not found.verdict.is_finding, found
        wrapped += found.verdict is Verdict.WRAPPED
    assert wrapped >= 1, "the month must go past a wrap, else it shows less than it says"
