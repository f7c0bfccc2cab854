"""What the API accepts: checked here, at the edge, before a service sees it. Bodies of one noun stand with its routes."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Annotated, Any, TypeVar

from flask import request
from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    TypeAdapter,
    ValidationError,
    WithJsonSchema,
    model_validator,
)

from admin_ui.api.problems import MalformedError, MediaTypeError
from gateway.domain.plain_text import one_line
from gateway.domain.vocabulary import Level
from gateway.errors import InvalidInputError

EARLIEST, LATEST = datetime(2000, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)
MOST = 1_000_000
KEY_HEADER, LONGEST_KEY = "Idempotency-Key", 128
KEY_PATTERN = '^([!#-~]+|"[!#-~]+")$'
"""Bare, or as a string of RFC 9651: printable ASCII without blanks and quotes."""


def _no_control_characters(value: Any) -> Any:  # JSON
    """They mean nothing in a title or a name; some databases refuse them, terminals obey them, and some turn the line round."""
    if isinstance(value, str) and one_line(value) != value:
        raise ValueError("control characters are not allowed")
    for part in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        _no_control_characters(part)
    if isinstance(value, dict):
        _no_control_characters(list(value))
    return value


_PLAIN_TEXT = TypeAdapter(Annotated[Any, BeforeValidator(_no_control_characters)])


class Body(BaseModel):
    """A JSON object without unknown keys; a number is a number and not text."""

    model_config = ConfigDict(extra="forbid", strict=True)


class Query(BaseModel):
    """The parameters of an address; unknown ones are refused."""

    model_config = ConfigDict(extra="forbid")

    _plain_text = model_validator(mode="before")(_no_control_characters)


class PageQuery(Query):
    """Which part of a list: the `next` address of each part leads to the one after it."""

    limit: int = Field(50, ge=1, le=500, description="Most items of one part.")
    after: str = Field("", max_length=60, description="Where the part begins; taken from `next`.")


def _within_reason(moment: datetime) -> datetime:
    if not EARLIEST <= moment <= LATEST:
        raise ValueError("the time lies outside 2000 … 2200")
    return moment


def _level(value: object) -> object:
    return Level.parse(value) if isinstance(value, str) else value


Moment = Annotated[AwareDatetime, AfterValidator(_within_reason), Field(description="ISO 8601 with zone, such as 2026-03-10T09:00+08:00.")]
Number = Annotated[int, Field(ge=0, le=MOST)]
Month = Annotated[str, Field(pattern=r"^([0-9]{4}-[0-9]{2})?$", description="YYYY-MM.")]
LevelWord = Annotated[
    Level,
    BeforeValidator(_level),
    WithJsonSchema(
        {
            "type": "string",
            "enum": [*(level.value for level in Level), *(level.hanzi for level in Level)],
            "description": "密级, in pinyin or Chinese.",
        }
    ),
]


class NoBody(Body):
    """Of acts that need no particulars: nothing, or an empty object."""


class CommentBody(Body):
    """A few words with a decision."""

    comment: str = Field("", max_length=200)


B = TypeVar("B", bound=Body)
Q = TypeVar("Q", bound=Query)


def only_json() -> None:
    """Refuse acts that are not sent as JSON: a form on another site can send anything else with the browser's credentials."""
    if request.mimetype != "application/json":
        raise MediaTypeError("The body must be JSON.", "Send Content-Type: application/json.")


def read_body(model: type[B]) -> B:
    """The request's JSON as `model`. Raises MalformedError for what is no JSON, InvalidInputError naming the first fault."""
    try:
        # Checked apart: a validator before the model would have it read Python's values, and strictly no text is a date.
        content = request.get_data() or b"{}"
        _PLAIN_TEXT.validate_json(content)
        return model.model_validate_json(content)
    except ValidationError as error:
        if error.errors(include_url=False, include_input=False)[0]["type"] == "json_invalid":
            raise MalformedError("The body is not JSON.", "Send one JSON object, in UTF-8.") from error
        raise InvalidInputError(f"{_first_fault(error, 'the body')}.", "Correct it and send it again.") from error


def read_key() -> str | None:
    """The caller's Idempotency-Key, bare or as a string of RFC 9651; None without. Raises InvalidInputError."""
    given = request.headers.get(KEY_HEADER)
    if given is None:
        return None
    if len(given) > LONGEST_KEY or not re.fullmatch(KEY_PATTERN, given):
        raise InvalidInputError(f"{KEY_HEADER} is 1 to {LONGEST_KEY} printable characters.", "Send a fresh UUID for each act.")
    return given.strip('"')


def read_query(model: type[Q]) -> Q:
    """The address's parameters as `model`; a list takes every value of its name. Raises InvalidInputError naming the first fault."""
    many = {name for name, field in model.model_fields.items() if isinstance(field.get_default(call_default_factory=True), list)}
    given = {name: request.args.getlist(name) if name in many else values[-1] for name, values in request.args.lists()}
    try:
        return model.model_validate(given)
    except ValidationError as error:
        raise InvalidInputError(f"{_first_fault(error, 'the address')}.", "Correct the parameter; docs/api.md lists them.") from error


def _first_fault(error: ValidationError, whole: str) -> str:
    first = error.errors(include_url=False, include_input=False, include_context=False)[0]
    where = ".".join(str(part) for part in first["loc"])
    return f"{where[:60] or whole}: {first['msg']}"
