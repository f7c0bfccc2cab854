"""Who may call what: every route with every role and every scope, tried on real services; docs/api-rights.md is what was found.

Each try happens in a transaction that is undone. `IMPRIMATUR_RENEW=1` before this test renews the document.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pytest
from flask import Flask

from admin_ui.api.routes import Route, Who
from gateway.domain.scopes import Scope
from gateway.domain.vocabulary import Role
from tests.architecture.repository import ROOT
from tests.room import Room
from tests.web.calls import BODIES, OWNERS, ROUTES, Calls

DOCUMENT = ROOT / "docs" / "api-rights.md"
MAY, MAY_NOT = "●", "·"
DENIALS = {"E_FORBIDDEN", "E_NOT_FOUND", "E_OPERATOR_REQUIRED", "E_SELF_RELEASE"}
"""Codes that say: not you. Every other answer is the act itself, or a reason that would hold for anybody."""
HEAD = """# Who may call what

Written by `tests/web/test_api_rights.py` from what the services really answer; the test fails when they answer otherwise. Renew it with
`IMPRIMATUR_RENEW=1 .venv/bin/python -m pytest tests/web/test_api_rights.py`.

● may, · may not (403, or 404 where he may not even know of it). The right alone is meant: a rule of paper may still say no. *requester,
own* is the person whose job, permit or account it is; the last columns are programs with a token of one scope. Nobody calls without an
account or a token (401). **P**: the password is asked for again.
"""


class _UndoneError(Exception):
    pass


@pytest.fixture(scope="module")
def calls(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Calls]:
    made = Calls.furnish(tmp_path_factory.mktemp("rights"))
    yield made
    made.room.close()


@contextmanager
def undone(room: Room) -> Iterator[None]:
    """Whatever happens inside is taken back."""
    with suppress(_UndoneError), room.gate.database.together():
        yield
        raise _UndoneError


def tried(calls: Calls, route: Route, app: Flask, shown: dict[str, str]) -> tuple[int, str]:
    """Status and code of one call, which is then undone."""
    client = app.test_client()
    body = {"json": BODIES.get(route.name, {})} if route.method == "POST" else {}
    with undone(calls.room):
        answer = client.open(calls.path(route), method=route.method, headers=shown, **body)
    return answer.status_code, answer.get_json()["code"] if answer.status_code >= 400 else ""


def row(calls: Calls, route: Route) -> list[str]:
    """The route's cells."""
    answers = {caller: tried(calls, route, app, shown) for caller, (app, shown) in calls.callers().items()}
    faults = {caller: answer for caller, answer in answers.items() if answer[0] in (400, 401, 413, 415, 500, 503)}
    assert not faults, (route.name, faults)
    return [MAY_NOT if code in DENIALS else MAY for _, code in answers.values()]


def in_the_table() -> list[Route]:
    """All routes, those of a noun together."""
    nouns = list(dict.fromkeys(route.noun for route in ROUTES))
    return sorted(ROUTES, key=lambda route: nouns.index(route.noun))


def written(calls: Calls) -> str:
    """The document."""
    parts, heads = [HEAD], [*OWNERS, *Scope]
    for noun in dict.fromkeys(route.noun for route in ROUTES):
        parts.append(f"\n## {noun}\n\n| Route | {' | '.join(head.replace('_', ' ') for head in heads)} |\n|---{'|:-:' * len(heads)}|\n")
        for route in (route for route in in_the_table() if route.noun == noun):
            again = " **P**" if route.who is Who.CONFIRMED else ""
            parts.append(f"| {route.method} `{route.path}`{again} | {' | '.join(row(calls, route))} |\n")
    return "".join(parts)


def test_the_table_of_rights_is_what_the_services_answer(calls: Calls) -> None:
    found = written(calls)
    if os.environ.get("IMPRIMATUR_RENEW"):
        DOCUMENT.write_text(found, encoding="utf-8")
    assert DOCUMENT.read_text(encoding="utf-8") == found


def test_every_route_is_in_the_table_and_somebody_may_call_it() -> None:
    rows = [line.split("|") for line in DOCUMENT.read_text(encoding="utf-8").splitlines() if line.startswith(("| GET", "| POST"))]
    assert [cells[1].split("`")[1] for cells in rows] == [route.path for route in in_the_table()]
    assert [cells[1] for cells in rows if MAY not in "".join(cells[2:])] == []
    assert all(cell.strip() in (MAY, MAY_NOT) for cells in rows for cell in cells[2:-1])


def test_every_role_and_every_scope_has_its_column() -> None:
    assert {role.split(",")[0] for role in OWNERS} == set(Role)


@pytest.mark.parametrize("route", [route for route in ROUTES if route.body], ids=lambda route: route.name)
def test_the_bodies_tried_are_bodies_that_fit(route: Route) -> None:
    """Else a table of rights would only say that a body is wrong."""
    assert route.body is not None
    route.body.model_validate_json(json.dumps(BODIES.get(route.name, {})))


def test_programs_may_nothing_that_paper_or_people_depend_on(calls: Calls) -> None:
    for line in DOCUMENT.read_text(encoding="utf-8").splitlines():
        if line.startswith("| POST"):
            cells = [cell.strip() for cell in line.split("|")[-len(Scope) - 1 : -1]]
            assert MAY not in cells or line.split("`")[1] in ("/permits", "/permits/<permit_no>/revoke", "/permits/<permit_no>/extend")


def test_without_an_account_nothing_is_answered(calls: Calls) -> None:
    for route in ROUTES:
        body = {"json": {}} if route.method == "POST" else {}
        answer = calls.web.test_client().open(calls.path(route), method=route.method, **body)
        assert (answer.status_code, answer.get_json()["code"]) == (401, "E_UNAUTHENTICATED"), route.name
