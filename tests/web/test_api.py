"""The API as a program sees it: its description, its errors, what it refuses to read."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import insert
from sqlalchemy.exc import IntegrityError
from werkzeug.test import TestResponse

from admin_ui.api import NOUNS
from admin_ui.api.openapi import FILE, openapi_text
from admin_ui.api.problems import PROBLEM_JSON
from gateway.db.tables import Department
from gateway.domain.code_texts import CODE_TEXTS
from gateway.domain.codes import Code
from gateway.errors import GatewayError
from gateway.services import roll
from rehearsal.people import PASSWORD
from tests.room import Room

ROUTES = [route for noun in NOUNS for route in noun.routes]


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def call(client: FlaskClient) -> Callable[..., TestResponse]:
    def called(method: str, path: str, account: str = "zhao", **more: Any) -> TestResponse:
        return client.open(f"/api/v1{path}", method=method, auth=(account, PASSWORD), **more)

    return called


def problem(answer: TestResponse, status: int, code: str) -> dict[str, Any]:
    told = answer.get_json()
    assert (answer.status_code, answer.mimetype, told["code"]) == (status, PROBLEM_JSON, code)
    assert told["type"] == f"/api#{code}"
    assert told["status"] == status
    assert all(told[key] for key in ("title", "title_zh", "detail", "detail_zh", "next_step", "next_step_zh"))
    return told


def test_the_committed_description_is_what_the_code_says() -> None:
    assert FILE.read_text(encoding="utf-8") == openapi_text(NOUNS), "run: .venv/bin/python -m admin_ui.api"


def test_the_description_is_served(client: FlaskClient) -> None:
    assert client.get("/api/v1/openapi.json").get_json() == json.loads(FILE.read_text(encoding="utf-8"))


def test_the_description_names_every_route_flask_answers(app: Flask) -> None:
    described = {(method, path) for path, methods in json.loads(FILE.read_text(encoding="utf-8"))["paths"].items() for method in methods}
    answered = {
        (method.lower(), rule.rule.replace("<", "{").replace(">", "}"))
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
        if rule.endpoint.startswith("api.") and rule.endpoint != "api.description"
    }
    assert described == answered
    assert len(described) == len(ROUTES) >= 25


def test_every_route_says_what_it_is_in_both_languages() -> None:
    assert [route.name for route in ROUTES if not route.summary or not any("一" <= sign <= "鿿" for sign in route.zh)] == []


def test_strangers_are_asked_who_they_are(client: FlaskClient) -> None:
    answer = client.get("/api/v1/jobs")
    problem(answer, 401, "E_UNAUTHENTICATED")
    assert answer.headers["WWW-Authenticate"].startswith("Basic ")


def test_a_wrong_password_is_401_and_a_missing_role_403(client: FlaskClient, call: Callable[..., TestResponse]) -> None:
    problem(client.get("/api/v1/jobs", auth=("zhao", "wrong")), 401, "E_UNAUTHENTICATED")
    answer = call("POST", "/departments", json={"code": "D99", "name": "x"})
    problem(answer, 403, "E_FORBIDDEN")
    assert "WWW-Authenticate" not in answer.headers


def test_addresses_and_methods_that_do_not_exist(call: Callable[..., TestResponse]) -> None:
    problem(call("GET", "/nothing"), 404, "E_NOT_FOUND")
    problem(call("POST", "/nothing", json={}), 404, "E_NOT_FOUND")
    problem(call("GET", ""), 404, "E_NOT_FOUND")
    problem(call("GET", "/jobs/H999999"), 404, "E_NOT_FOUND")
    answer = call("DELETE", "/jobs")
    problem(answer, 405, "E_METHOD")
    assert "GET" in answer.headers["Allow"]


@pytest.mark.parametrize(
    "body",
    [b"{", b'{"comment": "\xff"}', b"\x00", b'{"a":' * 5000, b'{"comment": NaN}', b'{"comment": 1} {}', b"9" * 10_000],
    ids=["cut", "not UTF-8", "NUL", "deep", "NaN", "two", "long number"],
)
def test_what_is_no_json_is_malformed(call: Callable[..., TestResponse], held: str, body: bytes) -> None:
    answer = call("POST", f"/jobs/{held}/cancel", data=body, content_type="application/json")
    assert answer.get_json()["code"] in ("E_MALFORMED", "E_INVALID")
    problem(answer, 400 if answer.get_json()["code"] == "E_MALFORMED" else 422, answer.get_json()["code"])
    assert call("GET", f"/jobs/{held}").get_json()["stage"] == "held"


@pytest.mark.parametrize(
    "body",
    [
        [],
        0,
        None,
        "x",
        {"comment": 5},
        {"comment": "x" * 201},
        {"comments": "x"},
        {"comment": "a\x00b"},
        {"comment": "\ud800"},
        {"comment": "\x1b[2J"},
        {"comment": {"a": []}},
    ],
)
def test_what_does_not_fit_is_invalid_and_nothing_happens(call: Callable[..., TestResponse], held: str, body: object) -> None:
    answer = call("POST", f"/jobs/{held}/cancel", data=json.dumps(body), content_type="application/json")
    assert answer.status_code in (400, 422)
    problem(answer, answer.status_code, "E_INVALID" if answer.status_code == 422 else "E_MALFORMED")
    assert call("GET", f"/jobs/{held}").get_json()["stage"] == "held"


@pytest.mark.parametrize(
    "change",
    [
        {"pages": 10**30},
        {"pages": -1},
        {"pages": "3"},
        {"pages": 3.5},
        {"copies": True},
        {"valid_to": "9999-12-31T23:59:59+00:00"},
        {"valid_from": "0001-01-01T00:00:00+08:00"},
        {"valid_to": "2026-03-20T09:00"},
        {"level": "top secret"},
        {"scope": {"D02": 10**20}},
        {"scope": {"a\x00": 1}},
    ],
)
def test_a_permit_of_strange_values_is_invalid(call: Callable[..., TestResponse], change: dict[str, object]) -> None:
    body = {"title": "x", "level": "mimi", "term": "5年", "pages": 1, "copies": 1} | change
    problem(call("POST", "/permits", json=body), 422, "E_INVALID")


def test_only_json_is_read(call: Callable[..., TestResponse], held: str) -> None:
    problem(call("POST", f"/jobs/{held}/cancel", data="{}", content_type="text/plain"), 415, "E_MEDIA_TYPE")
    problem(call("POST", f"/jobs/{held}/cancel", data=b" " * (1 << 20) + b"{}", content_type="application/json"), 413, "E_TOO_LARGE")


def test_parameters_that_do_not_exist_are_refused(call: Callable[..., TestResponse]) -> None:
    problem(call("GET", "/jobs?stage=printed"), 422, "E_INVALID")
    problem(call("GET", "/jobs?mime=1"), 422, "E_INVALID")
    problem(call("GET", "/jobs?mine=perhaps"), 422, "E_INVALID")
    assert call("GET", "/jobs?mine=1&stage=held&stage=queued").status_code == 200


def test_a_rule_that_says_no_names_itself_and_all_others(call: Callable[..., TestResponse]) -> None:
    body = {"title": "x", "level": "mimi", "term": "50年", "pages": 1, "copies": 3, "scope": {"D02": 1, "D77": 1}, "purpose": "x"}
    told = problem(call("POST", "/permits", json=body), 409, "E_MARKING_INVALID")
    assert [reason["code"] for reason in told["reasons"]] == ["E_MARKING_INVALID", "E_SCOPE", "E_SCOPE"]
    assert told["rule"] == CODE_TEXTS[Code.E_MARKING_INVALID].rules
    assert "Σ 2 ≠ 3" in told["reasons"][1]["message_zh"]


def test_a_fault_of_ours_is_a_problem_and_tells_the_log_no_title(
    app: Flask, call: Callable[..., TestResponse], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("规划纲要")

    monkeypatch.setattr(roll, "list_users", broken)
    problem(call("GET", "/users", "feng"), 500, "E_INTERNAL")
    out, err = capsys.readouterr()
    assert "RuntimeError test_api.py" in out + err
    assert "规划纲要" not in out + err


def test_an_error_of_the_database_shows_no_values(room: Room) -> None:
    again = insert(Department).values(code="D02", name="规划纲要", active=True)
    with pytest.raises(IntegrityError) as caught, room.gate.database.writing() as session:
        session.execute(again)
    assert "规划纲要" not in str(caught.value)


def test_every_error_of_the_gateway_can_be_told_in_chinese() -> None:
    from admin_ui.words import ERRORS

    def kinds(of: type[GatewayError]) -> set[type[GatewayError]]:
        return {of} | {kind for below in of.__subclasses__() for kind in kinds(below)}

    told = {kind.code for kind in kinds(GatewayError) if kind.__module__.startswith(("gateway.errors", "gateway.services", "admin_ui"))}
    assert told - {"E_CONFIG"} - set(ERRORS) == set()


def test_days_and_times_are_read_from_text(call: Callable[..., TestResponse]) -> None:
    new = {"username": "xu", "display_name": "许安", "department": "D02", "undertaking_date": "2026-01-01"}
    assert call("POST", "/users", "feng", json=new).status_code == 201
    amounts = {"title": "纲要", "level": "mimi", "term": "5年", "pages": 1, "copies": 1, "purpose": "x"}
    asked = call("POST", "/permits", json={**amounts, "valid_from": "2026-03-12T09:00+08:00", "valid_to": "2026-03-13T09:00+08:00"})
    assert asked.status_code == 201, asked.get_data()
