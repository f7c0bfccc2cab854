"""Codes that few stories meet, each where it applies."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gateway.domain.codes import Code
from gateway.domain.matching import job_reasons
from gateway.domain.permit_form import Vendor, request_faults
from gateway.domain.vocabulary import Level
from tests.domain.test_rules import HOUSE, JOB, request


def test_the_words_of_a_telegram_hold_a_job_for_a_person() -> None:
    held = job_reasons(replace(JOB, telegram_words=("特急", "密码电报")))
    assert [(reason.code, reason.detail) for reason in held] == [(Code.E_TELEGRAM_SUSPECTED, "特急, 密码电报")]


@pytest.mark.parametrize(
    ("vendor", "codes"),
    [
        (Vendor("某印刷厂", "A-1", Level.JIMI), []),
        (Vendor("某印刷厂", "A-1", Level.MIMI), []),
        (Vendor("某印刷厂", "A-1", Level.NEIBU), [Code.E_VENDOR]),
        (Vendor("某印刷厂", "A-1", None), [Code.E_VENDOR]),
        (Vendor("某印刷厂", " ", Level.JIMI), [Code.E_VENDOR]),
    ],
)
def test_a_vendor_needs_a_licence_for_the_level(vendor: Vendor, codes: list[Code]) -> None:
    """R24."""
    assert [fault.code for fault in request_faults(request(vendor=vendor), HOUSE)] == codes
