"""Every error of the API as `application/problem+json` (RFC 9457), with our codes, rules and next steps in both languages."""

from __future__ import annotations

from http import HTTPStatus

from flask import Response, current_app, request
from pydantic import BaseModel, Field
from werkzeug.exceptions import HTTPException

from admin_ui.api.answers import ReasonAnswer
from admin_ui.words import ERRORS
from gateway.domain.code_texts import CODE_TEXTS
from gateway.domain.codes import Code
from gateway.errors import GatewayError, NotFoundError, RefusedError, TooManyError
from gateway.logs import log

API_PREFIX = "/api/v1"
PROBLEM_TYPE = "/api#"
"""Where the reference explains a code: `type` is this and the code."""
PROBLEM_JSON = "application/problem+json"
CHALLENGES = "API_CHALLENGES"
"""Key of the application's configuration: what a 401 asks for (RFC 9110 §11.6.1)."""


class MalformedError(GatewayError):
    """What arrived is not what it says it is: no JSON, no HTTP."""

    code = "E_MALFORMED"
    status = 400


class MethodError(GatewayError):
    """The address exists, but not for this method."""

    code = "E_METHOD"
    status = 405


class TooLargeError(GatewayError):
    """The body is larger than any body of the API has to be."""

    code = "E_TOO_LARGE"
    status = 413


class MediaTypeError(GatewayError):
    """The body is of another type than JSON."""

    code = "E_MEDIA_TYPE"
    status = 415


class Problem(BaseModel):
    """What went wrong, and what to do next. `reasons` names every rule at once."""

    type: str = Field(description="Where the code is explained.")
    title: str = Field(description="What the code means.")
    title_zh: str
    status: int
    detail: str = Field(description="What happened here, in English; for a rule also the numbers.")
    detail_zh: str
    code: str = Field(description="Stable; docs/errors.md.")
    rule: str = Field(description="Rule ids of docs/rules.md; empty when no rule of paper is concerned.")
    next_step: str
    next_step_zh: str
    reasons: list[ReasonAnswer]


def problem_of(error: GatewayError) -> Problem:
    """The error in the API's form."""
    reasons = error.reasons if isinstance(error, RefusedError) else ()
    if error.code in Code.__members__:
        text = CODE_TEXTS[Code(error.code)]
        title, title_zh, next_zh, rule = text.message_en, text.message_zh, text.next_step_zh, text.rules
    else:
        title_zh, next_zh, title = ERRORS.get(error.code, ERRORS["E_INTERNAL"])
        rule = ""
    return Problem(
        type=PROBLEM_TYPE + error.code,
        title=title,
        title_zh=title_zh,
        status=error.status,
        detail=error.happened,
        detail_zh=reasons[0].message_zh if reasons else title_zh,
        code=error.code,
        rule=rule,
        next_step=error.next_step,
        next_step_zh=next_zh,
        reasons=[ReasonAnswer.of(reason) for reason in reasons],
    )


def answer(error: GatewayError) -> Response:
    """What callers of the API get."""
    log.info("refused", code=error.code, status=error.status, route=str(request.url_rule))
    told = Response(problem_of(error).model_dump_json(), error.status, mimetype=PROBLEM_JSON)
    if error.status == HTTPStatus.UNAUTHORIZED:
        told.headers.extend([("WWW-Authenticate", challenge) for challenge in current_app.config[CHALLENGES]])
    if error.status == HTTPStatus.FORBIDDEN and request.authorization is not None and request.authorization.type == "bearer":
        told.headers["WWW-Authenticate"] = 'Bearer realm="imprimatur", error="insufficient_scope"'  # RFC 6750 §3
    if error.status == HTTPStatus.SERVICE_UNAVAILABLE:
        told.headers["Retry-After"] = "5"
    if isinstance(error, TooManyError):
        told.headers["Retry-After"] = str(error.seconds)
    return told


def answer_http(error: HTTPException) -> Response:
    """The same for a request that reached no view, or made it fail."""
    told = answer(in_our_words(error))
    told.headers.extend((name, value) for name, value in error.get_headers() if name == "Allow")
    return told


def of_api() -> bool:
    """Whether the request is one to the API, known or not."""
    return request.path == API_PREFIX or request.path.startswith(f"{API_PREFIX}/")


def in_our_words(error: HTTPException) -> GatewayError:
    """What Flask says about a request that reached no view, as an error of ours."""
    match error.code:
        case HTTPStatus.NOT_FOUND:
            return NotFoundError("There is no such address.", f"See {API_PREFIX}/openapi.json.")
        case HTTPStatus.METHOD_NOT_ALLOWED:
            return MethodError(f"This address does not take {request.method[:10]}.", "See the Allow header.")
        case HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
            return TooLargeError("The body is larger than 1 MiB.", "Send less; documents go to the intake, not here.")
        case HTTPStatus.UNSUPPORTED_MEDIA_TYPE:
            return MediaTypeError("The body must be JSON.", "Send Content-Type: application/json.")
        case code if code is not None and code < HTTPStatus.INTERNAL_SERVER_ERROR:
            return MalformedError("The request cannot be read.", "Compare it with docs/api.md.")
        case _:
            return GatewayError("A fault of ours.", "Report it with the log lines; they hold no titles or contents.")
