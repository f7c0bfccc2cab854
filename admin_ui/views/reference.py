"""接口说明: the API's description for people, made of the same document programs read; every error code with its anchor."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from admin_ui.api import NOUNS
from admin_ui.api.openapi import description
from admin_ui.words import ERRORS
from gateway.domain.code_texts import CODE_TEXTS


@dataclass(frozen=True, slots=True)
class CodeLine:
    """A code as the reference explains it."""

    code: str
    rules: str
    zh: str
    en: str


def _codes() -> list[CodeLine]:
    of_rules = [
        CodeLine(code.value, text.rules, f"{text.message_zh}{text.next_step_zh}", f"{text.message_en} {text.next_step_en}")
        for code, text in CODE_TEXTS.items()
    ]
    return of_rules + [CodeLine(code, "", f"{happened}{following}", english) for code, (happened, following, english) in ERRORS.items()]


def _fields(schema: dict[str, Any]) -> list[dict[str, Any]]:
    """The fields of an object's schema, with a readable type."""
    needed = schema.get("required", [])
    return [
        {"name": name, "type": _type(field), "needed": name in needed, "text": field.get("description", "")}
        for name, field in schema.get("properties", {}).items()
    ]


def _parameters(operation: dict[str, Any]) -> list[dict[str, Any]]:
    """Path, query and header parameters as rows like those of fields."""
    return [
        {"name": one["name"], "type": _type(one["schema"]), "needed": one.get("required", False), "text": one.get("description", "")}
        for one in operation["parameters"]
    ]


def _type(field: dict[str, Any]) -> str:
    """`[Level]` for a list of levels, `integer?` for a number that may be null."""
    if "$ref" in field:
        return str(field["$ref"]).rpartition("/")[2]
    if "anyOf" in field:
        kinds = [_type(kind) for kind in field["anyOf"] if kind.get("type") != "null"]
        return " | ".join(kinds) + ("?" if len(kinds) < len(field["anyOf"]) else "")
    if field.get("type") == "array":
        return f"[{_type(field.get('items', {}))}]"
    if "enum" in field:
        return " | ".join(str(value) for value in field["enum"])
    return str(field.get("format") or field.get("type", "object"))


@lru_cache(maxsize=1)
def _shown() -> dict[str, Any]:
    """What the page shows: the same for everybody, and made when somebody first looks, since it takes a good part of a second."""
    document = description(NOUNS)
    operations = [
        {"method": method.upper(), "path": path, **operation}
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    ]
    by_noun = [(noun, [operation for operation in operations if noun.name in operation["tags"]]) for noun in NOUNS]
    schemas = document["components"]["schemas"]
    return {"nouns": by_noun, "schemas": schemas, "fields": _fields, "parameters": _parameters, "kind": _type, "codes": _codes()}


def blueprint() -> Blueprint:
    """The one page. It tells nothing of this installation, and so needs no log-in."""
    pages = Blueprint("reference", __name__)

    @pages.get("/api")
    def index() -> ResponseReturnValue:
        return render_template("reference.html", **_shown())

    return pages
