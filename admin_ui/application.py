"""The Flask factory the gateway finds by entry point; one application for the web port, one for the control socket."""

from __future__ import annotations

from collections.abc import Callable

from flask import Flask, jsonify
from flask.typing import ResponseReturnValue

from admin_ui.api import api_blueprint
from admin_ui.pages import register_pages
from gateway.errors import GatewayError, RefusedError
from gateway.services.gate import Gate

MAX_FORM_BYTES = 1 << 20


def create_application(gate: Gate, on_change: Callable[[], None], *, control: bool) -> Flask:
    """Build the application. With `control` it serves only the API, to peers known by their Unix user."""
    app = Flask("admin_ui")
    app.config["MAX_CONTENT_LENGTH"] = MAX_FORM_BYTES
    app.register_blueprint(api_blueprint(gate, on_change, control=control))
    if control:
        app.register_error_handler(GatewayError, as_json)
    else:
        register_pages(app, gate, on_change)
    return app


def error_body(error: GatewayError) -> dict[str, object]:
    """An error in the API's form."""
    body: dict[str, object] = {"code": error.code, "message": error.happened, "next_step": error.next_step, "letter": error.letter()}
    if isinstance(error, RefusedError):
        body["reasons"] = [
            {
                **reason.to_json(),
                "message": reason.message_en,
                "next_step": reason.next_step_en,
                "message_zh": reason.message_zh,
                "next_step_zh": reason.next_step_zh,
                "rules": reason.text.rules,
            }
            for reason in error.reasons
        ]
    return body


def as_json(error: GatewayError) -> ResponseReturnValue:
    """What callers of the API get."""
    return jsonify(error_body(error)), error.status
