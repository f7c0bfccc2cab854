"""The month's paper: split as one likes, kept while it is made, told again from the ledger; what breaks it is found."""

from __future__ import annotations

import json
import sqlite3
from datetime import datetime

import pytest

from gateway.domain.paper import Posting, posting_of, summed
from gateway.domain.vocabulary import Channel, WasteReason
from gateway.errors import GatewayError, InvalidInputError, NotFoundError
from gateway.services import release, waste
from gateway.services.paper_months import PaperByHand, confirm_month, enter_paper, verify_statistics
from gateway.services.statistics import Dimension, month_state, paper_of_month
from gateway.services.waste import Spoilage
from tests.ledger.months import jammed, printed, released, two_months
from tests.room import Room
from tests.scenarios.conftest import SHANGHAI
from tests.services.racing import Racer, race


def test_the_same_sheets_however_they_are_split(room: Room) -> None:
    two_months(room)
    for month in ("2026-03", "2026-04"):
        totals = {by: sum(line.sheets_total for line in paper_of_month(room.gate, room.actor("wu"), month, by)) for by in Dimension}
        assert len(set(totals.values())) == 1, totals
    march = {line.group: line for line in paper_of_month(room.gate, room.actor("wu"), "2026-03", Dimension.LEVEL)}
    assert (march["mimi"].sheets_total, march["mimi"].sheets_classified, march["mimi"].name) == (11, 11, "秘密")
    assert [line.group for line in paper_of_month(room.gate, room.actor("wu"), "2026-03", Dimension.DEVICE)] == ["PRN-JY-01"]
    assert [line.name for line in paper_of_month(room.gate, room.actor("wu"), "2026-03", Dimension.REQUESTER)] == ["赵敏"]
    assert verify_statistics(room.gate) == []


def test_a_job_withdrawn_after_a_jam_still_used_its_paper(room: Room) -> None:
    from gateway.domain.settlement import Outcome, Settlement
    from gateway.services.settlement import settle

    job = released(room, room.permit(pages=2, copies=3), 3)
    jammed(room, job)
    outcomes = {1: Outcome.GOOD, 2: Outcome.SPOILED, 3: Outcome.UNPRINTED}
    settle(room.gate, room.actor("zheng"), job, Settlement(outcomes, resume=True, waste_sheets={2: 1}))
    assert month_state(room.gate, room.actor("zheng")).sheets_total == 0  # it is not at its end
    release.cancel_job(room.gate, room.actor("zheng"), job)
    (line,) = [line for line in paper_of_month(room.gate, room.actor("zheng")) if line.sheets_total]
    assert (line.group, line.jobs, line.sheets_print, line.sheets_waste) == ("D02", 1, 2, 1)
    assert verify_statistics(room.gate) == []
    assert room.verify().ok


def test_a_copy_withdrawn_after_the_confirmation_stands_beside_the_table(room: Room) -> None:
    job = released(room, room.permit(pages=2, copies=2), 2)
    printed(room, job)
    room.clock.at = datetime(2026, 4, 1, 9, 0, tzinfo=SHANGHAI)
    confirm_month(room.gate, room.actor("zheng"), "2026-03")
    waste.withdraw_copy(room.gate, room.actor("zheng"), job, 1, Spoilage(2, WasteReason.SOILED, "赵敏"))
    state = month_state(room.gate, room.actor("zheng"), "2026-03")
    assert (state.sheets_total, state.sheets_waste) == (4, 0)
    assert [(one.subject, one.good, one.waste, one.late) for one in state.corrections] == [(job, -2, 2, True)]
    assert verify_statistics(room.gate) == []


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE paper_line SET good = good - 1",
        "DELETE FROM paper_line",
        "UPDATE paper_line SET department = 'D03'",
        "UPDATE paper_correction SET good = 0",
        "UPDATE paper_correction SET late = 0",
        "DELETE FROM paper_correction",
        "UPDATE paper_month SET digest = 'x'",
        "DELETE FROM paper_month",
    ],
)
def test_numbers_changed_by_hand_are_found(room: Room, damage: str) -> None:
    printed(room, released(room, room.permit(pages=2, copies=2), 2))
    room.clock.at = datetime(2026, 4, 1, 9, 0, tzinfo=SHANGHAI)
    confirm_month(room.gate, room.actor("zheng"), "2026-03")
    enter_paper(room.gate, room.actor("zheng"), PaperByHand("2026-03", Channel.COPY, "D03", "A4", "面板复印", good=3))
    assert (verify_statistics(room.gate), room.verify().ok) == ([], True)
    with sqlite3.connect(room.gate.settings.data / "imprimatur.db") as database:
        database.execute(damage)
    assert verify_statistics(room.gate)
    assert not room.verify().ok


@pytest.mark.parametrize(
    "wish",
    [
        PaperByHand("2026-03", Channel.PRINT, "D02", "A4", "  ", good=1),
        PaperByHand("2026-03", Channel.PRINT, "D02", "A4", "nothing"),
        PaperByHand("2026-03", Channel.PRINT, "D02", "A4", "too much", good=100_001),
        PaperByHand("2026-04", Channel.PRINT, "D02", "A4", "not yet", good=1),
        PaperByHand("2026-13", Channel.PRINT, "D02", "A4", "no month", good=1),
        PaperByHand("2026-03", Channel.PRINT, "D99", "A4", "nobody", good=1),
    ],
)
def test_an_entry_by_hand_is_looked_at(room: Room, wish: PaperByHand) -> None:
    with pytest.raises((InvalidInputError, NotFoundError)):
        enter_paper(room.gate, room.actor("zheng"), wish)
    assert month_state(room.gate, room.actor("zheng")).sheets_total == 0


def test_of_two_confirmations_at_once_exactly_one_is_made(room: Room) -> None:
    """Two processes, many months: each month has one who confirmed it."""
    racers = [Racer(room, account) for account in ("zheng", "wang")]
    for month in [f"{year}-{number:02d}" for year in range(2023, 2026) for number in range(1, 13)]:
        assert race(racers, [f"confirm {month}"] * 2) == ["E_CONFLICT", "won"]
    for racer in racers:
        racer.stop()
    assert room.verify().ok


def test_postings_add_up_and_undo_each_other() -> None:
    one = Posting("2026-03", "print", "D02", "A4", "mimi", "P", "zhao", jobs=1, impressions=4, good=2, waste=1)
    assert summed([one, one])[one.key] == (2, 8, 4, 2)
    assert posting_of(one.key, one.amounts) == one
    assert json.loads(json.dumps(one.to_json()))["waste"] == 1


def test_who_may_not_see_the_books_sees_no_paper(room: Room) -> None:
    with pytest.raises(GatewayError):
        paper_of_month(room.gate, room.actor("zhao"))
