"""The Flask factory the gateway finds by entry point; one application for the web port, one for the control socket."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import IO, Any

from flask import Flask, Request, request
from werkzeug.exceptions import HTTPException

from admin_ui.api import api_blueprint, problems
from admin_ui.api.identity import CONTROL_CHALLENGES, WEB_CHALLENGES
from admin_ui.pages import register_pages
from gateway.errors import GatewayError
from gateway.logs import log
from gateway.memory import open_memory_file
from gateway.services.gate import Gate

MAX_FORM_BYTES = 1 << 20


class MemoryRequest(Request):
    """A request whose files lie in memory: werkzeug would write large ones readable into a folder (invariant I7)."""

    def _get_file_stream(self, *_: object, **__: object) -> IO[bytes]:
        return open_memory_file("upload")


class Application(Flask):
    """Flask that tells the log of a fault where it arose, and not what the exception says: that may hold a title (invariant I12)."""

    request_class = MemoryRequest

    def log_exception(self, exc_info: tuple[type, BaseException, TracebackType] | tuple[None, None, None] | Any) -> None:
        """One line: the exception's type and place."""
        kind, _, trace = exc_info
        while trace is not None and trace.tb_next is not None:
            trace = trace.tb_next
        place = f"{Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}" if trace else ""
        log.error("fault", error=f"{kind.__name__ if kind else ''} {place}", route=str(request.url_rule), method=request.method)


def create_application(gate: Gate, on_change: Callable[[], None], *, control: bool) -> Flask:
    """Build the application. With `control` it serves only the API, to peers known by their Unix user."""
    app = Application("admin_ui")
    app.config["MAX_CONTENT_LENGTH"] = MAX_FORM_BYTES
    app.config[problems.CHALLENGES] = CONTROL_CHALLENGES if control else WEB_CHALLENGES
    app.register_blueprint(api_blueprint(gate, on_change, control=control))
    if control:
        app.register_error_handler(GatewayError, problems.answer)
        app.register_error_handler(HTTPException, problems.answer_http)
    else:
        register_pages(app, gate, on_change)
    return app
