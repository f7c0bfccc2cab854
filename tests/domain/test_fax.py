"""What may be faxed, what is dialled, what follows a call (R41-R47; SC-26 to SC-28)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.codes import Code
from gateway.domain.fax import (
    APPROVAL_LIFE,
    CryptClass,
    FaxFacts,
    FaxOutcome,
    FaxResult,
    FaxState,
    Processing,
    after_attempt,
    answer_reasons,
    fax_reasons,
    masked,
    normal_number,
)
from gateway.domain.vocabulary import Level

PLAIN, CIPHER = CryptClass.PLAIN, CryptClass.CIPHER
HASH = "a1" * 32
EVERYDAY = FaxFacts(Level.NEIBU, Level.GONGKAI, PLAIN, (), HASH)
SCREENED = Processing("zhao", "sun", Level.NEIBU, HASH)
NOW = datetime(2026, 3, 12, 2, 0, tzinfo=UTC)
CALLS = [result for result in FaxResult if result is not FaxResult.QUARANTINED]


@pytest.mark.parametrize(
    ("fax", "codes"),
    [
        (EVERYDAY, []),
        (replace(EVERYDAY, marks=("内部",)), []),
        (replace(EVERYDAY, level=None), [Code.E_FAX_CLASSIFIED]),
        (replace(EVERYDAY, level=Level.MIMI), [Code.E_FAX_CLASSIFIED]),
        (replace(EVERYDAY, marks=("机密★10年",)), [Code.E_FAX_CLASSIFIED]),
        (replace(EVERYDAY, source_level=Level.MIMI), [Code.E_FAX_NO_SCREENING]),
        (replace(EVERYDAY, source_level=Level.MIMI, processing=SCREENED), []),
        (replace(EVERYDAY, processing=replace(SCREENED, reviewer="")), [Code.E_FAX_NO_SCREENING]),
        (replace(EVERYDAY, processing=replace(SCREENED, reviewer="zhao")), [Code.E_FAX_NO_SCREENING]),
        (replace(EVERYDAY, processing=replace(SCREENED, result_hash="b2" * 32)), [Code.E_HASH_MISMATCH]),
        (replace(EVERYDAY, crypt_class=CIPHER), [Code.E_CIPHER_PLAIN_MIX]),
        (replace(EVERYDAY, answers=CIPHER), [Code.E_CIPHER_PLAIN_MIX]),
        (replace(EVERYDAY, answers=PLAIN), []),
    ],
)
def test_what_may_be_faxed(fax: FaxFacts, codes: list[Code]) -> None:
    assert [reason.code for reason in fax_reasons(fax)] == codes


@pytest.mark.parametrize("record", CryptClass)
@pytest.mark.parametrize("answer", CryptClass)
def test_plain_is_answered_in_plain_and_cipher_in_cipher(record: CryptClass, answer: CryptClass) -> None:
    assert bool(answer_reasons(record, answer)) is (record is not answer)
    assert bool(answer_reasons(record, answer, by_telephone=True)) is (record is not answer or record is CIPHER)


@pytest.mark.parametrize(
    ("written", "dialled"),
    [("+86 591 8712-3456", "059187123456"), ("0591 (8712) 3456", "059187123456"), ("8801", "8801"), ("+49 30 1234567", "0049301234567")],
)
def test_a_number_is_dialled_as_the_rules_say(written: str, dialled: str) -> None:
    assert normal_number(written) == dialled


@pytest.mark.parametrize(
    "written",
    ["", "12", "+0123456789", "8801,,99", "8801w1", "*72#", "8801;rm", "1" * 16, "8801\n", "٠٥٩١٨٧١", "8801 " * 20, "110", "1-1-9"],
)
def test_what_is_no_number_is_never_dialled(written: str) -> None:
    if written == "8801\n":
        assert normal_number(written) == "8801"
        return
    with pytest.raises(ValueError, match="fax number"):
        normal_number(written)


@given(st.text("0123456789", min_size=3, max_size=15))
def test_a_masked_number_does_not_tell_its_middle(number: str) -> None:
    assert len(masked(number)) == len(number)
    assert "*" in masked(number)


@given(
    result=st.sampled_from(CALLS), pages=st.integers(0, 6), uncertain=st.booleans(), attempts=st.integers(1, 9), late=st.integers(0, 1500)
)
def test_only_a_busy_number_is_dialled_again_by_itself(result: FaxResult, pages: int, uncertain: bool, attempts: int, late: int) -> None:
    now = NOW + timedelta(minutes=late)
    follows = after_attempt(FaxOutcome(result, pages, uncertain), attempts, 5, now, NOW)
    assert (follows.at is not None) is (follows.state is FaxState.WAITING)
    if follows.at is not None:
        assert result is FaxResult.BUSY
        assert attempts < 3
        assert follows.at < NOW + APPROVAL_LIFE
    if follows.result is FaxResult.WHOLE:
        assert pages == 5
        assert not uncertain


@pytest.mark.parametrize(("pages", "seconds", "result"), [(-1, 0, FaxResult.WHOLE), (0, -1, FaxResult.BUSY), (0, 0, FaxResult.QUARANTINED)])
def test_no_attempt_ends_so(pages: int, seconds: int, result: FaxResult) -> None:
    with pytest.raises(ValueError, match="attempt"):
        FaxOutcome(result, pages, seconds=seconds)
