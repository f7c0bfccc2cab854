"""The pages of the web side: one log-in check, one set of headers, one way to show errors. Views hold no rules."""

from __future__ import annotations

import hmac
from collections.abc import Callable

from flask import Flask, Response, g, make_response, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import get_locale
from flask_wtf import CSRFProtect
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge

from admin_ui import language
from admin_ui.api import problems
from admin_ui.session import Sessions
from admin_ui.views import (
    account,
    approve,
    books,
    carriers,
    carry_out,
    copying,
    destruction,
    devices,
    entry,
    fax,
    fax_peers,
    fax_sending,
    handover,
    help_pages,
    inventory,
    jobs,
    mine,
    paper,
    people,
    policy,
    reference,
    release,
    room,
    slips,
    tasks,
    visitors,
)
from gateway.errors import ForbiddenError, GatewayError, InvalidInputError, UnavailableError
from gateway.logs import log
from gateway.services.denials import note_forbidden
from gateway.services.gate import Gate

RETRY_SECONDS = 5
WITH_A_DOCUMENT = frozenset({"fax_sending.bring"})
"""Where a form may bring a document: somebody who is logged in may send as many bytes there as the settings say."""
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}


def register_pages(app: Flask, gate: Gate, on_change: Callable[[], None]) -> None:
    """Everything but the API. `on_change` wakes the worker."""
    app.config.update(
        SECRET_KEY=hmac.digest(gate.code_key, b"imprimatur.web.v1", "sha256"),
        # Holds the form token and messages; who is logged in stands on the server. The prefix: no sister site can plant one.
        SESSION_COOKIE_NAME="__Host-imprimatur_form" if gate.settings.tls_certificate else "imprimatur_form",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Strict",
        SESSION_COOKIE_SECURE=gate.settings.tls_certificate is not None,
        WTF_CSRF_CHECK_DEFAULT=False,
        WTF_CSRF_TIME_LIMIT=None,  # the session ends sooner
        WTF_CSRF_SSL_STRICT=False,
    )
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    language.set_up(app, gate)
    csrf = CSRFProtect(app)
    sessions = Sessions(gate)
    _guard(app, gate, sessions, csrf)
    app.register_blueprint(entry.blueprint(gate, sessions))
    app.register_blueprint(account.blueprint(gate))
    app.register_blueprint(mine.blueprint(gate, on_change))
    app.register_blueprint(jobs.blueprint(gate, on_change))
    app.register_blueprint(approve.blueprint(gate, on_change))
    app.register_blueprint(release.blueprint(gate, on_change))
    app.register_blueprint(copying.blueprint(gate, on_change))
    app.register_blueprint(fax.blueprint(gate, on_change))
    app.register_blueprint(fax_peers.blueprint(gate))
    app.register_blueprint(fax_sending.blueprint(gate, on_change))
    app.register_blueprint(books.blueprint(gate))
    app.register_blueprint(paper.blueprint(gate))
    app.register_blueprint(visitors.blueprint(gate))
    app.register_blueprint(tasks.blueprint(gate))
    app.register_blueprint(carriers.blueprint(gate))
    app.register_blueprint(destruction.blueprint(gate))
    app.register_blueprint(carry_out.blueprint(gate))
    app.register_blueprint(inventory.blueprint(gate))
    app.register_blueprint(handover.blueprint(gate))
    app.register_blueprint(room.blueprint(gate, on_change))
    app.register_blueprint(reference.blueprint())
    app.register_blueprint(help_pages.blueprint())
    app.register_blueprint(people.blueprint(gate))
    app.register_blueprint(devices.blueprint(gate, on_change))
    app.register_blueprint(policy.blueprint(gate, on_change))
    app.register_blueprint(slips.blueprint(gate))


def _guard(app: Flask, gate: Gate, sessions: Sessions, csrf: CSRFProtect) -> None:
    @app.before_request
    def check_session_then_form() -> ResponseReturnValue | None:
        away = sessions.check()
        if away is None and request.endpoint in WITH_A_DOCUMENT:
            request.max_content_length = gate.settings.web_document_bytes
        if away is None and request.method not in {"GET", "HEAD", "OPTIONS"} and not problems.of_api():
            csrf.protect()
        return away

    @app.after_request
    def add_headers(answer: Response) -> Response:
        for name, value in HEADERS.items():
            answer.headers.setdefault(name, value)
        if request.endpoint != "static":
            answer.headers["Cache-Control"] = "no-store"
        return answer

    @app.errorhandler(ForbiddenError)
    def note_and_show(error: ForbiddenError) -> ResponseReturnValue:
        if not problems.of_api():  # the API's door has noted it
            note_forbidden(gate, g.opened.actor if g.get("opened") else None, str(request.endpoint))
        return _show_gateway_error(error)

    app.register_error_handler(GatewayError, _show_gateway_error)
    app.register_error_handler(CSRFError, _show_stale_form)
    app.register_error_handler(HTTPException, _show_http_error)


def _show_gateway_error(error: GatewayError) -> ResponseReturnValue:
    """On a page with a form: back to it, with the letter on top; else a page of its own. API callers get a problem."""
    if problems.of_api():
        return problems.answer(error)
    log.info("refused", code=error.code, status=error.status, route=str(request.url_rule))
    letters = language.letters(str(get_locale()), error)
    if request.method == "POST" and (back := _own_page()):
        language.flash_letters(letters)
        return redirect(back)
    if isinstance(error, UnavailableError):
        return _show_unavailable(error)
    return render_template("error.html", letters=letters), error.status


def _show_unavailable(error: UnavailableError) -> ResponseReturnValue:
    """Without asking the database anything, since that may be what is not there; a page that was only read tries again by itself."""
    g.opened = None
    again = RETRY_SECONDS if request.method == "GET" else None
    answer = make_response(render_template("error.html", letters=language.letters(str(get_locale()), error), again=again), error.status)
    answer.headers["Retry-After"] = str(RETRY_SECONDS)
    return answer


def _own_page() -> str | None:
    """The page the form stood on, if it was one of ours."""
    host, referrer = request.host_url, request.referrer or ""
    return "/" + referrer.removeprefix(host) if referrer.startswith(host) else None


def _show_stale_form(error: CSRFError) -> ResponseReturnValue:
    log.info("stale_form", error=str(error.description)[:60])
    return _show_gateway_error(InvalidInputError("The form was too old, or came from elsewhere.", "Open the page again and repeat."))


def _show_http_error(error: HTTPException) -> ResponseReturnValue:
    if problems.of_api():
        return problems.answer_http(error)
    if isinstance(error, RequestEntityTooLarge):
        return _show_gateway_error(
            InvalidInputError("That is more than this page takes.", "Send the document by a queue, or make it smaller.")
        )
    code = error.code or 500
    letter = {"code": str(code), "happened": error.name, "next": "", "detail": error.description or ""}
    return render_template("error.html", letters=[letter]), code
