from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.permit_numbers import (
    Reading,
    check_character,
    distinct,
    format_permit_number,
    numbers_in_text,
    numbers_in_title,
    read_permit_number,
)

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def test_the_example_of_the_design() -> None:
    assert format_permit_number(2026, 123) == "ZYZ-2026-000123-L"


@pytest.mark.parametrize("written", ["ZYZ-2026-000123-L", "zyz2026000123l", " ZYZ 2026 000123 L ", "ZYZ—2026—000123—L"])
def test_dashes_and_case_do_not_matter(written: str) -> None:
    assert read_permit_number(written) == read_permit_number("ZYZ-2026-000123-L")


@given(st.integers(2000, 2999), st.integers(1, 999_999), st.data())
def test_every_single_wrong_character_is_noticed(year: int, serial: int, data: st.DataObject) -> None:
    number = format_permit_number(year, serial).replace("-", "")
    at = data.draw(st.integers(3, len(number) - 1))
    wrong = data.draw(st.sampled_from([c for c in ALPHABET if c != number[at]]))
    assert read_permit_number(number[:at] + wrong + number[at + 1 :]).reading is Reading.MISTYPED


def test_nearly_every_transposition_of_neighbours_is_noticed() -> None:
    """ISO 7064's hybrid systems notice every wrong character, but not every transposition: one in a hundred slips through (measured)."""
    noticed = missed = 0
    for year in range(2024, 2054):
        for serial in range(1, 1_000_000, 7919):
            number = format_permit_number(year, serial).replace("-", "")
            for at in range(3, len(number) - 1):
                swapped = number[:at] + number[at + 1] + number[at] + number[at + 2 :]
                if swapped != number:
                    valid = read_permit_number(swapped).reading is Reading.VALID
                    missed, noticed = missed + valid, noticed + (not valid)
    assert noticed > 20_000
    assert missed / (missed + noticed) < 0.015


@given(st.text(max_size=60))
def test_anything_can_be_read(text: str) -> None:
    assert read_permit_number(text).reading in Reading


def test_check_character_refuses_strange_characters() -> None:
    with pytest.raises(ValueError, match="substring"):
        check_character("准印证")


def test_numbers_in_titles_and_texts() -> None:
    assert numbers_in_title("计划 [ZYZ-2026-000123-L] 稿") == ("ZYZ-2026-000123-L",)
    assert numbers_in_text("见 ZYZ-2026-000123-L 和 zyz2026000124j。") == ("ZYZ-2026-000123-L", "zyz2026000124j")


def test_the_same_number_written_twice_is_one() -> None:
    assert len(distinct(["ZYZ-2026-000123-L", "zyz2026000123l", ""])) == 1
    assert len(distinct(["ZYZ-2026-000123-L", format_permit_number(2026, 124)])) == 2


def test_a_year_has_an_end() -> None:
    with pytest.raises(ValueError, match="999,999"):
        format_permit_number(2026, 1_000_000)
