"""Asked for twice, done once: the key, the kept answer, and what a crash or a race makes of them."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlmodel import func, select
from werkzeug.test import TestResponse

from admin_ui.api import NOUNS
from admin_ui.application import create_application
from gateway.db.tables import Department, KeptAnswer, LedgerEntry, Permit
from gateway.errors import ConflictError, UnavailableError
from gateway.services import idempotency, permit_requests
from gateway.services.idempotency import forget_old_answers
from rehearsal.people import PASSWORD
from tests.room import Room
from tests.web.calls import PERMIT

Call = Callable[..., TestResponse]


def post(app: Flask, path: str, body: dict[str, Any], key: str, account: str = "zhao") -> TestResponse:
    return app.test_client().post(f"/api/v1{path}", json=body, headers={"Idempotency-Key": key}, auth=(account, PASSWORD))


def count(room: Room, table: type[Any], *where: Any) -> int:
    with room.gate.database.reading() as session:
        return session.exec(select(func.count()).select_from(table).where(*where)).one()


def test_the_second_time_gets_the_first_answer_and_nothing_is_done(room: Room, app: Flask) -> None:
    first, second = post(app, "/permits", PERMIT, "k1"), post(app, "/permits", PERMIT, '"k1"')
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.get_data() == second.get_data()
    assert "Idempotency-Replayed" not in first.headers
    assert second.headers["Idempotency-Replayed"] == "true"
    assert count(room, Permit) == 1
    assert count(room, LedgerEntry, LedgerEntry.kind == "permit.requested") == 1
    assert room.verify().ok


def test_another_key_another_account_and_no_key_are_other_acts(room: Room, app: Flask) -> None:
    for key, account in (("k1", "zhao"), ("k2", "zhao"), ("k1", "qian")):
        assert post(app, "/permits", PERMIT, key, account).status_code == 201
    for _ in range(2):
        assert app.test_client().post("/api/v1/permits", json=PERMIT, auth=("zhao", PASSWORD)).status_code == 201
    assert count(room, Permit) == 5


def test_the_same_key_for_something_else_is_refused(room: Room, app: Flask) -> None:
    number = post(app, "/permits", PERMIT, "k1").get_json()["permit"]
    for path, body in (("/permits", PERMIT | {"copies": 4}), (f"/permits/{number}/revoke", {"comment": "x"}), ("/permits?x=1", PERMIT)):
        answer = post(app, path, body, "k1")
        assert (answer.status_code, answer.get_json()["code"]) == (422, "E_KEY_REUSED")
    assert count(room, Permit) == 1


@pytest.mark.parametrize("key", ["", '""', "x" * 129, "ä", '"a', 'a"b', "a\x7fb"])
def test_strange_keys_are_refused(room: Room, app: Flask, key: str) -> None:
    answer = post(app, "/permits", PERMIT, key)
    assert (answer.status_code, answer.get_json()["code"]) == (422, "E_INVALID")
    assert count(room, Permit) == 0


def test_a_refusal_is_an_answer_and_stays_in_the_books_once(room: Room, app: Flask, held: str) -> None:
    for _ in range(3):
        answer = post(app, f"/jobs/{held}/release", {}, "k1", "zheng")
        assert (answer.status_code, answer.get_json()["code"]) == (409, "E_NO_PERMIT")
    assert answer.headers["Idempotency-Replayed"] == "true"
    assert answer.mimetype == "application/problem+json"
    assert count(room, LedgerEntry, LedgerEntry.kind == "job.release_refused") == 1
    assert room.verify().ok


def test_what_is_no_answer_may_be_tried_again(room: Room, app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    assert post(app, "/permits", {"title": 5}, "k1").status_code == 422, "an unreadable body is no act"
    real = permit_requests.request_permit

    def busy(*args: Any) -> Any:
        real(*args)
        raise UnavailableError("The database cannot be used now.", "Try again.")

    with monkeypatch.context() as broken:
        broken.setattr(permit_requests, "request_permit", busy)
        assert post(app, "/permits", PERMIT, "k1").status_code == 503
    assert count(room, Permit) == 0, "nothing of an act that failed stays"
    assert count(room, LedgerEntry, LedgerEntry.kind == "permit.requested") == 0
    assert post(app, "/permits", PERMIT, "k1").status_code == 201
    assert room.verify().ok


def test_many_at_the_same_moment_are_one(room: Room, app: Flask) -> None:
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: post(app, "/permits", PERMIT, "k1"), range(8)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.get_data() for answer in answers}) == 1
    assert count(room, Permit) == 1


def _die(folder: Path, *, before: bool) -> None:
    """A process that files a permit and is killed just before, or just after, its transaction is over."""
    room = Room.open(folder)
    app = create_application(room.gate, lambda: None, control=False)
    if before:
        idempotency.keep = lambda *_, **__: os._exit(9)  # type: ignore[assignment]
    else:
        app.after_request(lambda _: os._exit(9))
    post(app, "/permits", PERMIT, "k1")


@pytest.mark.parametrize(("before", "done"), [(True, 0), (False, 1)], ids=["before the commit", "after the commit"])
def test_a_crash_leaves_act_and_answer_or_neither(room: Room, app: Flask, before: bool, done: int) -> None:
    process = multiprocessing.get_context("spawn").Process(target=_die, args=(room.gate.settings.data,), kwargs={"before": before})
    process.start()
    process.join(60)
    assert process.exitcode == 9
    assert count(room, Permit) == done
    answer = post(app, "/permits", PERMIT, "k1")
    assert answer.status_code == 201
    assert answer.headers.get("Idempotency-Replayed") == ("true" if done else None)
    assert count(room, Permit) == 1
    assert room.verify().ok


def test_answers_are_forgotten_after_a_day(room: Room, app: Flask) -> None:
    post(app, "/permits", PERMIT, "k1")
    room.clock.advance(hours=23)
    forget_old_answers(room.gate)
    assert count(room, KeptAnswer) == 1
    room.clock.advance(hours=2)
    forget_old_answers(room.gate)
    assert count(room, KeptAnswer) == 0
    data = room.gate.settings.data
    assert post(app, "/permits", PERMIT, "k1").headers.get("Idempotency-Replayed") is None
    assert (data / "imprimatur.db").exists()


def test_acts_outside_the_database_take_no_key(room: Room, app: Flask) -> None:
    (route,) = [route for noun in NOUNS for route in noun.routes if route.name == "print_slip"]
    assert route.outside
    answer = post(app, "/slips/permit/ZYZ-2026-000001-4", {}, "k1", "zheng")
    assert (answer.status_code, answer.get_json()["code"]) == (422, "E_INVALID")


def test_the_worker_is_woken_after_the_commit(room: Room, held: str) -> None:
    seen: list[int] = []
    app = create_application(room.gate, lambda: seen.append(count(room, KeptAnswer)), control=False)
    assert post(app, f"/jobs/{held}/cancel", {}, "k1").get_json()["stage"] == "canceled"
    assert seen == [1]


def test_together_an_act_that_fails_is_undone_alone(room: Room) -> None:
    database = room.gate.database

    def add(code: str, *, fails: bool = False) -> None:
        with database.writing() as session:
            session.add(Department(code=code, name=code))
            session.flush()
            if fails:
                raise ConflictError("no")

    with database.together():
        add("X1")
        with pytest.raises(ConflictError):
            add("X2", fails=True)
        add("X3")
        with database.reading() as session:
            assert session.exec(select(Department).where(Department.code == "X1")).one()
    assert count(room, Department, Department.code.in_(["X1", "X2", "X3"])) == 2  # type: ignore[attr-defined]
    with pytest.raises(ConflictError), database.together():
        _fail_after(add, "X4")
    assert count(room, Department, Department.code == "X4") == 0


def _fail_after(add: Callable[[str], None], code: str) -> None:
    add(code)
    raise ConflictError("all of it")


def test_a_key_hides_no_denial(room: Room, app: Flask) -> None:
    """Who tries what he may not do is noted, key or not, once for each act."""
    for _ in range(2):
        assert post(app, "/departments", {"code": "X9", "name": "x"}, "k1").status_code == 403
    assert count(room, LedgerEntry, LedgerEntry.kind == "user.denied") == 1
    assert app.test_client().post("/api/v1/departments", json={"code": "X9", "name": "x"}, auth=("zhao", PASSWORD)).status_code == 403
    assert count(room, LedgerEntry, LedgerEntry.kind == "user.denied") == 2
    assert room.verify().ok
