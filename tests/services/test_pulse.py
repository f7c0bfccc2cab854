"""A part of the gateway that does not get through is told, and until when: by what its steps said."""

from __future__ import annotations

import pytest

from gateway.pulse import SILENT_SECONDS, TOLD_AFTER_SECONDS, Part, Pulse, Trouble


class Watch:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def watch() -> Watch:
    return Watch()


@pytest.fixture
def pulse(watch: Watch) -> Pulse:
    return Pulse(watch)


def test_what_mends_itself_at_once_is_not_told(pulse: Pulse, watch: Watch) -> None:
    pulse.failed(Part.WORKER, "E_UNAVAILABLE")
    watch.now += TOLD_AFTER_SECONDS / 2
    assert pulse.troubles() == []
    pulse.well(Part.WORKER)
    watch.now += TOLD_AFTER_SECONDS
    assert pulse.troubles() == []


def test_a_failing_part_is_told_from_its_first_failure_until_it_is_well(pulse: Pulse, watch: Watch) -> None:
    for _ in range(3):
        pulse.failed(Part.COUNTER, "OSError")
        watch.now += 20
    pulse.well(Part.WORKER)
    assert pulse.troubles() == [Trouble(Part.COUNTER, 60, "OSError")]
    pulse.well(Part.COUNTER)
    assert pulse.troubles() == []


def test_a_part_that_says_nothing_hangs(pulse: Pulse, watch: Watch) -> None:
    pulse.well(Part.CHORES)
    watch.now += SILENT_SECONDS
    assert pulse.troubles() == []
    watch.now += 1
    assert pulse.troubles() == [Trouble(Part.CHORES, round(SILENT_SECONDS + 1), "")]


def test_a_device_without_work_does_not_hang(pulse: Pulse, watch: Watch) -> None:
    pulse.well(Part.DEVICES, 1)
    watch.now += 10 * SILENT_SECONDS
    assert pulse.troubles() == []


def test_a_device_that_is_well_hides_none_that_is_not(pulse: Pulse, watch: Watch) -> None:
    pulse.failed(Part.DEVICES, "OSError", 1)
    watch.now += 10
    pulse.well(Part.DEVICES, 2)
    assert pulse.troubles() == [Trouble(Part.DEVICES, 10, "OSError")]
    watch.now += SILENT_SECONDS
    assert pulse.troubles() == [], "its job was withdrawn: nobody tries it again"


def test_who_never_spoke_is_not_missed(pulse: Pulse, watch: Watch) -> None:
    watch.now += 10 * SILENT_SECONDS
    assert pulse.troubles() == []
