"""Who is at the browser: asked once, before every view. The open endpoints are listed here and nowhere else."""

from __future__ import annotations

from flask import Response, after_this_request, g, make_response, redirect, request, url_for
from flask.typing import ResponseReturnValue

from admin_ui import forms
from admin_ui.api.problems import of_api
from gateway.services.credentials import Proof, authenticate
from gateway.services.gate import Actor, Gate
from gateway.services.second_factor import Place
from gateway.services.sessions import OpenSession, find_session, renew_token

OPEN_ENDPOINTS = frozenset({"static", "entry.log_in", "entry.about", "entry.choose_language", "reference.index", "help.index", "help.look"})
LOCKED_ENDPOINTS = frozenset({"entry.unlock", "entry.log_out"})
ONE_TIME_ENDPOINTS = frozenset({"account.password", "entry.log_out"})
"""Where a one-time password leads, and nowhere else."""
BY_THEMSELVES = frozenset({"release.progress"})
"""Fragments a page asks for by itself: they must not keep an abandoned session awake."""


class Sessions:
    """The cookie and the check."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate
        self._secure = gate.settings.tls_certificate is not None
        self.cookie = "__Host-imprimatur" if self._secure else "imprimatur"

    def check(self) -> ResponseReturnValue | None:
        """Let the request pass, or send the visitor to log-in or to the lock."""
        if of_api():
            return None  # it has its own authentication
        g.opened = None
        token = request.cookies.get(self.cookie, "")
        active = request.endpoint not in BY_THEMSELVES
        opened = find_session(self._gate, token, active=active) if token else None
        g.opened = opened
        if request.endpoint is None or request.endpoint in OPEN_ENDPOINTS:
            return None
        if opened is None:
            return self._away(url_for("entry.log_in"))
        if opened.locked and request.endpoint not in LOCKED_ENDPOINTS:
            return _cleared(self._away(url_for("entry.unlock", next=request.full_path if request.method == "GET" and active else None)))
        if opened.must_change_password and not opened.locked and request.endpoint not in ONE_TIME_ENDPOINTS:
            return self._away(url_for("account.password"))
        return None

    @staticmethod
    def _away(address: str) -> Response:
        if request.headers.get("HX-Request"):
            return Response(status=204, headers={"HX-Redirect": address})
        return make_response(redirect(address))

    def remember(self, answer: Response, token: str) -> Response:
        """Give the browser its token; it lasts as long as the window."""
        answer.set_cookie(self.cookie, token, httponly=True, samesite="Strict", secure=self._secure, path="/")
        return answer

    def forget(self, answer: Response) -> None:
        """Take it away."""
        answer.delete_cookie(self.cookie, path="/", secure=self._secure, httponly=True, samesite="Strict")
        answer.headers["Clear-Site-Data"] = '"cache", "cookies", "storage"'

    def token(self) -> str:
        """The token the browser sent."""
        return request.cookies.get(self.cookie, "")


def opened() -> OpenSession:
    """The session of this request; only for endpoints that need one."""
    found = g.opened
    if not isinstance(found, OpenSession):
        raise TypeError("an endpoint without log-in asked for the session")
    return found


def actor() -> Actor:
    """The account at the browser."""
    return opened().actor


def confirmed_actor(gate: Gate) -> Actor:
    """The account at the browser for an act that approves, releases or destroys: it has just proved itself again.

    The form holds `m.password_field()`. The browser gets a new token: an old copy of the cookie opens nothing any more.
    Raises UnauthenticatedError.
    """
    me = authenticate(gate, actor().username, proof())
    renew(gate)
    return me


def renew(gate: Gate) -> None:
    """The answer carries a new token for this session."""
    token = renew_token(gate, opened())
    after_this_request(lambda answer: Sessions(gate).remember(answer, token))


def proof() -> Proof:
    """What the form holds to prove who is at the browser."""
    return Proof(forms.password(), forms.words("code", longest=20), request.remote_addr or "", Place.WEB)


def _cleared(answer: Response) -> Response:
    """Whoever finds the window does not leaf back through what the browser kept."""
    answer.headers["Clear-Site-Data"] = '"cache", "storage"'
    return answer
