"""The bodies the API accepts: checked here, at the edge, before a service sees them."""

from __future__ import annotations

from datetime import date, datetime
from typing import TypeVar

from flask import request
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from gateway.domain.vocabulary import DocType, Level, PermitKind, Role
from gateway.errors import InvalidInputError
from gateway.services.settlement import Outcome, WasteReason


class Body(BaseModel):
    """A JSON object without unknown keys."""

    model_config = ConfigDict(extra="forbid")


class DepartmentBody(Body):
    """A department to be made."""

    code: str
    name: str


class UserBody(Body):
    """An account to be made."""

    username: str
    display_name: str
    department: str
    roles: list[Role] = [Role.REQUESTER]
    clearance: str | None = None
    undertaking_date: date | None = None
    unix_user: str | None = None
    password: str | None = None


class DeviceBody(Body):
    """A device to be registered."""

    code: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$")
    name: str = ""
    location: str = ""
    designated: bool = False
    max_level: str = "gongkai"
    adapter: str = "ipp"
    uri: str
    queue: str | None = None


class PermitBody(Body):
    """A permit asked for; with `job`, what is left out is taken from the held job."""

    job: str | None = None
    kind: PermitKind = PermitKind.PRINT
    title: str | None = Field(None, max_length=120)
    level: str
    term: str = ""
    pages: int | None = None
    copies: int | None = None
    scope: dict[str, int] = {}
    archive_copies: int = 0
    purpose: str = Field("", max_length=200)
    doc_no: str = Field("", max_length=60)
    doc_type: DocType = DocType.ORDINARY
    devices: list[str] = []
    valid_from: datetime | None = None
    valid_to: datetime | None = None


class CommentBody(Body):
    """A few words with a decision."""

    comment: str = Field("", max_length=200)


class ExtendBody(Body):
    """A later end of validity."""

    valid_to: datetime


class MatchBody(Body):
    """The permit a held job belongs to."""

    permit: str


class SettleBody(Body):
    """The operator's count of an unresolved job; numbers as keys."""

    outcomes: dict[int, Outcome]
    waste_sheets: dict[int, int] = {}
    waste_reason: WasteReason = WasteReason.JAM
    resume: bool = True


B = TypeVar("B", bound=Body)


def only_json() -> None:
    """Refuse acts that are not sent as JSON: a form on another site can send anything else with the browser's credentials."""
    if request.method == "POST" and request.mimetype != "application/json":
        raise InvalidInputError("The body must be JSON.", "Send Content-Type: application/json.")


def read_body(model: type[B]) -> B:
    """The request's JSON as `model`. Raises InvalidInputError naming the first fault."""
    try:
        return model.model_validate_json(request.get_data() or b"{}")
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise InvalidInputError(f"{where or 'the body'}: {first['msg']}.", "Correct it and send it again.") from error


def read_level(text: str) -> Level:
    """A level in pinyin or Chinese. Raises InvalidInputError."""
    try:
        return Level.parse(text)
    except ValueError as error:
        raise InvalidInputError(f"{error}.", "Give one of these levels.") from error
