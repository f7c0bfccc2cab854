"""What must hold after every step, asked of the database in plain SQL, and of the paper that lies in the room."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing

from gateway.domain.stages import TERMINAL
from tests.properties.world import World

STATUS_OF_STAGE = {
    "held": {"held"},
    "queued": {"released", "printing"},
    "preparing": {"released", "printing"},
    "submitting": {"printing"},
    "printing": {"printing"},
    "completed": {"completed"},
    "unresolved": {"unresolved"},
    "canceled": {"canceled"},
    "refused": {"refused"},
}
"""What the print register may say of a job in each stage."""


def check(world: World) -> None:
    """I2, I3, I4, I5, I10 and the identity of permit, copies and register. Raises AssertionError."""
    with closing(sqlite3.connect(world.gate.settings.data / "imprimatur.db")) as database:
        database.row_factory = sqlite3.Row
        counts_are_the_copies(database)
        standing_months_are_the_copies(database)
        numbers_are_gap_free(database)
        ended_jobs_have_settled_copies(database)
        register_tells_the_stage(database)
        ledger_is_gap_free(database)
        duties_are_apart(database)
        paper_is_what_the_books_say(world, database)


def rows(database: sqlite3.Connection, query: str) -> Iterator[sqlite3.Row]:
    yield from database.execute(query)


def counts_are_the_copies(database: sqlite3.Connection) -> None:
    """I3: the permit's counts are those of its copies, and never more than approved."""
    query = """SELECT p.permit_no, p.state, p.copies_approved, p.copies_reserved, p.copies_good,
        (SELECT count(*) FROM copy c WHERE c.permit_id = p.id AND c.state = 'reserved') AS reserved,
        (SELECT count(*) FROM copy c WHERE c.permit_id = p.id AND c.state = 'good') AS good FROM permit p"""
    for row in rows(database, query):
        assert (row["copies_reserved"], row["copies_good"]) == (row["reserved"], row["good"]), dict(row)
        assert row["reserved"] + row["good"] <= row["copies_approved"], dict(row)
        assert row["state"] != "used_up" or row["good"] == row["copies_approved"], dict(row)


def standing_months_are_the_copies(database: sqlite3.Connection) -> None:
    """SC-03: what a standing permit used in a month covers all its releases of that month brought or may bring out, and is allowed."""
    query = """SELECT m.permit_id, m.month, m.used, m.allowed, p.monthly_unit,
        (SELECT coalesce(sum(CASE p.monthly_unit WHEN 'copies' THEN 1 ELSE r.sheets_per_copy END), 0)
            FROM release r JOIN copy c ON c.job_id = r.job_id AND c.permit_id = r.permit_id
            WHERE r.permit_id = m.permit_id AND r.standing_month = m.month AND c.state IN ('reserved', 'good', 'spoiled')) AS out_
        FROM standing_month m JOIN permit p ON p.id = m.permit_id"""
    for row in rows(database, query):
        assert row["used"] <= row["allowed"], dict(row)
        assert row["used"] >= row["out_"], dict(row)


def numbers_are_gap_free(database: sqlite3.Connection) -> None:
    """I4: numbers of a permit run from 1 without gap, each once; releases hand them out one after the other."""
    query = """SELECT p.permit_no, p.next_copy_number, count(c.id) AS copies, coalesce(max(c.number), 0) AS last,
        count(DISTINCT c.number) AS numbers FROM permit p LEFT JOIN copy c ON c.permit_id = p.id GROUP BY p.id"""
    for row in rows(database, query):
        assert row["copies"] == row["last"] == row["numbers"] == row["next_copy_number"] - 1, dict(row)


