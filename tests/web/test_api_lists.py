"""Lists in parts: nothing twice, nothing missed, whatever is added meanwhile; filters; nobody sees more by asking otherwise."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event

from rehearsal.people import PASSWORD
from tests.room import Room
from tests.watermark.papers import document

Ask = Callable[..., Any]


@pytest.fixture
def ask(app: Flask) -> Ask:
    client = app.test_client()

    def asked(path: str, account: str = "zheng") -> Any:
        answer = client.get(path if path.startswith("/api") else f"/api/v1{path}", auth=(account, PASSWORD))
        assert answer.status_code == 200, answer.get_json()
        return answer.get_json()

    return asked


def through(ask: Ask, path: str, account: str = "zheng", between: Callable[[], object] = lambda: None) -> list[Any]:
    """Every item, part after part; `between` happens after each part."""
    found, target = [], path
    while target:
        part = ask(target, account)
        found += part["items"]
        target = part["next"]
        between()
    return found


def test_permits_in_parts_are_all_permits_while_more_are_asked_for(room: Room, ask: Ask) -> None:
    made = [room.request(copies=n).permit_no for n in range(1, 8)]
    found = through(ask, "/permits?limit=2", "li", between=lambda: room.request(copies=1))
    assert [permit["permit"] for permit in found] == made[::-1]
    assert len(ask("/permits?limit=500", "li")["items"]) == len(made) + 4


def test_permits_are_found_by_state_department_and_month(room: Room, ask: Ask) -> None:
    active, asked = room.permit(), room.request().permit_no
    room.clock.advance(days=31)
    later = room.request(by="sun").permit_no

    def numbers(query: str, account: str = "li") -> list[str]:
        return [permit["permit"] for permit in through(ask, f"/permits?limit=1&{query}", account)]

    department = room.actor("sun").department
    assert numbers("state=active") == [active]
    assert numbers("state=active&state=requested") == [later, asked, active]
    assert numbers(f"department={department}") == [later]
    assert numbers("department=D99") == []
    assert numbers("month=2026-03") == [asked, active]
    assert numbers("month=2026-04") == [later]
    assert numbers("mine=1") == []
    assert numbers("", "sun") == [later]
    assert numbers(f"department={room.actor('zhao').department}", "sun") == [], "a filter shows nothing that is not shown without it"


def test_what_waits_for_an_approver_is_found_behind_much_that_does_not(room: Room, ask: Ask) -> None:
    mine = [room.request().permit_no for _ in range(3)]
    from gateway.services.permits import approve_permit

    approve_permit(room.gate, room.actor("li"), mine[1])
    waiting = [permit["permit"] for permit in through(ask, "/permits?waiting=1&limit=1", "li")]
    assert waiting == [mine[2], mine[0]]
    assert [permit["permit"] for permit in through(ask, "/permits?waiting=1&limit=1", "wu")] == [mine[1]]


def test_jobs_in_parts_are_all_jobs_while_more_arrive(room: Room, ask: Ask) -> None:
    room.gate.spool.refill()
    paper = document("one").getvalue()
    made = [room.submit(paper) for _ in range(5)]
    found = through(ask, "/jobs?limit=2", between=lambda: room.submit(paper))
    assert [job["job"] for job in found] == made[::-1]
    assert ask("/jobs?limit=3&stage=held&month=2026-03")["next"].startswith("/api/v1/jobs?limit=3&stage=held&month=2026-03&after=")
    assert ask("/jobs?department=D99") == {"items": [], "next": None}
    assert len(ask(f"/jobs?department={room.actor('zhao').department}&limit=500")["items"]) == len(made) + 3
    assert ask("/jobs?month=2025-01")["items"] == []


def test_accounts_in_parts_and_by_role(ask: Ask) -> None:
    everybody = [user["username"] for user in ask("/users?limit=500")["items"]]
    assert [user["username"] for user in through(ask, "/users?limit=1")] == everybody == sorted(everybody)
    assert [user["username"] for user in ask("/users?role=operator")["items"]] == [
        user["username"] for user in ask("/users?limit=500")["items"] if "operator" in user["roles"]
    ]
    assert ask("/users?active=false")["items"] == []


def test_the_register_in_parts_is_the_register(room: Room, ask: Ask) -> None:
    room.gate.spool.refill()
    made = [room.submit(document("one").getvalue()) for _ in range(5)]
    rows = through(ask, "/registers/print?month=2026-03&limit=2")
    assert [row["job"] for row in rows] == made
    assert rows == ask("/registers/print?month=2026-03&status=held")["items"]
    assert ask("/registers/print?month=2026-03&status=completed")["items"] == []
    assert ask("/registers/print?month=2026-04")["items"] == []


@pytest.mark.parametrize(
    "query", ["after=x", "after=-1", "after=" + "9" * 30, "limit=0", "limit=501", "limit=x", "month=2026-13", "month=26-1"]
)
@pytest.mark.parametrize("path", ["/permits", "/jobs", "/registers/print"])
def test_where_no_part_begins(app: Flask, path: str, query: str) -> None:
    answer = app.test_client().get(f"/api/v1{path}?{query}", auth=("zheng", PASSWORD))
    assert (answer.status_code, answer.get_json()["code"]) == (422, "E_INVALID")


@pytest.mark.parametrize("path", ["/permits?limit=5", "/jobs?limit=5", "/users?limit=5", "/registers/print?limit=5"])
def test_no_part_is_found_by_counting_rows(room: Room, ask: Ask, path: str) -> None:
    said: list[tuple[str, Any]] = []
    event.listen(room.gate.database.engine, "before_cursor_execute", lambda *told: said.append((told[2], told[3])))
    ask(path)
    skipped = [values[-1] for sql, values in said if "OFFSET" in sql]
    assert skipped
    assert set(skipped) == {0}
