"""Whatever is sent, the API answers as it says it does: no fault of ours, every answer as described (schemathesis).

Bounded in `./check`; `-m long` sends 50 times as much. Half of the calls name things that are there, so that they get past the door.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.schemas import APIOperation
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from admin_ui.api import NOUNS
from admin_ui.api.openapi import description
from gateway.domain.scopes import Scope
from tests.web.calls import BODIES, OWNERS, ROUTES, VARIABLE, Calls


def _without_security(document: dict[str, Any]) -> dict[str, Any]:
    """Who calls is said by us and not drawn."""
    for methods in document["paths"].values():
        for operation in methods.values():
            del operation["security"]
    return document


CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    negative_data_rejection,
]
SCHEMA = schemathesis.openapi.from_dict(_without_security(description(NOUNS)))
SCHEMA.config.checks.negative_data_rejection.expected_statuses.append("413")  # a list of too many lines is too large a body as well
OPERATIONS: dict[str, APIOperation[Any, Any, Any, Any]] = {}
for found in SCHEMA.get_all_operations():
    operation = found.ok()
    OPERATIONS[operation.definition.raw["operationId"]] = operation
BY_NAME = {route.name: route for route in ROUTES}
CALLERS = [*OWNERS, *(scope.value for scope in Scope)]
KINDS = [(name, GenerationMode.POSITIVE) for name in OPERATIONS]
KINDS += [(name, GenerationMode.NEGATIVE) for name, route in BY_NAME.items() if route.query or route.method == "POST"]
"""A look without parameters cannot be asked for wrongly."""
FEW, MANY = 2, 100
"""Cases for each operation and kind (fitting, broken) in `./check` and in the campaign."""


@pytest.fixture(scope="module")
def calls(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Calls]:
    made = Calls.furnish(tmp_path_factory.mktemp("fuzz"))
    yield made
    assert made.room.verify().ok, "whatever was sent, the books are whole"
    made.room.close()


def send(calls: Calls, name: str, case: schemathesis.Case, caller: str, *, real: bool) -> None:
    """One case, called by somebody; with `real` on things that are there and, for an act, with a body that fits half-way."""
    route = BY_NAME[name]
    app, shown = calls.callers()[caller]
    if real:
        case.path_parameters = {variable: calls.things[variable] for variable in VARIABLE.findall(route.path)}
        if isinstance(case.body, dict) and name in BODIES:
            case.body = {**BODIES[name], **dict(list(case.body.items())[:1])}
    answer = case.call(app=app, headers={**(case.headers or {}), **shown})
    case.validate_response(answer, checks=CHECKS)


def campaign(calls: Calls, name: str, mode: GenerationMode, cases: int) -> None:
    """So many cases of one operation."""

    @settings(max_examples=cases, deadline=None, database=None, derandomize=cases == FEW, suppress_health_check=list(HealthCheck))
    @given(OPERATIONS[name].as_strategy(generation_mode=mode), st.sampled_from(CALLERS), st.booleans())
    def sent(case: schemathesis.Case, caller: str, real: bool) -> None:
        send(calls, name, case, caller, real=real)

    sent()


@pytest.mark.parametrize(("name", "mode"), KINDS)
def test_every_answer_is_one_that_was_described(calls: Calls, name: str, mode: GenerationMode) -> None:
    campaign(calls, name, mode, FEW)


@pytest.mark.long
@pytest.mark.parametrize(("name", "mode"), KINDS)
def test_every_answer_is_one_that_was_described_at_length(
    calls: Calls, name: str, mode: GenerationMode, record_property: pytest.FixtureRequest
) -> None:
    campaign(calls, name, mode, MANY)
    record_property("cases", MANY)  # type: ignore[operator]


def test_every_route_is_sent_something() -> None:
    assert set(OPERATIONS) == set(BY_NAME)
