"""The room's modes as a table: who begins and ends each, by how many, and what a release is told (R86, R89, R90, R101, R102)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import combinations

import pytest

from gateway.domain.code_texts import CODE_TEXTS
from gateway.domain.duties import THREE_ADMINISTRATORS
from gateway.domain.room import MODES, mode_of, room_reasons, was_set_back, word_counts
from gateway.domain.vocabulary import Role, RoomMode

NOW = datetime(2026, 3, 12, 9, 0, tzinfo=UTC)


def test_every_mode_but_open_has_a_rule_and_a_code_of_its_own() -> None:
    assert set(MODES) == set(RoomMode) - {RoomMode.OPEN}
    codes = [rule.code for rule in MODES.values()]
    assert len(set(codes)) == len(codes)
    assert set(codes) <= set(CODE_TEXTS)


@pytest.mark.parametrize("mode", MODES)
def test_somebody_can_end_what_was_begun(mode: RoomMode) -> None:
    rule = MODES[mode]
    assert len(rule.ends) >= 1
    assert rule.begins <= rule.ends | {Role.SECURITY_ADMIN}
    assert not rule.ends & {Role.SYSTEM_ADMIN, Role.AUDITOR, Role.INSPECTOR, Role.REQUESTER}


def test_seal_and_emergency_take_two_and_the_gateways_own_modes_nobody_begins() -> None:
    assert {mode for mode, rule in MODES.items() if rule.people_to_end == 2} == {RoomMode.SEALED, RoomMode.EMERGENCY}
    assert {mode for mode, rule in MODES.items() if not rule.begins} == {RoomMode.CLOCK, RoomMode.SAFE}
    assert Role.SECURITY_ADMIN in MODES[RoomMode.EMERGENCY].begins
    assert MODES[RoomMode.SAFE].ends == THREE_ADMINISTRATORS - {Role.SYSTEM_ADMIN, Role.AUDITOR}


def test_the_room_is_what_its_strongest_mode_says() -> None:
    assert mode_of([]) is RoomMode.OPEN
    assert room_reasons([]) == []
    for two in combinations(MODES, 2):
        assert mode_of(two) is mode_of(two[::-1]) is two[1]
        assert [reason.code for reason in room_reasons(two)] == [MODES[two[1]].code, MODES[two[0]].code]


def test_the_first_ones_word_counts_for_half_an_hour() -> None:
    assert not word_counts(None, NOW)
    assert word_counts(NOW - timedelta(minutes=29), NOW)
    assert not word_counts(NOW - timedelta(minutes=30), NOW)


@pytest.mark.parametrize(("seconds", "back"), [(0, False), (120, False), (121, True), (10_800, True), (-86_400, False)])
def test_a_clock_goes_back_or_a_little_wrong(seconds: int, back: bool) -> None:
    assert was_set_back(NOW, NOW - timedelta(seconds=seconds)) is back
