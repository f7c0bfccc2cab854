"""The API's description, OpenAPI 3.1, made of the routes and of pydantic's schemas.

`python -m admin_ui.api` renews `admin_ui/api/openapi.json`. Why this and no library: docs/adr/0008-openapi-from-the-routes.md.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from http import HTTPStatus
from importlib.metadata import version
from pathlib import Path
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import JsonSchemaMode, models_json_schema

from admin_ui.api.answers import Answer
from admin_ui.api.bodies import KEY_HEADER, KEY_PATTERN, LONGEST_KEY
from admin_ui.api.problems import API_PREFIX, PROBLEM_JSON, Problem
from admin_ui.api.routes import Noun, Route, Who

FILE = Path(__file__).with_name("openapi.json")
_VARIABLE = re.compile(r"<(\w+)>")
_REF = "#/components/schemas/{model}"

VARIABLES = {
    "permit_no": "Number of a permit, such as ZYZ-2026-000123-L; dashes and case do not matter.",
    "job_no": "Number of a job, such as H000001.",
    "page": "Number of a page, from 1.",
    "username": "Name of an account.",
    "reset_id": "Number of a reset, as the list of resets shows it.",
    "kind": "Kind of a slip: permit, pick_up, waste or checkpoint.",
    "subject": "What the slip is of: a permit's or a job's number, a checkpoint's entry or `newest`.",
    "code": "Code of a device or department.",
    "version": "Number of a version of the policy.",
    "alert": "Number of an alert.",
    "finding": "Number of a meter finding.",
    "peer_id": "Number of a line of the fax address book.",
    "token_name": "Name of a token.",
    "carry_out_no": "Number of a carrying out, such as WC-2026-0001.",
    "inventory_no": "Number of an inventory, such as QC-2026Q1.",
    "incident_no": "Number of an incident, such as SJ-2026-0003.",
    "handover_no": "Number of a hand-over, such as JJ-2026-0001.",
    "correction": "Number of a correction.",
    "finding_no": "Number of what a self-check found, such as ZC-2026-0001.",
    "visit_no": "Number of a visit, such as LF-2026-0007.",
    "fax_no": "The fax, such as CZ-2026-0031.",
    "tpr_no": "The technical processing record, such as TPR-2026-0007.",
    "register": "Name of a register, such as print.",
    "list_no": "Number of a destruction list, such as XH-2026-0009.",
}
"""What stands in a path between angle brackets."""

PROBLEMS = {
    HTTPStatus.BAD_REQUEST: "What arrived cannot be read.",
    HTTPStatus.UNAUTHORIZED: "Nobody is logged in, or the password is wrong.",
    HTTPStatus.FORBIDDEN: "The account may not do this.",
    HTTPStatus.NOT_FOUND: "It does not exist, or the caller may not know of it.",
    HTTPStatus.CONFLICT: "A rule of paper says no, or the act makes no sense in the present state; `reasons` names every rule.",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "The body is too large.",
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE: "The body is not JSON.",
    HTTPStatus.UNPROCESSABLE_ENTITY: "A value does not have the form it must have.",
    HTTPStatus.TOO_MANY_REQUESTS: "A program calls faster than it may; `Retry-After` says how long to wait.",
    HTTPStatus.INTERNAL_SERVER_ERROR: "A fault of ours.",
    HTTPStatus.SERVICE_UNAVAILABLE: "The gateway cannot do this now; nothing was changed.",
}
_ONLY_ACTS = {HTTPStatus.BAD_REQUEST, HTTPStatus.REQUEST_ENTITY_TOO_LARGE, HTTPStatus.UNSUPPORTED_MEDIA_TYPE}


def description(nouns: Sequence[Noun]) -> dict[str, Any]:
    """The whole document."""
    routes = [route for noun in nouns for route in noun.routes]
    schemas = _Schemas(routes)
    paths: dict[str, dict[str, Any]] = {}
    for route in routes:
        paths.setdefault(API_PREFIX + _VARIABLE.sub(r"{\1}", route.path), {})[route.method.lower()] = _operation(route, schemas)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Imprimatur 准印",
            "version": version("imprimatur"),
            "description": "No page is printed without a permit. How to use it: docs/api.md.",
            "license": {"name": "GPL-3.0-or-later", "identifier": "GPL-3.0-or-later"},
        },
        "tags": [{"name": noun.name, "description": noun.zh} for noun in nouns],
        "paths": paths,
        "components": {
            "schemas": schemas.definitions,
            "responses": {_problem_name(status): _problem(text) for status, text in PROBLEMS.items()},
            "securitySchemes": {
                "password": {"type": "http", "scheme": "basic", "description": "An account's name and password."},
                "token": {"type": "http", "scheme": "bearer", "description": "A program's token, with scopes: `imprimatur token add`."},
            },
        },
    }


def openapi_text(nouns: Sequence[Noun]) -> str:
    """The document as it is served and committed."""
    return json.dumps(description(nouns), ensure_ascii=False, indent=1) + "\n"


class _Schemas:
    """pydantic's schemas of all bodies, queries and answers."""

    def __init__(self, routes: Iterable[Route]) -> None:
        wanted: dict[tuple[type[BaseModel], JsonSchemaMode], None] = {(Problem, "serialization"): None}
        for route in routes:
            wanted |= {(model, "validation"): None for model in (route.body, route.query) if model}
            if issubclass(route.answer, Answer):
                wanted[route.answer, "serialization"] = None
        self._refs, found = models_json_schema(list(wanted), ref_template=_REF)
        self._queries = {route.query.__name__ for route in routes if route.query}
        self._all: dict[str, Any] = found["$defs"]

    @property
    def definitions(self) -> dict[str, Any]:
        """Every schema but those of queries: parameters are no object of their own in OpenAPI."""
        return {name: schema for name, schema in self._all.items() if name not in self._queries}

    def ref(self, model: type[BaseModel], mode: JsonSchemaMode) -> dict[str, Any]:
        """Where the model's schema stands."""
        return self._refs[model, mode]

    def parameters(self, model: type[BaseModel]) -> dict[str, dict[str, Any]]:
        """The fields of a query with their schemas."""
        return dict(self._all[model.__name__]["properties"])


