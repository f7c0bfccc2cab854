"""The tables of moves: docs/states.md is them, and they are whole (I1, I5, I7)."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from gateway.domain.moves import JOB_MOVES, PERMIT_MOVES, By, Move
from gateway.domain.stages import PAPER_MAY_MOVE, TERMINAL
from gateway.domain.vocabulary import JobStage, PermitState
from tests.architecture.repository import table_rows

Table = tuple[Move[JobStage], ...] | tuple[Move[PermitState], ...]


def as_row(move: Move[JobStage] | Move[PermitState], order: Iterable[JobStage] | Iterable[PermitState]) -> list[str]:
    sources = " ".join(f"`{state.value}`" for state in order if state in move.sources)
    by = ", ".join(one.value.replace("_", " ") for one in By if one in move.by)
    return [f"`{move.verb}`", sources, f"`{move.to.value}`", by, move.rules, f"`{move.tag}`" if move.tag else "—"]


@pytest.mark.parametrize(
    ("heading", "moves", "order"), [("Jobs", JOB_MOVES, JobStage), ("Permits", PERMIT_MOVES, PermitState)], ids=["jobs", "permits"]
)
def test_the_document_is_the_table(heading: str, moves: Table, order: type[JobStage] | type[PermitState]) -> None:
    wanted = [as_row(move, order) for move in moves]
    assert table_rows("states.md").get(heading) == wanted, "\n".join("| " + " | ".join(row) + " |" for row in wanted)


@pytest.mark.parametrize("moves", [JOB_MOVES, PERMIT_MOVES], ids=["jobs", "permits"])
def test_a_verb_has_one_row_with_a_rule_and_somebody(moves: Table) -> None:
    assert len({move.verb for move in moves}) == len(moves)
    assert all(move.rules and move.by and move.sources for move in moves)


def test_every_stage_but_one_is_reached_and_only_the_last_ones_are_not_left() -> None:
    reached = {move.to for move in JOB_MOVES} | {JobStage.RECEIVING}
    left = {stage for move in JOB_MOVES for stage in move.sources}
    assert set(JobStage) - reached == {JobStage.ABORTED}, "a stage of IPP's we have no use for"
    assert set(JobStage) - left == TERMINAL


def test_only_a_person_leaves_unresolved_and_no_move_leads_back_to_paper_by_itself() -> None:
    for move in JOB_MOVES:
        if JobStage.UNRESOLVED in move.sources:
            assert move.by == {By.OPERATOR}
        if move.to in PAPER_MAY_MOVE:
            assert move.sources <= {JobStage.PREPARING, JobStage.SUBMITTING}


def test_what_ends_a_job_or_gives_paper_is_told_in_the_ledger() -> None:
    silent = {move.verb for move in JOB_MOVES if not move.tag}
    assert silent == {"prepare", "put_back", "print", "not_sent"}
    assert all(move.tag for move in PERMIT_MOVES)
