"""The table of a carrier's moves: whole, told in docs/carriers.md as it is, and read from what people write (R25, R67)."""

from __future__ import annotations

import pytest

from gateway.domain.carriers import (
    CLOSED,
    IN_THE_ROOM,
    LIVING,
    MOVES,
    OUTSIDE,
    Move,
    becomes_carrier,
    may_move,
    ranges,
    read_carrier_number,
    read_copy_name,
)
from gateway.domain.vocabulary import CarrierState, CarrierVerb, Level, PermitKind
from tests.architecture.repository import table_rows

S, V = CarrierState, CarrierVerb


def as_row(verb: CarrierVerb, move: Move) -> list[str]:
    sources = " ".join(f"`{state.value}`" for state in CarrierState if state in move.sources)
    to = f"`{move.to.value}`" if move.to else "the same"
    return [f"`{verb.value}`", sources, to, move.begins.value, move.signs.value if move.signs else "—", move.rules, f"`{move.tag}`"]


def test_the_document_is_the_table() -> None:
    wanted = [as_row(verb, move) for verb, move in MOVES.items()]
    assert table_rows("carriers.md")["The table of moves"] == wanted, "\n".join("| " + " | ".join(row) + " |" for row in wanted)


def test_every_state_and_verb_has_its_place() -> None:
    assert set(MOVES) == set(V)
    assert {S.RESERVED, *LIVING, *CLOSED} == set(S)
    assert not IN_THE_ROOM & OUTSIDE
    reached = {move.to for move in MOVES.values()} - {None}
    assert reached == set(S) - {S.RESERVED}


@pytest.mark.parametrize("state", sorted(CLOSED))
def test_nothing_leaves_a_closed_state(state: CarrierState) -> None:
    assert [verb for verb in V if may_move(state, verb)] == []


def test_a_missing_carrier_can_only_be_found() -> None:
    assert [verb for verb in V if may_move(S.MISSING, verb)] == [V.FIND]


def test_readers_do_not_pass_on_to_readers() -> None:
    """R62: no move leads from one person outside the room to another but by the room, an approval or a hand-over."""
    direct = {verb for verb in V if MOVES[verb].to in OUTSIDE and MOVES[verb].sources & OUTSIDE}
    assert direct == {V.CARRY_OUT}


def test_which_paper_becomes_a_carrier() -> None:
    assert not any(becomes_carrier(PermitKind.STANDING, level) for level in Level)
    assert {level for level in Level if becomes_carrier(PermitKind.PRINT, level)} == set(Level) - {Level.GONGKAI}


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("ZT-2026-000207", "ZT-2026-000207"),
        (" zt2026000207 ", "ZT-2026-000207"),
        ("ZT-2026-207", "ZT-2026-000207"),
        ("ZT-2026-0", "ZT-2026-000000"),
        ("ZT-26-000207", None),
        ("XH-2026-0009", None),
        ("ZT-2026-0002070", None),
        ("", None),
    ],
)
def test_carrier_numbers_as_written(written: str, number: str | None) -> None:
    assert read_carrier_number(written) == number


def test_copies_as_written() -> None:
    number = "ZYZ-2026-000123-L"
    for text in (f"{number} 000004", f"{number}/4", f"{number}#000004", f"{number}份号 4", f"{number} 份号000004"):
        assert read_copy_name(text) == (number, 4), text
    for text in (number, "4", "plan 4", f"{number}/", f"{number} 0000004x"):
        assert read_copy_name(text) is None, text


def test_ranges() -> None:
    assert ranges([3, 1, 2, 7, 9, 10]) == "000001-000003, 000007, 000009-000010"
    assert ranges([]) == ""