def _operation(route: Route, schemas: _Schemas) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": route.name,
        "tags": [route.noun],
        "summary": route.summary,
        "x-summary-zh": route.zh,
        "x-password-again": route.who is Who.CONFIRMED,
        "security": [{"password": []}, *({"token": [scope]} for scope in sorted(route.scopes))],
        "parameters": [*_path_parameters(route), *_query_parameters(route, schemas), *_key_parameter(route)],
        "responses": {str(route.status): _answer(route, schemas), **_refusals(route)},
    }
    if route.description:
        operation["description"] = route.description
    if route.method == "POST":
        schema = schemas.ref(route.body, "validation") if route.body else {"type": "object", "maxProperties": 0}
        operation["requestBody"] = {"required": bool(route.body), "content": {"application/json": {"schema": schema}}}
    return operation


def _path_parameters(route: Route) -> list[dict[str, Any]]:
    return [
        {"name": name, "in": "path", "required": True, "description": VARIABLES[name], "schema": {"type": "string"}}
        for name in _VARIABLE.findall(route.path)
    ]


def _query_parameters(route: Route, schemas: _Schemas) -> list[dict[str, Any]]:
    if route.query is None:
        return []
    parameters = []
    for name, field in schemas.parameters(route.query).items():
        kept = {key: value for key, value in field.items() if key not in ("title", "description")}
        parameters.append({"name": name, "in": "query", "description": field.get("description", ""), "schema": kept})
    return parameters


def _key_parameter(route: Route) -> list[dict[str, Any]]:
    if route.method != "POST" or route.outside:
        return []
    text = "A fresh one for each act, such as a UUID: the same act under the same key is done once and answered twice."
    schema = {"type": "string", "minLength": 1, "maxLength": LONGEST_KEY, "pattern": KEY_PATTERN}
    return [{"name": KEY_HEADER, "in": "header", "description": text, "schema": schema}]


def _answer(route: Route, schemas: _Schemas) -> dict[str, Any]:
    if issubclass(route.answer, Answer):
        return {"description": "Done.", "content": {"application/json": {"schema": schemas.ref(route.answer, "serialization")}}}
    return {"description": "The file.", "content": {media_type: {} for media_type in route.answer.MEDIA_TYPES}}


def _refusals(route: Route) -> dict[str, Any]:
    without = set() if route.method == "POST" else _ONLY_ACTS
    if not _VARIABLE.search(route.path) and route.method == "GET":
        without = without | {HTTPStatus.CONFLICT} | (set() if route.query else {HTTPStatus.NOT_FOUND})  # a query may name a thing too
    return {str(int(status)): {"$ref": f"#/components/responses/{_problem_name(status)}"} for status in PROBLEMS if status not in without}


def _problem_name(status: HTTPStatus) -> str:
    return status.name.title().replace("_", "")


def _problem(text: str) -> dict[str, Any]:
    return {"description": text, "content": {PROBLEM_JSON: {"schema": {"$ref": _REF.format(model="Problem")}}}}
