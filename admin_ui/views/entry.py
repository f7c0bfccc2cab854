"""In and out: log-in, lock, log-out, language, and what this must not be used for."""

from __future__ import annotations

from flask import Blueprint, Response, g, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from admin_ui import forms
from admin_ui.doors import first_door
from admin_ui.language import LANGUAGES, remember
from admin_ui.session import Sessions, actor, opened, proof
from gateway.services.gate import Gate
from gateway.services.sessions import end_session, open_session, unlock


def _own_path(address: str) -> str | None:
    """A path of this site, or None: nobody is sent elsewhere."""
    return address if address.startswith("/") and not address.startswith(("//", "/\\")) else None


def blueprint(gate: Gate, sessions: Sessions) -> Blueprint:
    """The routes."""
    pages = Blueprint("entry", __name__)

    @pages.get("/")
    def start() -> ResponseReturnValue:
        return redirect(first_door(actor()))

    @pages.route("/login", methods=["GET", "POST"])
    def log_in() -> ResponseReturnValue:
        if request.method == "GET":
            return redirect(first_door(g.opened.actor)) if g.opened else render_template("login.html")
        token, who = open_session(gate, forms.words("username"), proof())
        answer = make_response(redirect(first_door(who)))
        sessions.remember(answer, token)
        return answer

    @pages.route("/unlock", methods=["GET", "POST"], endpoint="unlock")
    def unlock_session() -> ResponseReturnValue:
        target = _own_path(request.args.get("next", "")) or first_door(actor())
        if request.method == "GET":
            return render_template("unlock.html") if opened().locked else redirect(target)
        token = unlock(gate, opened(), proof())
        answer = make_response(redirect(target))
        sessions.remember(answer, token)
        return answer

    @pages.post("/logout")
    def log_out() -> ResponseReturnValue:
        end_session(gate, sessions.token())
        answer = make_response(redirect(url_for("entry.log_in")))
        sessions.forget(answer)
        return answer

    @pages.get("/language/<code>")
    def choose_language(code: str) -> ResponseReturnValue:
        answer: Response = make_response(redirect(_own_path(request.args.get("next", "")) or "/"))
        if code in LANGUAGES:
            remember(answer, code, secure=gate.settings.tls_certificate is not None)
        return answer

    @pages.get("/about")
    def about() -> ResponseReturnValue:
        return render_template("about.html")

    return pages