def ended_jobs_have_settled_copies(database: sqlite3.Connection) -> None:
    """I4: when a job has ended each of its numbers is good or void; before its release it has none."""
    query = """SELECT j.job_no, j.stage, j.copies, count(c.id) AS numbers,
        sum(c.state = 'reserved') AS reserved, sum(c.state = 'good') AS good FROM job j LEFT JOIN copy c ON c.job_id = j.id GROUP BY j.id"""
    ended = {stage.value for stage in TERMINAL}
    for row in rows(database, query):
        if row["stage"] in ended:
            assert not row["reserved"], dict(row)
        if row["stage"] in ("receiving", "held", "refused"):
            assert not row["numbers"], dict(row)
        if row["stage"] in ("queued", "preparing", "submitting", "printing"):
            assert row["numbers"] == row["copies"], dict(row)
        if row["stage"] == "completed":  # a number printed again belongs to the job that did it
            assert row["numbers"] <= row["copies"], dict(row)


def register_tells_the_stage(database: sqlite3.Connection) -> None:
    """Exactly one row a job, from the moment it is held; its status and good copies are the job's."""
    query = """SELECT j.job_no, j.stage, r.status, r.copies_good, (SELECT count(*) FROM copy c WHERE c.job_id = j.id AND c.state = 'good')
        AS good FROM job j LEFT JOIN print_register r ON r.job_no = j.job_no"""
    for row in rows(database, query):
        if row["stage"] != "receiving":
            assert row["status"] in STATUS_OF_STAGE[row["stage"]], dict(row)
            assert row["copies_good"] == row["good"], dict(row)
    (numbered,) = rows(database, "SELECT count(*) AS all_, coalesce(max(seq), 0) AS last FROM print_register")
    assert numbered["all_"] == numbered["last"]


def ledger_is_gap_free(database: sqlite3.Connection) -> None:
    """I2: what is in the books is one unbroken row up to the head."""
    query = "SELECT h.seq, count(e.seq) AS entries, coalesce(max(e.seq), 0) AS last FROM ledger_head h LEFT JOIN ledger_entry e"
    (row,) = rows(database, query)
    assert row["seq"] == row["entries"] == row["last"], dict(row)


def duties_are_apart(database: sqlite3.Connection) -> None:
    """I10: under every permit with paper: different approvers, none the requester; from 秘密 on none of them released it."""
    query = """SELECT p.permit_no, p.state, p.level, p.requester_id, group_concat(s.person_id) AS approvers, count(s.id) AS steps,
        count(s.person_id) AS filled, count(DISTINCT s.person_id) AS people FROM permit p JOIN permit_step s ON s.permit_id = p.id
        WHERE p.state IN ('active', 'used_up') GROUP BY p.id"""
    for row in rows(database, query):
        assert row["steps"] == row["filled"] == row["people"], dict(row)
        assert str(row["requester_id"]) not in row["approvers"].split(","), dict(row)
    released = """SELECT r.job_id FROM release r JOIN permit p ON p.id = r.permit_id JOIN permit_step s ON s.permit_id = p.id
        WHERE s.person_id = r.operator_id AND p.level IN ('mimi', 'jimi', 'juemi')"""
    assert not list(rows(database, released))
    conflicts = """SELECT count(*) AS many FROM user_role a JOIN user_role b ON a.user_id = b.user_id
        WHERE a.role IN ('system_admin', 'security_admin', 'auditor') AND a.role <> b.role"""
    assert next(rows(database, conflicts))["many"] == 0


def paper_is_what_the_books_say(world: World, database: sqlite3.Connection) -> None:
    """I4, I5: no number lies in the room twice; a good one lies there once; a void one does not; nothing else does."""
    paper = world.paper()
    query = "SELECT p.permit_no, c.number, c.state, j.stage FROM copy c JOIN permit p ON p.id = c.permit_id JOIN job j ON j.id = c.job_id"
    known: Counter[tuple[str, int]] = Counter()
    for row in rows(database, query):
        key = (row["permit_no"], row["number"])
        known[key] += 1
        assert paper[key] <= 1, f"{key} lies in the room {paper[key]} times"
        if row["state"] == "good":
            assert paper[key] == 1, f"{key} is good in the books but not in the room"
        if row["state"] in ("void", "spoiled"):
            assert paper[key] == 0, f"{key} is {row['state']} in the books but lies in the room"
    assert not set(+paper) - set(known), "paper nobody has a number for"
