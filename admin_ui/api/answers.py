"""What the API answers with: models filled from what the services return, and the shape of a list and of a file."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, ClassVar, Generic, Self, TypeVar
from urllib.parse import urlencode

from flask import request
from pydantic import AliasPath, BaseModel, ConfigDict, Field

from gateway.domain.codes import Code
from gateway.services.pages import Page

PNG, PDF = "image/png", "application/pdf"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class Answer(BaseModel):
    """A JSON object the API answers with; a field's `validation_alias` names the attribute of the service's view it is read from."""

    model_config = ConfigDict(from_attributes=True, populate_by_name=True, extra="ignore")

    @classmethod
    def of(cls, view: object) -> Self:
        """The answer that shows `view`."""
        return cls.model_validate(view)


Line = TypeVar("Line", bound=Answer)


class Listing(Answer, Generic[Line]):
    """Part of a list, and the address of the part after it."""

    items: list[Line]
    next: str | None = Field(None, description="Address of the next part; null at the end.")

    @classmethod
    def model_parametrized_name(cls, params: tuple[Any, ...]) -> str:
        """`JobListing` for a list of `JobAnswer`."""
        return str(params[0].__name__).removesuffix("Answer") + "Listing"


def listing(line: type[Line], views: Iterable[object]) -> Listing[Line]:
    """A list; of a `Page` with the address of the page after it."""
    after = views.after if isinstance(views, Page) else None
    following = f"{request.path}?{urlencode([*_asked_but_after(), ('after', after)])}" if after else None
    return Listing[line](items=[line.of(view) for view in views], next=following)  # type: ignore[valid-type]


def _asked_but_after() -> list[tuple[str, str]]:
    return [(name, value) for name, values in request.args.lists() for value in values if name != "after"]


@dataclass(frozen=True, slots=True)
class File:
    """A file to hand over instead of JSON."""

    MEDIA_TYPES: ClassVar[tuple[str, ...]] = ("text/csv", "application/jsonl", XLSX, PDF, PNG)
    name: str
    media_type: str
    content: bytes


class ReasonAnswer(Answer):
    """One rule that holds a job or forbids an act."""

    code: Code
    detail: str = Field(description="Numbers such as 11 > 10; may be empty.")
    rule: str = Field(validation_alias=AliasPath("text", "rules"), description="Rule ids of docs/rules.md.")
    message: str = Field(validation_alias="message_en")
    message_zh: str
    next_step: str = Field(validation_alias="next_step_en")
    next_step_zh: str
